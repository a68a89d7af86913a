// Logstream shows a job's log in a browser while the job runs, by server-sent events.
//
//	go run ./facade/examples/logstream
//
// The page starts a job and opens a stream of its log. Leaving the page does not stop the job. If
// the stream breaks, the browser opens it again, from the beginning of the log.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"time"

	"example.com/windmill/facade/facadetest"
)

func main() {
	addr := flag.String("addr", "localhost:8080", "the address to listen on; port 0 means a free port")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := serve(ctx, *addr); err != nil {
		log.Fatal(err)
	}
}

func serve(ctx context.Context, addr string) error {
	// A real program uses windmill.NewClient("", "").
	srv := facadetest.NewServer()
	defer srv.Close()
	srv.Script(script, report)

	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	fmt.Printf("open http://%s/ (Ctrl-C stops)\n", listener.Addr())
	server := &http.Server{
		Handler:           newHandler(srv.Client()),
		ReadHeaderTimeout: 10 * time.Second,
		// Streams end with the program. A WriteTimeout would end them earlier.
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	context.AfterFunc(ctx, func() { server.Close() })
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// report is the script on the server in memory.
func report(ctx context.Context, job *facadetest.Job) (any, error) {
	for n := 1; n <= 5; n++ {
		job.Logf("step %d of 5", n)
		select {
		case <-time.After(300 * time.Millisecond):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return map[string]int{"orders": 128}, nil
}
