// Package gen is the machine-made half of this library: the types and calls of Windmill's HTTP API that openapi.yaml
// describes, as oapi-codegen writes them.
//
// Programs import package facade instead. Nothing in gen is promised to stay: names and types change whenever it is
// made anew from a newer description.
//
// For an operation that facade has no method for, let a facade client carry the call. It adds the token and the user
// agent, retries, and turns an answer that is not a success into a *facade.APIError:
//
//	api, err := gen.NewClientWithResponses(c.BaseURL(), gen.WithHTTPClient(c))
//	if err != nil {
//		return err
//	}
//	version, err := api.BackendVersionWithResponse(ctx)
//
// Path parameters are put into the URL as they are given, after escaping. One that is "", "." or ".." would name another operation, and is
// an error.
package gen
