package shell

import (
	"slices"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// The interpreter runs pipelines, subshells and background commands as goroutines of its own and knows only the IDs
// of the host's processes. In a container each of these is a process, so they are rewritten to calls of the commands
// below, which the shell implements on top of sandbox.Process. Their arguments are the line they stand in, and what
// each process runs as source text: so nothing refers to a script that could be forgotten.
const (
	pipeCommand       = "__healthlab_pipe"
	backgroundCommand = "__healthlab_background"
	// sizeCommand follows an assignment, with the status of that and the names that were assigned to.
	sizeCommand = "__healthlab_size"

	pidVariable        = "__healthlab_pid"
	parentVariable     = "__healthlab_ppid"
	backgroundVariable = "__healthlab_bgpid"
	nameVariable       = "__healthlab_name"

	// documentPrefix begins the name of the file that a here document is read from; the document follows.
	documentPrefix = "/dev/null/document/"
)

// rewrite changes a command in place.
func rewrite(st *syntax.Stmt) {
	made := rewritten{}
	syntax.Walk(st, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.ParamExp:
			renameParam(n)
			markRequired(n)
		case *syntax.Stmt:
			if !made[n] {
				made.rewrite(n)
			}
		case *syntax.CallExpr:
			if len(n.Args) == 1 && n.Args[0].Lit() == "return" {
				n.Args = append(n.Args, parameter("?"))
			}
			for _, w := range n.Args {
				keepBraces(w)
			}
		case *syntax.WordIter:
			for _, w := range n.Items {
				keepBraces(w)
			}
		case *syntax.CmdSubst:
			// The interpreter would read the file, which ash does not.
			if len(n.Stmts) == 1 && n.Stmts[0].Cmd == nil {
				n.Stmts[0].Cmd = call(n.Stmts[0], ":")
			}
		case *syntax.Redirect:
			rewriteRedirect(n)
		}
		return true
	})
}

// rewritten are statements that need no more of it, for they were made here.
type rewritten map[*syntax.Stmt]bool

// renameParam points the parameters that the interpreter takes from the host to the container's.
func renameParam(p *syntax.ParamExp) {
	name := ""
	switch p.Param.Value {
	case "$":
		name = pidVariable
	case "PPID":
		name = parentVariable
	case "!":
		name = backgroundVariable
	case "0":
		name = nameVariable
	default:
		return
	}
	p.Param.Value, p.Short = name, false // with braces, or what follows would belong to it
}

// keepBraces keeps braces from being expanded: ash has no brace expansion.
func keepBraces(w *syntax.Word) {
	for _, part := range w.Parts {
		if l, ok := part.(*syntax.Lit); ok && strings.Contains(l.Value, "{") {
			var text strings.Builder
			escaped := false
			for _, c := range []byte(l.Value) {
				if c == '{' && !escaped {
					text.WriteByte('\\')
				}
				escaped = c == '\\' && !escaped
				text.WriteByte(c)
			}
			l.Value = text.String()
		}
	}
}

func (made rewritten) rewrite(st *syntax.Stmt) {
	if st.Background || st.Disown {
		inner := *st
		inner.Background, inner.Disown, inner.Semicolon, inner.Comments = false, false, syntax.Pos{}, nil
		waits := "wait"
		if redirectsOutput(st) {
			waits = ""
		}
		*st = syntax.Stmt{
			Comments: st.Comments, Position: st.Position,
			Cmd: call(st, backgroundCommand, line(st), waits, sourceOf(&inner)),
		}
		return
	}
	if made.rewriteDescriptors(st); made[st] {
		return
	}
	makeRoom(st)
	switch cmd := st.Cmd.(type) {
	case *syntax.BinaryCmd:
		if cmd.Op == syntax.Pipe || cmd.Op == syntax.PipeAll {
			st.Cmd = call(st, append([]string{pipeCommand, line(st)}, stages(cmd)...)...)
		}
	case *syntax.TimeClause:
		if cmd.Stmt != nil {
			timed(st, cmd)
			made.rewrite(st)
		}
	case *syntax.Subshell:
		body := &syntax.Stmt{Position: st.Position, Cmd: &syntax.Block{Stmts: cmd.Stmts}}
		st.Cmd = call(st, pipeCommand, line(st), sourceOf(body))
	case *syntax.CallExpr:
		if i := slices.IndexFunc(cmd.Assigns, func(a *syntax.Assign) bool { return a.Index != nil }); i >= 0 {
			// No array, so it is a command.
			var text strings.Builder
			_ = syntax.NewPrinter().Print(&text, &syntax.CallExpr{Assigns: cmd.Assigns[i : i+1]})
			st.Cmd = call(st, builtinPrefix+"missing", text.String())
		} else if len(cmd.Args) == 0 {
			st.Cmd = made.sized(st, cmd, cmd.Assigns)
		}
	case *syntax.DeclClause:
		switch cmd.Variant.Value {
		case "export", "readonly":
			if len(cmd.Args) == 0 || len(cmd.Args) == 1 && cmd.Args[0].Value != nil && cmd.Args[0].Value.Lit() == "-p" {
				st.Cmd = call(st, builtinPrefix+map[string]string{"export": "exported", "readonly": "readonlys"}[cmd.Variant.Value])
				return
			}
			st.Cmd = made.sized(st, cmd, cmd.Args)
		case "declare", "typeset", "nameref":
			st.Cmd = call(st, builtinPrefix+"missing", cmd.Variant.Value)
		default:
			st.Cmd = made.sized(st, cmd, cmd.Args)
		}
	}
}

// stages are the sources of a pipeline's commands, which the parser nests to the left.
func stages(cmd *syntax.BinaryCmd) []string {
	var list []string
	for {
		list = append(list, sourceOf(cmd.Y))
		left := cmd.X
		if cmd.Op == syntax.PipeAll {
			left = withStderr(left)
		}
		inner, ok := left.Cmd.(*syntax.BinaryCmd)
		if !ok || left.Negated || len(left.Redirs) > 0 || inner.Op != syntax.Pipe && inner.Op != syntax.PipeAll {
			list = append(list, sourceOf(left))
			slices.Reverse(list)
			return list
		}
		cmd = inner
	}
}

// sourceOf is the source of one command.
func sourceOf(st *syntax.Stmt) string {
	var text strings.Builder
	if err := syntax.NewPrinter().Print(&text, st); err != nil {
		die(err)
	}
	return text.String()
}

// print is the source of a rewritten script.
func print(file *syntax.File) string {
	var text strings.Builder
	if err := syntax.NewPrinter().Print(&text, file); err != nil {
		die(err)
	}
	return text.String()
}

func line(st *syntax.Stmt) string { return strconv.FormatUint(uint64(st.Pos().Line()), 10) }

func redirectsOutput(st *syntax.Stmt) bool {
	for _, r := range st.Redirs {
		switch r.Op {
		case syntax.RdrOut, syntax.AppOut, syntax.RdrAll, syntax.AppAll:
			return r.N == nil || r.N.Value == "1"
		default:
		}
	}
	return false
}

// rewriteRedirect turns a here document into a file that the shell opens itself: the interpreter would use a pipe and
// a goroutine of the host, which may outlive the shell.
func rewriteRedirect(r *syntax.Redirect) {
	switch r.Op {
	case syntax.RdrClob:
		r.Op = syntax.RdrOut
		r.Word = &syntax.Word{Parts: append([]syntax.WordPart{&syntax.Lit{Value: clobberPrefix}}, r.Word.Parts...)}
		return
	case syntax.Hdoc, syntax.DashHdoc:
	default:
		return
	}
	var parts []syntax.WordPart
	if r.Hdoc != nil {
		parts = r.Hdoc.Parts
	}
	literal := slices.ContainsFunc(r.Word.Parts, func(part syntax.WordPart) bool {
		l, ok := part.(*syntax.Lit)
		return !ok || strings.Contains(l.Value, `\`)
	})
	document := []syntax.WordPart{quoted(documentPrefix)}
	lineStart := true
	for _, part := range parts {
		l, ok := part.(*syntax.Lit)
		if !ok {
			document = append(document, &syntax.DblQuoted{Parts: []syntax.WordPart{part}})
			lineStart = false
			continue
		}
		text := l.Value
		if r.Op == syntax.DashHdoc {
			text = withoutTabs(text, lineStart)
		}
		lineStart = strings.HasSuffix(text, "\n")
		if !literal {
			text = unescape(text)
		}
		document = append(document, quoted(text))
	}
	r.Op, r.Hdoc, r.Word = syntax.RdrIn, nil, &syntax.Word{Parts: document}
}

// withoutTabs takes the tabs at the beginning of lines away.
func withoutTabs(text string, lineStart bool) string {
	var kept strings.Builder
	for l := range strings.SplitAfterSeq(text, "\n") {
		if lineStart {
			l = strings.TrimLeft(l, "\t")
		}
		kept.WriteString(l)
		lineStart = true
	}
	return kept.String()
}

// unescape takes the backslashes away that mean something in a here document.
func unescape(text string) string {
	var plain strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+1 < len(text) {
			switch text[i+1] {
			case '\\', '$', '`':
				i++
			case '\n':
				i++
				continue
			}
		}
		plain.WriteByte(text[i])
	}
	return plain.String()
}

// sized is a command that assigns, followed by a look at how much it has assigned, if it can be much.
func (made rewritten) sized(at *syntax.Stmt, cmd syntax.Command, assigns []*syntax.Assign) syntax.Command {
	look := call(at, sizeCommand)
	look.Args = append(look.Args, parameter("?"))
	for _, a := range assigns {
		if a.Name != nil && (a.Append || grows(a.Value)) {
			look.Args = append(look.Args, word(a.Name.Value))
		}
	}
	if len(look.Args) == 2 {
		return cmd
	}
	first := &syntax.Stmt{Position: at.Position, Cmd: cmd}
	made[first] = true
	return &syntax.Block{Stmts: []*syntax.Stmt{first, {Position: at.Position, Cmd: look}}}
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

// withStderr is the statement with 2>&1.
func withStderr(st *syntax.Stmt) *syntax.Stmt {
	block := &syntax.Stmt{Position: st.Position, Cmd: &syntax.Block{Stmts: []*syntax.Stmt{st}}}
	block.Redirs = []*syntax.Redirect{{
		OpPos: st.Position, Op: syntax.DplOut,
		N: &syntax.Lit{Value: "2"}, Word: word("1"),
	}}
	return block
}

// statusStmt is a command that does nothing and has a status.
func statusStmt(code int) *syntax.Stmt {
	st := &syntax.Stmt{}
	st.Cmd = call(st, builtinPrefix+"status", strconv.Itoa(code))
	return st
}

func call(at *syntax.Stmt, words ...string) *syntax.CallExpr {
	c := &syntax.CallExpr{}
	for i, w := range words {
		part := quoted(w)
		if i == 0 {
			part = &syntax.Lit{ValuePos: at.Position, ValueEnd: at.Position, Value: w}
		}
		c.Args = append(c.Args, &syntax.Word{Parts: []syntax.WordPart{part}})
	}
	return c
}

func word(text string) *syntax.Word {
	return &syntax.Word{Parts: []syntax.WordPart{&syntax.Lit{Value: text}}}
}

// quoted is a text as it is, also after it has been printed and read again.
func quoted(text string) syntax.WordPart {
	return &syntax.SglQuoted{Dollar: true, Value: strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(text)}
}

// quote is the source of a text.
func quote(text string) string {
	return `$'` + strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\x00", "").Replace(text) + `'`
}

// parameter is "${name-}". All arguments together are one text.
func parameter(name string) *syntax.Word {
	exp := &syntax.ParamExp{Param: &syntax.Lit{Value: name}}
	switch name {
	case "?", "#":
	case "@", "*":
		exp.Param.Value = "*"
	default:
		exp.Exp = &syntax.Expansion{Op: syntax.DefaultUnset}
	}
	return &syntax.Word{Parts: []syntax.WordPart{&syntax.DblQuoted{Parts: []syntax.WordPart{exp}}}}
}
