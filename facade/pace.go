package facade

import "time"

const (
	// slot is the least time between two status requests of a client, so that it sends about 20 a second at most, however many jobs it waits for.
	slot = 50 * time.Millisecond
	// maxLooks is how many looks may be under way at once. It matters when many jobs complete together, and their results are fetched.
	maxLooks = 32
	// maxCredit is how many looks may go without a slot after looks that found results, which are not counted against the slots.
	maxCredit = 16
	// alone is up to how many waits each job is looked at by itself. With more, the listing of completed jobs answers for all.
	alone = 3

	firstLook   = 10 * time.Millisecond
	rarestLook  = 2 * time.Second
	listSpacing = 60 * time.Millisecond
	ownSpacing  = 250 * time.Millisecond

	// lookPatience is how long a look may hang. A server whose database is away lets it hang for half a minute or more.
	lookPatience = 20 * time.Second
	// recheck is how often, at the most, a job that has not started is checked to be there still.
	recheck = 30 * time.Second
)

// interval is the time between two looks at a job that has been waited for so long: a little less than 3 % of it, so that no wait ends later than
// that, the time that the last look itself takes included.
func interval(age time.Duration) time.Duration {
	return min(max(age*28/1000, firstLook), rarestLook)
}

// hasty tells whether a wait that is alone may look more often than the slots allow: while that is what 3 % ask for.
func hasty(n int, age time.Duration) bool { return n == 1 && interval(age) < slot }

// ownInterval is the time from one look at a wait's own job to the next, among n waits of which the youngest has this age.
func ownInterval(age, youngest time.Duration, n int, listed bool) time.Duration {
	switch each := interval(age); {
	case hasty(n, age):
		return each
	case n <= alone:
		return max(each, time.Duration(n)*slot)
	case listed:
		return max(each, time.Duration(n)*max(ownSpacing, interval(youngest)))
	default:
		return max(each, time.Duration(n)*max(slot, interval(youngest)/20))
	}
}

// listInterval is the time from one listing to the next. One that cannot be limited to what has completed lately costs the server more.
func listInterval(youngest time.Duration, byStart bool) time.Duration {
	d := max(interval(youngest), listSpacing)
	if byStart {
		d = min(4*d, rarestLook)
	}
	return d
}
