//go:build !unix

package main

import "context"

// untilHangUp returns ctx, as there are no hang-ups here. Windows says that a console goes away with a SIGTERM.
func untilHangUp(ctx context.Context) context.Context { return ctx }
