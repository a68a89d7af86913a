package facadetest_test

import (
	"regexp"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/windmill/facade/facadetest"
)

func TestScriptHashes(t *testing.T) {
	ctx := within(t, time.Minute)
	srv := newServer(t)
	first := srv.Script("f/demo/x", returning(1))
	second := srv.Script("f/demo/x", returning(2))
	for _, hash := range []string{first, second} {
		if !regexp.MustCompile(`^[0-9a-f]{16}$`).MatchString(hash) {
			t.Errorf("hash %q, want 16 hexadecimal digits", hash)
		}
	}
	if first == second {
		t.Errorf("both versions have the hash %s", first)
	}
	got := map[string]string{}
	for name, script := range map[string]string{"first": first, "second": second, "path": "f/demo/x"} {
		raw, err := srv.Client().RunScriptSync(ctx, script, nil)
		if err != nil {
			t.Fatal(err)
		}
		got[name] = string(raw)
	}
	if diff := cmp.Diff(map[string]string{"first": "1", "second": "2", "path": "2"}, got); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
	hash := srv.Script("f/demo/y", returning(3), facadetest.WithHash("00000000DEADBEEF"))
	if hash != "00000000deadbeef" {
		t.Errorf("WithHash gave %s", hash)
	}
}
