package facadetest_test

import (
	"context"
	"testing"
	"time"

	"example.com/windmill/facade/facadetest"
)

func TestSmoke(t *testing.T) {
	srv := facadetest.NewServer()
	defer srv.Close()
	srv.Script("f/demo/greet", func(ctx context.Context, job *facadetest.Job) (any, error) {
		job.Logf("hi")
		time.Sleep(50 * time.Millisecond)
		return map[string]any{"msg": "hello"}, nil
	})
	raw, err := srv.Client().RunScriptSync(t.Context(), "f/demo/greet", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s %+v", raw, srv.Jobs())
}
