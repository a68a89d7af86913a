// Package gen is the generated half of this library: the types and calls of Windmill's HTTP API
// that openapi.yaml describes, as oapi-codegen writes them.
//
// Programs import package facade instead. Names and types in gen change without notice when it is
// generated from a newer description.
//
// To call an operation that facade has no method for, make a generated client that sends its
// requests through a facade client, which adds the token and the user agent, retries, and turns a
// response that is not a success into a *facade.APIError:
//
//	api, err := gen.NewClientWithResponses(c.BaseURL(), gen.WithHTTPClient(c))
//	if err != nil {
//		return err
//	}
//	version, err := api.BackendVersionWithResponse(ctx)
//
// Path parameters are escaped. One that is "", "." or ".." would lead to another operation, and is
// an error.
package gen
