package bench_test

import (
	"fmt"
	"slices"
	"strings"
)

// table is a table in Markdown, which prints its rows as they are measured.
type table struct{ lines []string }

func newTable(columns ...string) *table {
	tab := &table{}
	tab.add(columns...)
	tab.add(slices.Repeat([]string{"---"}, len(columns))...)
	return tab
}

func (tab *table) add(cells ...string) {
	line := "| " + strings.Join(cells, " | ") + " |"
	fmt.Println(line)
	tab.lines = append(tab.lines, line)
}

func (tab *table) String() string { return strings.Join(tab.lines, "\n") + "\n" }

// compare returns cells for what the facade costs and for what something else does, the first in
// bold if it is more than a tenth above the second.
func compare(format string, ours, others float64) []string {
	cell := fmt.Sprintf(format, ours)
	if ours > others*1.1 {
		cell = "**" + cell + "**"
	}
	return []string{cell, fmt.Sprintf(format, others)}
}
