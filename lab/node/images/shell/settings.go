package shell

import (
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/interp"

	"healthlab/lab/node/images/tools"
)

// listVariables is export -p and readonly -p, sorted by name.
func (sh *shell) listVariables(hc interp.HandlerContext, what string) error {
	values := map[string]expand.Variable{}
	hc.Env.Each(func(name string, v expand.Variable) bool {
		values[name] = v
		return true
	})
	var lines []string
	for name, v := range values {
		word := "export"
		if what == "readonlys" {
			word = "readonly"
		}
		if what == "exported" && !v.Exported || what == "readonlys" && !v.ReadOnly || strings.HasPrefix(name, "__healthlab") {
			continue
		}
		line := word + " " + name
		if v.IsSet() {
			line += "='" + strings.ReplaceAll(v.Str, "'", `'"'"'`) + "'"
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	out := sh.output(hc)
	for _, line := range lines {
		if _, err := fmt.Fprintln(out, line); err != nil {
			return interp.ExitStatus(1)
		}
	}
	return nil
}

// listOptions is set -o and set +o.
func (sh *shell) listOptions(hc interp.HandlerContext, sign string) error {
	letters := map[string]string{"errexit": "e", "noglob": "f", "noexec": "n", "xtrace": "x", "allexport": "a", "nounset": "u"}
	out := sh.output(hc)
	for _, name := range strings.Fields("errexit noglob ignoreeof monitor noexec xtrace verbose noclobber allexport notify nounset errtrace vi pipefail") {
		on := name == "pipefail" && sh.pipefail || name == "noclobber" && sh.noClobber
		for i, o := range sh.options {
			if letters[name] != "" && o == "-"+letters[name] || o == "-o" && i+1 < len(sh.options) && sh.options[i+1] == name {
				on = true
			}
			if letters[name] != "" && o == "+"+letters[name] || o == "+o" && i+1 < len(sh.options) && sh.options[i+1] == name {
				on = false
			}
		}
		if sign == "+" {
			fmt.Fprintf(out, "set %so %s\n", map[bool]string{true: "-", false: "+"}[on], name)
			continue
		}
		fmt.Fprintf(out, "%-16s%s\n", name, map[bool]string{true: "on", false: "off"}[on])
	}
	return nil
}

// umask prints or sets the permissions that new files do not get, of this shell and what it starts.
func (sh *shell) umask(hc interp.HandlerContext, args []string) error {
	symbolic := len(args) > 0 && args[0] == "-S"
	if symbolic {
		args = args[1:]
	}
	const all = fs.FileMode(0o777)
	if len(args) == 0 {
		mask := sh.p.Umask
		if !symbolic {
			fmt.Fprintf(sh.output(hc), "%04o\n", mask)
			return nil
		}
		var parts []string
		for i, who := range []string{"u", "g", "o"} {
			bits, text := (all&^mask)>>(6-3*i)&7, ""
			for j, letter := range []string{"r", "w", "x"} {
				if bits&(4>>j) != 0 {
					text += letter
				}
			}
			parts = append(parts, who+"="+text)
		}
		fmt.Fprintln(sh.output(hc), strings.Join(parts, ","))
		return nil
	}
	text := args[0]
	if text != "" && text[0] >= '0' && text[0] <= '9' {
		n, err := strconv.ParseUint(text, 8, 12)
		if err != nil {
			return sh.illegalMode(hc, text)
		}
		sh.p.Umask = fs.FileMode(n) & all
		return nil
	}
	mode, err := tools.NewMode(all&^sh.p.Umask, text)
	if err != nil {
		return sh.illegalMode(hc, text)
	}
	sh.p.Umask = all &^ mode
	return nil
}

func (sh *shell) illegalMode(hc interp.HandlerContext, text string) error {
	fmt.Fprintf(hc.Stderr, "%sillegal mode: %s\n", sh.prefixOf(hc, "umask"), text)
	return interp.ExitStatus(2)
}
