package facade

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"
)

// grace is how long a writer that is still busy holds up the method after the job's result has arrived.
const grace = time.Second

// console writes to the caller's writer in a goroutine of its own, so that a slow one holds up nothing else: what comes meanwhile is
// kept, and written together.
type console struct {
	wake chan struct{}
	done chan struct{}

	mu      sync.Mutex
	pending []byte
	closed  bool
	partial bool // the last line has no end yet
}

func newConsole(w io.Writer) *console {
	c := &console{wake: make(chan struct{}, 1), done: make(chan struct{})}
	go c.copyTo(w)
	return c
}

func (c *console) copyTo(w io.Writer) {
	defer close(c.done)
	for range c.wake {
		for {
			c.mu.Lock()
			text, closed := c.pending, c.closed
			c.pending = nil
			c.mu.Unlock()
			if len(text) > 0 {
				// A writer that fails ends the logs, and not the run.
				if n, err := w.Write(text); err != nil || n < len(text) {
					return
				}
				continue
			}
			if closed {
				return
			}
			break
		}
	}
}

// logs writes a piece of the job's logs.
func (c *console) logs(text string) {
	if text == "" {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.append(text)
	c.partial = text[len(text)-1] != '\n'
}

// line writes a line of our own.
func (c *console) line(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.partial {
		c.append("\n")
	}
	c.append(fmt.Sprintf(format, args...) + "\n")
	c.partial = false
}

func (c *console) append(text string) {
	select {
	case <-c.done:
		return // nobody would write it
	default:
	}
	c.pending = append(c.pending, text...)
	c.signal()
}

func (c *console) signal() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// close waits until all is written, but not for a writer that is busy for longer than the grace. Such a one gets
// nothing more: the Write that it is in is its last.
func (c *console) close() {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.signal()
	ctx, stop := context.WithTimeout(context.Background(), grace)
	defer stop()
	select {
	case <-c.done:
	case <-ctx.Done():
		c.mu.Lock()
		defer c.mu.Unlock()
		c.pending = nil
	}
}
