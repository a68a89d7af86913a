//go:build go1.25

package examples_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"example.com/windmill/facade/facadetest"
)

func TestTheBlocksOfCodeInTheREADMEThatUseSynctestCompile(t *testing.T) {
	code := slices.DeleteFunc(blocks(t, "README.md"), func(source string) bool { return !needsSynctest(source) })
	if len(code) == 0 {
		t.Fatal("found no such block: have they another form now?")
	}
	compile(t, code, append(slices.Clone(imports), "testing/synctest"))
}

func TestTheDocumentsNameEveryStatusAfterWhichAReadIsRepeated(t *testing.T) {
	var repeated []int
	synctest.Test(t, func(t *testing.T) {
		srv := facadetest.NewServer()
		defer srv.Close()
		client := srv.Client()
		for status := 400; status < 600; status++ {
			remove := srv.Inject("backendVersion", facadetest.Respond(status, http.Header{}, "no"), facadetest.Nth(1))
			if _, err := client.GetVersion(t.Context()); err == nil {
				repeated = append(repeated, status)
			}
			remove()
		}
	})
	for _, name := range []string{"README.md", "facade/options.go"} {
		words := strings.Join(strings.Fields(strings.ReplaceAll(read(t, name), "//", " ")), " ")
		if want := ranges(repeated); !strings.Contains(words, want) {
			t.Errorf("%s does not say that reads are repeated after %s", name, want)
		}
	}
}

func TestTheRetriesTakeAsLongAsTheDocumentsSay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := facadetest.NewServer()
		defer srv.Close()
		srv.Inject("backendVersion", facadetest.Respond(http.StatusBadGateway, http.Header{}, "no"))
		began := time.Now()
		if _, err := srv.Client().GetVersion(t.Context()); err == nil {
			t.Fatal("got a version, though every request fails")
		}
		if took := time.Since(began); took < 6*time.Second || took > 14*time.Second {
			t.Errorf("the retries take %v, and README.md and WithMaxRetries say about ten seconds", took)
		}
	})
}

// ranges returns ascending numbers as words: 1, 2, 4 to 6.
func ranges(numbers []int) string {
	var parts []string
	for i := 0; i < len(numbers); {
		j := i
		for j+1 < len(numbers) && numbers[j+1] == numbers[j]+1 {
			j++
		}
		part := fmt.Sprint(numbers[i])
		if j > i {
			part = fmt.Sprintf("%d to %d", numbers[i], numbers[j])
		}
		parts = append(parts, part)
		i = j + 1
	}
	return strings.Join(parts, ", ")
}
