package main

import (
	"fmt"
	"io"
	"sync"

	"github.com/schollz/progressbar/v3"
)

// progress shows how many calls are running, failed and done, and the time left.
type progress struct {
	bar             *progressbar.ProgressBar
	mu              sync.Mutex
	running, failed int
}

func newProgress(total int, w io.Writer) *progress {
	return &progress{bar: progressbar.NewOptions(total,
		progressbar.OptionSetWriter(w),
		progressbar.OptionSetWidth(30),
		progressbar.OptionShowCount(),
		progressbar.OptionOnCompletion(func() { fmt.Fprintln(w) }),
	)}
}

func (p *progress) started() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.running++
	p.describe()
}

func (p *progress) done(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.running--
	if err != nil {
		p.failed++
	}
	p.describe()
	_ = p.bar.Add(1) // an error means that the terminal is gone
}

func (p *progress) describe() {
	p.bar.Describe(fmt.Sprintf("%d running, %d failed", p.running, p.failed))
}
