package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"time"
)

const (
	// mostProblems is how many are kept to be shown. The rest is like them.
	mostProblems = 10
)

type soak struct {
	world   *world
	seed    uint64
	longest time.Duration // that a call may take

	// under is held for reading by every call, so that who holds it for writing knows that there is none.
	under sync.RWMutex

	mu    sync.Mutex
	calls map[string]int  // by kind
	known map[string]bool // the jobs that callers know of
	wrong []string
}

func newSoak(seed uint64, longest time.Duration) *soak {
	return &soak{world: newWorld(seed), seed: seed, longest: longest, calls: map[string]int{}, known: map[string]bool{}}
}

func (s *soak) close() { s.world.close() }

// work lets callers call for so long, and takes samples at moments when no call is under way.
func (s *soak) work(ctx context.Context, duration time.Duration, callers int) []sample {
	ctx, stop := context.WithTimeout(ctx, duration)
	defer stop()
	var all sync.WaitGroup
	for i := range callers {
		all.Add(1)
		go func() {
			defer all.Done()
			chance := rand.New(rand.NewPCG(s.seed, uint64(i)+1))
			for n := 0; ctx.Err() == nil; n++ {
				s.call(chance, fmt.Sprintf("%d-%d", i, n))
			}
		}()
	}
	var samples []sample
	every := time.NewTicker(max(duration/30, 2*time.Second))
	defer every.Stop()
	for ctx.Err() == nil {
		select {
		case <-every.C:
			samples = append(samples, s.sample())
		case <-ctx.Done():
		}
	}
	all.Wait()
	s.sample() // for the jobs since the last one
	return samples
}

// call makes one call, and checks what it came to.
func (s *soak) call(chance *rand.Rand, key string) {
	s.under.RLock()
	defer s.under.RUnlock()
	kind := kinds()[chance.IntN(len(kinds()))]
	c := &call{world: s.world, chance: chance, order: order{Key: key, Sleep: time.Duration(chance.IntN(300)) * time.Millisecond}}
	ctx, stop := context.WithTimeout(context.Background(), s.longest)
	defer stop()
	err := kind.make(c, ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls[kind.name]++
	for _, id := range c.jobs {
		s.known[id] = true
	}
	if err != nil {
		s.note(fmt.Sprintf("call %s, %s: %v", key, kind.name, err))
	}
}

// note keeps a problem. The caller holds the lock.
func (s *soak) note(problem string) {
	if len(s.wrong) < mostProblems {
		s.wrong = append(s.wrong, problem)
	}
}

// problems are all that were kept. Canceling may fail now and then, as the whole client waits when it is told to, but not often.
func (s *soak) problems() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, outlasted := s.world.faults.count()
	if n := s.calls["canceled"]; outlasted > 2+n/50 {
		return append(s.wrong[:len(s.wrong):len(s.wrong)], fmt.Sprintf("canceling failed %d times of %d", outlasted, n))
	}
	return s.wrong
}

func (s *soak) tally() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	sum, parts := 0, []string{}
	for _, kind := range kinds() {
		sum += s.calls[kind.name]
		parts = append(parts, fmt.Sprintf("%s %d", kind.name, s.calls[kind.name]))
	}
	return fmt.Sprintf("%d calls (%s)", sum, strings.Join(parts, ", "))
}

// sample waits until no call is under way, and measures what is left.
func (s *soak) sample() sample {
	s.under.Lock()
	defer s.under.Unlock()
	goroutines := settle(s.world.transport.CloseIdleConnections)
	s.sweep()
	runtime.GC()
	runtime.GC() // the first leaves behind what pools held
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return sample{goroutines: goroutines, memory: m.HeapAlloc}
}

// sweep removes all jobs from the server, whose memory would grow with them, and looks for some of which no caller knows. It has to wait until no
// call is under way: a request that was given up may still arrive, and would start a job that has been removed once more.
func (s *soak) sweep() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, job := range s.world.srv.Jobs() {
		if !s.known[job.ID] {
			s.note(fmt.Sprintf("job %s of %s is %v, and no caller knows of it", job.ID, job.Path, job.Status))
		}
		_ = s.world.srv.Forget(job.ID) // it has just been there
	}
	clear(s.known)
	s.world.reset()
}

// settle waits until the number of goroutines does not fall any more, and returns it: connections that have been closed take a moment to end.
func settle(closeIdle func()) int {
	least := runtime.NumGoroutine()
	for still := 0; still < 10; still++ {
		closeIdle()
		time.Sleep(10 * time.Millisecond)
		if n := runtime.NumGoroutine(); n < least {
			least, still = n, 0
		}
	}
	return least
}
