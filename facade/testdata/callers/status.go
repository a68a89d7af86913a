package callers

import (
	"encoding"
	"fmt"

	"example.com/windmill/facade"
)

// The values are constants, with these numbers: programs keep them in databases.
const (
	waiting   int = int(facade.JobWaiting)
	running   int = int(facade.JobRunning)
	completed int = int(facade.JobCompleted)
)

var (
	_ = [1]struct{}{}[waiting-1]
	_ = [1]struct{}{}[running-2]
	_ = [1]struct{}{}[completed-3]

	_ fmt.Stringer             = facade.JobStatus(0)
	_ encoding.TextMarshaler   = facade.JobStatus(0)
	_ encoding.TextUnmarshaler = (*facade.JobStatus)(nil)
)

// progress is a status in a program's own JSON, and the key of a map.
type progress struct {
	Status facade.JobStatus         `json:"status"`
	Counts map[facade.JobStatus]int `json:"counts"`
}

func describe(s facade.JobStatus) string {
	switch s {
	case facade.JobWaiting:
		return "in the queue"
	case facade.JobRunning:
		return "at work"
	case facade.JobCompleted:
		return "done"
	default:
		return s.String()
	}
}
