package podspec

import (
	"path"
	"slices"
	"strings"

	v1 "k8s.io/api/core/v1"
	"mvdan.cc/sh/v3/syntax"
)

// maxScript is how long a script may be, in bytes, that is looked into.
const maxScript = 16 << 10

// Changes returns what in the command of an exec probe changes something in the container, such as "> /tmp/seen" or "touch", so
// that to run it once more is more than to look; empty if nothing does. It goes by the text alone: shells are followed into the
// script after -c, and what a program or a script in a file does is not known.
func Changes(command []string) string {
	found := ""
	calls(command, 0, func(words []string) {
		if found == "" && changes(words) {
			found = path.Base(words[0])
		}
	}, func(to string) {
		if found == "" && isFile(to) {
			found = "> " + to
		}
	})
	return found
}

// OneByOne returns what in a container's command serves one connection at a time and refuses others meanwhile, such as "nc -l";
// empty if nothing does, as far as the text tells.
func OneByOne(c *v1.Container) string {
	found := ""
	calls(slices.Concat(c.Command, c.Args), 0, func(words []string) {
		if found == "" {
			found = listener(words)
		}
	}, func(string) {})
	return found
}

// calls calls call for each command line that words run, and write for each file that a shell opens for writing. Words that are
// known only at run time are empty.
func calls(words []string, depth int, call func(words []string), write func(to string)) {
	words = unwrapped(words)
	if len(words) == 0 || depth > 4 {
		return
	}
	script, ok := scriptOf(words)
	if !ok {
		call(words)
		return
	}
	file, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(script), "")
	if err != nil {
		return // a shell would not run it either
	}
	syntax.Walk(file, func(node syntax.Node) bool {
		switch n := node.(type) {
		case *syntax.CallExpr:
			if len(n.Args) > 0 {
				args := make([]string, len(n.Args))
				for i, arg := range n.Args {
					args[i] = literal(arg)
				}
				calls(args, depth+1, call, write)
			}
		case *syntax.Redirect:
			switch n.Op {
			case syntax.RdrOut, syntax.AppOut, syntax.RdrClob, syntax.RdrAll, syntax.AppAll, syntax.RdrInOut:
				write(literal(n.Word))
			default:
			}
		}
		return true
	})
}

// literal is a word's text; what is expanded in it is written as $… and shows only that something is.
func literal(word *syntax.Word) string {
	var out strings.Builder
	var add func(parts []syntax.WordPart)
	add = func(parts []syntax.WordPart) {
		for _, part := range parts {
			switch p := part.(type) {
			case *syntax.Lit:
				out.WriteString(p.Value)
			case *syntax.SglQuoted:
				out.WriteString(p.Value)
			case *syntax.DblQuoted:
				add(p.Parts)
			default:
				out.WriteString("$…")
			}
		}
	}
	add(word.Parts)
	return out.String()
}

// scriptOf returns the script that a shell is given after -c.
func scriptOf(words []string) (script string, ok bool) {
	if !slices.Contains([]string{"sh", "ash", "bash", "dash"}, path.Base(words[0])) {
		return "", false
	}
	for i, word := range words[1:] {
		if !strings.HasPrefix(word, "-") {
			return "", false
		}
		if strings.HasSuffix(word, "c") && !strings.HasPrefix(word, "--") && i+2 < len(words) {
			return words[i+2], len(words[i+2]) <= maxScript
		}
	}
	return "", false
}

// unwrapped leaves out programs that only run the one after them, with their options.
func unwrapped(words []string) []string {
	wrappers := []string{"exec", "command", "env", "nice", "nohup", "timeout", "busybox", "sudo", "time", "tini", "dumb-init", "xargs", "!"}
	wrapped := false
	for len(words) > 0 {
		first := words[0]
		number := first != "" && first[0] >= '0' && first[0] <= '9'
		switch {
		case slices.Contains(wrappers, path.Base(first)):
			wrapped = true
		case wrapped && (strings.HasPrefix(first, "-") || strings.Contains(first, "=") || number):
		default:
			return words
		}
		words = words[1:]
	}
	return words
}

// changes reports whether a command line changes something, by the name of its program.
func changes(words []string) bool {
	switch name := path.Base(words[0]); name {
	case "touch", "rm", "rmdir", "mkdir", "mv", "cp", "ln", "truncate", "install", "chmod", "chown", "mktemp", "mkfifo",
		"kill", "killall", "pkill", "shred", "unlink":
		return true
	case "tee":
		return slices.ContainsFunc(words[1:], func(w string) bool { return !strings.HasPrefix(w, "-") && isFile(w) })
	case "dd":
		return slices.ContainsFunc(words, func(w string) bool {
			to, ok := strings.CutPrefix(w, "of=")
			return ok && isFile(to)
		})
	case "sed", "perl":
		return slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, "-i") || strings.HasPrefix(w, "--in-place") })
	case "find":
		for i, w := range words {
			if w == "-delete" || w == "-exec" && i+1 < len(words) && changes(words[i+1:]) {
				return true
			}
		}
	}
	return false
}

// isFile reports whether what is written to a path stays there.
func isFile(to string) bool {
	return !slices.Contains([]string{"", "/dev/null", "/dev/stdout", "/dev/stderr", "/dev/tty", "/dev/console"}, to) &&
		!strings.HasPrefix(to, "/dev/fd/") && !strings.HasPrefix(to, "/proc/") && !strings.HasPrefix(to, "/dev/tcp/")
}

// listener is a command line that takes one connection at a time, in short; empty if it does not.
func listener(words []string) string {
	name := path.Base(words[0])
	switch name {
	case "nc", "netcat", "ncat":
		listens, keeps := 0, false
		for _, w := range words[1:] {
			switch {
			case w == "--listen":
				listens++
			case w == "--keep-open":
				keeps = true
			case strings.HasPrefix(w, "-") && !strings.HasPrefix(w, "--"):
				listens += strings.Count(w, "l")
				keeps = keeps || strings.Contains(w, "k")
			}
		}
		if listens == 1 && !keeps { // BusyBox goes on listening with -ll
			return name + " -l"
		}
	case "socat":
		for _, w := range words[1:] {
			if kind, options, ok := strings.Cut(strings.ToUpper(w), ":"); ok && strings.HasSuffix(kind, "-LISTEN") &&
				!slices.Contains(strings.Split(options, ","), "FORK") {
				return name
			}
		}
	}
	return ""
}
