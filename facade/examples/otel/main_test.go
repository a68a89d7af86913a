package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	windmill "example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

// record runs the report with fn as its script, and returns the spans.
func record(
	t *testing.T, fn func(context.Context, *facadetest.Job) (any, error),
) (own tracetest.SpanStub, requests tracetest.SpanStubs, srv *facadetest.Server, err error) {
	t.Helper()
	srv = facadetest.NewServer()
	t.Cleanup(srv.Close)
	srv.Script("f/demo/report", fn)
	spans := tracetest.NewInMemoryExporter()
	provider := trace.NewTracerProvider(trace.WithSyncer(spans))
	hc := traced(srv.HTTPClient().Transport, provider)
	err = report(t.Context(), srv.Client(windmill.WithHTTPClient(hc)), provider)
	for _, span := range spans.GetSpans() {
		if span.Name == "report" {
			own = span
		} else {
			requests = append(requests, span)
		}
	}
	return own, requests, srv, err
}

func TestEachRequestIsASpanUnderTheProgramsOwnWithoutTheToken(t *testing.T) {
	own, requests, srv, err := record(t, func(context.Context, *facadetest.Job) (any, error) {
		return 42, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(requests) == 0 || len(requests) != len(srv.Requests()) {
		t.Errorf("%d spans of %d requests", len(requests), len(srv.Requests()))
	}
	for _, span := range requests {
		if span.Parent.SpanID() != own.SpanContext.SpanID() {
			t.Errorf("the span %s is not under that of the program", span.Name)
		}
		text := fmt.Sprint(span.Name, span.Attributes, span.Events, span.Status)
		if strings.Contains(text, srv.Token) {
			t.Errorf("the token is in the span %s", text)
		}
	}
}

func TestAFailureIsInTheProgramsSpan(t *testing.T) {
	own, _, _, err := record(t, func(context.Context, *facadetest.Job) (any, error) {
		return nil, errors.New("no orders")
	})
	if !errors.As(err, new(*windmill.JobError)) {
		t.Fatalf("error %v, want a JobError", err)
	}
	if own.Status.Code != codes.Error || len(own.Events) != 1 {
		t.Errorf("the span has status %v and %d events", own.Status.Code, len(own.Events))
	}
}
