package bash

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// print is a function as bash prints it: a command a line, four blanks for each level.
func (f *function) print(name string) string {
	var b strings.Builder
	if name != "" {
		b.WriteString(name + " () \n")
	}
	body, ok := f.body.Cmd.(*syntax.Block)
	p := printer{&b, f.source}
	if !ok {
		b.WriteString("{ \n")
		p.list([]*syntax.Stmt{f.body}, 1)
		b.WriteString("\n}\n")
		return b.String()
	}
	b.WriteString("{ \n")
	p.list(body.Stmts, 1)
	b.WriteString("\n}")
	p.redirects(f.body)
	b.WriteString("\n")
	return b.String()
}

// printed is a command in one line.
func printed(st *syntax.Stmt, source unit) string {
	var b strings.Builder
	printer{&b, source}.stmt(st, 0)
	return b.String()
}

// printer writes commands in bash's form.
type printer struct {
	b      *strings.Builder
	source unit
}

func (p printer) indent(level int) { p.b.WriteString(strings.Repeat("    ", level)) }

// list writes commands, each on its line, with semicolons between them.
func (p printer) list(list []*syntax.Stmt, level int) {
	for i, st := range list {
		if i > 0 {
			if list[i-1].Background {
				p.b.WriteString(" ")
				p.stmt(st, level)
				continue
			}
			p.b.WriteString(";\n")
		}
		p.indent(level)
		p.stmt(st, level)
	}
}

// closed is a list that a keyword follows.
func (p printer) closed(list []*syntax.Stmt, level int) {
	p.list(list, level)
	if len(list) > 0 && list[len(list)-1].Background {
		p.b.WriteString("\n")
	} else {
		p.b.WriteString(";\n")
	}
}

func (p printer) inline(list []*syntax.Stmt, level int) {
	for i, st := range list {
		if i > 0 {
			p.b.WriteString("; ")
		}
		p.stmt(st, level)
	}
}

func (p printer) stmt(st *syntax.Stmt, level int) {
	if st.Negated {
		p.b.WriteString("! ")
	}
	switch c := st.Cmd.(type) {
	case *syntax.Block:
		p.b.WriteString("{ \n")
		p.list(c.Stmts, level+1)
		p.b.WriteString("\n")
		p.indent(level)
		p.b.WriteString("}")
	case *syntax.Subshell:
		p.b.WriteString("( ")
		var inner strings.Builder
		printer{&inner, p.source}.list(c.Stmts, level)
		p.b.WriteString(strings.TrimLeft(inner.String(), " ") + " )")
	case *syntax.BinaryCmd:
		p.stmt(c.X, level)
		p.b.WriteString(" " + c.Op.String() + " ")
		p.stmt(c.Y, level)
	case *syntax.IfClause:
		p.ifClause(c, level)
	case *syntax.WhileClause:
		word := "while "
		if c.Until {
			word = "until "
		}
		p.b.WriteString(word)
		p.inline(c.Cond, level)
		p.do(c.Do, level)
	case *syntax.ForClause:
		p.forClause(c, level)
	case *syntax.CaseClause:
		p.caseClause(c, level)
	case *syntax.FuncDecl:
		f := function{body: c.Body, source: p.source}
		p.b.WriteString("function " + strings.ReplaceAll(strings.TrimSuffix(f.print(c.Name.Value), "\n"), "\n", "\n"+strings.Repeat("    ", level)))
	case *syntax.ArithmCmd:
		p.b.WriteString(p.source.raw(c.Left, c.Right) + "))")
	case nil:
	default:
		p.node(c)
	}
	p.redirects(st)
	if st.Background {
		p.b.WriteString(" &")
	}
}

func (p printer) do(list []*syntax.Stmt, level int) {
	p.b.WriteString("; do\n")
	p.closed(list, level+1)
	p.indent(level)
	p.b.WriteString("done")
}

func (p printer) ifClause(c *syntax.IfClause, level int) {
	p.b.WriteString("if ")
	p.inline(c.Cond, level)
	p.b.WriteString("; then\n")
	p.closed(c.Then, level+1)
	if e := c.Else; e != nil {
		p.indent(level)
		p.b.WriteString("else\n")
		if len(e.Cond) > 0 {
			p.indent(level + 1)
			p.ifClause(e, level+1)
			p.b.WriteString(";\n")
		} else {
			p.closed(e.Then, level+1)
		}
	}
	p.indent(level)
	p.b.WriteString("fi")
}

func (p printer) forClause(c *syntax.ForClause, level int) {
	switch loop := c.Loop.(type) {
	case *syntax.WordIter:
		word := "for "
		if c.Select {
			word = "select "
		}
		p.b.WriteString(word + loop.Name.Value)
		if loop.InPos.IsValid() {
			p.b.WriteString(" in")
			for _, w := range loop.Items {
				p.b.WriteString(" ")
				p.node(w)
			}
		} else {
			p.b.WriteString(` in "$@"`)
		}
		p.b.WriteString(";\n")
	case *syntax.CStyleLoop:
		p.b.WriteString("for ((")
		for i, x := range []syntax.ArithmExpr{loop.Init, loop.Cond, loop.Post} {
			if i > 0 {
				p.b.WriteString("; ")
			}
			if x == nil {
				p.b.WriteString("1")
				continue
			}
			p.b.WriteString(p.source.raw(x.Pos(), x.End()))
		}
		p.b.WriteString("))\n")
	}
	p.indent(level)
	p.b.WriteString("do\n")
	p.closed(c.Do, level+1)
	p.indent(level)
	p.b.WriteString("done")
}

func (p printer) caseClause(c *syntax.CaseClause, level int) {
	p.b.WriteString("case ")
	p.node(c.Word)
	p.b.WriteString(" in \n")
	for _, item := range c.Items {
		p.indent(level + 1)
		for i, w := range item.Patterns {
			if i > 0 {
				p.b.WriteString(" | ")
			}
			p.node(w)
		}
		p.b.WriteString(")\n")
		p.list(item.Stmts, level+2)
		p.b.WriteString("\n")
		p.indent(level + 1)
		p.b.WriteString(item.Op.String() + "\n")
	}
	p.indent(level)
	p.b.WriteString("esac")
}

func (p printer) redirects(st *syntax.Stmt) {
	if len(st.Redirs) == 0 {
		return
	}
	for _, r := range st.Redirs {
		p.b.WriteString(" ")
		if r.N != nil {
			p.b.WriteString(r.N.Value)
		} else if r.Op == syntax.DplOut {
			p.b.WriteString("1")
		} else if r.Op == syntax.DplIn {
			p.b.WriteString("0")
		}
		p.b.WriteString(r.Op.String())
		if r.Op != syntax.DplOut && r.Op != syntax.DplIn && r.Hdoc == nil {
			p.b.WriteString(" ")
		}
		p.node(r.Word)
	}
	for _, r := range st.Redirs {
		if r.Hdoc != nil {
			p.b.WriteString("\n")
			for _, part := range r.Hdoc.Parts {
				if l, ok := part.(*syntax.Lit); ok {
					p.b.WriteString(l.Value)
					continue
				}
				p.b.WriteString(p.source.raw(part.Pos(), part.End()))
			}
			p.node(r.Word)
			p.b.WriteString("\n")
		}
	}
}

// node writes what the parser's own printer writes as bash does.
func (p printer) node(n syntax.Node) {
	var text strings.Builder
	if syntax.NewPrinter(syntax.SpaceRedirects(true)).Print(&text, n) == nil {
		p.b.WriteString(strings.TrimRight(text.String(), "\n"))
	}
}
