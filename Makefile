# The API: openapi.yaml is trimmed from a description of Windmill's, gen/ is generated from openapi.yaml.

.PHONY: generate
generate: ## make gen/ from openapi.yaml
	go generate .
