package jsonscan_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/windmill/facade/internal/jsonscan"
)

// members are what Members tells, as "key=value".
func members(b []byte) (all []string, err error) {
	err = jsonscan.Members(b, func(key, value []byte) error {
		all = append(all, string(key)+"="+string(value))
		return nil
	})
	return all, err
}

func TestMembersAsTheyStand(t *testing.T) {
	for name, test := range map[string]struct {
		in   string
		want []string
	}{
		"none":                          {`{}`, nil},
		"none, with space":              {" \t\r\n{ \n} ", nil},
		"one of each kind":              {`{"a":null,"b":true,"c":false,"d":-1.5E+3,"e":"x","f":{},"g":[]}`, []string{"a=null", "b=true", "c=false", "d=-1.5E+3", `e="x"`, "f={}", "g=[]"}},
		"space everywhere":              {" { \"a\" :\t1 ,\n\"b\" : [ 1 , { \"c\" : 2 } ] } ", []string{"a=1", `b=[ 1 , { "c" : 2 } ]`}},
		"keys with escapes, and none":   {`{"\"":1,"":2,"\\":3}`, []string{`\"=1`, "=2", `\\=3`}},
		"the same key twice":            {`{"a":1,"a":2}`, []string{"a=1", "a=2"}},
		"quotes and brackets in texts":  {`{"a":"}\"]{[\\","b":["\\\"","}"]}`, []string{`a="}\"]{[\\"`, `b=["\\\"","}"]`}},
		"long texts that end in escape": {`{"a":"` + strings.Repeat("x", 40) + `\\","b":"` + strings.Repeat(`\"`, 40) + `"}`, []string{`a="` + strings.Repeat("x", 40) + `\\"`, `b="` + strings.Repeat(`\"`, 40) + `"`}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := members([]byte(test.in))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatIsNoObjectIsRefused(t *testing.T) {
	for name, in := range map[string]string{
		"nothing": "", "null": "null", "an array": "[]", "HTML": "<html>", "two objects": "{}{}", "rubbish behind": "{} x",
		"a key alone": `{"a"}`, "no value": `{"a":}`, "no colon": `{"a" 1}`, "a comma too many": `{"a":1,}`, "only a comma": `{,}`, "no comma": `{"a":1 "b":2}`,
		"a key without quotes": `{a:1}`, "brackets of two kinds": `{"a":[1}}`, "brackets crossed": `{"a":[{]}}`, "no comma inside": `{"a":[1 2]}`,
		"a comma too many inside": `{"a":[1,]}`, "a comma first inside": `{"a":[,1]}`, "two commas inside": `{"a":[1,,2]}`, "a colon in an array": `{"a":["b":1]}`,
		"a value without key inside": `{"a":{1}}`, "a key without value inside": `{"a":{"b"}}`, "a key with nothing inside": `{"a":{"b":}}`,
		"a comma too many in an inner object": `{"a":{"b":1,}}`, "two texts in a row": `{"a":["b""c"]}`, "an object behind a value": `{"a":[1{}]}`,
		"an object as a key": `{"a":{{}:1}}`, "a text that does not end": `{"a":"b}`, "a text that ends in an escape": `{"a":"b\"}`, "a key that does not end": `{"a`,
		"a byte of no meaning": `{"a":[?]}`,
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := members([]byte(in)); !errors.Is(err, jsonscan.ErrSyntax) {
				t.Errorf("%q: %q, %v", in, got, err)
			}
		})
	}
}

func TestAValueOfAnyKind(t *testing.T) {
	const depth = 100_000
	deep := strings.Repeat(`[{"b":`, depth) + `1` + strings.Repeat(`}]`, depth)
	for _, in := range []string{"null", "true", "-1.5E+3", `"x\"\\"`, "{}", "[]", `[1,{"a":"]"}]`, `{"a":[{}]}`, deep} {
		for _, around := range []string{"", " \t\r\n"} {
			got, err := jsonscan.Value([]byte(around + in + around))
			if err != nil || string(got) != in {
				t.Errorf("%.50q: %.50q, %v", in, got, err)
			}
		}
	}
	for _, in := range []string{
		"", " ", "nul", "hello", "1.", "-", `"x`, `"\"`, "{", "[", "[1", "[1}", "[1,]", "1 2", "[] []", "{}x", "<html>", deep[:len(deep)-1], strings.Replace(deep, "}]", "]}", 1),
	} {
		if got, err := jsonscan.Value([]byte(in)); err == nil {
			t.Errorf("%.50q: %.50q, and no error", in, got)
		}
	}
}

func TestAnErrorEndsTheWalk(t *testing.T) {
	calls := 0
	err := jsonscan.Members([]byte(`{"a":1,"b":2}`), func(_, _ []byte) error { calls++; return io.ErrUnexpectedEOF })
	if !errors.Is(err, io.ErrUnexpectedEOF) || calls != 1 {
		t.Errorf("%v after %d calls", err, calls)
	}
}

func TestAppendingToAValueLeavesTheRestAlone(t *testing.T) {
	in := []byte(`{"a":1,"b":2}`)
	err := jsonscan.Members(in, func(key, value []byte) error {
		_, _ = append(key, "xxxx"...), append(value, "xxxx"...)
		return nil
	})
	if err != nil || string(in) != `{"a":1,"b":2}` {
		t.Errorf("%s, %v", in, err)
	}
}

func TestEveryCutOfALargeAnswerIsRefused(t *testing.T) {
	whole := []byte(`{"completed":true,"result":` + string(rows(2_000)) + `,"success":true}`)
	if _, err := members(whole); err != nil {
		t.Fatal(err)
	}
	for n := 0; n < len(whole); n += 1 + n/500 {
		if _, err := members(whole[:n]); !errors.Is(err, jsonscan.ErrSyntax) {
			t.Fatalf("the first %d of %d bytes: %v", n, len(whole), err)
		}
	}
	for n := len(whole) - 300; n < len(whole); n++ {
		if _, err := members(whole[:n]); !errors.Is(err, jsonscan.ErrSyntax) {
			t.Fatalf("the first %d of %d bytes: %v", n, len(whole), err)
		}
	}
}

func TestAnyDepth(t *testing.T) {
	const depth = 100_000
	deep := `{"a":` + strings.Repeat(`[{"b":`, depth) + `1` + strings.Repeat(`}]`, depth) + `}`
	if got, err := members([]byte(deep)); err != nil || len(got) != 1 || len(got[0]) != len(deep)-len(`{"a":}`)+len("a=") {
		t.Errorf("%d members, %v", len(got), err)
	}
	crossed := strings.Replace(deep, "}]", "]}", 1)
	if _, err := members([]byte(crossed)); !errors.Is(err, jsonscan.ErrSyntax) {
		t.Errorf("with two brackets crossed: %v", err)
	}
}

func FuzzMembers(f *testing.F) {
	for _, seed := range []string{`{}`, `{"a":[1,{"b":"c\\\"d"},null],"e":-0.1e+5}`, ` {"a" : "` + strings.Repeat(`\\`, 20) + `"} `, `{"a":[}`, `{"\u0041":"é"}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := members(b)
		want, ok := decoded(b)
		if !ok {
			return
		}
		if err != nil {
			t.Fatalf("%q: %v", b, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", b, diff)
		}
		for n := range bytes.TrimRight(b, " \t\r\n") {
			if _, err := members(b[:n]); !errors.Is(err, jsonscan.ErrSyntax) {
				t.Errorf("%q: %v", b[:n], err)
			}
		}
	})
}

// decoded are the members of a JSON object by encoding/json, keys as they stand in b.
func decoded(b []byte) (all []string, ok bool) {
	if !json.Valid(b) || !bytes.HasPrefix(bytes.TrimLeft(b, " \t\r\n"), []byte("{")) {
		return nil, false
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	if _, err := dec.Token(); err != nil {
		return nil, false
	}
	for dec.More() {
		begin := dec.InputOffset()
		if _, err := dec.Token(); err != nil {
			return nil, false
		}
		key := strings.Trim(string(b[begin:dec.InputOffset()]), ", \t\r\n")
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return nil, false
		}
		all = append(all, key[1:len(key)-1]+"="+string(value))
	}
	return all, true
}

// rows is a result of many small rows.
func rows(n int) []byte {
	var b bytes.Buffer
	for i := range n {
		fmt.Fprintf(&b, `,{"id":%d,"name":"row %d","price":%d.25,"active":true,"tags":["a","b"],"note":null}`, i, i, i%1000)
	}
	b.WriteByte(']')
	b.Bytes()[0] = '['
	return b.Bytes()
}

func BenchmarkFiftyMegabytesOfRows(b *testing.B) {
	answer := []byte(`{"completed":true,"result":` + string(rows(560_000)) + `}`)
	check := func(name string, f func() bool) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(answer)))
			for b.Loop() {
				if !f() {
					b.Fatal("refused")
				}
			}
		})
	}
	check("Members", func() bool { return jsonscan.Members(answer, func(_, _ []byte) error { return nil }) == nil })
	check("json.Valid", func() bool { return json.Valid(answer) })
}
