package facadetest

import "time"

// Option changes how NewServer sets the server up.
type Option func(*config)

type config struct {
	release    release
	workers    int
	tags       []string
	keep       int
	startDelay time.Duration
}

// Workers sets how many jobs run at the same time; the default is 4. The others wait, ordered by
// the time for which they are scheduled. With Workers(0) no job ever runs.
func Workers(n int) Option {
	if n < 0 {
		panicf("Workers(%d): the number of workers cannot be negative", n)
	}
	return func(c *config) { c.workers = n }
}

// WorkerTags makes the workers serve these tags besides "bash", the default tag of a job. A job
// with a tag that no worker serves waits forever, as on a real server.
func WorkerTags(tags ...string) Option {
	return func(c *config) { c.tags = append(c.tags, tags...) }
}

// StartDelay delays the start of each job by d after it is due; the default is 0. Meanwhile the job
// is waiting (facade.JobWaiting) and can be canceled.
func StartDelay(d time.Duration) Option {
	if d < 0 {
		panicf("StartDelay(%v): the delay cannot be negative", d)
	}
	return func(c *config) { c.startDelay = d }
}

// Release sets which release of Windmill the server imitates: "1.743.0" (June 2026), the default,
// or "1.505.0" (July 2025), which has no event stream, ignores completed_after when it lists jobs,
// and words some errors differently. Release panics for any other version.
func Release(version string) Option {
	if r := release(version); r != newest && r != older {
		panicf("Release(%q): want %q or %q", version, newest, older)
	}
	return func(c *config) { c.release = release(version) }
}

// KeepRequests sets how many of the latest requests Server.Requests returns; the default is
// 100,000. CountRequests counts all requests nevertheless.
func KeepRequests(n int) Option {
	if n < 0 {
		panicf("KeepRequests(%d): the number of requests to keep cannot be negative", n)
	}
	return func(c *config) { c.keep = n }
}
