# Shared by check and run: sections with a header, whose outcomes are told together at the end. A section that fails does
# not keep the others from being tried.

passed=()
failed=()

# section NAME COMMAND...
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

# outcome NAME prints what passed and what failed, and says whether everything passed.
outcome() {
	printf '\n=== %s, in %d s\n' "$1" "$SECONDS"
	[ ${#passed[@]} -eq 0 ] || printf 'passed: %s\n' "${passed[@]}"
	[ ${#failed[@]} -eq 0 ] || printf 'FAILED: %s\n' "${failed[@]}"
	[ ${#failed[@]} -eq 0 ]
}

# modules lists the folders of the library's module and of those inside its repository.
modules() {
	find . -name go.mod -not -path './bin/*' -exec dirname {} \; | sort
}

# copy DIR copies the repository as it is on disk, without its history and what was built in it.
copy() {
	tar --exclude=./.git --exclude=./bin -c . | tar -x -C "$1"
}

# same DIR says whether a copy is still what it was copied from.
same() {
	diff -r --exclude=.git --exclude=bin . "$1"
}
