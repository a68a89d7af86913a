package main

// script is one version of a script in bash. The server finds the names of its arguments in the
// lines that read $1 and $2. Its result is what it writes to result.json, or else the last line of
// its output, as a string.
type script struct{ name, content string }

// scripts returns what is deployed, in this order. A name that comes again is a newer version.
func scripts() []script {
	const ownID = `echo "$WM_JOB_ID $RANDOM$RANDOM$RANDOM$RANDOM"
`
	return []script{
		{"quick", ownID},
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
echo "sleeping"
sleep "$seconds"
echo "slept"
`},
		{"count", `lines="$1"
every="$2"
for i in $(seq 1 "$lines"); do echo "line $i"; sleep "$every"; done
echo "counted"
`},
		{"once", ownID},
	}
}
