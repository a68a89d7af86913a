package main

import (
	"bufio"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
)

// results is what benchmarks have printed.
type results struct {
	machine string
	values  map[string]map[string][]float64 // by name and unit
	names   []string                        // in the order of their first appearance
}

// read takes in the output of go test -bench; what is no benchmark's line is passed over.
func read(in io.Reader) (results, error) {
	r := results{values: map[string]map[string][]float64{}}
	about := map[string]string{}
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		line := lines.Text()
		if key, value, ok := strings.Cut(line, ": "); ok && !strings.ContainsAny(key, " \t/") {
			about[key] = value
			continue
		}
		if fields := strings.Fields(line); len(fields) >= 4 && strings.HasPrefix(fields[0], "Benchmark") {
			r.add(nameOf(fields[0]), fields[2:])
		}
	}
	if err := lines.Err(); err != nil {
		return r, err
	}
	if len(r.names) == 0 {
		return r, errors.New("there is no benchmark's line in it")
	}
	r.machine = strings.TrimSpace(about["cpu"] + ", " + about["goos"] + "/" + about["goarch"])
	return r, nil
}

// nameOf leaves out the number of processors, which go test appends.
func nameOf(field string) string {
	name := strings.TrimPrefix(field, "Benchmark")
	if i := strings.LastIndexByte(name, '-'); i > strings.LastIndexByte(name, '/') {
		if _, err := strconv.Atoi(name[i+1:]); err == nil {
			return name[:i]
		}
	}
	return name
}

// add takes in pairs of a value and its unit.
func (r *results) add(name string, pairs []string) {
	units := r.values[name]
	if units == nil {
		units = map[string][]float64{}
		r.values[name] = units
		r.names = append(r.names, name)
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if v, err := strconv.ParseFloat(pairs[i], 64); err == nil {
			units[pairs[i+1]] = append(units[pairs[i+1]], v)
		}
	}
}

// get is the median of what was measured, and false when nothing was.
func (r *results) get(name, unit string) (float64, bool) {
	all := slices.Sorted(slices.Values(r.values[name][unit]))
	if len(all) == 0 {
		return 0, false
	}
	return (all[(len(all)-1)/2] + all[len(all)/2]) / 2, true
}

// cases are the values that a key has in the names under a benchmark, such as the methods in "Method/method=GetVersion/client=bare".
func (r *results) cases(benchmark, key string) []string {
	var found []string
	for _, name := range r.names {
		parts := strings.Split(name, "/")
		if parts[0] != benchmark {
			continue
		}
		for _, part := range parts[1:] {
			if value, ok := strings.CutPrefix(part, key+"="); ok && !slices.Contains(found, value) {
				found = append(found, value)
			}
		}
	}
	return found
}
