// Package windmill is the root of a Go client library for Windmill. It holds no code: programs
// import example.com/windmill/facade.
//
// Package gen is generated from openapi.yaml by the lines below, with the generator that the module
// in gen/tool pins. That module is separate so that programs that use the library do not need what
// the generator needs.
package windmill

//go:generate go tool -modfile=gen/tool/go.mod oapi-codegen -config gen/models.yaml openapi.yaml
//go:generate go tool -modfile=gen/tool/go.mod oapi-codegen -config gen/client.yaml openapi.yaml
//go:generate gofmt -w -r "serverURL.Parse(operationPath) -> parsePath(serverURL, operationPath)" gen/client.gen.go
