package gen_test

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/windmill/gen"
)

// What the fields hold is in the tests of package facade, which read the same recordings.
func TestEveryFieldOfAResponseIsOneThatServersSent(t *testing.T) {
	data, err := os.ReadFile("../facade/facadetest/testdata/traces-1.743.0.json")
	if err != nil {
		t.Fatal(err)
	}
	var exchanges []struct {
		Request  struct{ Path string }
		Response struct{ Body string }
	}
	if err := json.Unmarshal(data, &exchanges); err != nil {
		t.Fatal(err)
	}
	for route, model := range map[string]reflect.Type{
		"/jobs_u/get/":         reflect.TypeFor[gen.Job](),
		"/get_result_maybe/":   reflect.TypeFor[gen.ResultMaybe](),
		"/getupdate_sse/":      reflect.TypeFor[gen.JobUpdate](),
		"/jobs/completed/list": reflect.TypeFor[gen.ListedJob](),
	} {
		sent := ""
		for _, e := range exchanges {
			if strings.Contains(e.Request.Path, route) {
				sent += e.Response.Body
			}
		}
		for i := range model.NumField() {
			name, _, _ := strings.Cut(model.Field(i).Tag.Get("json"), ",")
			if !strings.Contains(sent, `"`+name+`":`) {
				t.Errorf("no server has sent %s.%s as %q", model, model.Field(i).Name, name)
			}
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
