package python

import (
	"testing"

	"go.starlark.net/starlark"
)

// FuzzRewrite reads programs of every kind.
func FuzzRewrite(f *testing.F) {
	for _, text := range []string{
		"import time; time.sleep(1)", "from http.server import HTTPServer as H, BaseHTTPRequestHandler\nclass A(BaseHTTPRequestHandler):\n  def do_GET(self): pass\nprint(1)",
		"class A:\n", "class A():\n\n\n  x = 1", "print(f'{a} {b.c()}', \"a;b\")", "'''\nimport x\n'''", "import", "from x import", "((((", "\\", "\"", "a;;b;",
	} {
		f.Add(text)
	}
	names := starlark.StringDict{"time": starlark.None, "http": starlark.None}
	f.Fuzz(func(t *testing.T, text string) {
		if out, err := rewrite(text, names); err == nil && len(out) == 0 {
			t.Error("nothing is left")
		}
	})
}
