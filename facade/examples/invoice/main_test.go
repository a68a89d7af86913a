package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/windmill/facade/facadetest"
)

// newBilling makes the program with a server of its own, on which the script does what fn does.
func newBilling(t *testing.T, fn func(context.Context, *facadetest.Job) (any, error)) (*billing, *facadetest.Server) {
	t.Helper()
	srv := facadetest.NewServer()
	t.Cleanup(srv.Close)
	srv.Script("f/billing/send", fn)
	return &billing{srv.Client()}, srv
}

// soon is a context for a call that should end long before it does.
func soon(t *testing.T) context.Context {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(stop)
	return ctx
}

func numbered(context.Context, *facadetest.Job) (any, error) {
	return map[string]string{"number": "2026-0001"}, nil
}

func TestTheScriptGetsTheInvoiceAndItsNumberComesBack(t *testing.T) {
	b, srv := newBilling(t, numbered)
	number, err := b.send(soon(t), "ACME", 421150)
	if err != nil || number != "2026-0001" {
		t.Errorf("got number %q and error %v", number, err)
	}
	var got []map[string]any
	for _, job := range srv.Jobs() {
		var args map[string]any
		if err := json.Unmarshal(job.Args, &args); err != nil {
			t.Error(err)
		}
		got = append(got, args)
	}
	if diff := cmp.Diff([]map[string]any{{"customer": "ACME", "cents": 421150.0}}, got); diff != "" {
		t.Errorf("the jobs' arguments (-want +got):\n%s", diff)
	}
}

func TestAnUnknownCustomerIsTold(t *testing.T) {
	b, _ := newBilling(t, func(context.Context, *facadetest.Job) (any, error) {
		return nil, &facadetest.Failure{Result: map[string]any{
			"error": map[string]string{"name": "UnknownCustomer", "message": "there is no ACME"},
		}}
	})
	if _, err := b.send(soon(t), "ACME", 1); !errors.Is(err, errUnknownCustomer) {
		t.Errorf("error %v, want %v", err, errUnknownCustomer)
	}
}

func TestAnInvoiceIsSentOnceThroughWhateverHappensOnTheWay(t *testing.T) {
	tests := map[string]func(*facadetest.Server){
		"the answer to the submission is lost": func(srv *facadetest.Server) {
			srv.Inject("runScriptByPath", facadetest.ResetAfter(), facadetest.Nth(1))
		},
		"a proxy answers while the server restarts": func(srv *facadetest.Server) {
			srv.Inject("", facadetest.HTML(http.StatusBadGateway), facadetest.Between(2, 4))
		},
		"the result is cut off": func(srv *facadetest.Server) {
			srv.Inject("getCompletedJobResultMaybe", facadetest.CutBody(20), facadetest.Nth(1))
		},
	}
	for name, harm := range tests {
		t.Run(name, func(t *testing.T) {
			b, srv := newBilling(t, numbered)
			harm(srv)
			number, err := b.send(soon(t), "ACME", 1)
			if err != nil || number != "2026-0001" {
				t.Errorf("got number %q and error %v", number, err)
			}
			if n := len(srv.Jobs()); n != 1 {
				t.Errorf("%d invoices have been sent", n)
			}
		})
	}
}
