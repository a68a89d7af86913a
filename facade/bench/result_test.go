package bench_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"runtime/metrics"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/windmill/facade"
)

// resultTransport answers every request with the result of a completed job, with or without its
// length, which a proxy that compresses leaves out.
type resultTransport struct {
	result      []byte
	knownLength bool
}

func (t resultTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	const head, tail = `{"started":true,"success":true,"completed":true,"result":`, "}"
	length := int64(-1)
	if t.knownLength {
		length = int64(len(head) + len(t.result) + len(tail))
	}
	body := io.MultiReader(
		strings.NewReader(head), bytes.NewReader(t.result), strings.NewReader(tail))
	return &http.Response{
		StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: req,
		Header: http.Header{"Content-Type": {"application/json"}},
		Body:   io.NopCloser(body), ContentLength: length,
	}, nil
}

// downloads returns three ways of getting the same job's result: GetResult, io.ReadAll, and
// decoding it into an any, as generated clients do.
func downloads(t *testing.T, transport http.RoundTripper) []func(context.Context) error {
	const url = "http://windmill.example.com"
	hc, id := &http.Client{Transport: transport}, facade.NewJobID()
	c, err := facade.NewClient(url, "token", facade.WithWorkspace("w"), facade.WithHTTPClient(hc))
	if err != nil {
		t.Fatal(err)
	}
	b := bare{hc, url, "w", "token"}
	return []func(context.Context) error{
		func(ctx context.Context) error { _, err := c.GetResult(ctx, id); return err },
		func(ctx context.Context) error { _, err := b.result(ctx, id); return err },
		func(ctx context.Context) error {
			content, err := b.result(ctx, id)
			if err != nil {
				return err
			}
			var job struct{ Result any }
			return json.Unmarshal(content, &job)
		},
	}
}

// resultTable measures results of about so many bytes.
func resultTable(t *testing.T, size int) *table {
	text := `"` + strings.Repeat(`It was said that a \"new person\" had appeared.\n`, 1000) + `"`
	object := `{"id":1048576,"name":"Ada","active":true,"score":98.25,"tags":["a","b"],"next":null}`
	tab := newTable("result", "length", "GetResult", "io.ReadAll", "into any",
		"peak memory, GetResult", "io.ReadAll", "into any")
	for _, shape := range []struct{ name, element string }{{"texts", text}, {"objects", object}} {
		elements := strings.Repeat(","+shape.element, size/len(shape.element))
		result := []byte("[" + elements[1:] + "]")
		for _, length := range []string{"known", "unknown"} {
			var times, peaks []string
			for _, get := range downloads(t, resultTransport{result, length == "known"}) {
				took, peak := measureDownload(t, get)
				times = append(times, took.Round(time.Millisecond).String())
				peaks = append(peaks, fmt.Sprintf("%.1f × size", float64(peak)/float64(len(result))))
			}
			tab.add(slices.Concat([]string{shape.name, length}, times, peaks)...)
		}
	}
	return tab
}

// measureDownload returns the shortest time of a few downloads, and the highest peak of memory in
// use beyond what was in use before.
func measureDownload(
	t *testing.T, get func(context.Context) error,
) (took time.Duration, peak uint64) {
	for i := range 5 {
		runtime.GC()
		before, done, highest := memory(), make(chan struct{}), make(chan uint64)
		go func() { highest <- highestMemory(done) }()
		start := time.Now()
		err := get(t.Context())
		if d := time.Since(start); i == 0 || d < took {
			took = d
		}
		close(done)
		if err != nil {
			t.Fatal(err)
		}
		peak = max(peak, max(before, <-highest)-before)
	}
	return took, peak
}

// highestMemory returns the most memory in use until done is closed.
func highestMemory(done <-chan struct{}) uint64 {
	highest := memory()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			highest = max(highest, memory())
		case <-done:
			return max(highest, memory())
		}
	}
}

// memory returns how many bytes live objects take, and dead ones that have not been collected yet.
func memory() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
