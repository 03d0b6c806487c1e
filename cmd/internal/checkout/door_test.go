package checkout

import (
	"go/ast"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var quoted = regexp.MustCompile("`([^`]+)`")

// The part of the READMEs that is for developers names files, packages and what is declared in them. All of it exists.
func TestReadmeForDevelopers(t *testing.T) {
	declared := declaredNames(t)
	for _, tt := range []struct{ file, heading string }{
		{"README.md", "## Change it"},
		{"README.ko.md", "## 고치기"},
	} {
		t.Run(tt.file, func(t *testing.T) {
			content, err := os.ReadFile(filepath.Join("..", "..", "..", tt.file))
			if err != nil {
				t.Fatal(err)
			}
			_, rest, found := strings.Cut(string(content), tt.heading+"\n")
			if !found {
				t.Fatalf("there is no section %q", tt.heading)
			}
			section, _, _ := strings.Cut(rest, "\n## ")
			names := 0
			for _, part := range parts(section) {
				names += checkPart(t, part, declared)
			}
			if names < 20 {
				t.Errorf("only %d names were checked", names)
			}
		})
	}
}

// checkPart checks what one row or item names, and returns how many names that were.
func checkPart(t *testing.T, part string, declared map[string][]string) (checked int) {
	t.Helper()
	var names, rooms []string
	for _, match := range quoted.FindAllStringSubmatch(part, -1) {
		word := match[1]
		if tested, ok := strings.CutPrefix(word, "go test "); ok {
			rooms = append(rooms, strings.Fields(strings.ReplaceAll(tested, "./", ""))...)
			continue
		}
		switch {
		case strings.HasPrefix(word, "-"), strings.HasPrefix(word, "healthlab "), word == "doc.go": // seen to in other tests
		case strings.Contains(word, "/") || exists(word):
			rooms = append(rooms, word)
		default:
			names = append(names, strings.TrimPrefix(word, "*"))
		}
	}
	for _, room := range rooms {
		if !exists(room) {
			t.Errorf("%s does not exist", room)
		}
	}
	for _, name := range names {
		if !isDeclared(name, rooms, declared) {
			t.Errorf("%s is not declared in what is named beside it: %s", name, strings.Join(rooms, ", "))
		}
	}
	return len(rooms) + len(names)
}

// isDeclared reports whether a name, with or without its package, is declared in Go, or is a key of a YAML file among rooms.
func isDeclared(name string, rooms []string, declared map[string][]string) bool {
	if pkg, symbol, ok := strings.Cut(name, "."); ok {
		for dir, symbols := range declared {
			if filepath.Base(dir) == pkg && slices.Contains(symbols, symbol) {
				return true
			}
		}
		return false
	}
	for _, room := range rooms {
		if filepath.Ext(room) == ".go" {
			room = filepath.Dir(room)
		}
		if slices.Contains(declared[room], name) {
			return true
		}
		if content, err := os.ReadFile(inRoot(room)); err == nil && strings.Contains(string(content), "\n"+name+":\n") {
			return true
		}
	}
	return false
}

// parts are the rows and items of a section, each with the lines that go on with it.
func parts(section string) []string {
	var out []string
	for line := range strings.Lines(section) {
		if strings.HasPrefix(line, "  ") && len(out) > 0 {
			out[len(out)-1] += line
		} else {
			out = append(out, line)
		}
	}
	return out
}

func inRoot(path string) string {
	return filepath.Join("..", "..", "..", filepath.FromSlash(path))
}

func exists(path string) bool {
	_, err := os.Stat(inRoot(path))
	return err == nil
}

// declaredNames are the names at the top of the files of each folder.
func declaredNames(t *testing.T) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	eachSource(t, func(path string, _ *token.FileSet, file *ast.File) {
		dir := filepath.ToSlash(filepath.Dir(path))
		for _, d := range file.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				out[dir] = append(out[dir], d.Name.Name)
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					switch spec := spec.(type) {
					case *ast.TypeSpec:
						out[dir] = append(out[dir], spec.Name.Name)
					case *ast.ValueSpec:
						for _, name := range spec.Names {
							out[dir] = append(out[dir], name.Name)
						}
					}
				}
			}
		}
	})
	return out
}

// Each package says in one place what it owns.
func TestPackagesSayWhatTheyAre(t *testing.T) {
	documented := map[string]int{}
	eachSource(t, func(path string, _ *token.FileSet, file *ast.File) {
		dir := filepath.ToSlash(filepath.Dir(path))
		documented[dir] += 0
		if file.Doc != nil {
			documented[dir]++
			if text := file.Doc.Text(); !strings.HasPrefix(text, "Package "+file.Name.Name) && !strings.HasPrefix(text, "Command ") {
				t.Errorf("%s does not begin with what it is: %.40q", path, text)
			}
		}
	})
	for dir, times := range documented {
		if times != 1 {
			t.Errorf("%s says what it is %d times", dir, times)
		}
	}
}
