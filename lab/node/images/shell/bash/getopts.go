package bash

import (
	"fmt"
	"strconv"
	"strings"
)

func getoptsBuiltin(sh *shell, words []string) int {
	if len(words) < 3 {
		sh.complain("getopts: usage: getopts optstring name [arg ...]\n")
		return 2
	}
	spec, name := words[1], words[2]
	args := sh.params
	if len(words) > 3 {
		args = words[3:]
	}
	quiet := strings.HasPrefix(spec, ":")
	if quiet {
		spec = spec[1:]
	}
	at, _ := strconv.Atoi(sh.value("OPTIND"))
	at = max(at, 1)
	finish := func(code int, letter string) int {
		inside := sh.getoptsAt
		sh.set("OPTIND", strconv.Itoa(at))
		sh.getoptsAt = inside
		if !sh.set(name, letter) {
			return 1
		}
		return code
	}
	over := func() int {
		sh.getoptsAt = 0
		sh.unset("OPTARG")
		return finish(1, "?")
	}
	if sh.getoptsAt == 0 {
		if at > len(args) || len(args[at-1]) < 2 || args[at-1][0] != '-' {
			return over()
		}
		if args[at-1] == "--" {
			at++
			return over()
		}
		sh.getoptsAt = 1
	}
	if at > len(args) || sh.getoptsAt >= len(args[at-1]) {
		return over()
	}
	arg := args[at-1]
	letter := arg[sh.getoptsAt : sh.getoptsAt+1]
	sh.getoptsAt++
	rest := arg[sh.getoptsAt:]
	if rest == "" {
		at++
		sh.getoptsAt = 0
	}
	i := strings.Index(spec, letter)
	if i < 0 || letter == ":" {
		if quiet {
			sh.set("OPTARG", letter)
		} else {
			sh.unset("OPTARG")
			if sh.value("OPTERR") != "0" {
				sh.complain(fmt.Sprintf("%s: illegal option -- %s\n", sh.name, letter))
			}
		}
		return finish(0, "?")
	}
	if i+1 >= len(spec) || spec[i+1] != ':' {
		sh.unset("OPTARG")
		return finish(0, letter)
	}
	switch {
	case rest != "":
		at++
		sh.getoptsAt = 0
		sh.set("OPTARG", rest)
	case at <= len(args):
		sh.set("OPTARG", args[at-1])
		at++
	case quiet:
		sh.set("OPTARG", letter)
		return finish(0, ":")
	default:
		sh.unset("OPTARG")
		if sh.value("OPTERR") != "0" {
			sh.complain(fmt.Sprintf("%s: option requires an argument -- %s\n", sh.name, letter))
		}
		return finish(0, "?")
	}
	return finish(0, letter)
}
