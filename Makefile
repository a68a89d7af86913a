# The API: openapi.yaml is trimmed from a description of Windmill's, gen/ is generated from openapi.yaml.

.PHONY: generate spec update drift
generate: ## make gen/ from openapi.yaml
	go generate .

# UPSTREAM is a file or a URL: Windmill's source has one, a running server another at /api/openapi.yaml. With ACCEPT=yes,
# changes that break programs are taken. TEST names the packages that an update tests.
TEST ?= ./...
follow = go build -C gen/tool -o ../../bin/windmill-gen . && bin/windmill-gen $(if $(ACCEPT),-accept) -test '$(TEST)'

spec: ## make openapi.yaml from Windmill's description: make spec UPSTREAM=<file or URL>
	@$(follow) spec '$(UPSTREAM)'

update: ## spec and generate in one, tested, all or nothing: make update UPSTREAM=<file or URL>
	@$(follow) update '$(UPSTREAM)'

drift: ## tell what a description would change, and change nothing: make drift UPSTREAM=<file or URL>
	@$(follow) drift '$(UPSTREAM)'
