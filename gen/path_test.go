package gen_test

import (
	"net/http"
	"reflect"
	"testing"

	"example.com/windmill/gen"
)

type doer func(*http.Request) (*http.Response, error)

func (f doer) Do(r *http.Request) (*http.Response, error) { return f(r) }

// A request either goes where it goes with ordinary parameters, as it has none in its path, or is
// not sent.
func TestNoParameterOfAPathLeadsToAnotherOperation(t *testing.T) {
	refused := 0
	for i := range reflect.TypeFor[*gen.Client]().NumMethod() {
		name, want, _ := called(t, i, "x")
		for _, parameter := range []string{"", ".", ".."} {
			switch _, path, err := called(t, i, parameter); {
			case err != nil:
				refused++
			case path != want:
				t.Errorf("%s(%q) goes to %s", name, parameter, path)
			}
		}
	}
	if refused == 0 {
		t.Error("no method has parameters in its path")
	}
}

// called calls a method of the generated client with one value for all texts, and returns the path
// that the request is sent to.
func called(t *testing.T, method int, text string) (name, path string, err error) {
	t.Helper()
	send := func(r *http.Request) (*http.Response, error) {
		path = r.URL.EscapedPath()
		return &http.Response{}, nil
	}
	client, err := gen.NewClient("http://windmill.example.com/api", gen.WithHTTPClient(doer(send)))
	if err != nil {
		t.Fatal(err)
	}
	f := reflect.ValueOf(client).Method(method)
	args := []reflect.Value{reflect.ValueOf(t.Context())}
	for i := 1; i < f.Type().NumIn()-1; i++ { // the last are request editors
		arg := reflect.New(f.Type().In(i)).Elem()
		if arg.Kind() == reflect.String {
			arg.SetString(text)
		}
		args = append(args, arg)
	}
	err, _ = f.Call(args)[1].Interface().(error)
	return reflect.TypeFor[*gen.Client]().Method(method).Name, path, err
}
