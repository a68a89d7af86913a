package facadetest_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"example.com/windmill/facade/facadetest"
)

func TestBadSubmissionsAreRefusedAsByTheServer(t *testing.T) {
	srv := newServer(t)
	srv.Script("f/demo/x", returning(1))
	const badJSON = "Bad request: invalid json: expected value at line 1 column 1"
	for name, c := range map[string]struct{ body, want string }{
		"an object that ends early": {`{"a":1`, badJSON},
		"an array that ends early":  {"[1,\n2", badJSON},
		"a string that ends early":  {`{"a":"b`, badJSON},
		"two values":                {`{} {}`, badJSON},
		"no value":                  {`{"a":}`, badJSON},
		"bytes that are no text": {
			"{\"a\":\"\xff\"}", "Bad request: invalid utf8: invalid utf-8 sequence",
		},
		"a NUL": {`{"a":"\u0000"}`, "SqlErr: error returned from database: unsupported Unicode " +
			"escape sequence @jobs.rs:6376:5"},
	} {
		t.Run(name, func(t *testing.T) {
			got := submit(t, srv, srv.Token, "f/demo/x", c.body, "")
			if got.status != http.StatusBadRequest || got.body != c.want {
				t.Errorf("%d %s, want 400 %s", got.status, got.body, c.want)
			}
		})
	}
	for query, want := range map[string]string{
		"tag=a&tag=b":                            "duplicate field `tag`",
		"scheduled_in_secs=":                     "scheduled_in_secs: invalid digit found in string",
		"scheduled_in_secs=99999999999999999999": "scheduled_in_secs: invalid digit found in string",
		"job_id=": "job_id: UUID parsing failed: invalid length: " +
			"expected length 32 for simple format, found 0",
		"job_id=(" + someID + ")": "job_id: UUID parsing failed: invalid character: " +
			"found `(` at 0",
		"scheduled_for=2031-01-02T03:04:05": "scheduled_for: input contains invalid characters",
		"scheduled_for=2031-01-02T03:04:05+00:00": "scheduled_for: input contains invalid " +
			"characters", // a plus is a space
		"scheduled_for=2031-01-02T03:04:05,5Z": "scheduled_for: input contains invalid characters",
	} {
		t.Run(query, func(t *testing.T) {
			got := submit(t, srv, srv.Token, "f/demo/x", "{}", query)
			want := "Failed to deserialize query string: " + want
			if got.status != http.StatusBadRequest || got.body != want {
				t.Errorf("%d %s, want 400 %s", got.status, got.body, want)
			}
		})
	}
	for name, query := range map[string]string{"f/demo/x": "tag=a%00b", "f/demo/%00x": ""} {
		got := submit(t, srv, srv.Token, name, "{}", query)
		if got.status != http.StatusBadRequest || !strings.HasSuffix(got.body, `"UTF8": 0x00`) {
			t.Errorf("%s?%s: %d %s, want 400 and the database's words", name, query, got.status, got.body)
		}
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
	const query = "scheduled_in_secs=99999999999999"
	got := submit(t, newer, newer.Token, "f/demo/x", "{}", query)
	if got.status != 500 || got.body != "Internal Server Error" {
		t.Errorf("the newer: %d %s", got.status, got.body)
	}
	if got := submit(t, older, older.Token, "f/demo/x", "{}", query); got.err == nil {
		t.Errorf("the older: %d %s, want a closed connection", got.status, got.body)
	}
	id := run(t, newer, "f/demo/x", "{}", "scheduled_in_secs=9223372036854775807")
	if info := job(t, newer, id); info.ScheduledFor.After(time.Now()) {
		t.Errorf("the largest number schedules for %v, want now", info.ScheduledFor)
	}
}

func TestTakenJobIDHasTwoErrors(t *testing.T) {
	srv := newServer(t)
	srv.Script("f/demo/x", returning(1))
	srv.Script("u/dev/x", returning(1))
	dev := srv.AddToken(facadetest.Access{User: "dev"})
	const id, sent = "d0671fbd-40e5-4813-a4c9-4193f74a31e9", "D0671FBD-40E5-4813-A4C9-4193F74A31E9"
	if got := run(t, srv, "f/demo/x", "{}", "job_id="+sent); got != id {
		t.Fatalf("the job's id is %s, want %s", got, id)
	}
	for name, c := range map[string]struct{ token, script, want string }{
		"to who sees the job": {
			srv.Token, "f/demo/x", "Bad request: Job with id " + id + " already exists",
		},
		"to who does not see it": {dev, "u/dev/x", "SqlErr: error returned from database: " +
			"duplicate key value violates unique constraint \"job_pkey\" @jobs.rs:6376:5"},
	} {
		t.Run(name, func(t *testing.T) {
			got := submit(t, srv, c.token, c.script, "{}", "job_id="+id)
			if got.status != http.StatusBadRequest || got.body != c.want {
				t.Errorf("%d %s, want 400 %s", got.status, got.body, c.want)
			}
		})
	}
}

func TestPlainUserMayNotChooseATag(t *testing.T) {
	srv := newServer(t)
	srv.Script("u/dev/x", returning(1))
	dev := srv.AddToken(facadetest.Access{User: "dev"})
	got := submit(t, srv, dev, "u/dev/x", "{}", "tag=gpu")
	if got.status != http.StatusBadRequest ||
		!strings.HasPrefix(got.body, "Bad request: Only super admins") {
		t.Errorf("%d %s", got.status, got.body)
	}
}
