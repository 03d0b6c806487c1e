package report

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/lab/timeline"
	"healthlab/probes"
)

// The flag -update is that of the golden files.
func updating() bool { return flag.Lookup("update").Value.String() == "true" }

// The schema is made of the types, with what their comments say: so both are the same.
func TestSchemaIsThatOfTheTypes(t *testing.T) {
	g := generator{defs: map[string]any{}, docs: docsOf(t, "report.go")}
	root := g.of(reflect.TypeFor[Report]())
	want := map[string]any{
		"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "healthlab report", "$ref": root["$ref"], "$defs": g.defs,
	}
	made, err := json.MarshalIndent(want, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	made = append(made, '\n')
	if updating() {
		if err := os.WriteFile("schema.json", made, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(made, Schema()) {
		t.Error("schema.json is not what the types say: run this test with -update, and look whether SchemaVersion has to grow")
	}
}

func TestJSONKeepsToTheSchema(t *testing.T) {
	var schema map[string]any
	if err := json.Unmarshal(Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]*story{"both labs": bothLabs(), "nothing": begin(""), "hostile": hostile("<b>|`"), "a real cluster": begin("https://10.0.0.1")} {
		t.Run(name, func(t *testing.T) {
			var got any
			if err := json.Unmarshal([]byte(in(t, s.report(), "json", "")), &got); err != nil {
				t.Fatal(err)
			}
			for _, problem := range check(schema, schema, got, "report") {
				t.Error(problem)
			}
		})
	}
	t.Run("it would notice", func(t *testing.T) {
		bad := map[string]any{"format": "other", "version": "1", "what": true}
		if problems := check(schema, schema, bad, "report"); len(problems) < 4 {
			t.Errorf("only these problems are found: %q", problems)
		}
	})
}

// check is as much of JSON Schema as schema.json uses.
func check(root, s map[string]any, v any, path string) (problems []string) {
	if ref, ok := s["$ref"].(string); ok {
		return check(root, root["$defs"].(map[string]any)[strings.TrimPrefix(ref, "#/$defs/")].(map[string]any), v, path)
	}
	types := []string{}
	switch t := s["type"].(type) {
	case string:
		types = []string{t}
	case []any:
		for _, one := range t {
			types = append(types, one.(string))
		}
	}
	is := map[string]bool{}
	switch v := v.(type) {
	case nil:
		is["null"] = true
	case bool:
		is["boolean"] = true
	case string:
		is["string"] = true
	case float64:
		is["number"], is["integer"] = true, v == float64(int64(v))
	case []any:
		is["array"] = true
		for i, one := range v {
			problems = append(problems, check(root, s["items"].(map[string]any), one, fmt.Sprintf("%s[%d]", path, i))...)
		}
	case map[string]any:
		is["object"] = true
		properties, _ := s["properties"].(map[string]any)
		for name, one := range v {
			p, ok := properties[name].(map[string]any)
			if !ok {
				problems = append(problems, fmt.Sprintf("%s has a %q", path, name))
				continue
			}
			problems = append(problems, check(root, p, one, path+"."+name)...)
		}
		required, _ := s["required"].([]any)
		for _, name := range required {
			if _, ok := v[name.(string)]; !ok {
				problems = append(problems, fmt.Sprintf("%s has no %q", path, name))
			}
		}
	}
	if !slices.ContainsFunc(types, func(t string) bool { return is[t] }) {
		problems = append(problems, fmt.Sprintf("%s is no %v but %v", path, types, v))
	}
	if allowed, ok := s["enum"].([]any); ok && !slices.Contains(allowed, v) {
		problems = append(problems, fmt.Sprintf("%s is %v, none of %v", path, v, allowed))
	}
	return problems
}

// generator makes a schema of types.
type generator struct {
	defs map[string]any
	docs map[string]string // of a type, and of Type.Field
}

// enums are the values of the types that are words, where all of them are known.
func enums(t reflect.Type) []any {
	words := func(all ...any) []any {
		var out []any
		for _, one := range all {
			out = append(out, reflect.ValueOf(one).String())
		}
		return out
	}
	switch t {
	case reflect.TypeFor[Verdict]():
		return words(Start, Inside, TooFar, Unexpected, Absent, Missing, Pending, Unpredicted)
	case reflect.TypeFor[course.Verdict]():
		return words(course.Right, course.Wrong, course.NoAnswer)
	case reflect.TypeFor[lab.TaskState]():
		return words(lab.TaskRunning, lab.TaskDone, lab.TaskFailed, lab.TaskCanceled)
	case reflect.TypeFor[probes.Kind]():
		return words(probes.Startup, probes.Readiness, probes.Liveness)
	case reflect.TypeFor[timeline.End]():
		return words(timeline.EndReady, timeline.EndRecovered, timeline.EndNothing, timeline.EndStopped, timeline.EndGone)
	case reflect.TypeFor[LaneKind]():
		return words(LaneActs, LaneReady, LaneEndpoints, LaneRuns, LaneKubelet, LaneEngine, LaneReplicas, LanePoint, LaneGuess, LaneRequests, LaneGaps)
	case reflect.TypeFor[State]():
		var out []any
		for _, one := range stateNames() {
			out = append(out, string(one.state))
		}
		return out
	}
	return nil
}

func (g *generator) of(t reflect.Type) map[string]any {
	switch t {
	case reflect.TypeFor[time.Time]():
		return map[string]any{"type": "string", "format": "date-time"}
	case reflect.TypeFor[Seconds]():
		return map[string]any{"type": []any{"number", "null"}}
	case reflect.TypeFor[lab.Text]():
		return map[string]any{"type": "object", "properties": map[string]any{
			"ko": map[string]any{"type": "string"}, "en": map[string]any{"type": "string"},
		}, "required": []any{"ko", "en"}}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return g.of(t.Elem())
	case reflect.String:
		out := map[string]any{"type": "string"}
		if all := enums(t); all != nil {
			out["enum"] = all
		}
		return out
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Int:
		return map[string]any{"type": "integer"}
	case reflect.Slice:
		return map[string]any{"type": "array", "items": g.of(t.Elem())}
	case reflect.Struct:
		name := t.Name()
		if _, ok := g.defs[name]; !ok {
			g.defs[name] = nil // it may hold itself
			g.defs[name] = g.object(t)
		}
		return map[string]any{"$ref": "#/$defs/" + name}
	default:
		panic("no schema for " + t.String())
	}
}

func (g *generator) object(t reflect.Type) map[string]any {
	properties, required := map[string]any{}, []any{}
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !f.IsExported() {
			continue
		}
		one := g.of(f.Type)
		if doc := g.docs[t.Name()+"."+f.Name]; doc != "" {
			one["description"] = doc
		}
		properties[name] = one
		if options == "" {
			required = append(required, name)
		}
	}
	out := map[string]any{"type": "object", "properties": properties, "required": required}
	if doc := g.docs[t.Name()]; doc != "" {
		out["description"] = doc
	}
	return out
}

// docsOf are the comments of a file's types and their fields, in one line each.
func docsOf(t *testing.T, file string) map[string]string {
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	links := regexp.MustCompile(`\[([A-Za-z.]+)\]`)
	oneLine := func(groups ...*ast.CommentGroup) string {
		var all []string
		for _, g := range groups {
			all = append(all, strings.Fields(g.Text())...)
		}
		return links.ReplaceAllString(strings.Join(all, " "), "$1")
	}
	docs := map[string]string{}
	for _, d := range parsed.Decls {
		decl, ok := d.(*ast.GenDecl)
		if !ok || decl.Tok != token.TYPE {
			continue
		}
		for _, spec := range decl.Specs {
			one := spec.(*ast.TypeSpec)
			docs[one.Name.Name] = oneLine(decl.Doc)
			fields, ok := one.Type.(*ast.StructType)
			if !ok {
				continue
			}
			for _, f := range fields.Fields.List {
				for _, name := range f.Names {
					docs[one.Name.Name+"."+name.Name] = oneLine(f.Doc, f.Comment)
				}
			}
		}
	}
	return docs
}

func TestSeconds(t *testing.T) {
	for _, tt := range []struct {
		d    time.Duration
		want string
	}{{0, "0"}, {1500 * time.Millisecond, "1.5"}, {-time.Second, "-1"}, {probes.Longest, "null"}, {1234567 * time.Nanosecond, "0.001"}} {
		t.Run(tt.d.String(), func(t *testing.T) {
			got, err := json.Marshal(Seconds(tt.d))
			if err != nil || string(got) != tt.want {
				t.Errorf("%s, %v; want %s", got, err, tt.want)
			}
		})
	}
}
