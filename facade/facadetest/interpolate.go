package facadetest

import (
	"net/http"
	"strings"
)

// maxDepth is how deep references and values may be nested; a circle of references ends here.
const maxDepth = 50

// resolve replaces the references in a resource's value: whole strings that begin with $var:,
// $jsonvar: or $res:. Objects are resolved at any depth. Arrays are resolved near the top only, and
// on the older server not at all; each reference on the way counts as one level.
func (c *call) resolve(tree any, depth int) (any, *httpError) {
	if depth >= maxDepth {
		return nil, refusal(http.StatusInternalServerError, "Internal: Maximum resource/variable "+
			"interpolation depth (50) exceeded; this usually indicates a circular `$res:` or "+
			"`$var:` reference")
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
		if c.s.release == older || depth > 2 || len(node) > 1000 {
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
			return nil, refusal(http.StatusInternalServerError,
				"Internal: Failed to parse $jsonvar value as JSON: %s", badJSON)
		}
		return tree, nil
	}
	if path, is := strings.CutPrefix(text, "$res:"); is {
		if !strings.Contains(path, "/") {
			return nil, refusal(http.StatusInternalServerError,
				"Internal: Invalid resource path: %s", path)
		}
		tree, found := c.s.resources.Load(path)
		if !found || !c.user.sees(path) {
			return nil, refusal(http.StatusNotFound, "Not found: Resource not found at name %s%s",
				path, c.s.release.at("resources.rs:850"))
		}
		return c.resolve(tree, depth+1)
	}
	return text, nil
}

func (c *call) variable(path string) (string, *httpError) {
	value, found := c.s.variables.Load(path)
	switch {
	case !found:
		return "", refusal(http.StatusNotFound, "Not found: Variable %s not found", path)
	case !c.user.sees(path):
		return "", refusal(http.StatusUnauthorized,
			"Not authorized: Variable %s exists but you don't have access to it", path)
	}
	return value.(string), nil
}
