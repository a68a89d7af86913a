# Everything that is done to this repository. `make help` lists it.

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# The library, and what has a module of its own, so that users of the library need nothing of what it needs.
modules = $(sort $(patsubst %/go.mod,%,$(shell find . -name go.mod -not -path './bin/*' -not -path './.ci/*')))

# Tests that an older Go would leave out without a word get the one that .ci/go.mod asks for, or a newer one, if that is here.
testing = test check bounds jsonv2 fuzz generate spec update drift bench picture soak
newer = $(shell go list -C .ci -m >/dev/null && go env -C .ci GOVERSION)
$(testing): export GOTOOLCHAIN = $(or $(newer),$(error make $@ needs the Go of .ci/go.mod: install it, or let the go command get it with GOTOOLCHAIN=auto))

.PHONY: test check bounds oldest jsonv2 conformance fuzz vendoring dist api module
test: ## run all tests, with the race detector
	@failed=; for module in $(modules); do echo "== $$module"; go test -C $$module -race ./... || failed=yes; done; [ -z "$$failed" ]

check: ## check what a reader would trip over: formatting, lint, the public API, generated code, builds for other systems
	@bash .ci/check

bounds: ## check the bounds of what the library costs, which the race detector would blur
	@go test -count=1 ./facade/bench

# The oldest Go that programs may have, as go.mod says. The tests that simulate time are left out there.
oldest: ## build, vet and test the library with the oldest Go that it supports
	@export GOTOOLCHAIN=go$$(go mod edit -json | sed -n 's/^\t"Go": "\(.*\)",*$$/\1/p') && \
	go version && go build ./... && go vet ./... && go test ./...

jsonv2: ## test what is most sensitive to encoding/json with its next version
	@GOEXPERIMENT=jsonv2 go test ./facade/facadetest

conformance: ## try the library's promises on the server that WM_BASE_URL, WM_TOKEN and WM_WORKSPACE name, in a minute or two
	@go build -o bin/conformance ./facade/conformance && exec bin/conformance

FUZZTIME ?= 3000x
fuzz: ## try each fuzz target so many times: make fuzz FUZZTIME=100000x
	@bash .ci/fuzz "$$WINDMILL_FUZZTIME"

vendoring: ## get the library from make dist into new programs, and measure what they carry
	@go test -C .ci -count=1 -v ./vendoring

dist: ## pack a release in the layout of a module proxy, in bin/dist
	@go run -C .ci ./dist

api: ## accept the public API as it is now
	@go run -C .ci ./api

# Not with -C .ci, where the linter asks for a newer Go than the library does.
module: ## give the module another path, in every file: make module MODULE=git.corp.example/team/windmill
	@go build -o bin/module .ci/module/main.go .ci/module/move.go && bin/module "$$WINDMILL_MODULE"

# The API: openapi.yaml is trimmed from a description of Windmill's, gen/ is generated from openapi.yaml.

.PHONY: generate spec update drift
generate: ## make gen/ from openapi.yaml
	go generate .

# UPSTREAM is a file or a URL: Windmill's source has one, a running server another at /api/openapi.yaml.
gentool = go build -C gen/tool -o ../../bin/windmill-gen . && bin/windmill-gen

spec: ## make openapi.yaml from Windmill's description: make spec UPSTREAM=<file or URL>
	@$(gentool) spec "$(UPSTREAM)"

update: ## make openapi.yaml and gen/, test them, and restore the old ones if that fails: make update UPSTREAM=<file or URL>
	@$(gentool) update "$(UPSTREAM)"

drift: ## show how openapi.yaml would change: make drift UPSTREAM=<file or URL>
	@$(gentool) drift "$(UPSTREAM)"

# A variable that is not meant for make run was most likely meant as an argument of the script.
stray = $(filter-out SCRIPT ARGS WM_% GO% CGO_%,$(foreach v,$(.VARIABLES),$(if $(findstring command line,$(origin $v)),$v)))

# The program takes the shell's place: Ctrl-C reaches it alone, and its exit status is the one that make names.
.PHONY: run
run: ## run a script and watch it, in memory or on the server that WM_* names: make run SCRIPT=f/team/report ARGS='{"day":"monday"}'
	$(if $(stray),$(error make run takes SCRIPT and ARGS, not $(stray): arguments of the script are one JSON object, ARGS='{"day":"monday"}'))
	@go build -o bin/run ./facade/examples/run && exec bin/run "$$WINDMILL_SCRIPT" "$$WINDMILL_ARGS"

# What the library costs, by itself and beside what one would write without it. The lines of the benchmarks stay in bin/bench.txt, for benchstat.
COUNT ?= 10
results = bin/bench.txt
simulate = WINDMILL_BENCH=print bin/bench.test -test.run 'Wait|Allocate' -test.timeout 1h
report = go run ./facade/bench/report -picture $(drawn) $(results)

.PHONY: bench picture soak
bench picture: SHELL = bash -o pipefail
bench: drawn = bin/waiting.svg
picture: drawn = facade/bench/waiting.svg
bench: ## measure what the library costs, print tables and draw bin/waiting.svg, in ten minutes or so: make bench COUNT=10
	@go test -c -o bin/bench.test ./facade/bench
	@for i in $$(seq "$$WINDMILL_COUNT"); do \
		bin/bench.test -test.run '^$$' -test.bench 'Method|Flat' -test.benchtime 0.2s && \
		bin/bench.test -test.run '^$$' -test.bench Large -test.benchtime 4x || exit 1; done | tee $(results)
	@$(simulate) | tee -a $(results)
	@go tool -C .ci benchstat -col /client -filter '.name:(Method OR LargeResult) .unit:(ns/op OR allocs/op) /client:(bare OR facade)' ../$(results)
	@$(report)

picture: ## measure only what waiting costs, and accept its picture as the one in README.md
	@go test -c -o bin/bench.test ./facade/bench && $(simulate) | tee $(results)
	@$(report)

DURATION ?= 10m
SEED ?= 1
soak: ## work a client hard while requests fail, and check that it neither errs nor grows: make soak DURATION=1m
	@go run ./facade/bench/soak -duration "$$WINDMILL_DURATION" -seed "$$WINDMILL_SEED"

# What is given to make goes through the environment, as it was given, so that neither make nor the shell reads anything into it. It stands
# last: what unexport meets first counts as defined, and would have no default.
given = MODULE FUZZTIME UPSTREAM TEST SCRIPT ARGS COUNT DURATION SEED
unexport $(given)
$(foreach name,$(given),$(eval export WINDMILL_$(name) = $$(value $(name))))
