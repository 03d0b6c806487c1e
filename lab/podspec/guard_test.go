package podspec_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// TestNobodyElseConverts checks that no other package below lab makes the action of a probe: there, it could only be made
// from the API's.
func TestNobodyElseConverts(t *testing.T) {
	actions := map[string]bool{"ExecAction": true, "HTTPAction": true, "TCPAction": true, "GRPCAction": true}
	made := map[string]bool{}
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			literal, _ := n.(*ast.CompositeLit)
			if literal == nil {
				return true
			}
			if name, ok := literal.Type.(*ast.SelectorExpr); ok && actions[name.Sel.Name] {
				if from, ok := name.X.(*ast.Ident); ok && from.Name == "probes" {
					made[filepath.Dir(path)] = true
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	const own = "../podspec"
	if !made[filepath.FromSlash(own)] {
		t.Error("podspec does not make any")
	}
	delete(made, filepath.FromSlash(own))
	for dir := range made {
		t.Errorf("%s makes actions of probes; podspec is there for that", dir)
	}
}
