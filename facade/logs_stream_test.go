//go:build go1.25

package facade_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"example.com/windmill/facade"
	"example.com/windmill/facade/facadetest"
)

// throughProxy returns a client of the server whose event streams go through a proxy.
func throughProxy(
	srv *facadetest.Server, proxy func(ctx context.Context, from io.Reader, to io.Writer),
) *http.Client {
	through := srv.HTTPClient().Transport
	return &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		resp, err := through.RoundTrip(r)
		if err != nil || !strings.Contains(r.URL.Path, "/getupdate_sse/") {
			return resp, err
		}
		body, to := io.Pipe()
		context.AfterFunc(r.Context(), func() { to.CloseWithError(r.Context().Err()) })
		go func(from io.ReadCloser) {
			defer from.Close()
			proxy(r.Context(), from, to)
			to.Close()
		}(resp.Body)
		resp.Body = body
		return resp, nil
	})}
}

// filtered is a proxy that hands on what filter returns of the n-th event of a stream.
func filtered(filter func(n int, event string) string) func(context.Context, io.Reader, io.Writer) {
	return func(_ context.Context, from io.Reader, to io.Writer) {
		events, event := bufio.NewScanner(from), ""
		for n := 1; events.Scan(); {
			if event += events.Text() + "\n"; !strings.HasSuffix(event, "\n\n") {
				continue
			}
			_, _ = io.WriteString(to, filter(n, event))
			n, event = n+1, ""
		}
	}
}

// bunched is a proxy that hands on every so often what has come, and at once that the stream ends.
func bunched(every time.Duration) func(context.Context, io.Reader, io.Writer) {
	return func(ctx context.Context, from io.Reader, to io.Writer) {
		var mu sync.Mutex
		var kept bytes.Buffer
		go func() {
			var p [1 << 10]byte
			for {
				n, err := from.Read(p[:])
				mu.Lock()
				kept.Write(p[:n])
				mu.Unlock()
				if err != nil {
					return
				}
			}
		}()
		for ctx.Err() == nil {
			select {
			case <-time.After(every):
			case <-ctx.Done():
			}
			mu.Lock()
			bunch := bytes.Clone(kept.Bytes())
			kept.Reset()
			mu.Unlock()
			if len(bunch) > 0 {
				_, _ = to.Write(bunch)
			}
		}
	}
}

func TestAnEventThatIsLostOrUnreadableLosesNoLine(t *testing.T) {
	offset := regexp.MustCompile(`"log_offset":\d+,?`)
	nth := func(broken func(n int) bool, instead string) func(int, string) string {
		return func(n int, event string) string {
			if broken(n) {
				return instead
			}
			return event
		}
	}
	second := func(n int) bool { return n == 2 }
	third := func(n int) bool { return n == 3 }
	odd := func(n int) bool { return n%2 == 1 }
	isLast := func(event string) bool { return strings.Contains(event, `"completed":true`) }
	for name, filter := range map[string]func(n int, event string) string{
		"the first is lost":      nth(func(n int) bool { return n == 1 }, ""),
		"the second is lost":     nth(second, ""),
		"the third is lost":      nth(third, ""),
		"every other is lost":    nth(odd, ""),
		"each is lost":           nth(func(int) bool { return true }, ""),
		"one is truncated":       nth(third, `data: {"type":"upd`+"\n\n"),
		"one is null":            nth(third, "data: null\n\n"),
		"one is a list":          nth(third, "data: []\n\n"),
		"one is a page":          nth(third, "data: <html>\n\n"),
		"one has no type":        nth(third, `data: {"new_logs":"\nnot yours"}`+"\n\n"),
		"one is of other types":  nth(third, `data: {"type":"update","new_logs":7}`+"\n\n"),
		"one is of another kind": nth(third, `data: {"type":"weather","new_logs":"\nsun"}`+"\n\n"),
		"one is an error":        nth(third, `data: {"type":"error","error":"SqlErr: x"}`+"\n\n"),
		"one is notfound":        nth(third, `data: {"type":"notfound"}`+"\n\n"),
		"one is twice there":     func(_ int, event string) string { return event + event },
		"the last is lost": func(_ int, event string) string {
			if isLast(event) {
				return ""
			}
			return event
		},
		"a byte order mark before each": func(_ int, event string) string { return "\ufeff" + event },
		"no offset in the last, and one lost": func(n int, event string) string {
			if n == 3 {
				return ""
			}
			if isLast(event) {
				return offset.ReplaceAllString(event, "")
			}
			return event
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, takes := range []time.Duration{time.Second, 40 * time.Second} {
				inBubble(t, func(t *testing.T, srv *facadetest.Server) {
					talk(srv, 10, takes/10)
					start := time.Now()
					out, took := watch(t, srv, throughProxy(srv, filtered(filter)))
					if took > takes+510*time.Millisecond {
						t.Errorf("a job of %v took %v", takes, took)
					}
					for i := range 10 {
						due := time.Duration(i) * takes / 10
						at, ok := out.when(start, fmt.Sprintf("\n%d: ", i+1))
						if !ok || at > due+13*time.Second {
							t.Errorf("line %d, of %v, came after %v, %t", i+1, due, at, ok)
						}
					}
				})
			}
		})
	}
}

func TestAProxyThatBunchesEventsDelaysNoResult(t *testing.T) {
	for _, every := range []time.Duration{
		time.Second, 4 * time.Second, 8 * time.Second, 15 * time.Second, time.Hour,
	} {
		t.Run(every.String(), func(t *testing.T) {
			inBubble(t, func(t *testing.T, srv *facadetest.Server) {
				const step = 1700 * time.Millisecond
				hc := throughProxy(srv, bunched(every))
				for lines := 1; lines < 25; lines += 4 {
					start := time.Now()
					talk(srv, lines, step)
					lasts := time.Duration(lines) * step
					out, took := watch(t, srv, hc)
					if late := took - lasts; late > 510*time.Millisecond {
						t.Errorf("with its log, a job of %v was %v late", lasts, late)
					}
					for i := range lines {
						due := time.Duration(i) * step
						at, ok := out.when(start, fmt.Sprintf("\n%d: ", i+1))
						if late := at - due; !ok || late > max(every, 13*time.Second) {
							t.Errorf("line %d, of %v, was %v late, %t", i+1, due, late, ok)
						}
					}
					start = time.Now()
					_, err := srv.Client(facade.WithHTTPClient(hc)).RunScriptSync(t.Context(), logScript, nil)
					if late := time.Since(start) - lasts; err != nil || late > 510*time.Millisecond {
						t.Errorf("a job of %v: %v, %v late", lasts, err, late)
					}
				}
			})
		})
	}
}

// pieces is a job's log that grows by parts of lines, one every three seconds, and then the job
// completes.
type pieces struct {
	log     []string
	start   time.Time
	streams bool // the server has them
}

const betweenPieces = 3 * time.Second

// now returns how many pieces there are, or one more if the job has completed.
func (p *pieces) now() int { return 1 + int(time.Since(p.start)/betweenPieces) }

// update returns an update of the job after n pieces, from an offset on.
func (p *pieces) update(n, offset int) string {
	log := strings.Join(p.log[:min(n, len(p.log))], "")
	update, _ := json.Marshal(map[string]any{ // fails for no map like this
		"type": "update", "running": n <= len(p.log), "completed": n > len(p.log),
		"new_logs": log[max(offset-1, 0):], "log_offset": len(log) + 1,
	})
	return string(update)
}

func (p *pieces) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	offset, _ := strconv.Atoi(r.URL.Query().Get("log_offset"))
	switch under := route(r); {
	case strings.HasPrefix(under, "jobs_u/getupdate_sse/"):
		reply(w, 404, "", "")
	case strings.HasPrefix(under, "jobs_u/getupdate/"):
		reply(w, 200, "application/json", p.update(p.now(), offset))
	case strings.HasPrefix(under, "jobs_u/") && p.now() <= len(p.log):
		running := `{"type":"QueuedJob","started":true,"running":true,"completed":false}`
		reply(w, 200, "application/json", running)
	default:
		okHandler(`"done"`)(w, r)
	}
}

func (p *pieces) RoundTrip(r *http.Request) (*http.Response, error) {
	if !p.streams || !strings.Contains(r.URL.Path, "/getupdate_sse/") {
		return (&fakeServer{handler: p}).RoundTrip(r)
	}
	body, events := io.Pipe()
	context.AfterFunc(r.Context(), func() { events.CloseWithError(r.Context().Err()) })
	offset, _ := strconv.Atoi(r.URL.Query().Get("log_offset"))
	go func() {
		defer events.Close()
		for n := p.now(); n <= len(p.log)+1; n++ {
			time.Sleep(time.Until(p.start.Add(time.Duration(n-1) * betweenPieces)))
			if _, err := io.WriteString(events, "data: "+p.update(n, offset)+"\n\n"); err != nil {
				return
			}
			offset = len(strings.Join(p.log[:min(n, len(p.log))], "")) + 1
		}
	}()
	header := http.Header{"Content-Type": {"text/event-stream"}}
	return &http.Response{StatusCode: 200, Header: header, Body: body, ContentLength: -1}, nil
}

func TestALineThatComesInPiecesIsOneLine(t *testing.T) {
	const want = "one\ntwo\nthree\nfour\n"
	for _, streams := range []bool{true, false} {
		for option, to := range bothOptions() {
			t.Run(fmt.Sprintf("%s, streams: %t", option, streams), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					job := &pieces{[]string{"one\ntw", "o\nth", "re", "e\n", "fo", "ur"}, time.Now(), streams}
					c, _ := newFake(t, nil, facade.WithHTTPClient(&http.Client{Transport: job}))
					out := &console{}
					_, err := c.GetResult(within(t, time.Minute), someJob, facade.WaitForCompletion(), to(out))
					if got := ownLine.ReplaceAllString(out.String(), ""); err != nil || got != want {
						t.Errorf("%v, and the log is %q, want %q", err, got, want)
					}
					for _, w := range out.writes {
						if !strings.HasSuffix(w.text, "\n") {
							t.Errorf("a Write of %q, which has a line without its end", w.text)
						}
					}
				})
			})
		}
	}
}
