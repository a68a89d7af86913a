package main

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/windmill/facade/facadetest"
)

// newBilling returns a billing with a server of its own, whose script is fn.
func newBilling(
	t *testing.T, fn func(context.Context, *facadetest.Job) (any, error),
) (*billing, *facadetest.Server) {
	t.Helper()
	srv := facadetest.NewServer()
	t.Cleanup(srv.Close)
	srv.Script("f/billing/send", fn)
	return &billing{srv.Client()}, srv
}

func numbered(context.Context, *facadetest.Job) (any, error) {
	return map[string]string{"number": "2026-0001"}, nil
}

func TestTheScriptGetsTheInvoiceAndReturnsItsNumber(t *testing.T) {
	b, srv := newBilling(t, numbered)
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	number, err := b.send(ctx, "ACME", 421150)
	if err != nil || number != "2026-0001" {
		t.Errorf("got number %q and error %v", number, err)
	}
	want := `{"cents":421150,"customer":"ACME"}`
	if diff := cmp.Diff(want, string(srv.Jobs()[0].Args)); diff != "" {
		t.Errorf("the arguments of the job (-want +got):\n%s", diff)
	}
}

func TestAnUnknownCustomerIsAnErrorOfItsOwn(t *testing.T) {
	b, _ := newBilling(t, func(context.Context, *facadetest.Job) (any, error) {
		return nil, &facadetest.Failure{Result: map[string]any{
			"error": map[string]string{"name": "UnknownCustomer", "message": "there is no ACME"},
		}}
	})
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	if _, err := b.send(ctx, "ACME", 1); !errors.Is(err, errUnknownCustomer) {
		t.Errorf("error %v, want %v", err, errUnknownCustomer)
	}
}

func TestAnInvoiceIsSentOnceDespiteFailures(t *testing.T) {
	for name, inject := range map[string]func(*facadetest.Server){
		"the response to the submission is lost": func(srv *facadetest.Server) {
			srv.Inject("runScriptByPath", facadetest.ResetAfter(), facadetest.Nth(1))
		},
		"a proxy responds while the server restarts": func(srv *facadetest.Server) {
			srv.Inject("", facadetest.HTML(http.StatusBadGateway), facadetest.Between(2, 4))
		},
		"the result is truncated": func(srv *facadetest.Server) {
			srv.Inject("getCompletedJobResultMaybe", facadetest.CutBody(20), facadetest.Nth(1))
		},
	} {
		t.Run(name, func(t *testing.T) {
			b, srv := newBilling(t, numbered)
			inject(srv)
			ctx, stop := context.WithTimeout(t.Context(), time.Minute)
			defer stop()
			number, err := b.send(ctx, "ACME", 1)
			if err != nil || number != "2026-0001" || len(srv.Jobs()) != 1 {
				t.Errorf("number %q, error %v, %d jobs", number, err, len(srv.Jobs()))
			}
		})
	}
}
