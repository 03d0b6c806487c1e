package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// timed makes time a program, as it is in ash: it runs the first command of a pipeline.
func timed(st *syntax.Stmt, cmd *syntax.TimeClause) {
	inner := cmd.Stmt
	first := inner
	for {
		pipe, ok := first.Cmd.(*syntax.BinaryCmd)
		if !ok || pipe.Op != syntax.Pipe && pipe.Op != syntax.PipeAll {
			break
		}
		first = pipe.X
	}
	words := []*syntax.Word{word("time")}
	if cmd.PosixFormat {
		words = append(words, word("-p"))
	}
	if c, ok := first.Cmd.(*syntax.CallExpr); ok {
		c.Args = append(words, c.Args...)
	}
	st.Cmd, st.Redirs, st.Negated = inner.Cmd, append(st.Redirs, inner.Redirs...), st.Negated != inner.Negated
}

// markRequired marks the text of ${name?text}, and gives it ash's own where there is none.
func markRequired(p *syntax.ParamExp) {
	if p.Exp == nil || p.Exp.Op != syntax.ErrorUnset && p.Exp.Op != syntax.ErrorUnsetOrNull {
		return
	}
	parts := []syntax.WordPart{&syntax.Lit{Value: requiredMark}}
	switch {
	case p.Exp.Word != nil && len(p.Exp.Word.Parts) > 0:
		if l, ok := p.Exp.Word.Parts[0].(*syntax.Lit); ok && strings.HasPrefix(l.Value, requiredMark) {
			return // it was read again
		}
		parts = append(parts, p.Exp.Word.Parts...)
	case p.Exp.Op == syntax.ErrorUnset:
		parts = append(parts, quoted("parameter not set"))
	default:
		parts = append(parts, quoted("parameter not set or null"))
	}
	p.Exp.Word = &syntax.Word{Parts: parts}
}
