package bash

import (
	"fmt"
	"io"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// body runs what a loop repeats, and reports whether it goes on.
func (sh *shell) body(list []*syntax.Stmt) bool {
	sh.stmts(list)
	if sh.breaks > 0 {
		if sh.breaks--; sh.breaks > 0 || !sh.next {
			return false
		}
		sh.next = false
	}
	return !sh.returns
}

func (sh *shell) while(c *syntax.WhileClause) {
	sh.loops++
	defer func() { sh.loops-- }()
	status := 0
	for {
		ok := sh.condition(c.Cond) != c.Until
		if sh.breaks > 0 {
			if sh.breaks--; sh.breaks > 0 || !sh.next {
				status = sh.status
				break
			}
			sh.next = false
			continue
		}
		if sh.returns {
			return
		}
		if !ok {
			break
		}
		on := sh.body(c.Do)
		status = sh.status
		if !on {
			break
		}
	}
	sh.status = status
}

func (sh *shell) forClause(st *syntax.Stmt, c *syntax.ForClause) {
	if loop, ok := c.Loop.(*syntax.CStyleLoop); ok {
		sh.arithmeticLoop(loop, c.Do)
		return
	}
	loop := c.Loop.(*syntax.WordIter) //nolint:forcetypeassert // there are two
	if !validName(loop.Name.Value) {
		sh.status = sh.fail(1, "`%s': not a valid identifier", loop.Name.Value)
		return
	}
	sh.expanded, sh.names = 0, 0
	items := sh.params
	if loop.InPos.IsValid() {
		items = sh.fields(loop.Items)
	}
	if c.Select {
		sh.selectLoop(loop.Name.Value, items, c.Do)
		return
	}
	sh.loops++
	defer func() { sh.loops-- }()
	sh.status = 0
	for _, item := range items {
		sh.line = sh.lineOf(c.Pos())
		if sh.options['x'] {
			words := `"$@"`
			if loop.InPos.IsValid() {
				words = sh.sourceOf(loop.Items)
			}
			sh.trace("for " + loop.Name.Value + " in " + words)
		}
		sh.debug(st)
		if !sh.setLoop(loop.Name.Value, item) {
			sh.status = 1
			return
		}
		if !sh.body(c.Do) {
			return
		}
	}
}

// setLoop gives a loop's variable a value; a reference is pointed at it.
func (sh *shell) setLoop(name, value string) bool {
	if v := sh.find(name); v != nil && v.reference {
		v.str = value
		return true
	}
	return sh.set(name, value)
}

func (sh *shell) sourceOf(words []*syntax.Word) string {
	var list []string
	for _, w := range words {
		list = append(list, sh.raw(w.Pos(), w.End()))
	}
	return strings.Join(list, " ")
}

func (sh *shell) arithmeticLoop(loop *syntax.CStyleLoop, do []*syntax.Stmt) {
	eval := func(x syntax.ArithmExpr) (int64, bool) {
		if x == nil {
			return 1, true
		}
		raw := sh.raw(x.Pos(), x.End())
		sh.trace("(( " + raw + " ))")
		value, ok := sh.arithmeticOK(x, raw, "((")
		return value, ok
	}
	if _, ok := eval(loop.Init); !ok {
		sh.status = 1
		return
	}
	sh.loops++
	defer func() { sh.loops-- }()
	status := 0
	for {
		value, ok := eval(loop.Cond)
		if !ok {
			status = 1
			break
		}
		if value == 0 {
			break
		}
		on := sh.body(do)
		if status = sh.status; !on {
			break
		}
		if _, ok := eval(loop.Post); !ok {
			status = 1
			break
		}
		sh.pause()
	}
	sh.status = status
}

func (sh *shell) caseClause(c *syntax.CaseClause) {
	sh.expanded, sh.names = 0, 0
	if sh.options['x'] {
		sh.trace("case " + sh.raw(c.Word.Pos(), c.Word.End()) + " in")
	}
	word := sh.literal(c.Word)
	sh.status = 0
	through := false
	for _, item := range c.Items {
		matches := through
		for _, p := range item.Patterns {
			if matches {
				break
			}
			matches = sh.matches(sh.pattern(p), word)
		}
		if !matches {
			continue
		}
		if sh.stmts(item.Stmts); sh.jumping() {
			return
		}
		switch item.Op {
		case syntax.Fallthrough:
			through = true
		case syntax.Resume:
			through = false
		default:
			return
		}
	}
}

func (sh *shell) selectLoop(name string, items []string, do []*syntax.Stmt) {
	sh.loops++
	defer func() { sh.loops-- }()
	sh.status = 0
	if len(items) == 0 {
		return
	}
	show := true
	if sh.options['x'] {
		sh.trace("select " + name + " in " + traceWords(items))
	}
	for {
		if show {
			sh.menu(items)
			show = false
		}
		ps3 := "#? "
		if v := sh.get("PS3"); v != nil && v.set {
			ps3 = v.str
		}
		_, _ = io.WriteString(sh.errs(), ps3)
		line, complete := readOptions{delim: '\n', raw: true}.line(sh.input(0))
		if !complete && line == "" {
			_, _ = io.WriteString(sh.out(), "\n")
			sh.status = 1
			return
		}
		sh.set("REPLY", line)
		if strings.TrimSpace(line) == "" {
			show = true
			continue
		}
		n, choice := 0, ""
		if _, err := fmt.Sscanf(strings.TrimSpace(line), "%d", &n); err == nil && n >= 1 && n <= len(items) {
			choice = items[n-1]
		}
		if !sh.set(name, choice) {
			sh.status = 1
			return
		}
		if !sh.body(do) {
			return
		}
	}
}

// menu prints select's choices in columns, as bash's print_select_list.
func (sh *shell) menu(items []string) {
	const width, tab = 80, 8
	longest := 0
	for _, item := range items {
		longest = max(longest, len([]rune(item)))
	}
	digits := len(fmt.Sprint(len(items)))
	longest += digits + 2
	wide := longest + 2
	columns := max(width/wide, 1)
	rows := (len(items) + columns - 1) / columns
	columns = (len(items) + rows - 1) / rows
	if rows == 1 {
		rows = columns
	}
	first := len(fmt.Sprint(rows))
	var b strings.Builder
	for row := range rows {
		at := 0
		for column, i := 0, row; i < len(items); column, i = column+1, i+rows {
			d := digits
			if column == 0 {
				d = first
			}
			text := fmt.Sprintf("%*d) %s", d, i+1, items[i])
			b.WriteString(text)
			if i+rows >= len(items) {
				break
			}
			end := at + len([]rune(text))
			for next := at + wide; end < next; {
				if end/tab*tab+tab <= next {
					b.WriteByte('\t')
					end = end/tab*tab + tab
				} else {
					b.WriteByte(' ')
					end++
				}
			}
			at += wide
		}
		b.WriteByte('\n')
	}
	_, _ = io.WriteString(sh.errs(), b.String())
}
