package bash

import (
	"fmt"
	"path"
	"strings"
)

func pwdBuiltin(sh *shell, words []string) int {
	dir := sh.dir
	if len(words) > 1 && strings.Contains(words[1], "P") {
		if real, err := sh.p.FS().Resolve(dir, true); err == nil {
			dir = real
		}
	}
	fmt.Fprintln(sh.out(), dir)
	return 0
}

func cdBuiltin(sh *shell, words []string) int {
	args := words[1:]
	physical := sh.options['P']
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' {
		if args[0] == "--" {
			args = args[1:]
			break
		}
		for _, f := range args[0][1:] {
			switch f {
			case 'P':
				physical = true
			case 'L':
				physical = false
			case 'e', '@':
			default:
				sh.errorf("cd: -%c: invalid option", f)
				sh.complain("cd: usage: cd [-L|[-P [-e]] [-@]] [dir]\n")
				return 2
			}
		}
		args = args[1:]
	}
	dir, show := "", false
	switch {
	case len(args) > 1:
		return sh.fail(1, "cd: too many arguments")
	case len(args) == 0:
		v := sh.get("HOME")
		if v == nil || !v.set {
			return sh.fail(1, "cd: HOME not set")
		}
		dir = v.str
	case args[0] == "-":
		v := sh.get("OLDPWD")
		if v == nil || !v.set {
			return sh.fail(1, "cd: OLDPWD not set")
		}
		dir, show = v.str, true
	default:
		dir = args[0]
	}
	if dir == "" {
		if show {
			fmt.Fprintln(sh.out())
		}
		return 0
	}
	if cdpath := sh.value("CDPATH"); cdpath != "" && !strings.HasPrefix(dir, "/") && !strings.HasPrefix(dir, ".") {
		for elem := range strings.SplitSeq(cdpath, ":") {
			if elem != "" && elem != "." && sh.isDir(joinPath(elem, dir)) {
				dir, show = joinPath(elem, dir), true
				break
			}
		}
	}
	if code := sh.changeDir("cd", dir, physical); code != 0 {
		return code
	}
	if show {
		fmt.Fprintln(sh.out(), sh.dir)
	}
	return 0
}

// changeDir goes to a directory.
func (sh *shell) changeDir(command, dir string, physical bool) int {
	full := path.Clean(sh.absolute(dir))
	info, err := sh.p.FS().Stat(full)
	switch {
	case err != nil:
		return sh.fail(1, "%s: %s: %s", command, dir, reason(err))
	case !info.IsDir():
		return sh.fail(1, "%s: %s: Not a directory", command, dir)
	}
	if physical {
		if real, err := sh.p.FS().Resolve(full, true); err == nil {
			full = real
		}
	}
	old := sh.dir
	sh.dir, sh.p.Dir = full, full
	sh.set("OLDPWD", old)
	sh.set("PWD", full)
	return 0
}

func (sh *shell) printDirs() {
	home := sh.value("HOME")
	var list []string
	for _, d := range append([]string{sh.dir}, sh.dirs...) {
		if home != "" && home != "/" && (d == home || strings.HasPrefix(d, home+"/")) {
			d = "~" + d[len(home):]
		}
		list = append(list, d)
	}
	fmt.Fprintln(sh.out(), strings.Join(list, " "))
}

func dirsBuiltin(sh *shell, words []string) int {
	if len(words) > 1 {
		switch words[1] {
		case "-c":
			sh.dirs = nil
			return 0
		case "-p", "-v", "-l":
			for i, d := range append([]string{sh.dir}, sh.dirs...) {
				if words[1] == "-v" {
					fmt.Fprintf(sh.out(), "%2d  ", i)
				}
				fmt.Fprintln(sh.out(), d)
			}
			return 0
		}
	}
	sh.printDirs()
	return 0
}

func pushdBuiltin(sh *shell, words []string) int {
	if len(words) < 2 {
		if len(sh.dirs) == 0 {
			return sh.fail(1, "pushd: no other directory")
		}
		old := sh.dir
		if code := sh.changeDir("pushd", sh.dirs[0], false); code != 0 {
			return code
		}
		sh.dirs[0] = old
		sh.printDirs()
		return 0
	}
	old := sh.dir
	if code := sh.changeDir("pushd", words[1], false); code != 0 {
		return code
	}
	sh.hold(0, len(old)+wordBytes)
	sh.dirs = append([]string{old}, sh.dirs...)
	sh.printDirs()
	return 0
}

func popdBuiltin(sh *shell, _ []string) int {
	if len(sh.dirs) == 0 {
		return sh.fail(1, "popd: directory stack empty")
	}
	if code := sh.changeDir("popd", sh.dirs[0], false); code != 0 {
		return code
	}
	sh.dirs = sh.dirs[1:]
	sh.printDirs()
	return 0
}
