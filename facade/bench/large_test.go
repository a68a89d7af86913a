package bench_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"runtime/metrics"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"example.com/windmill/facade"
)

const large = 50 << 20

// BenchmarkLargeResult downloads a result of 50 MB: with GetResult, with http.Get and io.ReadAll, and as generated clients do, which decode it into an
// any. A server says how long its answer is; when a proxy compresses it on the way, or passes it on in chunks, nobody does. A client that has had no
// answer about a result before has to walk through this one, to find its end.
func BenchmarkLargeResult(b *testing.B) {
	for _, shape := range []struct {
		name   string
		result []byte
	}{{"strings", ofStrings(large)}, {"objects", ofObjects(large)}} {
		for _, length := range []string{"known", "unknown"} {
			srv := httptest.NewServer(resultHandler(shape.result, length == "known"))
			for _, client := range []string{"bare", "facade", "first", "any"} {
				name := fmt.Sprintf("json=%s/length=%s/client=%s", shape.name, length, client)
				b.Run(name, func(b *testing.B) { download(b, downloader(b, client, srv), len(shape.result)) })
			}
			srv.Close()
		}
	}
}

// download measures time and memory. The peak is what the heap held at most beyond what it held before.
func download(b *testing.B, get func(context.Context) ([]byte, error), size int) {
	b.ReportAllocs()
	b.SetBytes(int64(size))
	var peak uint64
	for b.Loop() {
		b.StopTimer()
		runtime.GC()
		before, stop := heap(), make(chan struct{})
		top := make(chan uint64)
		go func() { top <- highest(stop) }()
		b.StartTimer()
		result, err := get(context.Background())
		b.StopTimer()
		close(stop)
		peak = max(peak, <-top-before)
		if err != nil || len(result) != 0 && len(result) < size {
			b.Fatalf("%d bytes, want %d; error %v", len(result), size, err)
		}
		b.StartTimer()
	}
	b.ReportMetric(float64(peak)/float64(size), "peak/size")
}

// highest is the most that the heap held until stop.
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

// heap is how many bytes live objects take, and dead ones that have not been collected yet.
func heap() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

func downloader(tb testing.TB, client string, srv *httptest.Server) func(context.Context) ([]byte, error) {
	hc, id := srv.Client(), uuid.NewString()
	b := newBare(srv.URL, "test", "token", hc)
	newClient := func() *facade.Client {
		c, err := facade.NewClient(srv.URL, "token", facade.WithWorkspace("test"), facade.WithHTTPClient(hc))
		if err != nil {
			tb.Fatal(err)
		}
		return c
	}
	switch client {
	case "facade":
		c := newClient()
		if _, err := c.GetResult(tb.Context(), small); err != nil {
			tb.Fatal(err)
		}
		return func(ctx context.Context) ([]byte, error) { return c.GetResult(ctx, id) }
	case "first":
		return func(ctx context.Context) ([]byte, error) { return newClient().GetResult(ctx, id) }
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

// small is the job whose result is small.
const small = "00000000-0000-0000-0000-000000000000"

// resultHandler answers every request with the result of a job that has completed.
func resultHandler(result []byte, tellLength bool) http.Handler {
	const head, tail = `{"started":true,"success":true,"completed":true,"result":`, "}"
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		result := result
		if strings.HasSuffix(r.URL.Path, small) {
			result = []byte("null")
		}
		w.Header().Set("Content-Type", "application/json")
		if tellLength {
			w.Header().Set("Content-Length", strconv.Itoa(len(head)+len(result)+len(tail)))
		}
		// Writing to a client that has left fails, and nobody is there to hear of it.
		_, _ = io.WriteString(w, head)
		_, _ = w.Write(result)
		_, _ = io.WriteString(w, tail)
	})
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
