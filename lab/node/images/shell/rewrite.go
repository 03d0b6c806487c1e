package shell

import (
	"errors"
	"strconv"
	"strings"
	"sync"

	"mvdan.cc/sh/v3/syntax"
)

// The interpreter runs pipelines, subshells and background commands as goroutines of its own and knows only the IDs
// of the host's processes. In a container each of these is a process, so they are rewritten to calls of the commands
// below, which the shell implements on top of sandbox.Process.
const (
	pipeCommand       = "__healthlab_pipe"
	backgroundCommand = "__healthlab_background"
	// sizeCommand follows an assignment, with the status of that and the names that were assigned to.
	sizeCommand = "__healthlab_size"

	pidVariable        = "__healthlab_pid"
	parentVariable     = "__healthlab_ppid"
	backgroundVariable = "__healthlab_bgpid"
)

// maxNesting bounds how deep a script nests, because the parser is recursive.
const maxNesting = 500

// parts holds the statements that rewriting took out of a script, by number. A shell and its subshells share it.
type parts struct {
	mu   sync.Mutex
	list [][]*syntax.Stmt
}

func (p *parts) add(stages []*syntax.Stmt) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.list = append(p.list, stages)
	return strconv.Itoa(len(p.list) - 1)
}

func (p *parts) get(number string) []*syntax.Stmt {
	p.mu.Lock()
	defer p.mu.Unlock()
	i, err := strconv.Atoi(number)
	if err != nil || i < 0 || i >= len(p.list) {
		return nil
	}
	return p.list[i]
}

// parse reads a script and rewrites it.
func (p *parts) parse(script, name string) (*syntax.File, error) {
	if tooDeep(script) {
		return nil, errors.New("syntax error: nested too deeply")
	}
	file, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(script), name)
	if err != nil {
		return nil, err
	}
	return file, p.rewrite(file)
}

// print is the source of a rewritten script.
func print(file *syntax.File) (string, error) {
	var text strings.Builder
	err := syntax.NewPrinter().Print(&text, file)
	return text.String(), err
}

// tooDeep estimates the nesting by counting brackets, whether quoted or not.
func tooDeep(script string) bool {
	depth := 0
	for _, c := range []byte(script) {
		switch c {
		case '(', '{', '[':
			if depth++; depth > maxNesting {
				return true
			}
		case ')', '}', ']':
			depth = max(0, depth-1)
		}
	}
	return false
}

// rewrite changes a script in place. Statements inside others are changed first.
func (p *parts) rewrite(node syntax.Node) error {
	var failed error
	var statements []*syntax.Stmt
	syntax.Walk(node, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.ProcSubst:
			failed = errors.New(`syntax error: unexpected "("`)
		case *syntax.CoprocClause:
			failed = errors.New("coproc: not found")
		case *syntax.ParamExp:
			if n.Param != nil {
				renameParam(n.Param)
			}
		case *syntax.Stmt:
			statements = append(statements, n)
		}
		return failed == nil
	})
	if failed != nil {
		return failed
	}
	for i := len(statements) - 1; i >= 0; i-- {
		p.rewriteStmt(statements[i])
	}
	return nil
}

// renameParam points the parameters that hold process IDs to the container's.
func renameParam(l *syntax.Lit) {
	switch l.Value {
	case "$":
		l.Value = pidVariable
	case "PPID":
		l.Value = parentVariable
	case "!":
		l.Value = backgroundVariable
	}
}

func (p *parts) rewriteStmt(st *syntax.Stmt) {
	switch cmd := st.Cmd.(type) {
	case *syntax.BinaryCmd:
		if cmd.Op == syntax.Pipe || cmd.Op == syntax.PipeAll {
			var stages []*syntax.Stmt
			left := cmd.X
			if cmd.Op == syntax.PipeAll {
				left = withStderr(left)
			}
			// The left side was rewritten before: what is a pipeline there becomes part of this one.
			if inner := p.pipeline(left); inner != nil {
				stages = append(stages, inner...)
			} else {
				stages = append(stages, left)
			}
			st.Cmd = call(st, pipeCommand, p.add(append(stages, cmd.Y)))
		}
	case *syntax.CallExpr:
		if len(cmd.Args) == 0 {
			st.Cmd = sized(st, cmd, cmd.Assigns)
		}
	case *syntax.DeclClause:
		st.Cmd = sized(st, cmd, cmd.Args)
	case *syntax.Subshell:
		body := &syntax.Stmt{Position: st.Position, Cmd: &syntax.Block{Stmts: cmd.Stmts}}
		st.Cmd = call(st, pipeCommand, p.add([]*syntax.Stmt{body}))
	}
	if st.Background || st.Disown {
		inner := *st
		inner.Background, inner.Disown = false, false
		inner.Comments = nil
		*st = syntax.Stmt{
			Comments: st.Comments, Position: st.Position,
			Cmd: call(st, backgroundCommand, p.add([]*syntax.Stmt{&inner})),
		}
	}
}

// sized is a command that assigns, followed by a look at how much it has assigned, if it can be much.
func sized(at *syntax.Stmt, cmd syntax.Command, assigns []*syntax.Assign) syntax.Command {
	look := call(at, sizeCommand)
	status := &syntax.ParamExp{Short: true, Param: &syntax.Lit{Value: "?"}}
	look.Args = append(look.Args, &syntax.Word{Parts: []syntax.WordPart{status}})
	for _, a := range assigns {
		if a.Name != nil && (a.Append || a.Array != nil || grows(a.Value)) {
			look.Args = append(look.Args, word(a.Name.Value))
		}
	}
	if len(look.Args) == 2 {
		return cmd
	}
	return &syntax.Block{Stmts: []*syntax.Stmt{
		{Position: at.Position, Cmd: cmd}, {Position: at.Position, Cmd: look},
	}}
}

// grows reports whether a word may become longer than what is written.
func grows(w *syntax.Word) bool {
	if w == nil {
		return false
	}
	found := false
	syntax.Walk(w, func(n syntax.Node) bool {
		switch n.(type) {
		case *syntax.ParamExp, *syntax.CmdSubst:
			found = true
		}
		return !found
	})
	return found
}

// pipeline returns the stages of a statement that is nothing but a rewritten pipeline.
func (p *parts) pipeline(st *syntax.Stmt) []*syntax.Stmt {
	c, ok := st.Cmd.(*syntax.CallExpr)
	if !ok || st.Negated || len(st.Redirs) > 0 || len(c.Args) != 2 || c.Args[0].Lit() != pipeCommand {
		return nil
	}
	stages := p.get(c.Args[1].Lit())
	if len(stages) < 2 {
		return nil // a subshell
	}
	return stages
}

// withStderr is the statement with 2>&1.
func withStderr(st *syntax.Stmt) *syntax.Stmt {
	block := &syntax.Stmt{Position: st.Position, Cmd: &syntax.Block{Stmts: []*syntax.Stmt{st}}}
	block.Redirs = []*syntax.Redirect{{
		OpPos: st.Position, Op: syntax.DplOut,
		N: &syntax.Lit{Value: "2"}, Word: word("1"),
	}}
	return block
}

func call(at *syntax.Stmt, words ...string) *syntax.CallExpr {
	c := &syntax.CallExpr{}
	for _, w := range words {
		l := &syntax.Lit{ValuePos: at.Position, ValueEnd: at.Position, Value: w}
		c.Args = append(c.Args, &syntax.Word{Parts: []syntax.WordPart{l}})
	}
	return c
}

func word(text string) *syntax.Word {
	return &syntax.Word{Parts: []syntax.WordPart{&syntax.Lit{Value: text}}}
}
