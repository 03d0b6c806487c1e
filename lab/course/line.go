package course

import (
	"path/filepath"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

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

// Shown is [Expand] for what is only looked at, such as a text with placeholders: what has no value yet stands there as in a
// synopsis, {pod} as <pod>, and what is no placeholder stays.
func Shown(text string, vars Vars) string {
	return placeholder.ReplaceAllStringFunc(text, func(name string) string {
		switch value, err := vars.value(name); {
		case err == nil:
			return value
		case name == "{namespace}" || name == "{dir}" || name == "{pod}":
			return "<" + strings.Trim(name, "{}") + ">"
		}
		return name
	})
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
			return "", lab.Errorf(nil, "선택한 파드가 없습니다. 파드를 먼저 고르십시오", "no pod is chosen: choose a pod first")
		}
	default:
		return "", lab.Errorf(nil, "%s 자리표시자는 없습니다. {namespace}, {dir}, {pod} 중 하나를 쓰십시오",
			"unknown placeholder %s: use {namespace}, {dir} or {pod}", name)
	}
	if value == "" {
		return "", lab.Errorf(nil, "%s에 들어갈 값이 비어 있습니다", "the value of %s is empty", name)
	}
	home, rest := "", value
	if below, ok := strings.CutPrefix(value, "~/"); ok {
		home, rest = "~/", below
	}
	if rest == "" {
		return home, nil
	}
	if !utf8.ValidString(rest) || strings.ContainsFunc(rest, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return "", lab.Errorf(nil, "%s에 들어갈 값을 명령에 쓸 수 없습니다: %q", "%s: the value %q cannot be used in a command", name, value)
	}
	return home + Quote(rest), nil
}

// Quote writes a word so that a POSIX shell reads it back as it is.
func Quote(word string) string {
	if word != "" && !strings.ContainsFunc(word, special) && !syntax.IsKeyword(word) {
		return word
	}
	if quoted, err := syntax.Quote(word, syntax.LangPOSIX); err == nil {
		return quoted
	}
	// It does not quote control characters for a POSIX shell. Between single quotes they stand for themselves.
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// special reports whether a character may mean something to a shell.
func special(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r) && !strings.ContainsRune("_@%+=:,./-", r)
}

// QuotePath is [Quote] for a path: one below home, the user's home directory, is written with ~. Nothing is below an empty
// home.
func QuotePath(path, home string) string {
	const separator = string(filepath.Separator)
	root := strings.TrimSuffix(home, separator) + separator
	if below, ok := strings.CutPrefix(path, root); ok && root != separator && below != "" {
		return "~" + separator + Quote(below)
	}
	return Quote(path)
}

// Line writes a kubectl command as it can be typed, paths below home with ~.
func Line(command lab.Kubectl, home string) string {
	words := []string{"kubectl"}
	for _, arg := range command.Args {
		words = append(words, QuotePath(arg, home))
	}
	if command.Grep != "" {
		words = append(words, "|", "grep", Quote(command.Grep))
	}
	return strings.Join(words, " ")
}

// Export is the line that makes kubectl in a second terminal use a kubeconfig file. The path is in full: not every shell
// understands ~ within a word.
func Export(kubeconfig string) string { return "export KUBECONFIG=" + Quote(kubeconfig) }
