package facadetest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
)

// SetResource sets the resource at a path, such as "f/crm/admin" or "u/admin/pg". The value is
// encoded as JSON and returned as the real server's database does: without spaces, and short keys
// first. Strings in it that begin with $var:, $jsonvar: or $res: refer to variables and other
// resources:
//
//	srv.SetVariable("f/crm/password", "s3cr3t")
//	srv.SetResource("f/crm/db", map[string]any{"host": "db", "password": "$var:f/crm/password"})
//
// It panics if the value cannot be encoded.
func (s *Server) SetResource(path string, value any) {
	raw, err := encode(value)
	if err != nil {
		panicf("SetResource(%q): the value cannot be encoded as JSON: %v", path, err)
	}
	tree, err := decodeTree(raw)
	if err != nil {
		panicf("SetResource(%q): %v", path, err)
	}
	s.resources.Store(path, tree)
}

// SetVariable sets a variable, to which resources can refer.
func (s *Server) SetVariable(path, value string) { s.variables.Store(path, value) }

// decodeTree decodes JSON, numbers as they are spelled.
func decodeTree(raw []byte) (tree any, err error) {
	if err := json.Unmarshal(raw, new(json.RawMessage)); err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	err = dec.Decode(&tree)
	return tree, err
}

// encodeTree encodes a tree in the spelling of the server: no space, and the database's order of
// keys.
func encodeTree(tree any) []byte {
	switch node := tree.(type) {
	case map[string]any:
		var o object
		for _, key := range databaseOrder(node) {
			o.raw(key, encodeTree(node[key]))
		}
		return o.bytes()
	case []any:
		items := make([][]byte, len(node))
		for i, item := range node {
			items[i] = encodeTree(item)
		}
		return slices.Concat([]byte("["), bytes.Join(items, []byte(",")), []byte("]"))
	}
	raw, _ := encode(tree) // null, booleans, numbers and strings always encode
	return raw
}

// resourceValue answers with a resource as it was set.
func (c *call) resourceValue() { c.answerResource(false) }

// resourceInterpolated answers with a resource in which the references are resolved.
func (c *call) resourceInterpolated() { c.answerResource(true) }

func (c *call) answerResource(interpolate bool) {
	path, ok := c.windmillPath()
	if !ok {
		return
	}
	if interpolate {
		if _, ok := c.query(params{"job_id": uuidParam, "allow_cache": boolParam}); !ok {
			return
		}
	}
	if !c.mayUse(path) {
		return
	}
	tree, found := c.s.resources.Load(path)
	switch {
	case !found || c.ws != c.s.Workspace:
		c.refuse(http.StatusNotFound, "Not found: Resource %s not found", path)
		return
	case !c.user.sees(path):
		c.refuse(http.StatusUnauthorized, "Not authorized: Resource exists but you don't have "+
			"access to it:\nresource perms: {}\nauthed as: %s",
			c.user.debug("ApiAuthed", fmt.Sprintf(", read_only: %t", c.user.ReadOnly)))
		return
	}
	if interpolate {
		resolved, httpErr := c.resolve(tree, 0)
		if httpErr != nil {
			c.refuse(httpErr.status, "%s", httpErr.body)
			return
		}
		tree = resolved
	}
	c.json(encodeTree(tree))
}
