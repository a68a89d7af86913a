//go:build unix

package main

import (
	"context"
	"os/signal"
	"syscall"
)

// untilHangUp returns a context that ends when the terminal goes away, unless nohup has it ignored. Shells and systems send more than one
// hang-up: those that follow do nothing. A write into a closed pipe fails from then on, and no longer kills the program.
func untilHangUp(ctx context.Context) context.Context {
	signal.Ignore(syscall.SIGPIPE)
	if signal.Ignored(syscall.SIGHUP) {
		return ctx
	}
	ctx, _ = signal.NotifyContext(ctx, syscall.SIGHUP)
	return ctx
}
