package bash

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

func (sh *shell) isBuiltin(name string) bool {
	return (name == "exec" || sh.builtins[name] != nil) && !sh.disabled(name)
}

// specialBuiltin reports whether POSIX calls a builtin special.
func specialBuiltin(name string) bool {
	return slices.Contains(strings.Fields(". : break continue eval exec exit export readonly return set shift source times trap unset"), name)
}

func (sh *shell) disabled(name string) bool { return sh.aliases["\x00"+name] != "" }

// inPath finds a file in the directories of PATH.
func (sh *shell) inPath(name string, executable bool) string {
	for dir := range strings.SplitSeq(sh.value("PATH"), ":") {
		if dir == "" {
			dir = "."
		}
		full := joinPath(dir, name)
		info, err := sh.p.FS().Stat(sh.fsPath(full))
		if err == nil && !info.IsDir() && (!executable || info.Mode()&0o111 != 0) {
			return full
		}
	}
	return ""
}

// locate finds a program.
func (sh *shell) locate(name string) string {
	if strings.Contains(name, "/") {
		info, err := sh.p.FS().Stat(sh.fsPath(name))
		if err == nil && !info.IsDir() && info.Mode()&0o111 != 0 {
			return name
		}
		return ""
	}
	return sh.inPath(name, true)
}

func commandBuiltin(sh *shell, words []string) int {
	args := words[1:]
	query := byte(0)
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' {
		flag := args[0]
		args = args[1:]
		if flag == "--" {
			break
		}
		for _, f := range []byte(flag[1:]) {
			switch f {
			case 'v', 'V':
				query = f
			case 'p':
			default:
				sh.errorf("command: -%c: invalid option", f)
				sh.complain("command: usage: command [-pVv] command [arg ...]\n")
				return 2
			}
		}
	}
	if len(args) == 0 {
		return 0
	}
	if query != 0 {
		code := 1
		for _, a := range args {
			if sh.describe(a, query == 'V', "command") {
				code = 0
			}
		}
		return code
	}
	if b := sh.builtins[args[0]]; b != nil {
		return b(sh, args)
	}
	if args[0] == "exec" {
		keep := false
		sh.execCommand(call{st: nil, c: &syntax.CallExpr{}, words: args}, &keep)
		return sh.status
	}
	sh.program1(args, false)
	return sh.status
}

// describe is command -v and -V, and type.
func (sh *shell) describe(name string, long bool, command string) bool {
	out := sh.out()
	say := func(short, text string) bool {
		if long {
			short = name + " is " + text
		}
		fmt.Fprintln(out, short)
		return true
	}
	if text, ok := sh.aliases[name]; ok && sh.shopts["expand_aliases"] {
		return say("alias "+name+"="+quoteAll(text), "aliased to `"+text+"'")
	}
	if isKeyword(name) {
		return say(name, "a shell keyword")
	}
	if f := sh.funcs[name]; f != nil {
		say(name, "a function")
		if long {
			fmt.Fprint(out, f.print(name))
		}
		return true
	}
	if sh.isBuiltin(name) {
		if specialBuiltin(name) && sh.option("posix") {
			return say(name, "a special shell builtin")
		}
		return say(name, "a shell builtin")
	}
	if found := sh.locate(name); found != "" {
		if hashed := sh.hashed[name]; hashed != "" && long {
			return say("", "hashed ("+hashed+")")
		}
		return say(found, found)
	}
	if long {
		sh.errorf("%s: %s: not found", command, name)
	}
	return false
}

func isKeyword(name string) bool {
	return slices.Contains(strings.Fields("if then else elif fi case esac for select while until do done in function time { } ! [[ ]] coproc"), name)
}

func typeBuiltin(sh *shell, words []string) int {
	args := words[1:]
	var all, typed, paths, forced, noFuncs bool
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' {
		flag := args[0]
		args = args[1:]
		if flag == "--" {
			break
		}
		for _, f := range flag[1:] {
			switch f {
			case 'a':
				all = true
			case 't':
				typed = true
			case 'p':
				paths = true
			case 'P':
				forced = true
			case 'f':
				noFuncs = true
			default:
				sh.errorf("type: -%c: invalid option", f)
				sh.complain("type: usage: type [-afptP] name [name ...]\n")
				return 2
			}
		}
	}
	code := 0
	for _, name := range args {
		if !sh.typeOne(name, all, typed, paths, forced, noFuncs) {
			code = 1
		}
	}
	return code
}

func (sh *shell) typeOne(name string, all, typed, paths, forced, noFuncs bool) bool {
	out := sh.out()
	var kinds []string
	if _, ok := sh.aliases[name]; ok && sh.shopts["expand_aliases"] {
		kinds = append(kinds, "alias")
	}
	if isKeyword(name) {
		kinds = append(kinds, "keyword")
	}
	if sh.funcs[name] != nil && !noFuncs {
		kinds = append(kinds, "function")
	}
	if sh.isBuiltin(name) {
		kinds = append(kinds, "builtin")
	}
	found := sh.locate(name)
	if found != "" {
		kinds = append(kinds, "file")
	}
	switch {
	case forced:
		if found != "" {
			fmt.Fprintln(out, found)
		}
		return found != ""
	case len(kinds) == 0:
		if !typed && !paths {
			sh.errorf("type: %s: not found", name)
		}
		return false
	case !all:
		kinds = kinds[:1]
	}
	for _, kind := range kinds {
		switch {
		case typed:
			fmt.Fprintln(out, kind)
		case paths:
			if kind == "file" {
				fmt.Fprintln(out, found)
			}
		case kind == "alias":
			fmt.Fprintf(out, "%s is aliased to `%s'\n", name, sh.aliases[name])
		case kind == "keyword":
			fmt.Fprintln(out, name+" is a shell keyword")
		case kind == "function":
			fmt.Fprint(out, name+" is a function\n"+sh.funcs[name].print(name))
		case kind == "builtin":
			fmt.Fprintln(out, name+" is a shell builtin")
		case sh.hashed[name] != "" && !all:
			fmt.Fprintf(out, "%s is hashed (%s)\n", name, sh.hashed[name])
		default:
			fmt.Fprintln(out, name+" is "+found)
		}
	}
	return true
}

func hashBuiltin(sh *shell, words []string) int {
	args := words[1:]
	if len(args) > 0 && args[0] == "-r" {
		sh.hashed = nil
		return 0
	}
	if len(args) == 0 {
		if len(sh.hashed) == 0 {
			fmt.Fprintln(sh.out(), "hash: hash table empty")
		}
		return 0
	}
	code := 0
	for _, a := range args {
		if strings.HasPrefix(a, "-") || sh.isBuiltin(a) || sh.funcs[a] != nil || strings.Contains(a, "/") {
			continue
		}
		found := sh.locate(a)
		if found == "" {
			code = sh.fail(1, "hash: %s: not found", a)
			continue
		}
		if sh.hashed == nil {
			sh.hashed = map[string]string{}
		}
		sh.hashed[a] = found
	}
	return code
}

func enableBuiltin(sh *shell, words []string) int {
	if len(words) > 1 && words[1] == "-n" {
		for _, name := range words[2:] {
			if !sh.isBuiltin(name) {
				return sh.fail(1, "enable: %s: not a shell builtin", name)
			}
			sh.setAlias("\x00"+name, "x")
		}
		return 0
	}
	if len(words) == 1 {
		for _, name := range slices.Sorted(maps.Keys(sh.builtins)) {
			if !sh.disabled(name) {
				fmt.Fprintln(sh.out(), "enable "+name)
			}
		}
		return 0
	}
	code := 0
	for _, name := range words[1:] {
		if name != "exec" && sh.builtins[name] == nil {
			code = sh.fail(1, "enable: %s: not a shell builtin", name)
		}
		delete(sh.aliases, "\x00"+name)
	}
	return code
}

func (sh *shell) setAlias(name, value string) {
	if sh.aliases == nil {
		sh.aliases = map[string]string{}
	}
	sh.hold(len(sh.aliases[name]), len(value)+wordBytes)
	sh.aliases[name] = value
}

func aliasBuiltin(sh *shell, words []string) int {
	args := words[1:]
	if len(args) > 0 && args[0] == "-p" {
		args = args[1:]
	}
	if len(args) == 0 {
		for _, name := range slices.Sorted(maps.Keys(sh.aliases)) {
			if name[0] != 0 {
				fmt.Fprintf(sh.out(), "alias %s=%s\n", name, quoteAll(sh.aliases[name]))
			}
		}
		return 0
	}
	code := 0
	for _, a := range args {
		name, value, defined := strings.Cut(a, "=")
		switch old, ok := sh.aliases[name]; {
		case defined && name != "":
			sh.setAlias(name, value)
		case ok:
			fmt.Fprintf(sh.out(), "alias %s=%s\n", name, quoteAll(old))
		default:
			code = sh.fail(1, "alias: %s: not found", a)
		}
	}
	return code
}

func unaliasBuiltin(sh *shell, words []string) int {
	code := 0
	for _, a := range words[1:] {
		if a == "-a" {
			sh.aliases = nil
			continue
		}
		if _, ok := sh.aliases[a]; !ok {
			code = sh.fail(1, "unalias: %s: not found", a)
		}
		delete(sh.aliases, a)
	}
	return code
}

// runAlias runs a command whose first word is an alias. It reports whether it is one.
func (sh *shell) runAlias(st *syntax.Stmt, c *syntax.CallExpr) bool {
	name := c.Args[0].Lit()
	value, ok := sh.aliases[name]
	if !ok || name == "" || sh.aliasing[name] {
		return false
	}
	rest := sh.raw(c.Args[0].End(), st.End())
	if sh.aliasing == nil {
		sh.aliasing = map[string]bool{}
	}
	sh.aliasing[name] = true
	defer delete(sh.aliasing, name)
	if err := sh.runText(&text{source: sh.text.source, above: sh.line - 1}, linesOf(value+rest)); err != nil {
		sh.reportSyntax(err, "")
		sh.status = 2
	}
	return true
}
