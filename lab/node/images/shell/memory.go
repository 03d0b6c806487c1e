package shell

import (
	"mvdan.cc/sh/v3/expand"
)

// What a shell may hold: in one variable or the words of one command, and in all variables together. More than that no
// real script has, and a string that doubles would otherwise take all of the process's memory.
const (
	maxMemory    = 4 << 20
	maxVariables = 64 << 20
)

// measure looks at variables that have been assigned to, and gives the assignment's status back.
func (sh *shell) measure(env expand.Environ, status string, names []string) ([]string, error) {
	for _, name := range names {
		if v := env.Get(name); size(v.Str)+size(v.List...) > maxMemory {
			return nil, errNoMemory
		}
	}
	return []string{builtinPrefix + "status", status}, nil
}

// holdsTooMuch adds up all variables, which takes long.
func holdsTooMuch(env expand.Environ) bool {
	const each = 256 // what a variable takes besides its value
	total := 0
	env.Each(func(name string, v expand.Variable) bool {
		total += each + size(name, v.Str) + size(v.List...)
		return total <= maxVariables
	})
	return total > maxVariables
}

// size is about how many bytes strings take.
func size(texts ...string) int {
	n := 0
	for _, s := range texts {
		n += len(s) + 16
	}
	return n
}
