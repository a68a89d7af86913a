package gen_test

import (
	"net/http"
	"reflect"
	"testing"

	"example.com/windmill/gen"
)

type doer func(*http.Request) (*http.Response, error)

func (f doer) Do(r *http.Request) (*http.Response, error) { return f(r) }

func TestNoParameterOfAPathLeadsToAnotherOperation(t *testing.T) {
	for _, parameter := range []string{"", ".", ".."} {
		client, err := gen.NewClient("http://windmill.example.com/api", gen.WithHTTPClient(doer(func(r *http.Request) (*http.Response, error) {
			t.Errorf("the parameter %q leads to %s", parameter, r.URL.Path)
			return nil, http.ErrHandlerTimeout
		})))
		if err != nil {
			t.Fatal(err)
		}
		value, called := reflect.ValueOf(client), 0
		for i := range value.NumMethod() {
			method := value.Method(i)
			args, has := []reflect.Value{reflect.ValueOf(t.Context())}, false
			for in := 1; in < method.Type().NumIn()-1; in++ { // the last are request editors
				arg := reflect.New(method.Type().In(in)).Elem()
				if arg.Kind() == reflect.String {
					arg.SetString(parameter)
					has = true
				}
				args = append(args, arg)
			}
			if !has {
				continue
			}
			called++
			if err := method.Call(args)[1]; err.IsNil() {
				t.Errorf("%s(%q): no error", value.Type().Method(i).Name, parameter)
			}
		}
		if called == 0 {
			t.Error("no method has parameters in its path")
		}
	}
}
