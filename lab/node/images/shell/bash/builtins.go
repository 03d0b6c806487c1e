package bash

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"healthlab/lab/node/images/tools"
)

// builtin is a command of the shell itself; it returns its status.
type builtin func(sh *shell, words []string) int

// builtins returns the commands of the shell by name; exec, which changes how the shell goes on, is not among them.
func builtins() map[string]builtin {
	status := func(code int) builtin { return func(*shell, []string) int { return code } }
	declared := func(sh *shell, words []string) int {
		options := 1
		for options < len(words) && len(words[options]) > 1 && (words[options][0] == '-' || words[options][0] == '+') {
			options++
		}
		var list []declared
		for _, w := range words[options:] {
			list = append(list, declaredWord(w))
		}
		return sh.declare(words[:options], list)
	}
	return map[string]builtin{
		":": status(0), "true": status(0), "false": status(1),
		".": dotBuiltin, "source": dotBuiltin, "alias": aliasBuiltin, "bg": jobControl, "bind": status(0),
		"break": loopBuiltin, "builtin": builtinBuiltin, "caller": callerBuiltin, "cd": cdBuiltin, "command": commandBuiltin,
		"compgen": compgenBuiltin, "complete": status(0), "compopt": status(0), "continue": loopBuiltin, "declare": declared,
		"dirs": dirsBuiltin, "disown": disownBuiltin, "echo": echoBuiltin, "enable": enableBuiltin, "eval": evalBuiltin,
		"exit": exitBuiltin, "export": declared, "fc": status(0), "fg": jobControl, "getopts": getoptsBuiltin,
		"hash": hashBuiltin, "help": helpBuiltin, "history": status(0), "jobs": jobsBuiltin, "kill": killBuiltin, "let": letBuiltin,
		"local": declared, "logout": logoutBuiltin, "mapfile": mapfileBuiltin, "readarray": mapfileBuiltin, "popd": popdBuiltin,
		"printf": printfBuiltin, "pushd": pushdBuiltin, "pwd": pwdBuiltin, "read": readBuiltin, "readonly": declared,
		"return": returnBuiltin, "set": setBuiltin, "shift": shiftBuiltin, "shopt": shoptBuiltin, "suspend": jobControl,
		"test": testBuiltin, "[": testBuiltin, "times": timesBuiltin, "trap": trapBuiltin, "type": typeBuiltin,
		"typeset": declared, "ulimit": ulimitBuiltin, "umask": umaskBuiltin, "unalias": unaliasBuiltin, "unset": unsetBuiltin,
		"wait": waitBuiltin,
	}
}

func compgenBuiltin(sh *shell, words []string) int {
	prefix := ""
	var list []string
	for i := 1; i < len(words); i++ {
		switch words[i] {
		case "-v", "-A":
			if words[i] == "-v" || i+1 < len(words) && words[i+1] == "variable" {
				list = append(list, sh.namesWith("")...)
			} else if i+1 < len(words) && words[i+1] == "function" {
				list = append(list, slices.Sorted(maps.Keys(sh.funcs))...)
			}
			if words[i] == "-A" {
				i++
			}
		case "-b":
			list = append(list, slices.Sorted(maps.Keys(sh.builtins))...)
		case "-W":
			if i+1 < len(words) {
				i++
				list = append(list, strings.Fields(words[i])...)
			}
		case "--":
		default:
			if strings.HasPrefix(words[i], "-") {
				return sh.fail(2, "compgen: %s is not built into healthlab's bash", words[i])
			}
			prefix = words[i]
		}
	}
	code := 1
	for _, name := range list {
		if strings.HasPrefix(name, prefix) {
			fmt.Fprintln(sh.out(), name)
			code = 0
		}
	}
	return code
}

func helpBuiltin(sh *shell, words []string) int {
	if len(words) > 1 && sh.builtins[words[1]] == nil {
		return sh.fail(1, "help: no help topics match `%s'.  Try `help help' or `man -k %s' or `info %s'.", words[1], words[1], words[1])
	}
	fmt.Fprintf(sh.out(), "GNU bash, version %s (x86_64-pc-linux-gnu)\nThese shell commands are built into healthlab's bash:\n\n%s exec\n",
		version, strings.Join(slices.Sorted(maps.Keys(sh.builtins)), " "))
	return 0
}

func timesBuiltin(sh *shell, _ []string) int {
	fmt.Fprint(sh.out(), "0m0.000s 0m0.000s\n0m0.000s 0m0.000s\n")
	return 0
}

func ulimitBuiltin(sh *shell, words []string) int {
	args := words[1:]
	which := "f"
	for len(args) > 0 && strings.HasPrefix(args[0], "-") {
		which = args[0]
		args = args[1:]
	}
	if len(args) > 0 {
		return 0
	}
	switch {
	case strings.Contains(which, "n"):
		fmt.Fprintln(sh.out(), 1048576)
	case strings.Contains(which, "s"):
		fmt.Fprintln(sh.out(), 8192)
	case strings.Contains(which, "c"):
		fmt.Fprintln(sh.out(), 0)
	default:
		fmt.Fprintln(sh.out(), "unlimited")
	}
	return 0
}

func umaskBuiltin(sh *shell, words []string) int {
	args := words[1:]
	symbolic, print := false, false
	for len(args) > 0 && (args[0] == "-S" || args[0] == "-p") {
		symbolic, print = symbolic || args[0] == "-S", print || args[0] == "-p"
		args = args[1:]
	}
	const all = 0o777
	if len(args) == 0 {
		mask := sh.p.Umask
		text := fmt.Sprintf("%04o", mask)
		if symbolic {
			var parts []string
			for i, who := range []string{"u", "g", "o"} {
				bits, rights := (all&^mask)>>(6-3*i)&7, ""
				for j, letter := range []string{"r", "w", "x"} {
					if bits&(4>>j) != 0 {
						rights += letter
					}
				}
				parts = append(parts, who+"="+rights)
			}
			text = strings.Join(parts, ",")
		}
		if print {
			text = "umask " + text
		}
		fmt.Fprintln(sh.out(), text)
		return 0
	}
	if c := args[0]; c != "" && c[0] >= '0' && c[0] <= '9' {
		n, err := strconv.ParseUint(c, 8, 12)
		if err != nil {
			return sh.fail(1, "umask: %s: octal number out of range", c)
		}
		sh.p.Umask = all & modeOf(n)
		return 0
	}
	mode, err := tools.NewMode(all&^sh.p.Umask, args[0])
	if err != nil {
		return sh.fail(1, "umask: `%c': invalid symbolic mode character", args[0][0])
	}
	sh.p.Umask = all &^ mode
	return 0
}
