package facadetest

import (
	"net/http"
	"strings"
)

// httpError is an answer that ends a request.
type httpError struct {
	status int
	body   string
}

// maxDepth is how deep references and values may be nested; a circle of references ends here.
const maxDepth = 50

// resolve replaces the references in a resource's value: strings that are one as a whole. Objects are followed to any
// depth. Arrays are followed near the top only, and on the older server not at all; each reference on the way makes
// what it refers to one deeper.
func (c *call) resolve(tree any, depth int) (any, *httpError) {
	if depth >= maxDepth {
		return nil, &httpError{http.StatusInternalServerError, "Internal: Maximum resource/variable interpolation depth (50) exceeded; this usually indicates a circular `$res:` or `$var:` reference"}
	}
	switch node := tree.(type) {
	case string:
		return c.resolveString(node, depth)
	case map[string]any:
		resolved := make(map[string]any, len(node))
		for key, value := range node {
			value, httpErr := c.resolve(value, depth+1)
			if httpErr != nil {
				return nil, httpErr
			}
			resolved[key] = value
		}
		return resolved, nil
	case []any:
		if c.s.release.old || depth > 2 || len(node) > 1000 {
			return node, nil
		}
		resolved := make([]any, len(node))
		for i, value := range node {
			value, httpErr := c.resolve(value, depth+1)
			if httpErr != nil {
				return nil, httpErr
			}
			resolved[i] = value
		}
		return resolved, nil
	}
	return tree, nil
}

func (c *call) resolveString(text string, depth int) (any, *httpError) {
	if path, is := strings.CutPrefix(text, "$var:"); is {
		value, httpErr := c.variable(path)
		return value, httpErr
	}
	if path, is := strings.CutPrefix(text, "$jsonvar:"); is {
		value, httpErr := c.variable(path)
		if httpErr != nil {
			return nil, httpErr
		}
		tree, err := decodeTree([]byte(value))
		if err != nil {
			return nil, &httpError{http.StatusInternalServerError, "Internal: Failed to parse $jsonvar value as JSON: " + badJSON}
		}
		return tree, nil
	}
	if path, is := strings.CutPrefix(text, "$res:"); is {
		if !strings.Contains(path, "/") {
			return nil, &httpError{http.StatusInternalServerError, "Internal: Invalid resource path: " + path}
		}
		tree, found := c.s.vault.resource(path)
		if !found || !c.user.sees(path) {
			return nil, &httpError{http.StatusNotFound, "Not found: Resource not found at name " + path + c.s.release.at("resources.rs:850")}
		}
		return c.resolve(tree, depth+1)
	}
	return text, nil
}

func (c *call) variable(path string) (string, *httpError) {
	value, found := c.s.vault.variable(path)
	switch {
	case !found:
		return "", &httpError{http.StatusNotFound, "Not found: Variable " + path + " not found"}
	case !c.user.sees(path):
		return "", &httpError{http.StatusUnauthorized, "Not authorized: Variable " + path + " exists but you don't have access to it"}
	}
	return value, nil
}
