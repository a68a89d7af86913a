//go:build go1.25

package facadetest_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"

	"example.com/windmill/facade/facadetest"
)

func TestLogOffsetsCountCharacters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		srv.Script("f/demo/log", func(_ context.Context, job *facadetest.Job) (any, error) {
			job.Logf("naïve 你好 🚀")
			job.Logf("a\xffb")
			return nil, nil
		})
		id := run(t, srv, "f/demo/log", "{}", "")
		synctest.Wait()
		whole := []rune(job(t, srv, id).Log)
		for offset := -2; offset < len(whole)+3; offset++ {
			got := decode[struct {
				NewLogs   string `json:"new_logs"`
				LogOffset int    `json:"log_offset"`
			}](t, get(t, srv, fmt.Sprintf("w/test/jobs_u/getupdate/%s?log_offset=%d", id, offset)).body)
			want := string(whole[min(len(whole), max(0, offset-1)):])
			if got.NewLogs != want || got.LogOffset != len(whole)+1 {
				t.Fatalf("from %d: %q, next %d; want %q, %d", offset, got.NewLogs, got.LogOffset, want,
					len(whole)+1)
			}
		}
	})
}
