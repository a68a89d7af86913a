package gen_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/windmill/gen"
)

// exchange is one that was recorded from a server.
type exchange struct {
	Name     string
	Request  struct{ Path string }
	Response struct {
		Status int
		Body   string
	}
}

func recorded(t *testing.T) (exchanges []exchange) {
	t.Helper()
	names, err := filepath.Glob("../facade/facadetest/testdata/traces-*.json")
	if err != nil || len(names) == 0 {
		t.Fatalf("no recorded exchanges: %v", err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var some []exchange
		if err := json.Unmarshal(data, &some); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		exchanges = append(exchanges, some...)
	}
	return exchanges
}

func TestWhatServersSentIsWhatTheTypesHold(t *testing.T) {
	cases := []struct {
		route  string
		into   func() any
		fields []string // that were sent
	}{
		{"/jobs_u/get/", func() any { return new(gen.Job) }, []string{"canceled", "created_at", "id",
			"running", "scheduled_for", "script_hash", "script_path", "success", "type"}},
		{"/get_result_maybe/", func() any { return new(gen.ResultMaybe) },
			[]string{"completed", "result", "started", "success"}},
		{"/getupdate/", func() any { return new(gen.JobUpdate) },
			[]string{"completed", "log_offset", "new_logs", "running"}},
		{"/getupdate_sse/", func() any { return new(gen.JobUpdate) },
			[]string{"completed", "error", "log_offset", "new_logs", "running", "type"}},
		{"/jobs/completed/list", func() any { return new([]gen.ListedJob) },
			[]string{"duration_ms", "id", "started_at"}},
	}
	for _, c := range cases {
		seen := make(map[string]bool)
		for _, e := range recorded(t) {
			if !strings.Contains(e.Request.Path, c.route) || e.Response.Status != 200 {
				continue
			}
			for _, body := range bodies(e.Response.Body) {
				held := c.into()
				if err := json.Unmarshal([]byte(body), held); err != nil {
					t.Errorf("%s: %v", e.Name, err)
					continue
				}
				again, err := json.Marshal(held)
				if err != nil {
					t.Fatal(err)
				}
				sameFields(t, e.Name, value(t, []byte(body)), value(t, again), seen)
			}
		}
		if diff := cmp.Diff(c.fields, slices.Sorted(maps.Keys(seen))); diff != "" {
			t.Errorf("fields from %s (-want +got):\n%s", c.route, diff)
		}
	}
}

// bodies returns the events of a stream, or a body as it is.
func bodies(body string) (all []string) {
	if !strings.HasPrefix(body, "data: ") {
		return []string{body}
	}
	for line := range strings.Lines(body) {
		if event, ok := strings.CutPrefix(line, "data: "); ok {
			all = append(all, event)
		}
	}
	return all
}

func value(t *testing.T, data []byte) (v any) {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if err := decoder.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// sameFields checks that what a type holds is what was sent, and records the fields.
func sameFields(t *testing.T, name string, sent, held any, seen map[string]bool) {
	t.Helper()
	if list, ok := held.([]any); ok {
		for i := range list {
			sameFields(t, name, sent.([]any)[i], list[i], seen)
		}
		return
	}
	for field, got := range held.(map[string]any) {
		seen[field] = true
		if diff := cmp.Diff(sent.(map[string]any)[field], got); diff != "" {
			t.Errorf("%s: %s (-sent +held):\n%s", name, field, diff)
		}
	}
}

func TestAResultThatIsNullIsNotOneThatIsMissing(t *testing.T) {
	yes, no := true, false
	cases := []struct {
		name, body string
		want       gen.ResultMaybe
	}{
		{"completed with null", `{"completed":true,"success":true,"started":true,"result":null}`,
			gen.ResultMaybe{Completed: &yes, Success: &yes, Started: &yes, Result: []byte("null")}},
		{"not completed", `{"completed":false,"success":null,"started":null,"result":null}`,
			gen.ResultMaybe{Completed: &no, Result: []byte("null")}},
		{"not a Windmill", `{"message":"try again"}`, gen.ResultMaybe{}},
	}
	for _, c := range cases {
		var got gen.ResultMaybe
		if err := json.Unmarshal([]byte(c.body), &got); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestAListedJobThatNeverRanIsRead(t *testing.T) {
	const body = `[{"id":"a","started_at":null,"duration_ms":null},{"id":"b","duration_ms":1.5e3}]`
	var got []gen.ListedJob
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]gen.ListedJob{{ID: "a"}, {ID: "b", DurationMs: 1500}}, got); diff != "" {
		t.Errorf("jobs (-want +got):\n%s", diff)
	}
}
