// Otel traces a program with OpenTelemetry: each request of the client becomes a span under the
// program's own span.
//
//	cd facade/examples/otel && go run .
//
// It needs one option, [windmill.WithHTTPClient]. The example is a module of its own, so that users
// of the library do not depend on OpenTelemetry.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/trace"
	oteltrace "go.opentelemetry.io/otel/trace"

	windmill "example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

func main() {
	srv := facadetest.NewServer()
	defer srv.Close()
	srv.Script("f/demo/report", func(_ context.Context, job *facadetest.Job) (any, error) {
		job.Logf("adding up")
		time.Sleep(100 * time.Millisecond)
		return map[string]int{"total": 42}, nil
	})

	// A real program has another exporter, and uses http.DefaultTransport.
	provider := trace.NewTracerProvider(trace.WithSyncer(&printer{os.Stdout}))
	client := srv.Client(windmill.WithHTTPClient(traced(srv.HTTPClient().Transport, provider)))
	if err := report(context.Background(), client, provider); err != nil {
		log.Fatal(err)
	}
}

// traced returns a client for windmill.WithHTTPClient. The names of its spans have no path, because
// paths have job ids; the URL is an attribute.
func traced(transport http.RoundTripper, provider oteltrace.TracerProvider) *http.Client {
	return &http.Client{
		Transport: otelhttp.NewTransport(transport, otelhttp.WithTracerProvider(provider)),
	}
}

// report runs the script in a span, which the client's requests find in the context. Requests that
// many waits share have no parent.
func report(ctx context.Context, client *windmill.Client, provider oteltrace.TracerProvider) error {
	ctx, span := provider.Tracer("example.com/report").Start(ctx, "report")
	defer span.End()
	result, err := client.RunScriptSync(ctx, "f/demo/report", nil)
	if err != nil {
		span.RecordError(err)
		span.SetStatus(codes.Error, "the report failed")
		return err
	}
	fmt.Printf("result: %s\n", result)
	return nil
}

// printer is an exporter that prints spans.
type printer struct{ out io.Writer }

func (p *printer) ExportSpans(_ context.Context, spans []trace.ReadOnlySpan) error {
	for _, span := range spans {
		indent := ""
		if span.Parent().IsValid() {
			indent = "  "
		}
		took := span.EndTime().Sub(span.StartTime()).Round(time.Millisecond)
		if _, err := fmt.Fprintf(p.out, "%s%s, %v\n", indent, span.Name(), took); err != nil {
			return err
		}
	}
	return nil
}

func (p *printer) Shutdown(context.Context) error { return nil }
