package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	windmill "example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

// recorded runs the report on a server whose script does what fn does, and returns the spans and the error.
func recorded(t *testing.T, fn func(context.Context, *facadetest.Job) (any, error)) (tracetest.SpanStubs, *facadetest.Server, error) {
	t.Helper()
	srv := facadetest.NewServer()
	t.Cleanup(srv.Close)
	srv.Script("f/demo/report", fn)
	spans := tracetest.NewInMemoryExporter()
	provider := trace.NewTracerProvider(trace.WithSyncer(spans))
	err := report(t.Context(), srv.Client(windmill.WithHTTPClient(traced(srv.HTTPClient().Transport, provider))), provider)
	return spans.GetSpans(), srv, err
}

func TestEachRequestIsASpanUnderTheProgramsOwn(t *testing.T) {
	spans, srv, err := recorded(t, func(context.Context, *facadetest.Job) (any, error) { return 42, nil })
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(spans, func(s tracetest.SpanStub) bool { return s.Name == "report" })
	if i < 0 {
		t.Fatalf("there is no span of the program's own among %d", len(spans))
	}
	own := spans[i].SpanContext
	var got, want []string
	for _, request := range srv.Requests() {
		want = append(want, fmt.Sprintf("HTTP %s in the trace, under the report: true", request.Method))
	}
	for _, span := range spans {
		if span.Name != "report" {
			under := span.Parent.SpanID() == own.SpanID() && span.SpanContext.TraceID() == own.TraceID()
			got = append(got, fmt.Sprintf("%s in the trace, under the report: %t", span.Name, under))
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("spans of requests (-want +got):\n%s", diff)
	}
}

func TestNoSpanHoldsTheToken(t *testing.T) {
	spans, srv, err := recorded(t, func(context.Context, *facadetest.Job) (any, error) { return 42, nil })
	if err != nil {
		t.Fatal(err)
	}
	for _, span := range spans {
		if text := fmt.Sprint(span.Name, span.Attributes, span.Events, span.Status); strings.Contains(text, srv.Token) {
			t.Errorf("the token is in the span %s", text)
		}
	}
}

func TestAFailureIsInTheProgramsSpan(t *testing.T) {
	spans, _, err := recorded(t, func(context.Context, *facadetest.Job) (any, error) { return nil, errors.New("no orders") })
	if !errors.As(err, new(*windmill.JobError)) {
		t.Fatalf("error %v, want that of the script", err)
	}
	if len(spans) == 0 {
		t.Fatal("there are no spans")
	}
	own := spans[len(spans)-1]
	if own.Name != "report" || own.Status.Code != codes.Error || len(own.Events) != 1 {
		t.Errorf("the last span is %q with status %v and %d events, want the report's, failed, with the error", own.Name, own.Status.Code, len(own.Events))
	}
}
