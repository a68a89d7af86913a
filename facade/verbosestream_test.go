//go:build go1.25

package facade_test

import (
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"example.com/windmill/facade"
)

// scripted is a server whose job runs for ten seconds and whose event stream is always the same from an offset on: what a test writes down.
func scripted(t *testing.T, stream func(offset int) string) (*facade.Client, *atomic.Int64) {
	t.Helper()
	var streams atomic.Int64
	start := time.Now()
	c, _ := newFake(t, func(w http.ResponseWriter, r *http.Request) {
		offset, _ := strconv.Atoi(r.URL.Query().Get("log_offset"))
		switch under := route(r); {
		case strings.HasPrefix(under, "jobs_u/getupdate_sse/"):
			streams.Add(1)
			reply(w, 200, "text/event-stream; charset=utf-8", stream(offset))
		case strings.HasPrefix(under, "jobs_u/getupdate/"):
			reply(w, 200, "application/json", `{"running":true,"completed":false}`)
		case strings.HasPrefix(under, "jobs_u/completed/") && time.Since(start) < 10*time.Second:
			reply(w, 200, "application/json", `{"started":true,"success":null,"completed":false,"result":null}`)
		default:
			wellAnswered(`"the result"`)(w, r)
		}
	})
	return c, &streams
}

func TestEventsMayBeWrittenInAnyWay(t *testing.T) {
	const first, last = `{"type":"update","running":true,"new_logs":"é 1\n","log_offset":5}`, `{"type":"update","running":false,"completed":true,"new_logs":"🚀 2","log_offset":8}`
	for name, stream := range map[string]string{
		"as the server does":          "data: " + first + "\n\ndata: " + last + "\n\n",
		"with carriage returns":       "data: " + first + "\r\n\r\ndata: " + last + "\r\n\r\n",
		"without a space":             "data:" + first + "\n\ndata:" + last + "\n\n",
		"with comments and ids":       ": hello\n\nid: 1\nevent: message\nretry: 5\ndata: " + first + "\n: bye\n\nid: 2\ndata: " + last + "\n\n",
		"over several lines":          "data: " + strings.ReplaceAll(first, ",", ",\ndata: ") + "\n\ndata: " + last + "\n\n",
		"with pings and empty events": "\n\n\ndata: {\"type\":\"ping\"}\n\ndata: " + first + "\n\ndata: {\"type\":\"update\"}\n\ndata: " + last + "\n\n",
		"with kinds yet unknown":      "data: {\"type\":\"weather\",\"new_logs\":7}\n\ndata: " + first + "\n\ndata: " + last + "\n\n",
	} {
		synctest.Test(t, func(t *testing.T) {
			c, streams := scripted(t, func(int) string { return stream })
			var out strings.Builder
			result, err := c.GetResult(within(t, time.Minute), someJob, facade.WaitForCompletion(), facade.Verbose(&out))
			if err != nil || string(result) != `"the result"` || !hasExactly(out.String(), "é 1\n🚀 2") || streams.Load() != 1 {
				t.Errorf("%s: %s, %v, %d streams, and the logs %q", name, result, err, streams.Load(), &out)
			}
		})
	}
}

func TestLogsWithoutAnOffsetAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const log = "é你🚀x"
		c, _ := scripted(t, func(offset int) string {
			// What comes after the offset, which counts characters from 1; and then the stream breaks.
			rest := []rune(log)[min(max(offset-1, 0), 4):]
			if len(rest) == 0 {
				return `data: {"type":"update","running":false,"completed":true}` + "\n\n"
			}
			return `data: {"type":"update","running":true,"new_logs":"` + string(rest[:1]) + `"}` + "\n\n"
		})
		var out strings.Builder
		if _, err := c.GetResult(within(t, time.Minute), someJob, facade.WaitForCompletion(), facade.Verbose(&out)); err != nil {
			t.Error(err)
		}
		if got, want := ownLine.ReplaceAllString(out.String(), ""), "é\n你\n🚀\nx\n"; got != want { // a piece, a line
			t.Errorf("the logs are %q, want %q", got, want)
		}
	})
}
