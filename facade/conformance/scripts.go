package main

import "encoding/json"

// folder is the name of the one that everything lies in.
const folder = "windmill_go_conformance"

func at(name string) string { return "f/" + folder + "/" + name }

// mark is the summary or description of what this program makes. What does not have it is not touched.
const mark = "of the conformance run"

// script is one version of a script in bash. The server finds the names of its arguments in the lines that read $1 and $2. Its result is
// what it writes to result.json, or else the last line of its output, as a string.
type script struct{ name, content string }

// scripts returns what is deployed, in this order. A name that comes again is a newer version.
func scripts() []script {
	return []script{
		{"greet", `name="$1"
echo "hello $name"
`},
		{"greet", `name="$1"
echo "hello again $name"
`},
		{"echo", `value="$1"
printf '%s' "$value" > ./result.json
`},
		{"large", `bytes="$1"
{ printf '"'; head -c "$bytes" /dev/zero | tr '\0' x; printf '"'; } > ./result.json
`},
		{"fail", `echo "no such day"
exit 3
`},
		{"sleep", `seconds="$1"
sleep "$seconds"
echo "slept"
`},
		{"count", `lines="$1"
every="$2"
for i in $(seq 1 "$lines"); do echo "line $i"; sleep "$every"; done
echo "counted"
`},
		{"once", `echo "$WM_JOB_ID $RANDOM$RANDOM$RANDOM$RANDOM"
`},
	}
}

// secret is the value of the variable.
const secret = "s3cr3t of the conformance run"

func variables() map[string]string { return map[string]string{"secret": secret} }

func resources() map[string]any {
	return map[string]any{
		"inner":    map[string]any{"password": "$var:" + at("secret")},
		"outer":    map[string]any{"inner": "$res:" + at("inner"), "id": json.Number("9007199254740993")},
		"none":     nil,
		"dangling": map[string]any{"password": "$var:" + at("gone")},
	}
}
