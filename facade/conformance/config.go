package main

import (
	"net/http"
	"time"
)

// config says which server to try, and how hard.
type config struct {
	baseURL, token, workspace string
	transport                 http.RoundTripper // nil for the usual one

	large    int           // bytes of the large result
	linkRuns int           // runs through the link that cuts
	waits    int           // at a time
	logLines int           // of the script whose logs are watched
	logEvery time.Duration // between two of them
	only     string        // the one promise to try, or "" for all
}

const (
	// lateLine is how late a line of the logs may be, compared with the one that came soonest: the server looks for new ones every 3 seconds.
	lateLine = 5 * time.Second
	// lateResult is how late the result of one of many waits may be. Where the listing cannot be used, a hundred waits share twenty looks a second.
	lateResult = 8 * time.Second
	// patience bounds each promise.
	patience = 2 * time.Minute
	// statusTime bounds how long a job may take to have the status that it should.
	statusTime = 45 * time.Second
	// removalTime bounds the removal, which nothing interrupts.
	removalTime = time.Minute
	// usedAfter is how long many waits have to last before they must have used the listing.
	usedAfter = 3 * time.Second
	// settling is how late the listing of completed jobs may be, which is looked at every settlingStep.
	settling     = 20 * time.Second
	settlingStep = 2 * time.Second
	// endless is how long a job lasts, or is put off, that is meant to be canceled. It outlasts what waits for that, and passes where it fails.
	endless = 2 * time.Minute
	// giveUpAfter is when a wait that is meant to be given up is.
	giveUpAfter = 2 * time.Second
	// leaving is how long giving up may take: nothing, but for a machine that is busy. The job that is left lasts longer.
	leaving = 3 * time.Second
)

// realServer returns what is right for a real server: a minute or two.
func realServer() config {
	return config{large: 20 << 20, linkRuns: 15, waits: 100, logLines: 20, logEvery: 500 * time.Millisecond}
}
