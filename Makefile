# Everything that is done to this repository. `make help` lists what people use.

.PHONY: help test run check bench soak conformance generate spec update drift dist module
help:
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' Makefile

# The library, and what has a module of its own, so that programs need nothing of what it needs.
modules = $(sort $(dir $(shell find . -name go.mod -not -path './bin/*' -not -path './.ci/*')))

# An older Go would leave tests out: the go command says so where the one of .ci/go.mod cannot be
# had.
test: ## run all tests
	@go list -C .ci -m >/dev/null
	@echo "testing $(modules): the first time, compiling takes a minute or two"
	@failed=; for module in $(modules); do go test -C $$module ./... || failed=yes; done; \
		[ -z "$$failed" ]

# Unknown variables are most likely arguments of the script.
given = $(foreach v,$(.VARIABLES),$(if $(findstring command line,$(origin $v)),$v))
unknown = $(filter-out SCRIPT ARGS WM_% GO% CGO_%,$(given))
refusal = make run takes SCRIPT and ARGS, not $(unknown): \
	arguments of the script are one JSON object, ARGS='{"day":"monday"}'

# The arguments are JSON, where make must not expand a dollar sign. exec: Ctrl-C reaches the program
# alone, and its exit status is the one that make shows.
unexport ARGS
run: export RUN_ARGS = $(value ARGS)
run: ## run a script and watch it: make run SCRIPT=f/team/report ARGS='{"day":"monday"}'
	$(if $(unknown),$(error $(refusal)))
	@[ -e bin/run ] || echo "building bin/run: the first time, this takes a minute" >&2
	@go build -o bin/run ./facade/examples/run && exec bin/run "$(SCRIPT)" "$$RUN_ARGS"

check: ## check formatting, lint, the public API, generated code, builds for other systems
	@bash .ci/check

bench: ## measure what the library costs, and write it to facade/bench/README.md
	@go test -v -count=1 -timeout 1h -run README ./facade/bench -update

# Ten thousand random scenarios of the whole client.
SCENARIOS ?= 10000
soak:
	@go test ./facade -count=1 -timeout 1h -run '^TestRandomScenarios' -scenarios $(SCENARIOS)

conformance: ## try the library's promises on the server that WM_* names, in a minute or two
	@[ -e bin/conformance ] || echo "building bin/conformance: the first time, this takes a minute" >&2
	@go build -o bin/conformance ./facade/conformance && exec bin/conformance

generate: ## make gen/ from openapi.yaml
	go generate .

# UPSTREAM is a file or a URL: Windmill's source has one, a running server another at
# /api/openapi.yaml.
spec:
update: ## make openapi.yaml and gen/ anew, and test them: make update UPSTREAM=<file or URL>
drift: ## show how openapi.yaml would change: make drift UPSTREAM=<file or URL>
spec update drift:
	@go build -C gen/tool -o ../../bin/windmill-gen . && bin/windmill-gen $@ "$(UPSTREAM)"

dist: ## pack what is committed as a release, in bin/dist
	@bash .ci/dist

module: ## rename the module: make module MODULE=git.corp.example/team/windmill
	@bash .ci/module "$(MODULE)"
