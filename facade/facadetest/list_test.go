//go:build go1.25

package facadetest_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"example.com/windmill/facade/facadetest"
)

// listed returns the paths of the scripts whose jobs a listing shows.
func listed(t *testing.T, srv *facadetest.Server, token, query string) []string {
	t.Helper()
	got := ask(t, srv, token, http.MethodGet, "w/test/jobs/completed/list?"+query, "")
	if got.status != http.StatusOK {
		t.Fatalf("listing %s: %d %s", query, got.status, got.body)
	}
	paths := []string{}
	for _, item := range decode[[]struct {
		Path string `json:"script_path"`
	}](t, got.body) {
		paths = append(paths, item.Path)
	}
	return paths
}

func TestListingFiltersAndPages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		began := time.Now()
		for i := range 5 {
			srv.Script(fmt.Sprintf("f/demo/%d", i), returning(i))
			run(t, srv, fmt.Sprintf("f/demo/%d", i), "{}", "")
			time.Sleep(time.Minute)
		}
		srv.Script("f/demo/wait", untilCanceled, facadetest.WithHash("9a4b05f38d55b1b5"))
		id := run(t, srv, "f/demo/wait", "{}", "")
		synctest.Wait()
		cancel(t, srv, id, "")
		synctest.Wait()
		at := func(minutes int) string {
			at := began.Add(time.Duration(minutes) * time.Minute)
			return url.QueryEscape(at.Format(time.RFC3339Nano))
		}
		for query, want := range map[string]string{
			"":                                    "wait 4 3 2 1 0",
			"per_page=2&page=2":                   "3 2",
			"per_page=4&page=2":                   "1 0",
			"per_page=4&page=9":                   "",
			"completed_after=" + at(4):            "wait 4",
			"script_path_exact=f/demo/1,f/demo/2": "2 1",
			"script_hash=-7328757425008954955":    "wait",
			"script_hash=%209223372036854775807":  "",
			"per_page=1&label=ignored":            "wait",
		} {
			got := strings.Join(listed(t, srv, srv.Token, query), " ")
			if got = strings.ReplaceAll(got, "f/demo/", ""); got != want {
				t.Errorf("%s lists %q, want %q", query, got, want)
			}
		}
	})
}

func TestListingTakesAHashAsASignedDecimalOnly(t *testing.T) {
	srv := newServer(t)
	if got := get(t, srv, "w/test/jobs/completed/list?per_page=-1"); got.status != 400 {
		t.Errorf("a negative number: %d %s, want 400", got.status, got.body)
	}
	for hash, text := range map[string]string{
		"9a4b05f38d55b1b5": "9a4b05f38d55b1b5", "": "", "1%2C2": "1,2",
		"11117986648700596661": "11117986648700596661",
	} {
		got := get(t, srv, "w/test/jobs/completed/list?script_hash="+hash)
		want := "SqlErr: error returned from database: invalid input syntax for type bigint: \"" +
			text + "\" @jobs.rs:8867:16"
		if got.status != http.StatusBadRequest || got.body != want {
			t.Errorf("%q: %d %s, want 400 %s", hash, got.status, got.body, want)
		}
	}
}

func TestOlderServerIgnoresCompletedAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for release, want := range map[string]int{"1.743.0": 0, "1.505.0": 3} {
			srv := newServer(t, facadetest.Release(release))
			srv.AddOthersJobs(3)
			if got := listed(t, srv, srv.Token, "completed_after=2099-01-01T00:00:00Z"); len(got) != want {
				t.Errorf("%s lists %d jobs, want %d", release, len(got), want)
			}
		}
	})
}

func TestListingIsLateByTheLag(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		srv.ListLag(time.Minute)
		srv.Script("f/demo/x", returning(1))
		run(t, srv, "f/demo/x", "{}", "")
		time.Sleep(time.Minute - time.Millisecond)
		if got := listed(t, srv, srv.Token, ""); len(got) != 0 {
			t.Errorf("before the lag is over: %q", got)
		}
		time.Sleep(time.Millisecond)
		if got := listed(t, srv, srv.Token, ""); len(got) != 1 {
			t.Errorf("when the lag is over: %q", got)
		}
	})
}

func TestOthersJobsFillTheListingOfThoseWhoMaySeeThem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		srv.AddOthersJobs(1200)
		if got := listed(t, srv, srv.Token, ""); len(got) != 1000 {
			t.Errorf("an administrator sees %d on the first page, want 1000", len(got))
		}
		if got := listed(t, srv, srv.AddToken(facadetest.Access{User: "dev"}), ""); len(got) != 0 {
			t.Errorf("a user sees %d", len(got))
		}
	})
}
