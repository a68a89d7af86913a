package main

import "testing"

func TestSlipsInTheListAreReportedAndNothingChanges(t *testing.T) {
	cases := []struct{ name, list, want string }{
		{"an operation has no reason",
			"operations: [{id: a}]",
			"operations.yaml: every operation needs an id and a why; id \"a\""},
		{"an operation is listed twice",
			"operations: [{id: a, why: b}, {id: a, why: c}]",
			"operations.yaml: a is listed twice"},
		{"a key is misspelled",
			"operations: [{id: a, why: b, params: [c]}]",
			"field params not found"},
		{"a response has two schemas",
			"operations: [{id: a, why: b, response: {A: [], B: []}}]",
			"want one schema and its fields"},
		{"an operation is not upstream",
			"operations: [{id: a, why: b}]",
			"7.1.0:\n  `a`: no such operation\n"},
		{"the list is empty",
			"# nothing\n",
			"operations.yaml: EOF"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := newProject(t)
			p.write("gen/operations.yaml", c.list)
			p.refused(upstream, c.want)
		})
	}
}
