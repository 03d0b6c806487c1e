package report

import (
	_ "embed"
	"encoding/json"
	"io"
)

// schema is the JSON Schema of what JSON writes.
//
//go:embed schema.json
var schema []byte

// Schema returns the JSON Schema (draft 2020-12) of what [Report.JSON] writes.
func Schema() []byte { return schema }

// JSON writes the report as JSON, in both languages: a text is an object with the members ko and en.
func (r *Report) JSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", " ")
	e.SetEscapeHTML(true)
	return e.Encode(r)
}
