package main

import (
	"fmt"
	"math"
	"runtime"
	"strconv"
	"strings"
	"time"
)

func tables(r results) string {
	var b strings.Builder
	machine := fmt.Sprintf("Measured on: %s, %s.\n\n", r.machine, runtime.Version())
	table(&b, "What a method costs beside the bare net/http requests", machine, r.methods(),
		"method", "bare", "facade", "times", "CPU, times", "allocations, bare", "facade", "more")
	table(&b, "A script of 5 ms", machine, r.short(),
		"", "facade", "every 500 ms")
	table(&b, "A result of 50 MB", machine, r.large(),
		"JSON", "length", "http.Get, io.ReadAll", "facade", "times", "a client's first answer", "peak memory, bare", "facade", "decoding into any", "its peak")
	const simulated = "In simulated time, the way to the server and back 2 ms; nearly the same on every machine.\n\n"
	table(&b, "One wait", simulated, r.oneWait(),
		"the job takes", "late by (median, worst)", "requests", "every 500 ms: late by", "requests")
	table(&b, "Many waits", simulated+"Callers run one script after another, of 0.1 to 10 s. Status requests are those besides one that starts a job and one that fetches its result.\n\n",
		r.manyWaits(), "waits at a time", "late by (median, 99 of 100)", "requests a wait", "status requests a second",
		"every 500 ms: late by", "requests a wait", "status requests a second")
	table(&b, "Many waits for jobs that have run for a minute", simulated, r.longWaits(),
		"waits at a time", "status requests a second", "every 500 ms")
	table(&b, "What a wait takes", "Heap and stacks in use, after a collection.\n\n", r.memory(),
		"waits at a time", "memory a wait", "of that, a goroutine that does nothing", "goroutines besides the callers'")
	return b.String()
}

// table writes rows under a heading, if there are any.
func table(b *strings.Builder, heading, about string, rows [][]string, columns ...string) {
	if len(rows) == 0 {
		return
	}
	fmt.Fprintf(b, "### %s\n\n%s| %s |\n|%s\n", heading, about, strings.Join(columns, " | "), strings.Repeat(" --- |", len(columns)))
	for _, row := range rows {
		fmt.Fprintf(b, "| %s |\n", strings.Join(row, " | "))
	}
	b.WriteByte('\n')
}

func (r *results) methods() (rows [][]string) {
	for _, m := range r.cases("Method", "method") {
		bare, facade := "Method/method="+m+"/client=bare", "Method/method="+m+"/client=facade"
		rows = append(rows, []string{
			m, r.took(bare), r.took(facade), r.times(facade, bare, "ns/op"), r.times(facade, bare, "cpu-ns/op"),
			r.count(bare, "allocs/op"), r.count(facade, "allocs/op"), r.more(facade, bare, "allocs/op"),
		})
	}
	return rows
}

func (r *results) short() (rows [][]string) {
	for _, m := range r.cases("FlatPoller", "method") {
		name := "FlatPoller/method=" + m + "/client="
		rows = append(rows, []string{m, r.took(name + "facade"), r.took(name + "poller")})
	}
	return rows
}

func (r *results) large() (rows [][]string) {
	for _, shape := range r.cases("LargeResult", "json") {
		for _, length := range r.cases("LargeResult", "length") {
			name := fmt.Sprintf("LargeResult/json=%s/length=%s/client=", shape, length)
			bare, facade, decoded := name+"bare", name+"facade", name+"any"
			rows = append(rows, []string{
				shape, length, r.took(bare), r.took(facade), r.times(facade, bare, "ns/op"), r.took(name + "first"),
				r.peak(bare), r.peak(facade), r.took(decoded), r.peak(decoded),
			})
		}
	}
	return rows
}

func (r *results) oneWait() (rows [][]string) {
	for _, job := range r.cases("OneWait", "job") {
		facade, poller := "OneWait/job="+job+"/client=facade", "OneWait/job="+job+"/client=poller"
		rows = append(rows, []string{
			spaced(job), r.late(facade, "max-delay-ms"), r.count(facade, "requests/wait"), r.late(poller, "max-delay-ms"), r.count(poller, "requests/wait"),
		})
	}
	return rows
}

func (r *results) manyWaits() (rows [][]string) {
	for _, n := range r.cases("Waits", "waits") {
		row := []string{grouped(n)}
		for _, client := range []string{"facade", "poller"} {
			name := "Waits/waits=" + n + "/client=" + client
			row = append(row, r.late(name, "p99-delay-ms"), r.count(name, "requests/wait"), r.count(name, "status-requests/s"))
		}
		rows = append(rows, row)
	}
	return rows
}

func (r *results) longWaits() (rows [][]string) {
	for _, n := range r.cases("LongWaits", "waits") {
		name := "LongWaits/waits=" + n + "/client="
		rows = append(rows, []string{grouped(n), r.count(name+"facade", "status-requests/s"), r.count(name+"poller", "status-requests/s")})
	}
	return rows
}

func (r *results) memory() (rows [][]string) {
	for _, n := range r.cases("Memory", "waits") {
		name := "Memory/waits=" + n
		rows = append(rows, []string{grouped(n), r.kilobytes(name, "B/wait"), r.kilobytes(name, "B/goroutine"), r.count(name, "goroutines-besides")})
	}
	return rows
}

const missing = "–"

func (r *results) took(name string) string {
	v, ok := r.get(name, "ns/op")
	if !ok {
		return missing
	}
	return rounded(time.Duration(v))
}

// late is how late results were, in the middle and at the end that the unit names.
func (r *results) late(name, end string) string {
	middle, ok := r.get(name, "p50-delay-ms")
	last, also := r.get(name, end)
	if !ok || !also {
		return missing
	}
	return rounded(time.Duration(middle*1e6)) + ", " + rounded(time.Duration(last*1e6))
}

func (r *results) times(a, b, unit string) string {
	x, ok := r.get(a, unit)
	y, also := r.get(b, unit)
	if !ok || !also || y == 0 {
		return missing
	}
	return strconv.FormatFloat(x/y, 'f', 2, 64)
}

func (r *results) more(a, b, unit string) string {
	x, ok := r.get(a, unit)
	y, also := r.get(b, unit)
	if !ok || !also {
		return missing
	}
	return strconv.FormatFloat(x-y, 'f', 0, 64)
}

func (r *results) count(name, unit string) string {
	v, ok := r.get(name, unit)
	if !ok {
		return missing
	}
	return grouped(strconv.FormatFloat(significant(v), 'f', -1, 64))
}

func (r *results) peak(name string) string {
	v, ok := r.get(name, "peak/size")
	if !ok {
		return missing
	}
	return strconv.FormatFloat(v, 'f', 2, 64) + " × its size"
}

func (r *results) kilobytes(name, unit string) string {
	v, ok := r.get(name, unit)
	if !ok {
		return missing
	}
	return strconv.FormatFloat(v/1000, 'f', 1, 64) + " kB"
}

// spaced writes a duration that is part of a name as the others are written.
func spaced(name string) string {
	d, err := time.ParseDuration(name)
	if err != nil {
		return name
	}
	return rounded(d)
}

// rounded is a duration to two digits, or to three from a hundred of its unit on: the rest is chance.
func rounded(d time.Duration) string {
	switch {
	case d >= time.Second:
		return strconv.FormatFloat(significant(d.Seconds()), 'f', -1, 64) + " s"
	case d >= time.Millisecond:
		return strconv.FormatFloat(significant(float64(d)/1e6), 'f', -1, 64) + " ms"
	}
	return strconv.FormatFloat(significant(float64(d)/1e3), 'f', -1, 64) + " µs"
}

// significant keeps two digits, and all of those before the decimal point.
func significant(v float64) float64 {
	switch {
	case math.Abs(v) >= 10:
		return math.Round(v)
	default:
		return math.Round(v*10) / 10
	}
}

// grouped writes a large whole number with commas.
func grouped(n string) string {
	if strings.ContainsAny(n, ".-") {
		return n
	}
	for i := len(n) - 3; i > 0; i -= 3 {
		n = n[:i] + "," + n[i:]
	}
	return n
}
