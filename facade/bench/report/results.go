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

// read reads the output of go test -bench. Lines that are not a benchmark's are ignored.
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

// nameOf returns a benchmark's name without the number of processors, which go test appends.
func nameOf(field string) string {
	name := strings.TrimPrefix(field, "Benchmark")
	if i := strings.LastIndexByte(name, '-'); i > strings.LastIndexByte(name, '/') {
		if _, err := strconv.Atoi(name[i+1:]); err == nil {
			return name[:i]
		}
	}
	return name
}

// add adds pairs of a value and its unit.
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

// get returns the median of what was measured, and false when nothing was.
func (r *results) get(name, unit string) (float64, bool) {
	all := slices.Sorted(slices.Values(r.values[name][unit]))
	if len(all) == 0 {
		return 0, false
	}
	return (all[(len(all)-1)/2] + all[len(all)/2]) / 2, true
}

// cases returns the names under a benchmark without their last part, the client, each once.
func (r *results) cases(benchmark string) []string {
	var found []string
	for _, name := range r.names {
		name, _, _ = strings.Cut(name, "/client=")
		if strings.HasPrefix(name, benchmark+"/") && !slices.Contains(found, name) {
			found = append(found, name)
		}
	}
	return found
}

// value returns what a key stands for in a name, such as the method in "Method/method=GetVersion".
func value(name, key string) string {
	_, rest, _ := strings.Cut(name, "/"+key+"=")
	v, _, _ := strings.Cut(rest, "/")
	return v
}
