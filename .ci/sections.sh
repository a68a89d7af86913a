# Shared by check and run.

passed=()
failed=()

# section NAME COMMAND... runs a command under a header. If it fails, the next ones are tried all the same.
section() {
	local name=$1 began=$SECONDS
	shift
	printf '\n=== %s\n' "$name"
	(set -e; "$@") # not as a condition: bash would ignore set -e in it
	if [ $? -eq 0 ]; then
		passed+=("$name ($((SECONDS - began)) s)")
	else
		failed+=("$name ($((SECONDS - began)) s)")
		printf '=== %s: FAILED\n' "$name"
	fi
}

# outcome NAME prints what passed and what failed, and returns whether everything passed.
outcome() {
	printf '\n=== %s, in %d s\n' "$1" "$SECONDS"
	[ ${#passed[@]} -eq 0 ] || printf 'passed: %s\n' "${passed[@]}"
	[ ${#failed[@]} -eq 0 ] || printf 'FAILED: %s\n' "${failed[@]}"
	[ ${#failed[@]} -eq 0 ]
}

# copy DIR copies the repository as it is on disk, without its history and what was built in it.
copy() {
	tar --exclude=./.git --exclude=./bin -c . | tar -x -C "$1"
}

# same DIR shows how a copy differs from what it was copied from, and fails if it does.
same() {
	diff -r --exclude=.git --exclude=bin . "$1"
}
