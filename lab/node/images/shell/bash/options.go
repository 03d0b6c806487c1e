package bash

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// optionLetters are the options of set that have a letter.
const optionLetters = "abefhkmnptuvxBCEHPT"

// optionName is an option with its letter.
type optionName struct {
	name   string
	letter byte
}

// optionTable are set -o's names with their letters; 0: there is none.
func optionTable() []optionName {
	return []optionName{
		{"allexport", 'a'},
		{"braceexpand", 'B'},
		{"emacs", 0},
		{"errexit", 'e'},
		{"errtrace", 'E'},
		{"functrace", 'T'},
		{"hashall", 'h'},
		{"histexpand", 'H'},
		{"history", 0},
		{"ignoreeof", 0},
		{"interactive-comments", 1},
		{"keyword", 'k'},
		{"monitor", 'm'},
		{"noclobber", 'C'},
		{"noexec", 'n'},
		{"noglob", 'f'},
		{"nolog", 0},
		{"notify", 'b'},
		{"nounset", 'u'},
		{"onecmd", 't'},
		{"physical", 'P'},
		{"pipefail", 2},
		{"posix", 3},
		{"privileged", 'p'},
		{"verbose", 'v'},
		{"vi", 0},
		{"xtrace", 'x'},
	}
}

// setOption sets an option by its name. It reports whether there is one.
func (sh *shell) setOption(name string, on bool) bool {
	for _, o := range optionTable() {
		if o.name == name {
			if o.letter == 1 {
				o.letter = 'I' // interactive-comments is on unless it is switched off
				on = !on
			}
			sh.options[o.letter] = on
			return true
		}
	}
	return false
}

// option reports whether an option of set -o is on.
func (sh *shell) option(name string) bool {
	for _, o := range optionTable() {
		if o.name == name {
			if o.letter == 1 {
				return !sh.options['I']
			}
			return o.letter != 0 && sh.options[o.letter]
		}
	}
	return false
}

func (sh *shell) optionNames() []string {
	var names []string
	for _, o := range optionTable() {
		if sh.option(o.name) {
			names = append(names, o.name)
		}
	}
	return names
}

func (sh *shell) listOptions(sign string) {
	for _, o := range optionTable() {
		on := sh.option(o.name)
		if sign == "+" {
			fmt.Fprintf(sh.out(), "set %so %s\n", map[bool]string{true: "-", false: "+"}[on], o.name)
			continue
		}
		fmt.Fprintf(sh.out(), "%-15s\t%s\n", o.name, map[bool]string{true: "on", false: "off"}[on])
	}
}

func setBuiltin(sh *shell, words []string) int {
	args := words[1:]
	if len(args) == 0 {
		return sh.listVariables()
	}
	for len(args) > 0 && len(args[0]) > 0 && (args[0][0] == '-' || args[0][0] == '+') {
		flag := args[0]
		args = args[1:]
		if flag == "--" {
			sh.params = slices.Clone(args)
			return 0
		}
		if flag == "-" {
			sh.options['x'], sh.options['v'] = false, false
			if len(args) > 0 {
				sh.params = slices.Clone(args)
			}
			return 0
		}
		if flag == "+" {
			break
		}
		on := flag[0] == '-'
		for _, f := range []byte(flag[1:]) {
			switch {
			case f == 'o' && len(args) == 0:
				sh.listOptions(flag[:1])
			case f == 'o':
				if !sh.setOption(args[0], on) {
					return sh.fail(2, "set: %s: invalid option name", args[0])
				}
				args = args[1:]
			case strings.IndexByte(optionLetters, f) >= 0:
				sh.options[f] = on
			default:
				sh.errorf("set: %c%c: invalid option", flag[0], f)
				sh.complain("set: usage: set [-abefhkmnptuvxBCEHPT] [-o option-name] [--] [-] [arg ...]\n")
				return 2
			}
		}
		if len(args) == 0 {
			return 0
		}
	}
	sh.params = slices.Clone(args)
	return 0
}

// listVariables is set without arguments.
func (sh *shell) listVariables() int {
	all := map[string]*variable{}
	for _, s := range sh.scopes {
		maps.Copy(all, s.vars)
	}
	out := sh.out()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if v := all[name]; v.set {
			fmt.Fprintln(out, sh.assignedLine(name, v))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(sh.funcs)) {
		fmt.Fprint(out, sh.funcs[name].print(name))
	}
	return 0
}

// defaultShopts are the options of shopt as a shell that nobody types at begins with them.
func defaultShopts() map[string]bool {
	options := map[string]bool{}
	for _, name := range strings.Fields("autocd assoc_expand_once cdable_vars cdspell checkhash checkjobs compat31 compat32 compat40 " +
		"compat41 compat42 compat43 compat44 direxpand dirspell dotglob execfail expand_aliases extdebug extglob failglob " +
		"globstar gnu_errfmt histappend histreedit histverify huponexit inherit_errexit lastpipe lithist localvar_inherit localvar_unset " +
		"login_shell mailwarn no_empty_cmd_completion nocaseglob nocasematch noexpand_translation nullglob progcomp_alias " +
		"restricted_shell shift_verbose varredir_close xpg_echo") {
		options[name] = false
	}
	for _, name := range strings.Fields("checkwinsize cmdhist complete_fullquote extquote force_fignore globasciiranges globskipdots " +
		"hostcomplete interactive_comments patsub_replacement progcomp promptvars sourcepath") {
		options[name] = true
	}
	return options
}

func shoptBuiltin(sh *shell, words []string) int {
	args := words[1:]
	set, unset, quiet, print, options := false, false, false, false, false
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' {
		for _, f := range args[0][1:] {
			switch f {
			case 's':
				set = true
			case 'u':
				unset = true
			case 'q':
				quiet = true
			case 'p':
				print = true
			case 'o':
				options = true
			default:
				sh.errorf("shopt: -%c: invalid option", f)
				sh.complain("shopt: usage: shopt [-pqsu] [-o] [optname ...]\n")
				return 2
			}
		}
		args = args[1:]
	}
	get := func(name string) (on, known bool) {
		if options {
			for _, o := range optionTable() {
				if o.name == name {
					return sh.option(name), true
				}
			}
			return false, false
		}
		on, known = sh.shopts[name]
		return on, known
	}
	list := args
	if len(list) == 0 {
		if list = slices.Sorted(maps.Keys(sh.shopts)); options {
			list = nil
			for _, o := range optionTable() {
				list = append(list, o.name)
			}
		}
	}
	code := 0
	for _, name := range list {
		on, known := get(name)
		switch {
		case !known:
			kind := "shell option"
			if options {
				kind = "option"
			}
			code = sh.fail(1, "shopt: %s: invalid %s name", name, kind)
		case len(args) > 0 && (set || unset) && options:
			sh.setOption(name, set)
		case len(args) > 0 && (set || unset):
			sh.shopts[name] = set
			sh.patterns = nil
		case len(args) == 0 && (set && !on || unset && on):
		default:
			if !on && len(args) > 0 {
				code = 1
			}
			switch {
			case quiet:
			case print && options:
				fmt.Fprintf(sh.out(), "set %so %s\n", map[bool]string{true: "-", false: "+"}[on], name)
			case print:
				fmt.Fprintf(sh.out(), "shopt -%s %s\n", map[bool]string{true: "s", false: "u"}[on], name)
			default:
				fmt.Fprintf(sh.out(), "%-15s\t%s\n", name, map[bool]string{true: "on", false: "off"}[on])
			}
		}
	}
	return code
}
