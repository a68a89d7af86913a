package facadetest

import (
	"net/http"
	"strings"
)

// refusal is an answer that ends a request.
type refusal struct {
	status int
	body   string
}

// maxDepth is how deep references and values may be nested; a circle of references ends here.
const maxDepth = 50

// resolve replaces the references in a resource's value: strings that are one as a whole. Objects are followed to any
// depth. Arrays are followed near the top only, and on the older server not at all; each reference on the way makes
// what it refers to one deeper.
func (c *call) resolve(tree any, depth int) (any, *refusal) {
	if depth >= maxDepth {
		return nil, &refusal{http.StatusInternalServerError, "Internal: Maximum resource/variable interpolation depth (50) exceeded; this usually indicates a circular `$res:` or `$var:` reference"}
	}
	switch node := tree.(type) {
	case string:
		return c.resolveString(node, depth)
	case map[string]any:
		resolved := make(map[string]any, len(node))
		for key, value := range node {
			value, refused := c.resolve(value, depth+1)
			if refused != nil {
				return nil, refused
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
			value, refused := c.resolve(value, depth+1)
			if refused != nil {
				return nil, refused
			}
			resolved[i] = value
		}
		return resolved, nil
	}
	return tree, nil
}

func (c *call) resolveString(text string, depth int) (any, *refusal) {
	if path, is := strings.CutPrefix(text, "$var:"); is {
		value, refused := c.variable(path)
		return value, refused
	}
	if path, is := strings.CutPrefix(text, "$jsonvar:"); is {
		value, refused := c.variable(path)
		if refused != nil {
			return nil, refused
		}
		tree, err := decodeTree([]byte(value))
		if err != nil {
			return nil, &refusal{http.StatusInternalServerError, "Internal: Failed to parse $jsonvar value as JSON: " + jsonComplaint([]byte(value), err)}
		}
		return tree, nil
	}
	if path, is := strings.CutPrefix(text, "$res:"); is {
		if !strings.Contains(path, "/") {
			return nil, &refusal{http.StatusInternalServerError, "Internal: Invalid resource path: " + path}
		}
		tree, found := c.s.vault.resource(path)
		if !found || !c.who.sees(path) {
			return nil, &refusal{http.StatusNotFound, "Not found: Resource not found at name " + path + c.s.release.at("resources.rs:850")}
		}
		return c.resolve(tree, depth+1)
	}
	return text, nil
}

func (c *call) variable(path string) (string, *refusal) {
	value, found := c.s.vault.variable(path)
	switch {
	case !found:
		return "", &refusal{http.StatusNotFound, "Not found: Variable " + path + " not found"}
	case !c.who.sees(path):
		return "", &refusal{http.StatusUnauthorized, "Not authorized: Variable " + path + " exists but you don't have access to it"}
	}
	return value, nil
}
