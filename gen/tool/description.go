package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

	"gopkg.in/yaml.v3"
)

// description is openapi.yaml: as much of OpenAPI 3.0 as a trimmed description needs. The order of the fields is the
// order in the file; maps are written in the order of their keys.
type description struct {
	OpenAPI    string                           `yaml:"openapi"`
	Info       info                             `yaml:"info"`
	Servers    []server                         `yaml:"servers,omitempty"`
	Paths      map[string]map[string]*operation `yaml:"paths"`
	Components components                       `yaml:"components"`
}

type info struct {
	Title       string   `yaml:"title"`
	Description string   `yaml:"description,omitempty"`
	Version     string   `yaml:"version"`
	License     *license `yaml:"license,omitempty"`
}

type license struct {
	Name string `yaml:"name"`
	URL  string `yaml:"url"`
}

type server struct {
	URL string `yaml:"url"`
}

type components struct {
	Schemas map[string]*schema `yaml:"schemas"`
}

type operation struct {
	ID          string             `yaml:"operationId"`
	Summary     string             `yaml:"summary,omitempty"`
	Description string             `yaml:"description,omitempty"`
	Deprecated  bool               `yaml:"deprecated,omitempty"`
	Parameters  []*parameter       `yaml:"parameters,omitempty"`
	Body        *requestBody       `yaml:"requestBody,omitempty"`
	Answers     map[string]*answer `yaml:"responses"`
	// LeftOut names what upstream offers and the library does not use, so that news can be told.
	LeftOut leftOut `yaml:"x-left-out,omitempty"`
}

type parameter struct {
	Name        string `yaml:"name"`
	In          string `yaml:"in"`
	Required    bool   `yaml:"required,omitempty"`
	Deprecated  bool   `yaml:"deprecated,omitempty"`
	Description string `yaml:"description,omitempty"`
	Schema      schema `yaml:"schema"`
}

type requestBody struct {
	Description string            `yaml:"description,omitempty"`
	Required    bool              `yaml:"required,omitempty"`
	Content     map[string]*media `yaml:"content"`
}

type answer struct {
	Description string            `yaml:"description"`
	Content     map[string]*media `yaml:"content,omitempty"`
}

type media struct {
	Schema schema `yaml:"schema"`
}

type leftOut struct {
	Query  []string `yaml:"query,omitempty,flow"`
	Body   []string `yaml:"body,omitempty,flow"`
	Answer []string `yaml:"answer,omitempty,flow"`
}

type schema struct {
	Ref                  string             `yaml:"$ref,omitempty"`
	Description          string             `yaml:"description,omitempty"`
	Type                 string             `yaml:"type,omitempty"`
	Format               string             `yaml:"format,omitempty"`
	Enum                 []string           `yaml:"enum,omitempty,flow"`
	Nullable             bool               `yaml:"nullable,omitempty"`
	Deprecated           bool               `yaml:"deprecated,omitempty"`
	Items                *schema            `yaml:"items,omitempty"`
	Required             []string           `yaml:"required,omitempty,flow"`
	Properties           map[string]*schema `yaml:"properties,omitempty"`
	AdditionalProperties bool               `yaml:"additionalProperties,omitempty"`
	GoType               string             `yaml:"x-go-type,omitempty"`
	GoTypeSkipPointer    bool               `yaml:"x-go-type-skip-optional-pointer,omitempty"`
	// Upstream says for a field of an answer who sends it, and whether always ("required") or not ("optional"): the
	// kinds of the object, if upstream tells several apart, or the operation.
	Upstream map[string]string `yaml:"x-upstream,omitempty,flow"`
}

// operations returns all operations in the order of the file.
func (d *description) operations() []*operation {
	var all []*operation
	for _, path := range slices.Sorted(maps.Keys(d.Paths)) {
		for _, method := range slices.Sorted(maps.Keys(d.Paths[path])) {
			all = append(all, d.Paths[path][method])
		}
	}
	return all
}

// operation returns nil for one that is not there.
func (d *description) operation(id string) *operation {
	path, method := d.route(id)
	return d.Paths[path][method]
}

// route returns nothing for an operation that is not there.
func (d *description) route(id string) (path, method string) {
	for path, methods := range d.Paths {
		for method, op := range methods {
			if op.ID == id {
				return path, method
			}
		}
	}
	return "", ""
}

const header = `# Made by "make spec" from Windmill's own API description; see gen/operations.yaml and gen/overlay.yaml.
# Two keys are for "make drift": x-left-out names what Windmill offers and this library does not use, x-upstream tells
# who sends a field and whether it is always there.
`

func (d *description) encode() ([]byte, error) {
	var out bytes.Buffer
	out.WriteString(header)
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(d); err != nil {
		return nil, err
	}
	if err := encoder.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// decodeDescription refuses keys that it does not know, so that a slip in the overlay cannot pass unnoticed, and null, so
// that nobody else has to look for what is missing.
func decodeDescription(data []byte) (*description, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(data, &root); err != nil {
		return nil, err
	}
	if line := nullIn(&root); line > 0 {
		return nil, fmt.Errorf("line %d: there is nothing where something should be", line)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	d := new(description)
	if err := decoder.Decode(d); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if len(d.Paths) == 0 {
		return nil, errors.New("it describes no operations")
	}
	return d, nil
}

// nullIn returns the line of a null, or 0.
func nullIn(node *yaml.Node) int {
	if node.ShortTag() == "!!null" {
		return node.Line
	}
	for _, child := range node.Content {
		if line := nullIn(child); line > 0 {
			return line
		}
	}
	return 0
}

// readDescription returns nil when there is no such file.
func readDescription(path string) (*description, error) {
	data, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	d, err := decodeDescription(data)
	if err != nil {
		return nil, fmt.Errorf("%s is damaged: %w", path, err)
	}
	if again, err := d.encode(); err != nil || !bytes.Equal(again, data) {
		return nil, fmt.Errorf("%s is damaged: it is not as make spec writes it", path)
	}
	return d, nil
}
