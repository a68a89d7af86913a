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
	table(&b, "What a method costs beside the bare net/http requests", fmt.Sprintf("Measured on: %s, %s.\n\n", r.machine, runtime.Version()), r.methods(),
		"method", "bare", "facade", "times", "allocations, bare", "facade")
	table(&b, "A result of 50 MB, from memory", "", r.large(),
		"JSON", "length", "io.ReadAll", "facade", "decoding into any", "peak memory by size: io.ReadAll", "facade", "decoding into any")
	table(&b, "What waiting costs", `In simulated time, the way to the server and back 2 ms; nearly the same on every machine. All is counted for each job. Each pair is
this library's value and that of a client that looks every 500 ms. A delay is the time from the job's end to its result.

`, r.waits(), "waits at a time", "job", "others' jobs a second", "requests", "kB", "delay, median", "delay, 99 of 100", "status requests a second, all")
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
	for _, name := range r.cases("Method") {
		bare, facade := name+"/client=bare", name+"/client=facade"
		times := r.format(facade, "ns/op", func(v float64) string {
			w, _ := r.get(bare, "ns/op")
			return strconv.FormatFloat(v/w, 'f', 2, 64)
		})
		rows = append(rows, []string{
			value(name, "method"), r.format(bare, "ns/op", nanoseconds), r.format(facade, "ns/op", nanoseconds), times,
			r.format(bare, "allocs/op", count), r.format(facade, "allocs/op", count),
		})
	}
	return rows
}

func (r *results) large() (rows [][]string) {
	for _, name := range r.cases("LargeResult") {
		row := []string{value(name, "json"), value(name, "length")}
		for _, unit := range []string{"MB/s", "peak/size"} {
			for _, client := range []string{"bare", "facade", "any"} {
				row = append(row, r.format(name+"/client="+client, unit, func(v float64) string {
					if unit == "MB/s" {
						return count(v) + " MB/s"
					}
					return strconv.FormatFloat(v, 'f', 2, 64)
				}))
			}
		}
		rows = append(rows, row)
	}
	return rows
}

func (r *results) waits() (rows [][]string) {
	for _, name := range r.cases("Waits") {
		pair := func(unit string, format func(float64) string) string {
			return r.format(name+"/client=facade", unit, format) + ", " + r.format(name+"/client=poller", unit, format)
		}
		rows = append(rows, []string{
			grouped(value(name, "waits")), jobs(value(name, "job")), grouped(value(name, "others")), pair("requests/wait", count), pair("B/wait", kilobytes),
			pair("p50-late-ms", milliseconds), pair("p99-late-ms", milliseconds), pair("status-requests/s", count),
		})
	}
	return rows
}

func (r *results) memory() (rows [][]string) {
	for _, name := range r.cases("Memory") {
		rows = append(rows, []string{
			grouped(value(name, "waits")), r.format(name, "B/wait", kilobytes), r.format(name, "B/goroutine", kilobytes), r.format(name, "goroutines-besides", count),
		})
	}
	return rows
}

// format formats what was measured, or a dash when nothing was.
func (r *results) format(name, unit string, format func(float64) string) string {
	v, ok := r.get(name, unit)
	if !ok {
		return "–"
	}
	return format(v)
}

// jobs formats the part of a name that says how long the jobs take.
func jobs(name string) string {
	if name == "mixed" {
		return "0.1 to 10 s"
	}
	text, later := strings.CutPrefix(name, "in-")
	d, err := time.ParseDuration(text)
	switch {
	case err != nil:
		return name
	case later:
		return "scheduled in " + strconv.FormatFloat(d.Hours(), 'f', -1, 64) + " h"
	}
	return nanoseconds(float64(d))
}

func milliseconds(v float64) string { return nanoseconds(v * 1e6) }

func nanoseconds(v float64) string {
	switch d := time.Duration(v); {
	case d >= time.Second:
		return count(d.Seconds()) + " s"
	case d >= time.Millisecond:
		return count(v/1e6) + " ms"
	}
	return count(v/1e3) + " µs"
}

func kilobytes(v float64) string { return count(v/1000) + " kB" }

// count keeps a digit after the point of what is less than 10.
func count(v float64) string {
	if math.Abs(v) >= 10 {
		return grouped(strconv.FormatFloat(v, 'f', 0, 64))
	}
	return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64)
}

// grouped writes a large whole number with commas.
func grouped(n string) string {
	for i := len(n) - 3; i > 0 && n[i-1] != '-'; i -= 3 {
		n = n[:i] + "," + n[i:]
	}
	return n
}
