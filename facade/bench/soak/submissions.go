package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"

	"example.com/windmill/facade/facadetest"
)

// submissions are the faults of one script's submissions. The first try of each ends with a reset, so that nobody but the server knows whether it
// has created the job, and one or two more are refused by something between client and server.
type submissions struct {
	mu     sync.Mutex
	chance *rand.Rand
	tries  map[string]int // by job id
}

func newSubmissions(seed uint64) *submissions {
	return &submissions{chance: rand.New(rand.NewPCG(seed, 1<<32)), tries: map[string]int{}}
}

func (s *submissions) decide(r *http.Request) facadetest.Fault {
	if !strings.HasSuffix(r.URL.Path, "/"+doubtful) {
		return facadetest.Fault{}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	id := r.URL.Query().Get("job_id")
	s.tries[id]++
	switch n := s.tries[id]; {
	case n == 1 && s.chance.IntN(4) > 0:
		return facadetest.ResetAfter()
	case n == 1:
		return facadetest.ResetBefore()
	case n == 2 || n == 3 && s.chance.IntN(2) == 0:
		return s.refusal()
	case n == 3 && s.chance.IntN(4) == 0:
		return facadetest.ResetAfter()
	}
	return facadetest.Fault{}
}

// refusal returns a status that says nothing about the tries before it, as text, JSON or a page.
func (s *submissions) refusal() facadetest.Fault {
	statuses := []int{
		http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusRequestTimeout, http.StatusRequestEntityTooLarge,
		http.StatusInternalServerError, 520,
	}
	status := statuses[s.chance.IntN(len(statuses))]
	switch s.chance.IntN(3) {
	case 0:
		return facadetest.HTML(status)
	case 1:
		body := fmt.Sprintf(`{"error":{"name":"Refused","message":"not here: %d"}}`, status)
		return facadetest.Respond(status, http.Header{"Content-Type": {"application/json"}}, body)
	}
	return facadetest.Respond(status, http.Header{"Content-Type": {"text/plain; charset=utf-8"}}, "not here")
}

// reset forgets the submissions so far.
func (s *submissions) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.tries)
}
