package awk

// The parts of a program. Lines are those that messages name.
type (
	expr interface{ lineOf() int }
	line int

	numberLit struct {
		line
		value value
	}
	regexpLit struct {
		line
		re *expression
	}
	// variable is a global one, or with local the parameter of that number.
	variable struct {
		line
		cell  *cell
		param int // -1: global
	}
	element struct {
		line
		array *variable
		index expr
	}
	field struct {
		line
		index expr
	}
	unary struct {
		line
		op byte
		x  expr
	}
	step struct { // ++ and --
		line
		prefix bool
		by     float64
		x      expr
	}
	binary struct {
		line
		op   byte
		l, r expr
	}
	concat struct {
		line
		l, r expr
	}
	compare struct {
		line
		op   string
		l, r expr
	}
	match struct {
		line
		not  bool
		l, r expr
	}
	in struct {
		line
		l     expr
		array *variable
	}
	logical struct {
		line
		or   bool
		l, r expr
	}
	ternary struct {
		line
		cond, yes, no expr
	}
	assign struct {
		line
		op   byte // 0: plain
		l, r expr
	}
	list struct { // (a, b)
		line
		items []expr
	}
	call struct {
		line
		f    *function
		args []expr
	}
	builtinCall struct {
		line
		b    builtin
		args []expr
	}
	getline struct {
		line
		command, file expr
		target        expr // nil: $0
	}
)

func (l line) lineOf() int { return int(l) }

type (
	stmt  any
	block []stmt

	exprStmt struct{ x expr }
	ifStmt   struct {
		cond    expr
		yes, no block
	}
	whileStmt struct {
		cond   expr
		body   block
		doOnce bool
	}
	forStmt struct {
		init, cond, post expr
		body             block
	}
	forIn struct {
		target expr
		array  *variable
		body   block
	}
	printStmt struct {
		line      int
		formatted bool
		args      []expr
		mode      string // > >> | or none
		to        expr
	}
	deleteStmt struct {
		line  int
		array *variable
		index expr // nil: all
	}
	returnStmt struct{ x expr }
	exitStmt   struct{ x expr }
	jump       int // break, continue, next, nextfile
	// inSource says where what follows comes from, for messages.
	inSource string
)

// The ways to leave a statement.
const (
	normal jump = iota
	breakLoop
	continueLoop
	nextRecord
	nextFile
	returning
)

type function struct {
	name    string
	params  []string
	body    block
	defined bool
}

// rule is a pattern with its action.
type rule struct {
	pattern, until expr // until: of a range
	action         block
	prints         bool // there is no action
	active         bool // the range has begun
}

// Program is what Parse has read.
type Program struct {
	begin, end block
	rules      []*rule
	functions  map[string]*function
	globals    *globals
	source     string // the last one
	lines      int    // of the last one
}
