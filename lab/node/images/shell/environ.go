package shell

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/expand"
)

// environ is the variables a shell begins with, and those of its process.
type environ struct {
	shell *shell
	vars  map[string]expand.Variable
	begun bool // the interpreter has asked for its own settings
}

// Get returns a variable.
func (e *environ) Get(name string) expand.Variable {
	text := func(s string) expand.Variable { return expand.Variable{Set: true, Kind: expand.String, Str: s} }
	switch name {
	case pidVariable:
		return text(strconv.Itoa(e.shell.pid))
	case parentVariable:
		return text(strconv.Itoa(e.shell.p.PPID()))
	case backgroundVariable:
		if e.shell.background == 0 {
			return expand.Variable{}
		}
		return text(strconv.Itoa(e.shell.background))
	case nameVariable:
		return text(e.shell.name)
	case "UID", "EUID", "GID":
		return text("0")
	case "TMPDIR":
		if !e.begun {
			// Files of this directory the interpreter would open on the host, so it is one that cannot exist.
			return text("/dev/null/healthlab")
		}
	}
	return e.vars[name]
}

// Each calls f with every variable.
func (e *environ) Each(f func(name string, v expand.Variable) bool) {
	for name, v := range e.vars {
		if !f(name, v) {
			return
		}
	}
}

// environmentOf turns KEY=VALUE into exported variables. Names that no script can write, such as data-1, are among them: ash hands
// them on to its children.
func environmentOf(env []string) map[string]expand.Variable {
	vars := map[string]expand.Variable{}
	for _, kv := range env {
		if name, value, ok := strings.Cut(kv, "="); ok && name != "" {
			vars[name] = expand.Variable{Set: true, Exported: true, Kind: expand.String, Str: value}
		}
	}
	return vars
}

// exported is the environment for a program.
func exported(env expand.Environ) []string {
	values := map[string]string{}
	env.Each(func(name string, v expand.Variable) bool {
		delete(values, name)
		if v.IsSet() && v.Exported && v.Kind == expand.String {
			values[name] = v.Str
		}
		return true
	})
	list := make([]string, 0, len(values))
	for _, name := range slices.Sorted(maps.Keys(values)) {
		list = append(list, name+"="+values[name])
	}
	return list
}
