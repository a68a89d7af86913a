package bench_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"example.com/windmill/facade"
)

const large = 50 << 20

type shape struct {
	name   string
	result []byte
}

// shapes returns large results of different kinds.
func shapes() []shape { return []shape{{"strings", ofStrings(large)}, {"objects", ofObjects(large)}} }

// BenchmarkLargeResult reads a result of 50 MB from memory: with GetResult, with io.ReadAll, and as generated clients do, which decode it into an any.
// A server says how long its answer is; when a proxy compresses it on the way, or passes it on in chunks, nobody does.
func BenchmarkLargeResult(b *testing.B) {
	for _, s := range shapes() {
		for _, length := range []string{"known", "unknown"} {
			hc := &http.Client{Transport: resultTransport{s.result, length == "known"}}
			for _, client := range []string{"bare", "facade", "any"} {
				name := fmt.Sprintf("json=%s/length=%s/client=%s", s.name, length, client)
				b.Run(name, func(b *testing.B) { download(b, downloader(b, client, hc), len(s.result)) })
			}
		}
	}
}

func TestALargeResultTakesAtMostTwiceItsSize(t *testing.T) {
	// Collecting often leaves little besides what is in use: that is what has to fit.
	defer debug.SetGCPercent(debug.SetGCPercent(5))
	// The answer is longer than the result by its other members, and what has just died by a twentieth of the heap.
	const most = 2.15
	for _, s := range shapes() {
		for _, known := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, length known: %v", s.name, known), func(t *testing.T) {
				get := downloader(t, "facade", &http.Client{Transport: resultTransport{s.result, known}})
				peak, err := peakOf(func() error { _, err := get(t.Context()); return err })
				if err != nil {
					t.Fatal(err)
				}
				if times := float64(peak) / float64(len(s.result)); times > most {
					t.Errorf("at most %.2f times the result's size was in use, want %.2f", times, most)
				}
			})
		}
	}
}

// download measures time and memory.
func download(b *testing.B, get func(context.Context) ([]byte, error), size int) {
	b.ReportAllocs()
	b.SetBytes(int64(size))
	var peak uint64
	for b.Loop() {
		b.StopTimer()
		most, err := peakOf(func() error {
			b.StartTimer()
			result, err := get(context.Background())
			b.StopTimer()
			if err == nil && len(result) != 0 && len(result) < size {
				err = fmt.Errorf("%d bytes, want %d", len(result), size)
			}
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
		peak = max(peak, most)
		b.StartTimer()
	}
	b.ReportMetric(float64(peak)/float64(size), "peak/size")
}

// peakOf returns what the heap held at most while f ran, beyond what it held before.
func peakOf(f func() error) (uint64, error) {
	runtime.GC()
	before, stop, top := heap(), make(chan struct{}), make(chan uint64)
	go func() { top <- highest(stop) }()
	err := f()
	close(stop)
	return max(<-top, before) - before, err
}

// highest returns the most that the heap held until stop.
func highest(stop <-chan struct{}) uint64 {
	most := heap()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			most = max(most, heap())
		case <-stop:
			return max(most, heap())
		}
	}
}

// heap returns how many bytes live objects take, and dead ones that have not been collected yet.
func heap() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

func downloader(tb testing.TB, client string, hc *http.Client) func(context.Context) ([]byte, error) {
	const url = "http://windmill.invalid"
	id := uuid.NewString()
	b := newBare(url, "test", "token", hc)
	switch client {
	case "facade":
		c, err := facade.NewClient(url, "token", facade.WithWorkspace("test"), facade.WithHTTPClient(hc))
		if err != nil {
			tb.Fatal(err)
		}
		return func(ctx context.Context) ([]byte, error) { return c.GetResult(ctx, id) }
	case "bare":
		return func(ctx context.Context) ([]byte, error) { return b.result(ctx, id) }
	default:
		return func(ctx context.Context) ([]byte, error) {
			answer, err := b.result(ctx, id)
			if err != nil {
				return nil, err
			}
			var job struct{ Result any }
			return nil, json.Unmarshal(answer, &job)
		}
	}
}

// resultTransport answers every request with the result of a completed job.
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
	body := io.MultiReader(strings.NewReader(head), bytes.NewReader(t.result), strings.NewReader(tail))
	return response(req, "application/json", io.NopCloser(body), length), nil
}

// ofStrings is an array of long texts, with something to escape now and then.
func ofStrings(size int) []byte {
	text := `"` + strings.Repeat(`It was said that a new person had appeared on the sea-front: \"a lady with a little dog\".\n`, 400) + `"`
	return repeat(text, size)
}

// ofObjects is an array of small objects, as a table's rows make.
func ofObjects(size int) []byte {
	return repeat(`{"id":1048576,"name":"Ada Lovelace","email":"ada@example.com","active":true,"score":98.25,"tags":["a","b"],"manager":null}`, size)
}

func repeat(element string, size int) []byte {
	var buf bytes.Buffer
	buf.Grow(size + len(element) + 2)
	buf.WriteString("[" + element)
	for buf.Len() < size {
		buf.WriteString("," + element)
	}
	buf.WriteByte(']')
	return buf.Bytes()
}

// response returns an answer with status 200.
func response(req *http.Request, contentType string, body io.ReadCloser, length int64) *http.Response {
	return &http.Response{
		StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: req,
		Header: http.Header{"Content-Type": {contentType}}, Body: body, ContentLength: length,
	}
}
