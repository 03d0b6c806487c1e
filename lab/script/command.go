package script

import (
	"regexp"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"healthlab/lab"
)

// Vars are the values that the placeholders of a command line stand for.
type Vars struct {
	Namespace string // {namespace}
	// Dir is the working directory, {dir}. One that begins with ~/ is right for showing only: see [Expand].
	Dir string
	Pod string // {pod}, the chosen pod; empty while there is none
}

var placeholder = regexp.MustCompile(`\{[A-Za-z]*\}`)

// Expand replaces {namespace}, {dir} and {pod} in line. Values are quoted as a shell needs it, so that the result can be
// shown, copied and typed, and be given to [Split]. A leading ~/ stays outside the quotes, where a shell understands it;
// Split does not, so that a line which is to be carried out wants an absolute Dir.
//
// It returns a [*lab.Error] for the first placeholder that is unknown or has no value.
func Expand(line string, vars Vars) (string, error) {
	var problem error
	out := placeholder.ReplaceAllStringFunc(line, func(name string) string {
		value, err := vars.value(name)
		if problem == nil {
			problem = err
		}
		return value
	})
	if problem != nil {
		return "", problem
	}
	return out, nil
}

// value returns what stands for a placeholder, quoted.
func (v Vars) value(name string) (string, error) {
	var value string
	switch name {
	case "{namespace}":
		value = v.Namespace
	case "{dir}":
		value = v.Dir
	case "{pod}":
		value = v.Pod
		if value == "" {
			return "", refusal("선택한 파드가 없습니다. 파드를 먼저 고르십시오", "no pod is chosen: choose a pod first")
		}
	default:
		return "", refusal("%s 자리표시자는 없습니다. {namespace}, {dir}, {pod} 중 하나를 쓰십시오",
			"unknown placeholder %s: use {namespace}, {dir} or {pod}", name)
	}
	if value == "" {
		return "", refusal("%s에 들어갈 값이 비어 있습니다", "the value of %s is empty", name)
	}
	quoted, err := quote(value)
	if err != nil {
		return "", &lab.Error{
			Msg:   lab.Textf("%s에 들어갈 값을 명령에 쓸 수 없습니다: %q", "%s: the value %q cannot be used in a command", name, value),
			Cause: err,
		}
	}
	return quoted, nil
}

func quote(value string) (string, error) {
	home, rest := "", value
	if strings.HasPrefix(value, "~/") {
		home, rest = "~/", value[2:]
	}
	quoted, err := syntax.Quote(rest, syntax.LangPOSIX)
	if err != nil {
		return "", err
	}
	if rest == "" {
		quoted = ""
	}
	return home + quoted, nil
}

// Split takes an expanded command line apart: the words of the command, and the word of a trailing "| grep WORD", or
// empty. Quotes and backslashes work as in a shell. Everything else that a shell would do, such as variables,
// redirections, several commands or other pipes, is refused with a [*lab.Error]: the line is one kubectl command, and
// nothing else must come of it.
func Split(line string) (argv []string, grep string, err error) {
	file, err := syntax.NewParser(syntax.Variant(syntax.LangPOSIX)).Parse(strings.NewReader(line), "")
	if err != nil {
		return nil, "", &lab.Error{Msg: lab.Text{
			Ko: "명령을 읽을 수 없습니다. 따옴표가 맞는지 보십시오", En: "the command cannot be read: check its quotes",
		}, Cause: err}
	}
	if len(file.Stmts) != 1 {
		return nil, "", refusal("명령은 한 번에 하나만 쓸 수 있습니다", "exactly one command is expected")
	}
	stmt := file.Stmts[0]
	if pipe, ok := stmt.Cmd.(*syntax.BinaryCmd); ok && pipe.Op == syntax.Pipe && plain(stmt) {
		filter, err := words(pipe.Y)
		if err != nil || len(filter) != 2 || filter[0] != "grep" || strings.HasPrefix(filter[1], "-") || filter[1] == "" {
			return nil, "", refusal("| 뒤에는 \"grep 단어\"만 쓸 수 있습니다", "only \"grep WORD\" may follow |")
		}
		grep, stmt = filter[1], pipe.X
	}
	argv, err = words(stmt)
	return argv, grep, err
}

// plain says whether nothing is done to the statement: no redirection, !, & or ;.
func plain(s *syntax.Stmt) bool {
	return len(s.Redirs) == 0 && !s.Negated && !s.Background && !s.Coprocess && !s.Disown
}

// words returns the words of a simple command.
func words(s *syntax.Stmt) ([]string, error) {
	call, ok := s.Cmd.(*syntax.CallExpr)
	if !ok || !plain(s) || len(call.Assigns) > 0 || len(call.Args) == 0 {
		return nil, refusal("리다이렉션, 변수, 다른 파이프 없이 명령 하나만 쓸 수 있습니다",
			"only a single command is possible, without redirections, variables or other pipes")
	}
	out := make([]string, len(call.Args))
	for i, arg := range call.Args {
		var text strings.Builder
		if !literal(&text, arg.Parts) {
			return nil, refusal("%d번째 단어에 셸만 아는 것($, `)이 있습니다. 값을 그대로 적으십시오",
				"word %d has something only a shell knows ($ or `): write its value out", i+1)
		}
		out[i] = text.String()
	}
	return out, nil
}

// literal writes what parts stand for, and says whether that takes nothing but removing quotes.
func literal(w *strings.Builder, parts []syntax.WordPart) bool {
	for _, part := range parts {
		switch part := part.(type) {
		case *syntax.Lit:
			w.WriteString(unescape(part.Value, func(byte) bool { return true }))
		case *syntax.SglQuoted:
			if part.Dollar {
				return false
			}
			w.WriteString(part.Value)
		case *syntax.DblQuoted:
			for _, inner := range part.Parts {
				lit, ok := inner.(*syntax.Lit)
				if !ok || part.Dollar {
					return false
				}
				w.WriteString(unescape(lit.Value, func(c byte) bool { return strings.IndexByte("$`\"\\\n", c) >= 0 }))
			}
		default:
			return false
		}
	}
	return true
}

// unescape removes the backslashes that stand before a character for which escapable holds. A backslash before a line
// break goes together with it.
func unescape(s string, escapable func(byte) bool) string {
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && escapable(s[i+1]) {
			i++
			if s[i] == '\n' {
				continue
			}
		}
		out.WriteByte(s[i])
	}
	return out.String()
}

func refusal(ko, en string, args ...any) error {
	return &lab.Error{Msg: lab.Textf(ko, en, args...)}
}
