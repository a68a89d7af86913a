package facadetest_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/windmill/facade/facadetest"
)

func TestBadSubmissionsAreRefusedInTheServersWords(t *testing.T) {
	srv := newServer(t)
	srv.Script("f/demo/x", returning(1))
	for name, c := range map[string]struct{ query, body, want string }{
		"an object that ends early":    {"", `{"a":1`, "Bad request: invalid json: expected value at line 1 column 1"},
		"an array that ends early":     {"", "[1,\n2", "Bad request: invalid json: expected value at line 1 column 1"},
		"a string that ends early":     {"", `{"a":"b`, "Bad request: invalid json: expected value at line 1 column 1"},
		"two values":                   {"", `{} {}`, "Bad request: invalid json: expected value at line 1 column 1"},
		"no value":                     {"", `{"a":}`, "Bad request: invalid json: expected value at line 1 column 1"},
		"bytes that are no text":       {"", "{\"a\":\"\xff\"}", "Bad request: invalid utf8: invalid utf-8 sequence"},
		"a NUL":                        {"", `{"a":"\u0000"}`, "SqlErr: error returned from database: unsupported Unicode escape sequence @jobs.rs:6376:5"},
		"a parameter twice":            {"tag=a&tag=b", `{}`, "Failed to deserialize query string: duplicate field `tag`"},
		"a truth that is none":         {"skip_preprocessor=1", `{}`, "Failed to deserialize query string: skip_preprocessor: provided string was not `true` or `false`"},
		"an empty number":              {"scheduled_in_secs=", `{}`, "Failed to deserialize query string: scheduled_in_secs: cannot parse integer from empty string"},
		"a number out of range":        {"scheduled_in_secs=99999999999999999999", `{}`, "Failed to deserialize query string: scheduled_in_secs: number too large to fit in target type"},
		"an empty id":                  {"job_id=", `{}`, "Failed to deserialize query string: job_id: UUID parsing failed: invalid length: expected length 32 for simple format, found 0"},
		"a time without a zone":        {"scheduled_for=2031-01-02T03:04:05", `{}`, "Failed to deserialize query string: scheduled_for: premature end of input"},
		"a zone whose plus is a space": {"scheduled_for=2031-01-02T03:04:05+00:00", `{}`, "Failed to deserialize query string: scheduled_for: input contains invalid characters"},
	} {
		t.Run(name, func(t *testing.T) {
			got := ask(t, srv, srv.Token, http.MethodPost, "w/test/jobs/run/p/f/demo/x?"+c.query, c.body)
			if got.status != http.StatusBadRequest || got.body != c.want {
				t.Errorf("%d %s, want 400 %s", got.status, got.body, c.want)
			}
		})
	}
	if jobs := srv.Jobs(); len(jobs) != 0 {
		t.Errorf("the refused submissions made %d jobs", len(jobs))
	}
}

func TestDatesOutOfRangeCrashTheServer(t *testing.T) {
	newer, older := newServer(t), newServer(t, facadetest.Release("1.505.0"))
	for _, srv := range []*facadetest.Server{newer, older} {
		srv.Script("f/demo/x", returning(1))
	}
	if got := ask(t, newer, newer.Token, http.MethodPost, "w/test/jobs/run/p/f/demo/x?scheduled_in_secs=99999999999999", "{}"); got.status != 500 ||
		got.body != "Internal Server Error" {
		t.Errorf("the newer: %d %s", got.status, got.body)
	}
	if got := ask(t, older, older.Token, http.MethodPost, "w/test/jobs/run/p/f/demo/x?scheduled_in_secs=99999999999999", "{}"); got.err == nil {
		t.Errorf("the older: %d %s, want a closed connection", got.status, got.body)
	}
	id := run(t, newer, "f/demo/x", "{}", "scheduled_in_secs=9223372036854775807")
	if info := job(t, newer, id); info.ScheduledFor.After(time.Now()) {
		t.Errorf("the largest number schedules for %v, want now", info.ScheduledFor)
	}
}

func TestTakenJobIDIsToldInTwoWays(t *testing.T) {
	srv := newServer(t)
	srv.Script("f/demo/x", returning(1))
	srv.Script("u/dev/x", returning(1))
	dev := srv.AddToken(facadetest.Access{User: "dev"})
	const id = "D0671FBD-40e5-4813-a4c9-4193f74a31e9"
	if got := ask(t, srv, srv.Token, http.MethodPost, "w/test/jobs/run/p/f/demo/x?job_id="+id, "{}"); got.body != strings.ToLower(
		id,
	) {
		t.Fatalf("%d %s", got.status, got.body)
	}
	for name, c := range map[string]struct{ token, script, want string }{
		"to who sees the job":    {srv.Token, "f/demo/x", "Bad request: Job with id " + strings.ToLower(id) + " already exists"},
		"to who does not see it": {dev, "u/dev/x", `SqlErr: error returned from database: duplicate key value violates unique constraint "job_pkey" @jobs.rs:6376:5`},
	} {
		t.Run(name, func(t *testing.T) {
			got := ask(t, srv, c.token, http.MethodPost, "w/test/jobs/run/p/"+c.script+"?job_id="+id, "{}")
			if got.status != http.StatusBadRequest || got.body != c.want {
				t.Errorf("%d %s, want 400 %s", got.status, got.body, c.want)
			}
		})
	}
}

func TestOfManySubmissionsWithOneIDOneSucceeds(t *testing.T) {
	srv := newServer(t)
	srv.Script("f/demo/x", returning(1))
	var group sync.WaitGroup
	statuses := make([]int, 20)
	for i := range statuses {
		group.Add(1)
		go func() {
			defer group.Done()
			statuses[i] = ask(t, srv, srv.Token, http.MethodPost,
				"w/test/jobs/run/p/f/demo/x?job_id=d0671fbd-40e5-4813-a4c9-4193f74a31e9",
				fmt.Sprintf(`{"i":%d}`, i)).status
		}()
	}
	group.Wait()
	counts := map[int]int{}
	for _, status := range statuses {
		counts[status]++
	}
	if counts[201] != 1 || counts[400] != 19 || len(srv.Jobs()) != 1 {
		t.Errorf("answers %v and %d jobs, want one 201, nineteen 400, one job", counts, len(srv.Jobs()))
	}
}

func TestPlainUserMayNotChooseATag(t *testing.T) {
	srv := newServer(t)
	srv.Script("u/dev/x", returning(1))
	got := ask(t, srv, srv.AddToken(facadetest.Access{User: "dev"}), http.MethodPost,
		"w/test/jobs/run/p/u/dev/x?tag=gpu", "{}")
	if got.status != http.StatusBadRequest ||
		!strings.HasPrefix(got.body, "Bad request: Only super admins") {
		t.Errorf("%d %s", got.status, got.body)
	}
}
