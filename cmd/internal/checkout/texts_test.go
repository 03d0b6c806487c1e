package checkout

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

// The constructors of what is said in both languages, and at which argument the Korean stands.
var pairConstructors = map[string]int{"T": 0, "Textf": 0, "Errorf": 1}

// What is said in both languages has one shape: lab.T, lab.Textf or lab.Errorf. Neither side is missing, and both take the
// same arguments. No Korean stands anywhere else.
func TestTexts(t *testing.T) {
	found := 0
	eachSource(t, func(path string, fset *token.FileSet, file *ast.File) {
		paired := map[ast.Node]bool{}
		pair := func(at, ko, en ast.Node) {
			paired[ko], paired[en] = true, true
			korean, first := literal(ko)
			english, second := literal(en)
			if !first || !second {
				return // made elsewhere, and looked at there
			}
			found++
			if problem := differ(korean, english); problem != "" {
				t.Errorf("%s: %s: %q and %q", fset.Position(at.Pos()), problem, korean, english)
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if at, known := pairConstructors[calledOfLab(file, n)]; known && at+1 < len(n.Args) {
					pair(n, n.Args[at], n.Args[at+1])
				}
			case *ast.CompositeLit:
				if ko, en := field(n, "Ko"), field(n, "En"); ko != nil && en != nil && inImages(path) {
					pair(n, ko, en)
				}
			}
			return true
		})
		ast.Inspect(file, func(n ast.Node) bool {
			if n != nil && paired[n] {
				return false
			}
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING && korean(lit.Value) && !spokenToAll(path, lit.Value) {
				t.Errorf("%s: %s is not said with lab.T, lab.Textf or lab.Errorf", fset.Position(lit.Pos()), lit.Value)
			}
			return true
		})
	})
	if found < 500 {
		t.Errorf("only %d pairs were found", found)
	}
}

func TestDiffer(t *testing.T) {
	for _, tt := range []struct{ name, ko, en, want string }{
		{"the same verbs", "%d개 %s", "%d of %s", ""},
		{"another order, by number", "%[2]s의 %[1]d", "%d of %s", ""},
		{"the same argument twice", "%[1]s와 %[1]s", "%[1]s", ""},
		{"one left out", "%[2]s 파드", "pod %[1]s", "the verbs differ"},
		{"no verbs", "100%% 됨", "done at 100%%", ""},
		{"too few", "%d개", "%d of %d", "the verbs differ"},
		{"of another kind", "%s개", "%d", "the verbs differ"},
		{"in another order", "%s %d", "%d %s", "the verbs differ"},
		{"Korean in English", "끝", "끝", "the English is Korean"},
		{"a Korean name in English", "한/영 키", "the 한/영 key", ""},
		{"nothing in Korean", "", "done", "one side is empty"},
		{"nothing in English", "됨", " ", "one side is empty"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := differ(tt.ko, tt.en); got != tt.want {
				t.Errorf("differ = %q, want %q", got, tt.want)
			}
		})
	}
}

// differ tells in what two sides of a pair do not agree.
func differ(ko, en string) string {
	if strings.TrimSpace(ko) == "" || strings.TrimSpace(en) == "" {
		return "one side is empty"
	}
	if !maps.Equal(verbs(ko), verbs(en)) {
		return "the verbs differ"
	}
	if korean(namesInKorean.ReplaceAllString(en, "")) {
		return "the English is Korean"
	}
	return ""
}

// namesInKorean are the key and the language that are called by their Korean names in English, too.
var namesInKorean = regexp.MustCompile(`한/영|한국어(로 바꿉니다)?`)

var verbPattern = regexp.MustCompile(`%([-+# 0]*)(\d*)(\.\d+)?(?:\[(\d+)\])?([a-zA-Z%])`)

// verbs are the formatting verbs of a sentence by the number of their argument.
func verbs(sentence string) map[int]string {
	out, next := map[int]string{}, 1
	for _, m := range verbPattern.FindAllStringSubmatch(sentence, -1) {
		if m[5] == "%" {
			continue
		}
		if m[4] != "" {
			next, _ = strconv.Atoi(m[4]) // the pattern lets only digits through
		}
		out[next] = m[5]
		next++
	}
	return out
}

// eachSource calls do for each Go file of the module that is no test.
func eachSource(t *testing.T, do func(path string, fset *token.FileSet, file *ast.File)) {
	t.Helper()
	root := filepath.Join("..", "..", "..")
	for _, room := range []string{"assets", "cmd", "lab", "manifests", "probes", "tui"} {
		err := filepath.WalkDir(filepath.Join(root, room), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
				return err
			}
			fset := token.NewFileSet()
			file, err := parser.ParseFile(fset, path, nil, parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				return fmt.Errorf("parse: %w", err)
			}
			rel, err := filepath.Rel(root, path)
			do(filepath.ToSlash(rel), fset, file)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// calledOfLab is the name of the function of package lab that is called, or empty.
func calledOfLab(file *ast.File, call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		if file.Name.Name == "lab" {
			return f.Name
		}
	case *ast.SelectorExpr:
		if of, ok := f.X.(*ast.Ident); ok && of.Name == "lab" {
			return f.Sel.Name
		}
	}
	return ""
}

func field(c *ast.CompositeLit, name string) ast.Expr {
	for _, element := range c.Elts {
		if pair, ok := element.(*ast.KeyValueExpr); ok {
			if key, ok := pair.Key.(*ast.Ident); ok && key.Name == name {
				return pair.Value
			}
		}
	}
	return nil
}

// literal is the text of a literal, or of several that are joined; ok is false if anything else has a part in it.
func literal(n ast.Node) (text string, ok bool) {
	switch n := n.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(n.Value)
		return text, err == nil && n.Kind == token.STRING
	case *ast.BinaryExpr:
		left, first := literal(n.X)
		right, second := literal(n.Y)
		return left + right, first && second && n.Op == token.ADD
	case *ast.ParenExpr:
		return literal(n.X)
	}
	return "", false
}

func korean(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Hangul, r) })
}

// inImages reports whether a file is of the built-in images, which know nothing of package lab.
func inImages(path string) bool { return strings.HasPrefix(path, "lab/node/images/") }

// spokenToAll reports whether a text is for readers of both languages at once, is what they type, or is for tests.
func spokenToAll(path, quoted string) bool {
	switch path {
	case "cmd/internal/cli/cleanup.go", "tui/plain/question.go":
		return len(quoted) <= len(`"예"`)
	case "tui/plain/verbs.go":
		return !strings.Contains(quoted, " ")
	case "tui/prompt.go":
		return quoted == `"ctrl+ㅊ"` // Ctrl+C in Hangul mode
	case "lab/cluster/guard.go":
		return strings.Contains(quoted, "dry run")
	}
	return slices.ContainsFunc([]string{"tui/hangul/", "tui/tuitest/", "tui/panes/panetest/"},
		func(room string) bool { return strings.HasPrefix(path, room) })
}
