package nodejs

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"strings"

	"github.com/dop251/goja"

	"healthlab/lab/node/sandbox"
)

//go:embed prelude.js
var prelude string

// latest is the version of a node whose image's tag tells none.
const latest = "25.3.0"

func version(p *sandbox.Process) string {
	if v := strings.TrimPrefix(p.Getenv("NODE_VERSION"), "v"); v != "" {
		return v
	}
	return latest
}

// maxProgram is how long a program may be, maxNesting how deep its brackets: reading it needs a stack.
const (
	maxProgram = 1 << 20
	maxNesting = 500
)

// nested reports whether brackets are deeper than maxNesting; it does not know texts and comments from the rest.
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

// program is what the command line asks for.
type program struct {
	file  string // empty: the text is that of -e, -p or the standard input
	text  string
	print bool // -p
	args  []string
}

// Run is the program node.
func Run(ctx context.Context, p *sandbox.Process) int {
	program, code := commandLine(p)
	if code >= 0 {
		return code
	}
	l := newLoop(ctx, p, program)
	defer l.close()
	return l.run(program)
}

// commandLine reads the options; a code of -1 means that there is a program to run.
func commandLine(p *sandbox.Process) (program, int) {
	var g program
	given := false
	args := p.Args[1:]
	for ; len(args) > 0 && strings.HasPrefix(args[0], "-") && args[0] != "-"; args = args[1:] {
		name, _, _ := strings.Cut(args[0], "=")
		switch name {
		case "-v", "--version":
			fmt.Fprintf(p.Stdout, "v%s\n", version(p))
			return g, 0
		case "-h", "--help":
			fmt.Fprint(p.Stdout, "Usage: node [options] [ script.js ] [arguments]\n\nhealthlab's node knows -e, -p, -v and files of CommonJS.\n")
			return g, 0
		case "-e", "--eval", "-p", "--print", "-pe":
			if len(args) < 2 {
				fmt.Fprintf(p.Stderr, "%s: %s requires an argument\n", p.Args[0], args[0])
				return g, 9
			}
			g.text, g.print, given, args = args[1], strings.HasPrefix(name, "-p") || name == "--print", true, args[1:]
		case "--max-old-space-size", "--max_old_space_size", "--no-warnings", "--no-deprecation", "--enable-source-maps", "--trace-warnings", "--trace-uncaught", "--unhandled-rejections", "--stack-trace-limit":
		default:
			fmt.Fprintf(p.Stderr, "%s: bad option: %s\n", p.Args[0], args[0])
			return g, 9
		}
	}
	switch {
	case given:
		g.args = args
		return g, -1
	case len(args) > 0 && args[0] != "-":
		g.file, g.args = path.Clean(p.Path(args[0])), args[1:]
		return g, -1
	case p.Terminal() != nil:
		fmt.Fprintln(p.Stderr, "node: the prompt is not built into healthlab: use node -e, or a file")
		return g, 1
	}
	data, err := io.ReadAll(io.LimitReader(p.Stdin, maxProgram))
	if err != nil {
		return g, 1
	}
	g.text = string(data)
	return g, -1
}

// esModule is what a program of another kind begins with.
var esModule = regexp.MustCompile(`(?m)^\s*(?:import\s+[^(]*["']|export\s)`)

// run runs a program until nothing more can happen.
func (l *loop) run(g program) int {
	global := l.vm.GlobalObject()
	dir := l.p.Dir
	if g.file != "" {
		found := l.find(g.file)
		if found == "" {
			fmt.Fprintf(l.p.Stderr, "node:internal/modules/cjs/loader\n  throw err;\n  ^\n\nError: Cannot find module '%s'\n{\n  code: 'MODULE_NOT_FOUND',\n  requireStack: []\n}\n\nNode.js v%s\n", g.file, version(l.p))
			return 1
		}
		data, err := l.p.FS().ReadFile(found, maxProgram)
		if err != nil {
			fmt.Fprintf(l.p.Stderr, "node: cannot read %s: %v\n", found, err)
			return 1
		}
		g.file, g.text, dir = found, string(data), path.Dir(found)
	}
	if nested(g.text) {
		fmt.Fprintln(l.p.Stderr, "RangeError: Maximum call stack size exceeded")
		return 1
	}
	if strings.HasSuffix(g.file, ".mjs") || esModule.MatchString(g.text) {
		fmt.Fprintln(l.p.Stderr, "node: ES modules (import, export) are not built into healthlab: use require")
		return 1
	}
	l.do(func() error {
		require, ok := goja.AssertFunction(l.node.Get("require"))
		if !ok {
			return errors.New("no require")
		}
		load, err := require(goja.Undefined(), l.vm.ToValue(dir))
		if err != nil {
			return err
		}
		if g.file != "" {
			call, ok := goja.AssertFunction(load)
			if !ok {
				return errors.New("no require")
			}
			_, err := call(goja.Undefined(), l.vm.ToValue(g.file))
			return err
		}
		module := l.vm.NewObject()
		for name, value := range map[string]any{"require": load, "module": module, "exports": l.vm.NewObject(), "__filename": "[eval]", "__dirname": "."} {
			if err := global.Set(name, value); err != nil {
				return err
			}
		}
		value, err := l.vm.RunScript("[eval]", g.text)
		if err == nil && g.print {
			fmt.Fprintln(l.p.Stdout, l.shown(value))
		}
		return err
	})
	l.wait()
	if !l.over {
		l.leave(0)
	}
	return l.code
}

// shown is a value as console.log shows it.
func (l *loop) shown(value goja.Value) string {
	if text, ok := value.Export().(string); ok {
		return text
	}
	inspect, _ := goja.AssertFunction(l.node.Get("inspect"))
	text, err := inspect(goja.Undefined(), value)
	if err != nil {
		return value.String()
	}
	return text.String()
}
