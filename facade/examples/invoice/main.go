// Invoice is a program with tests. They run it against a Windmill server in memory, where scripts
// are Go functions and requests fail on demand.
//
//	go test ./facade/examples/invoice
//	go run ./facade/examples/invoice
package main

import (
	"context"
	"errors"
	"fmt"
	"log"

	windmill "example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

func main() {
	srv := facadetest.NewServer()
	defer srv.Close()
	srv.Script("f/billing/send", func(context.Context, *facadetest.Job) (any, error) {
		return map[string]string{"number": "2026-0001"}, nil
	})
	number, err := (&billing{srv.Client()}).send(context.Background(), "ACME", 421150)
	if err != nil {
		log.Print(err)
		return
	}
	fmt.Println("sent invoice", number)
}

// billing sends invoices with a Windmill script.
type billing struct{ windmill *windmill.Client }

var errUnknownCustomer = errors.New("unknown customer")

// send sends an invoice and returns its number. If ctx ends first, the job is canceled.
func (b *billing) send(ctx context.Context, customer string, cents int64) (string, error) {
	args := struct {
		Customer string `json:"customer"`
		Cents    int64  `json:"cents"`
	}{customer, cents}
	result, err := b.windmill.RunScriptSync(ctx, "f/billing/send", args)
	invoice, err := windmill.As[struct{ Number string }](result, err)
	var job *windmill.JobError
	switch {
	case errors.As(err, &job) && job.Name == "UnknownCustomer":
		return "", fmt.Errorf("%w: %s", errUnknownCustomer, customer)
	case err != nil:
		return "", fmt.Errorf("sending an invoice to %s: %w", customer, err)
	}
	return invoice.Number, nil
}
