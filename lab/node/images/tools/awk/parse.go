package awk

import (
	"slices"
	"strings"
)

// Source is a text with the name that messages have for it.
type Source struct{ Name, Text string }

// maxNesting bounds how deep a program nests: the stack of a real one ends far beyond, ours must not.
const maxNesting = 2_000

type parser struct {
	lexer
	tok     token
	before  token // the one before tok
	program *Program
	params  []string
	loops   int
	depth   int
	noGT    bool // > and | end the expression: they redirect a print
}

// Parse reads the sources one after the other. The error is an *Error, or ErrTooDeep.
func Parse(sources []Source) (program *Program, err error) {
	program = &Program{functions: map[string]*function{}, globals: newGlobals()}
	defer func() {
		if r := recover(); r != nil {
			program, err = nil, failure(r)
		}
	}()
	known := builtins()
	for _, s := range sources {
		p := &parser{lexer: lexer{source: s.Name, text: s.Text, line: 1, operators: strings.Fields(operators), builtins: known}, program: program}
		p.last.kind = tNewline
		p.tok = p.last
		p.advance()
		p.items()
		program.source, program.lines = s.Name, p.line
	}
	return program, nil
}

// failure is the error of a panic that is one of ours; others go on.
func failure(r any) error {
	if err, ok := r.(error); ok {
		if _, own := err.(*Error); own || err == ErrTooDeep || err == ErrMemory { //nolint:errorlint // our own values
			return err
		}
	}
	panic(r)
}

func (p *parser) advance() token {
	p.before = p.tok
	p.tok = p.next()
	return p.before
}

// unexpected ends the reading at the current token.
func (p *parser) unexpected() {
	message := unexpectedToken
	if p.tok.kind != tOperator && (p.before.kind == tNewline || p.before.kind == tEOF) {
		message = unexpectedEnd
	}
	panic(&Error{p.source, p.tok.line, message})
}

func (p *parser) failAt(message string) { panic(&Error{p.source, p.tok.line, message}) }

func (p *parser) want(text string) {
	if !p.tok.is(text) {
		p.unexpected()
	}
	p.advance()
}

func (p *parser) deeper() func() {
	if p.depth++; p.depth > maxNesting {
		panic(ErrTooDeep)
	}
	return func() { p.depth-- }
}

func (p *parser) skipNewlines() {
	for p.tok.kind == tNewline {
		p.advance()
	}
}

// items reads rules and functions.
func (p *parser) items() {
	for {
		p.skipNewlines()
		switch {
		case p.tok.kind == tEOF:
			return
		case p.tok.is("BEGIN"):
			p.advance()
			p.program.begin = append(p.program.begin, inSource(p.source), p.braces())
		case p.tok.is("END"):
			p.advance()
			p.program.end = append(p.program.end, inSource(p.source), p.braces())
		case p.tok.is("function"), p.tok.is("func"):
			p.advance()
			p.function()
		case p.tok.is("{"):
			p.program.rules = append(p.program.rules, &rule{action: append(block{inSource(p.source)}, p.braces()...)})
		case p.startsOperand():
			p.pattern()
		default:
			p.unexpected()
		}
		if p.tok.is(";") {
			p.advance()
		}
	}
}

func (p *parser) pattern() {
	r := &rule{action: block{inSource(p.source)}}
	r.pattern = p.expr()
	if p.tok.is(",") {
		p.advance()
		r.until = p.expr()
	}
	if p.tok.is("{") {
		r.action = append(r.action, p.braces()...)
	} else {
		if p.tok.kind != tNewline && p.tok.kind != tEOF && !p.tok.is(";") {
			p.unexpected()
		}
		r.prints = true
	}
	p.program.rules = append(p.program.rules, r)
}

func (p *parser) function() {
	if p.tok.kind != tCall {
		p.unexpected()
	}
	f := p.functionOf(p.advance().text)
	if f.defined {
		p.failAt("Duplicate function")
	}
	f.defined = true
	p.want("(")
	for !p.tok.is(")") {
		if p.tok.kind != tName {
			p.unexpected()
		}
		f.params = append(f.params, p.advance().text)
		if !p.tok.is(",") {
			break
		}
		p.advance()
		if p.tok.is(")") {
			p.unexpected()
		}
	}
	p.want(")")
	p.skipNewlines()
	p.params = f.params
	f.body = append(block{inSource(p.source)}, p.braces()...)
	p.params = nil
}

func (p *parser) functionOf(name string) *function {
	f := p.program.functions[name]
	if f == nil {
		f = &function{name: name}
		p.program.functions[name] = f
	}
	return f
}

func (p *parser) braces() block {
	p.want("{")
	b := p.rest()
	p.want("}")
	p.skipNewlines()
	return b
}

// rest reads statements until the closing brace, which stays.
func (p *parser) rest() block {
	defer p.deeper()()
	var b block
	for !p.tok.is("}") {
		if p.tok.kind == tNewline || p.tok.is(";") {
			p.advance()
			continue
		}
		b = append(b, p.statement()...)
	}
	return b
}

// body is the statement that belongs to another one.
func (p *parser) body() block {
	defer p.deeper()()
	p.skipNewlines()
	return p.statement()
}

func (p *parser) loopBody() block {
	p.loops++
	defer func() { p.loops-- }()
	return p.body()
}

func (p *parser) condition() expr {
	p.want("(")
	x := p.commaExpr()
	p.want(")")
	return x
}

func (p *parser) statement() block {
	t := p.tok
	switch {
	case t.is("{"):
		p.advance()
		b := p.rest()
		p.want("}")
		return b
	case t.is(";"):
		p.advance()
		return nil
	case t.kind == tKeyword && t.text != "length" && t.text != "getline":
		p.advance()
		return block{p.keyword(t)}
	case !p.startsOperand():
		p.unexpected()
	}
	x := p.commaExpr()
	p.end()
	return block{exprStmt{x}}
}

// end is the end of a simple statement: a closing brace stays.
func (p *parser) end() {
	switch {
	case p.tok.is("}"):
	case p.tok.is(";"), p.tok.kind == tNewline:
		p.advance()
	default:
		p.unexpected()
	}
}

func (p *parser) keyword(t token) stmt {
	switch t.text {
	case "if":
		return p.ifElse()
	case "while":
		return whileStmt{cond: p.condition(), body: p.loopBody()}
	case "do":
		body := p.loopBody()
		for p.tok.kind == tNewline || p.tok.is(";") {
			p.advance()
		}
		p.want("while")
		return whileStmt{cond: p.condition(), body: body, doOnce: true}
	case "for":
		return p.forLoop()
	case "print", "printf":
		return p.print(t)
	case "break", "continue":
		if p.loops == 0 {
			p.failAt("'" + t.text + "' not in a loop")
		}
	case "next", "nextfile":
	case "delete":
		return p.deletion(t)
	case "return", "exit":
		x := p.optional()
		p.end()
		if t.text == "exit" {
			return exitStmt{x}
		}
		return returnStmt{x}
	default:
		p.tok, p.before = t, p.last
		p.unexpected()
	}
	p.end()
	return map[string]jump{"break": breakLoop, "continue": continueLoop, "next": nextRecord, "nextfile": nextFile}[t.text]
}

func (p *parser) optional() expr {
	if p.startsOperand() {
		return p.commaExpr()
	}
	return nil
}

func (p *parser) ifElse() stmt {
	s := ifStmt{cond: p.condition()}
	s.yes = p.body()
	for p.tok.kind == tNewline || p.tok.is(";") && p.elseFollows() {
		p.advance()
	}
	if p.tok.is("else") {
		p.advance()
		s.no = p.body()
	}
	return s
}

// elseFollows looks behind a semicolon.
func (p *parser) elseFollows() bool {
	l := p.lexer
	l.last = token{kind: tOperator, text: ";"}
	return l.next().is("else")
}

func (p *parser) forLoop() stmt {
	p.want("(")
	init := p.optional()
	if p.tok.is(")") {
		x, ok := init.(*in)
		if !ok {
			p.unexpected()
		}
		p.advance()
		return forIn{target: x.l, array: x.array, body: p.loopBody()}
	}
	f := forStmt{init: init}
	p.want(";")
	f.cond = p.optional()
	p.want(";")
	f.post = p.optional()
	p.want(")")
	f.body = p.loopBody()
	return f
}

func (p *parser) print(t token) stmt {
	s := printStmt{line: t.line, formatted: t.text == "printf"}
	p.noGT = true
	if p.startsOperand() {
		s.args = p.exprs()
	}
	if len(s.args) == 1 {
		if l, ok := s.args[0].(*list); ok {
			s.args = l.items
		}
	}
	p.noGT = false
	if p.tok.is(">") || p.tok.is(">>") || p.tok.is("|") {
		s.mode = p.advance().text
		s.to = p.commaExpr()
	}
	p.end()
	return s
}

func (p *parser) deletion(t token) stmt {
	x := p.optional()
	p.end()
	switch v := x.(type) {
	case nil:
		panic(&Error{p.source, t.line, tooFewArguments})
	case *element:
		return deleteStmt{t.line, v.array, v.index}
	case *variable:
		return deleteStmt{t.line, v, nil}
	}
	return deleteStmt{line: t.line}
}

// exprs are expressions with commas between them.
func (p *parser) exprs() []expr {
	all := []expr{p.expr()}
	for p.tok.is(",") {
		p.advance()
		all = append(all, p.expr())
	}
	return all
}

// commaExpr is what stands between parentheses or where one expression is meant.
func (p *parser) commaExpr() expr {
	at := p.tok.line
	all := p.exprs()
	if len(all) == 1 {
		return all[0]
	}
	return &list{line(at), all}
}

func (p *parser) variableOf(name string, at int) *variable {
	if i := slices.Index(p.params, name); i >= 0 {
		return &variable{line: line(at), param: i}
	}
	return &variable{line: line(at), cell: p.program.globals.cell(name), param: -1}
}
