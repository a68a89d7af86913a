package facadetest_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"example.com/windmill/facade/facadetest"
)

// The server answers every request in one of its ways and does not crash.
func FuzzServerAnswersEverything(f *testing.F) {
	srv := facadetest.NewServer(facadetest.Workers(0), facadetest.KeepRequests(0))
	f.Cleanup(srv.Close)
	srv.Script("f/demo/x", returning(1), facadetest.WithHash("00000000deadbeef"))
	srv.SetResource("f/demo/r", "$var:f/demo/v")
	srv.Handle("/w/{workspace}/variables/{path...}", echo("workspace", "path"))
	for _, path := range []string{
		"version", "%zz", "w//jobs",
		"w/test/jobs/run/p/f/demo/x?job_id=1",
		"w/test/jobs/run/h/00000000deadbeef?scheduled_in_secs=1.5",
		"w/test/jobs/run/h/é",
		"w/test/resources/get_value_interpolated/f/demo/r",
		"w/test/jobs/completed/list?per_page=-1&page=-7&script_hash=x",
		"w/test/jobs_u/get/%7B%7D",
		"w/test/jobs_u/getupdate/00000000-0000-0000-0000-000000000000?log_offset=-9&running=false",
		"w/test/jobs_u/queue/cancel/x",
		"w/test/variables/..//%2F/./%00",
	} {
		f.Add(path, []byte(`{"a":1}`))
		f.Add(path, []byte("{\"a\":\"\\u0000"))
	}
	f.Fuzz(func(t *testing.T, path string, body []byte) {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			target, err := url.Parse(srv.URL + "/api/" + path)
			if err != nil {
				return
			}
			req := httptest.NewRequest(method, "/", bytes.NewReader(body)).WithContext(t.Context())
			req.URL, req.RequestURI, req.Host = target, "", target.Host
			req.Header.Set("Authorization", "Bearer "+srv.Token)
			req.Header.Set("Content-Type", "application/json")
			resp, err := srv.HTTPClient().Do(req)
			if err != nil {
				t.Fatalf("%s %s: %v", method, target, err)
			}
			resp.Body.Close()
			overflow := strings.Contains(target.RawQuery, "scheduled_in_secs")
			if resp.StatusCode >= 500 && !overflow {
				t.Errorf("%s %s: %s", method, target, resp.Status)
			}
		}
		for _, job := range srv.Jobs() {
			if !json.Valid(job.Args) || job.Args[0] != '{' {
				t.Errorf("arguments %q of a job are no JSON object", job.Args)
			}
			if err := srv.Forget(job.ID); err != nil {
				t.Error(err)
			}
		}
	})
}
