package facade_test

import (
	"bytes"
	"errors"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

const anyJob = "01a20b9e-6f31-fe08-9923-5108e4dfdbc6"

func TestBadInputIsRefusedBeforeAnythingIsSent(t *testing.T) {
	srv := facadetest.NewServer()
	defer srv.Close()
	c, ctx := srv.Client(), within(t, 10*time.Second)
	run := func(script string, args any, opts ...facade.RunOption) error {
		_, sync := c.RunScriptSync(ctx, script, args, opts...)
		id, async := c.RunScriptAsync(t.Context(), script, args, opts...)
		if (sync == nil) != (async == nil) || id != "" {
			t.Errorf("RunScriptSync: %v; RunScriptAsync: %q, %v", sync, id, async)
		}
		return async
	}
	resource := func(path string) error {
		_, err := c.GetResource(t.Context(), path)
		return err
	}
	job := func(id string) error {
		_, status := c.GetJobStatus(t.Context(), id)
		_, result := c.GetResult(t.Context(), id)
		if status == nil || result == nil {
			t.Errorf("job id %q: GetJobStatus: %v; GetResult: %v", id, status, result)
		}
		return status
	}
	result := func(opt facade.ResultOption) error {
		_, err := c.GetResult(ctx, anyJob, opt)
		return err
	}
	for name, test := range map[string]struct {
		err  error
		says string
	}{
		"a script that is empty":                {run("", nil), "script is empty"},
		"a hash that is too short":              {run("5a9019383f2ea72", nil), `"5a9019383f2ea72" is neither`},
		"a hash that is too long":               {run("5a9019383f2ea7205a9019383f2ea720", nil), "16 hex digits"},
		"a hash with a letter past f":           {run("5a9019383f2ea72g", nil), "16 hex digits"},
		"a script path of an unknown kind":      {run("x/team/report", nil), "begins with none of"},
		"a script path without a name":          {run("f/team", nil), "no name"},
		"a script path with a slash in front":   {run("/f/team/report", nil), "empty"},
		"a script path with a slash behind":     {run("f/team/report/", nil), "empty"},
		"a script path that goes up":            {run("f/../report", nil), `".."`},
		"a script path that stays":              {run("f/./report", nil), `"."`},
		"a script path with a line end":         {run("f/team/re\nport", nil), "control characters"},
		"a script path that is not UTF-8":       {run("f/team/\xff", nil), "not UTF-8"},
		"arguments that are an array":           {run("f/team/report", []int{1}), "[]int"},
		"arguments that are a string":           {run("f/team/report", "x"), "JSON object"},
		"arguments that do not encode":          {run("f/team/report", map[string]any{"x": math.NaN()}), "NaN"},
		"arguments of channels":                 {run("f/team/report", make(chan int)), "chan int"},
		"a delay that is negative":              {run("f/team/report", nil, facade.ScheduledIn(-1)), "ScheduledIn"},
		"a delay past all plans":                {run("f/team/report", nil, facade.ScheduledIn(math.MaxInt64)), "100 years"},
		"a time that is zero":                   {run("f/team/report", nil, facade.ScheduledAt(time.Time{})), "zero time"},
		"a delay and a time":                    {run("f/team/report", nil, facade.ScheduledIn(1), facade.ScheduledAt(time.Now())), "exclude"},
		"a job id that is none":                 {run("f/team/report", nil, facade.JobID("mine")), `JobID: job id "mine"`},
		"a parent that is no job id":            {run("f/team/report", nil, facade.ParentJob("")), "ParentJob"},
		"a tag that is empty":                   {run("f/team/report", nil, facade.Tag("")), "Tag"},
		"an option that is nil":                 {run("f/team/report", nil, facade.KeepRunning(), nil), "option 2 is nil"},
		"a writer that is nil":                  {run("f/team/report", nil, facade.Verbose(nil)), "Verbose"},
		"a result option that is nil":           {result(nil), "option 1 is nil"},
		"a result's writer that is nil":         {result(facade.Verbose(nil)), "Verbose"},
		"a job id that is empty":                {job(""), "job id"},
		"a job id with braces":                  {job("{" + anyJob + "}"), "job id"},
		"a job id without dashes":               {job(strings.ReplaceAll(anyJob, "-", "")), "job id"},
		"a job id with a path behind it":        {job(anyJob[:34] + "/x"), "job id"},
		"a resource path that is empty":         {resource(""), "empty"},
		"a resource path of a prefix alone":     {resource("$res:"), "empty"},
		"a resource path that goes up":          {resource("f/../../version"), `".."`},
		"a resource path with an empty segment": {resource("res://f//x"), "empty"},
	} {
		if test.err == nil || !strings.Contains(test.err.Error(), test.says) {
			t.Errorf("%s: the error is %v, which does not say %s", name, test.err, test.says)
		}
	}
	if sent := srv.Requests(); len(sent) > 0 {
		t.Errorf("%d requests were sent, first %s %s", len(sent), sent[0].Method, sent[0].Path)
	}
}

func TestBaseURLsAreTakenAsPeopleWriteThem(t *testing.T) {
	for given, want := range map[string]string{
		"http://localhost:8000":                   "http://localhost:8000/api",
		"http://localhost:8000/":                  "http://localhost:8000/api",
		"http://localhost:8000/api":               "http://localhost:8000/api",
		"http://localhost:8000/api/":              "http://localhost:8000/api",
		"https://tools.example.com/windmill":      "https://tools.example.com/windmill/api",
		"https://tools.example.com/windmill/api/": "https://tools.example.com/windmill/api",
		"https://tools.example.com/api/v2":        "https://tools.example.com/api/v2/api",
		"http://[::1]:8000":                       "http://[::1]:8000/api",
	} {
		c, err := facade.NewClient(given, "")
		if err != nil || c.BaseURL() != want {
			t.Errorf("%s: %v, %v; want %s", given, c, err, want)
		}
	}
	for given, says := range map[string]string{
		"localhost:8000":                  "not an absolute URL",
		"windmill.example.com/api":        "not an absolute URL",
		"ftp://windmill.example.com":      `"ftp"`,
		"http://":                         "missing host",
		"http://user:s3cret@example.com":  "user or password",
		"http://example.com/api?token=s3": "query",
		"http://example.com/#x":           "fragment",
		"http://example.com/a/../b":       `".."`,
		"http://exa mple.com":             "not an absolute URL",
		"http://example.com:s3cret/":      "not an absolute URL",
	} {
		_, err := facade.NewClient(given, "")
		if err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "s3") {
			t.Errorf("%s: the error is %v, which does not say %s", given, err, says)
		}
	}
}

func TestPathsGoOutWithRawSlashesAndTheRestEscaped(t *testing.T) {
	var got []string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = append(got, r.Method+" "+strings.SplitN(r.RequestURI, "?", 2)[0])
		if r.Method == http.MethodPost {
			w.Header().Set("Content-Type", "text/plain")
			w.WriteHeader(http.StatusCreated)
			io.WriteString(w, r.URL.Query().Get("job_id"))
			return
		}
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, "null")
	}))
	defer srv.Close()
	c, err := facade.NewClient(srv.URL+"/some/prefix/", "t", facade.WithWorkspace("my team"))
	if err != nil {
		t.Fatal(err)
	}
	_, err1 := c.GetResource(t.Context(), "f/a b/c?d#e%2Fü")
	_, err2 := c.RunScriptAsync(t.Context(), "f/a b/c", nil)
	if err := errors.Join(err1, err2); err != nil {
		t.Error(err)
	}
	want := []string{
		"GET /some/prefix/api/w/my%20team/resources/get_value_interpolated/f/a%20b/c%3Fd%23e%252F%C3%BC",
		"POST /some/prefix/api/w/my%20team/jobs/run/p/f/a%20b/c",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestTheTokenGoesToTheBaseURLsHostOnly(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if auth := r.Header.Get("Authorization"); auth != "" {
			t.Errorf("another host got %s", auth)
		}
	}))
	defer elsewhere.Close()
	home := httptest.NewServer(http.RedirectHandler(elsewhere.URL+"/api/version?secret=1", http.StatusFound))
	defer home.Close()
	c, err := facade.NewClient(home.URL, "t")
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.GetVersion(t.Context())
	if refused := (*facade.APIError)(nil); !errors.As(err, &refused) || refused.StatusCode != http.StatusFound ||
		!strings.Contains(err.Error(), elsewhere.URL) || strings.Contains(err.Error(), "secret") {
		t.Errorf("a redirect: %v", err)
	}
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, elsewhere.URL, nil)
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	nowhere := httptest.NewServer(http.NotFoundHandler())
	defer nowhere.Close()
	req, _ = http.NewRequestWithContext(t.Context(), http.MethodGet, nowhere.URL, nil)
	if _, err := c.Do(req); err == nil || strings.Contains(err.Error(), home.URL) {
		t.Errorf("another host's error blames the base URL: %v", err)
	}
	var got string
	c, _ = newFake(t, func(_ http.ResponseWriter, r *http.Request) { got = r.Header.Get("Authorization") })
	req, _ = http.NewRequestWithContext(t.Context(), http.MethodGet, "http://Windmill.TEST/api/version", nil)
	if resp, err := c.Do(req); err != nil || got != "Bearer "+someToken {
		t.Errorf("the same host in capitals got %q, %v", got, err)
	} else {
		resp.Body.Close()
	}
}

func TestClientOptionsAreChecked(t *testing.T) {
	for name, opt := range map[string]facade.ClientOption{
		"WithWorkspace":  facade.WithWorkspace(""),
		"workspace":      facade.WithWorkspace("../admins"),
		"WithHTTPClient": facade.WithHTTPClient(nil),
		"WithMaxRetries": facade.WithMaxRetries(-1),
		"WithMaxOutage":  facade.WithMaxOutage(0),
		"WithLogger":     facade.WithLogger(nil),
		"WithUserAgent":  facade.WithUserAgent("two\r\nlines"),
		"nil":            nil,
	} {
		if _, err := facade.NewClient("", "", opt); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: the error is %v", name, err)
		}
	}
}

func TestInvalidArgumentsAreToldApart(t *testing.T) {
	t.Setenv("WM_TOKEN", "")
	t.Setenv("WM_WORKSPACE", "")
	bare, err := facade.NewClient("http://windmill.test", "")
	if err != nil {
		t.Fatal(err)
	}
	c, srv := newFake(t, wellAnswered("1"))
	ctx := within(t, 10*time.Second)
	run := func(args any, opts ...facade.RunOption) error {
		_, err := c.RunScriptSync(ctx, somePath, args, opts...)
		return err
	}
	result := func(c *facade.Client, id string, opts ...facade.ResultOption) error {
		_, err := c.GetResult(ctx, id, opts...)
		return err
	}
	_, badURL := facade.NewClient("localhost", "")
	_, badScript := c.RunScriptAsync(t.Context(), "no", nil)
	_, badPath := c.GetResource(t.Context(), "f//x")
	_, badID := c.GetJobStatus(t.Context(), "7")
	for name, err := range map[string]error{
		"a base URL": badURL, "a script": badScript, "a resource": badPath, "a job id": badID,
		"no token": result(bare, someJob), "a nil option": result(c, someJob, nil), "a nil writer": result(c, someJob, facade.Logs(nil)),
		"a typed nil writer": result(c, someJob, facade.Verbose((*bytes.Buffer)(nil))),
		"two writers":        result(c, someJob, facade.Verbose(io.Discard), facade.Logs(io.Discard)),
		"an array":           run([]int{1}), "a channel": run(map[string]any{"c": make(chan int)}),
		"a text that is not UTF-8":              run(map[string]string{"a": "\xff"}),
		"a nested text that is not UTF-8":       run(struct{ A []any }{[]any{map[string]any{"b": "\xff"}}}),
		"a key that is not UTF-8":               run(map[string]int{"\xff": 1}),
		"raw JSON that is not UTF-8":            run(map[string]any{"a": []byte(nil), "b": rawMessage("\"\xff\"")}),
		"two schedules":                         run(nil, facade.ScheduledIn(1), facade.ScheduledAt(time.Now())),
		"a tag that is not UTF-8":               run(nil, facade.Tag("\xff")),
		"a tag with a line end":                 run(nil, facade.Tag("a\nb")),
		"a schedule in the past of two hundred": run(nil, facade.ScheduledIn(-1)),
	} {
		if !errors.Is(err, facade.ErrInvalidArgument) {
			t.Errorf("%s: %v, want ErrInvalidArgument", name, err)
		}
	}
	if n := len(srv.requests()); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
	if err := run(map[string]any{"a": "\uFFFD", "b": rawMessage(`"\ufffd"`), "c": []byte("\xff")}); err != nil {
		t.Errorf("a replacement character that the caller wrote: %v", err)
	}
	if err := run(&struct{ B blob }{"\xff"}); err != nil {
		t.Errorf("bytes that encode themselves through a pointer: %v", err)
	}
}
