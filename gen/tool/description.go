package main

import (
	"bytes"

	"gopkg.in/yaml.v3"
)

// description is openapi.yaml: as much of OpenAPI 3.0 as a trimmed description needs. The order of
// the fields is the order in the file; maps are written in the order of their keys.
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
	ID          string               `yaml:"operationId"`
	Summary     string               `yaml:"summary,omitempty"`
	Description string               `yaml:"description,omitempty"`
	Deprecated  bool                 `yaml:"deprecated,omitempty"`
	Parameters  []*parameter         `yaml:"parameters,omitempty"`
	Body        *requestBody         `yaml:"requestBody,omitempty"`
	Responses   map[string]*response `yaml:"responses"`
	// LeftOut names what upstream offers and the library does not use.
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

type response struct {
	Description string            `yaml:"description"`
	Content     map[string]*media `yaml:"content,omitempty"`
}

type media struct {
	Schema schema `yaml:"schema"`
}

type leftOut struct {
	Query    []string `yaml:"query,omitempty"`
	Body     []string `yaml:"body,omitempty"`
	Response []string `yaml:"response,omitempty"`
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
}

const header = `# Made by "make spec" from Windmill's own API description, gen/operations.yaml and
# gen/overlay.yaml. x-left-out lists what Windmill offers and this library does not use.
`

func (d *description) encode() ([]byte, error) {
	out := bytes.NewBufferString(header)
	encoder := yaml.NewEncoder(out)
	encoder.SetIndent(2)
	err := encoder.Encode(d)
	return out.Bytes(), err
}

// decodeDescription refuses keys that it does not know, so that a slip in the overlay is noticed.
func decodeDescription(data []byte) (*description, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	d := new(description)
	err := decoder.Decode(d)
	return d, err
}
