package wait

import (
	"math/rand/v2"
	"time"
)

const (
	// few is up to how many active waits follow streams. More are answered by the listing.
	few = 10
	// firstLook is the age at which a fresh job is looked at, if few are waited for.
	firstLook = 20 * time.Millisecond
	// streamAfter is the age at which a job's stream is opened. By then short jobs are over.
	streamAfter = 100 * time.Millisecond
	// notDue is the time between two looks at a job that is not due: it can only be canceled.
	notDue = time.Minute
	// hintRecheck is the time between a look that was made for a hint in vain and the next.
	hintRecheck = 500 * time.Millisecond
	// verdictApart is the least time between two looks that say the same for good.
	verdictApart = time.Second
	// mostHinted is how many looks that were hinted at may be under way at once, as they fetch results. One more waits for a second.
	mostHinted = 32

	// turnSpacing is the time between two requests of all waits, but for looks that were hinted at. While answers are slow, it is longer.
	turnSpacing  = 52 * time.Millisecond
	slowestTurns = 500 * time.Millisecond

	// heldPause is for how many times as long as a hold lasts the listing or the streams are left alone that may have brought it about. They are not
	// needed, and would be what brings about the next.
	heldPause = 20

	firstPause   = time.Second
	longestPause = time.Minute
	idle         = time.Hour // a wait that waits for another's outcome is woken
)

// ownInterval is the time to the next look of a wait that gets no hints: about twice a second.
func ownInterval(age time.Duration) time.Duration {
	return clamp(age/20, 250*time.Millisecond, 450*time.Millisecond)
}

// streamedInterval is the time to the next look beside a live stream.
func streamedInterval(age time.Duration) time.Duration {
	return clamp(age, 5*time.Second, 90*time.Second)
}

// listedInterval is the time to the next look beside the listing.
func listedInterval(age time.Duration) time.Duration {
	return clamp(age, 5*time.Second, 30*time.Second)
}

// backoff is the time to the next look after so many failures.
func backoff(failures int) time.Duration {
	d := min(100*time.Millisecond<<min(failures-1, 10), 5*time.Second)
	return d - rand.N(d/4)
}

func clamp(d, least, most time.Duration) time.Duration { return min(max(d, least), most) }

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
