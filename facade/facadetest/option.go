package facadetest

import "fmt"

// Option changes how NewServer sets the server up.
type Option func(*config)

type config struct {
	release release
	workers int
	tags    []string
	keep    int
}

// Workers sets how many jobs run at the same time; the others wait, the one scheduled first at the head. Without it,
// four do. With Workers(0) none runs, until the end of the server.
func Workers(n int) Option {
	if n < 0 {
		panic(fmt.Sprintf("facadetest: Workers(%d): the number of workers cannot be negative", n))
	}
	return func(c *config) { c.workers = n }
}

// WorkerTags makes the workers take jobs with these tags too, besides "bash", the tag that a job has when its run
// names none. A job with a tag that no worker serves waits for ever, as on a real server.
func WorkerTags(tags ...string) Option {
	return func(c *config) { c.tags = append(c.tags, tags...) }
}

// Release chooses which Windmill the server plays: "1.743.0" (June 2026), which is what it plays without this option,
// or "1.505.0" (July 2025), which has no event stream, ignores completed_after when it lists jobs, and answers in
// other words at places. Any other version is refused with a panic.
func Release(version string) Option {
	r, ok := releaseOf(version)
	if !ok {
		panic(fmt.Sprintf("facadetest: Release(%q): this release cannot be played; these can: %q", version, releaseNames()))
	}
	return func(c *config) { c.release = r }
}

// KeepRequests sets how many of the latest requests Server.Requests can return; without it, 100,000. Programs that run
// for long keep fewer. CountRequests counts all of them in any case.
func KeepRequests(n int) Option {
	if n < 0 {
		panic(fmt.Sprintf("facadetest: KeepRequests(%d): the number of requests to keep cannot be negative", n))
	}
	return func(c *config) { c.keep = n }
}
