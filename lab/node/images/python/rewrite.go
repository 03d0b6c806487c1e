package python

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"go.starlark.net/starlark"
)

// syntaxError is a part of Python that is not built in.
type syntaxError struct {
	line      int
	text, why string
}

func (e *syntaxError) Error() string { return e.why }

var (
	importPattern = regexp.MustCompile(`^import\s+(.+)$`)
	fromPattern   = regexp.MustCompile(`^from\s+([\w.]+)\s+import\s+\(?([^)]+)\)?$`)
	classPattern  = regexp.MustCompile(`^class\s+(\w+)\s*(?:\(\s*([\w.]*)\s*\))?\s*:\s*(.*)$`)
	defPattern    = regexp.MustCompile(`^def\s+(\w+)\s*\(`)
	unknown       = regexp.MustCompile(`^(try|except|finally|with|async|await|yield|global|nonlocal|del|assert|raise|match)\b|^@`)
	fString       = regexp.MustCompile(`(?:^|[^\w])[fF]["']`)
	simpleF       = regexp.MustCompile(`\b[fF]("(?:[^"\\{}]|\\.|\{[^{}"!:]+\})*"|'(?:[^'\\{}]|\\.|\{[^{}'!:]+\})*')`)
	field         = regexp.MustCompile(`\{([^{}]+)\}`)
	coding        = regexp.MustCompile(`\.(?:encode|decode)\((?:"[\w-]*"|'[\w-]*')?\)`)
	mainPattern   = regexp.MustCompile(`^if\s+__name__\s*==\s*["']__main__["']\s*:`)
)

// rewrite turns imports, classes, simple f-strings and a few words of Python into what Starlark knows; lines stay lines, up to
// the first class. Texts and bytes are the same here, so that encode and decode do nothing. names are the modules that there are.
func rewrite(text string, names starlark.StringDict) (string, error) {
	if nested(text) {
		return "", &syntaxError{1, "", "SyntaxError: too many nested parentheses"}
	}
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	var out []string
	var class *classBody
	quoted := false // inside a text of several lines
	for i, line := range lines {
		bare := strings.TrimLeft(line, " \t")
		indent := line[:len(line)-len(bare)]
		if quoted = quoted != (strings.Count(line, `"""`)%2 == 1); quoted || bare == "" || bare[0] == '#' {
			out = append(out, line)
			continue
		}
		if class != nil && len(indent) <= len(class.indent) {
			out[len(out)-1] += class.end()
			class = nil
		}
		if class != nil {
			class.see(indent, bare)
		}
		if m := classPattern.FindStringSubmatch(bare); m != nil && m[3] == "" && class == nil {
			class = &classBody{name: m[1], base: m[2], indent: indent}
			out = append(out, fmt.Sprintf("%sdef %s():", indent, class.maker()))
			continue
		}
		bare = coding.ReplaceAllString(simpleF.ReplaceAllStringFunc(bare, plainF), "")
		if unknown.MatchString(bare) || fString.MatchString(bare) || strings.HasPrefix(bare, "class ") {
			return "", &syntaxError{i + 1, bare, "SyntaxError: healthlab's python does not know this part of the language (try, with, global, decorators and the like)"}
		}
		var parts []string
		for _, part := range statements(bare) {
			rewritten, err := rewriteImport(strings.TrimSpace(part), names)
			if err != nil {
				return "", err
			}
			parts = append(parts, rewritten)
		}
		bare = strings.Join(parts, "; ")
		bare = mainPattern.ReplaceAllString(bare, "if True:")
		bare = strings.NewReplacer(" is not None", " != None", " is None", " == None").Replace(bare)
		out = append(out, indent+bare)
	}
	if class != nil {
		out[len(out)-1] += class.end()
	}
	return strings.Join(out, "\n") + "\n", nil
}

// maxNesting is how deep brackets may be, as in Python: reading them needs a stack.
const maxNesting = 200

// nested reports whether they are deeper; it does not know texts and comments from the rest.
func nested(text string) bool {
	depth := 0
	for _, c := range text {
		switch c {
		case '(', '[', '{':
			if depth++; depth > maxNesting {
				return true
			}
		case ')', ']', '}':
			depth = max(0, depth-1)
		}
	}
	return false
}

// plainF makes a call of format of an f-string.
func plainF(text string) string {
	text = text[1:]
	var values []string
	for _, m := range field.FindAllStringSubmatch(text, -1) {
		values = append(values, m[1])
	}
	return field.ReplaceAllString(text, "{}") + ".format(" + strings.Join(values, ", ") + ")"
}

// classBody is a class whose methods are being read.
type classBody struct {
	name, base, indent, inner string
	methods                   []string
}

func (c *classBody) maker() string { return "make_" + c.name }

func (c *classBody) see(indent, bare string) {
	if c.inner == "" {
		c.inner = indent
	}
	if m := defPattern.FindStringSubmatch(bare); m != nil && indent == c.inner && !slices.Contains(c.methods, m[1]) {
		c.methods = append(c.methods, m[1])
	}
}

// end is what follows on the last line of a class: what its functions are, and the class itself.
func (c *classBody) end() string {
	if c.inner == "" {
		c.inner = c.indent + "  "
	}
	var pairs []string
	for _, name := range c.methods {
		pairs = append(pairs, fmt.Sprintf("%q: %s", name, name))
	}
	base := c.base
	if base == "" {
		base = "None"
	}
	return fmt.Sprintf("\n%sreturn {%s}\n%s%s = make_class(%q, %s, %s())", c.inner, strings.Join(pairs, ", "), c.indent, c.name, c.name, base, c.maker())
}

// statements splits a line at semicolons outside quotes and brackets.
func statements(line string) []string {
	var list []string
	var quote rune
	from := 0
	for i, r := range line {
		switch {
		case quote != 0:
			if r == quote && (i == 0 || line[i-1] != '\\') {
				quote = 0
			}
		case r == '"' || r == '\'':
			quote = r
		case r == '#':
			return append(list, line[from:i])
		case r == ';':
			list = append(list, line[from:i])
			from = i + 1
		}
	}
	return append(list, line[from:])
}

// rewriteImport makes an assignment of an import.
func rewriteImport(statement string, names starlark.StringDict) (string, error) {
	var assigned []string
	known := func(module string) error {
		top, _, _ := strings.Cut(module, ".")
		if _, ok := names[top]; !ok || top == "make_class" {
			return raise("ModuleNotFoundError", "No module named '%s' (healthlab's python has time, sys, os, socket, urllib, json, random, math, datetime, http.server and socketserver)", module)
		}
		return nil
	}
	if m := fromPattern.FindStringSubmatch(statement); m != nil {
		if err := known(m[1]); err != nil {
			return "", err
		}
		for item := range strings.SplitSeq(m[2], ",") {
			fields := strings.Fields(item)
			switch {
			case len(fields) == 1:
				assigned = append(assigned, fmt.Sprintf("%s = %s.%s", fields[0], m[1], fields[0]))
			case len(fields) == 3 && fields[1] == "as":
				assigned = append(assigned, fmt.Sprintf("%s = %s.%s", fields[2], m[1], fields[0]))
			}
		}
		return strings.Join(assigned, "; "), nil
	}
	m := importPattern.FindStringSubmatch(statement)
	if m == nil {
		return statement, nil
	}
	for item := range strings.SplitSeq(m[1], ",") {
		fields := strings.Fields(item)
		if len(fields) == 0 {
			continue
		}
		if err := known(fields[0]); err != nil {
			return "", err
		}
		if len(fields) == 3 && fields[1] == "as" {
			assigned = append(assigned, fields[2]+" = "+fields[0])
		}
	}
	if len(assigned) == 0 {
		return "pass", nil
	}
	return strings.Join(assigned, "; "), nil
}
