package script

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"healthlab/lab"
)

// source is one lab file while it is read: its nodes, which know their lines, and what is wrong with it.
type source struct {
	file     string
	root     *yaml.Node // nil if the file is not YAML
	problems Problems
	// bad are the nodes that could not be decoded. They have been reported, so that nothing more is said of them.
	bad map[*yaml.Node]bool
}

// report adds a problem about n.
func (s *source) report(n *yaml.Node, text lab.Text) {
	if s.bad[n] {
		return
	}
	line := 0
	if n != nil {
		line = n.Line
	}
	s.problems = append(s.problems, Problem{File: s.file, Line: line, Text: text})
}

// refuse reports that n cannot be decoded.
func (s *source) refuse(n *yaml.Node, text lab.Text) {
	s.report(n, text)
	s.bad[n] = true
}

// decode sets v from n. The yaml package's own decoder is not used because it names Go types in its errors and forgets
// the lines, which the checks that follow need.
func (s *source) decode(n *yaml.Node, v reflect.Value) {
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		s.refuse(n, lab.T("앵커와 별칭(& *)은 쓸 수 없습니다. 내용을 그대로 적으십시오",
			"anchors and aliases (& *) are not supported: write the value out"))
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		s.decode(n, v.Elem())
	case reflect.Struct:
		s.decodeFields(n, v)
	case reflect.Slice:
		if n.Kind != yaml.SequenceNode {
			s.refuse(n, lab.T("목록이 와야 합니다. 각 줄을 \"- \"로 시작하십시오",
				"a list is expected here: begin each item with \"- \""))
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content)))
		for i, item := range n.Content {
			s.decode(item, v.Index(i))
		}
	default:
		s.decodeScalar(n, v)
	}
}

// decodeFields sets the fields of the struct v from the mapping n.
func (s *source) decodeFields(n *yaml.Node, v reflect.Value) {
	if n.Kind != yaml.MappingNode {
		s.refuse(n, lab.Textf("필드(이름: 값)가 와야 합니다. 쓸 수 있는 필드는 %s입니다",
			"fields (name: value) are expected here: %s", strings.Join(fieldNames(v.Type()), ", ")))
		return
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		names := fieldNames(v.Type())
		index := slices.Index(names, key.Value)
		switch first, twice := seen[key.Value]; {
		case index < 0:
			s.refuse(key, lab.Textf("%q 필드는 없습니다. 쓸 수 있는 필드는 %s입니다",
				"unknown field %q: use one of %s", key.Value, strings.Join(names, ", ")))
		case twice:
			s.refuse(key, lab.Textf("%q 필드가 %d번째 줄에 이미 있습니다. 하나만 남기십시오",
				"field %q is already given on line %d: keep one of them", key.Value, first))
		default:
			seen[key.Value] = key.Line
			s.decode(value, v.Field(index))
		}
	}
}

func (s *source) decodeScalar(n *yaml.Node, v reflect.Value) {
	switch {
	case v.Kind() == reflect.String && n.Kind == yaml.ScalarNode && n.Tag == "!!str":
		if r, ok := control(n.Value); ok {
			s.refuse(n, lab.Textf("제어 문자(%U)는 쓸 수 없습니다. 지우십시오", "control character %U is not allowed: remove it", r))
			return
		}
		v.SetString(n.Value)
	case v.Kind() == reflect.String:
		s.refuse(n, lab.T("문자열이 와야 합니다. 값을 따옴표로 묶으십시오", "text is expected here: put the value in quotes"))
	case v.Kind() == reflect.Int:
		i, err := strconv.ParseInt(n.Value, 10, 32)
		if n.Kind != yaml.ScalarNode || n.Tag != "!!int" || err != nil {
			s.refuse(n, lab.T("정수가 와야 합니다", "a whole number is expected here"))
			return
		}
		v.SetInt(i)
	default:
		// A field of lab.Lab that no file can fill is a mistake of this program, which any test that loads a lab finds.
		panic("script: no way to read a " + v.Type().String())
	}
}

// fieldNames returns the names under which the fields of t stand in a file, in the order of t.
func fieldNames(t reflect.Type) []string {
	names := make([]string, t.NumField())
	for i := range names {
		name := t.Field(i).Name
		first, size := utf8.DecodeRuneInString(name)
		names[i] = string(unicode.ToLower(first)) + name[size:]
		if name == "ID" {
			names[i] = "id"
		}
	}
	return names
}

// control returns the first character of text that could do something to a terminal.
func control(text string) (rune, bool) {
	for _, r := range text {
		if unicode.IsControl(r) && r != '\n' || unicode.Is(unicode.Bidi_Control, r) || r == utf8.RuneError {
			return r, true
		}
	}
	return 0, false
}

// at returns the node that path leads to, from the root through field names (string) and list indexes (int), or the
// last one on the way that exists. So a missing field is reported on the line of what it is missing from.
func (s *source) at(path ...any) *yaml.Node {
	n := s.root
	for _, p := range path {
		next := child(n, p)
		if next == nil {
			return n
		}
		n = next
	}
	return n
}

func child(n *yaml.Node, step any) *yaml.Node {
	switch step := step.(type) {
	case string:
		for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == step {
				return n.Content[i+1]
			}
		}
	case int:
		if n.Kind == yaml.SequenceNode && step < len(n.Content) {
			return n.Content[step]
		}
	}
	return nil
}
