package awk

import (
	"errors"
	"maps"
	"slices"

	"healthlab/lab/node/images/tools/regex"
)

// expression is a regular expression in both forms that IGNORECASE chooses from.
type expression struct{ exact, folded *regex.Regexp }

func compile(text string) *expression {
	e, err := tryCompile(text, true)
	if err != nil {
		panic(&Error{Message: "bad regex '" + text + "': " + err.Error()})
	}
	return e
}

func tryCompile(text string, extended bool) (*expression, error) {
	exact, err := regex.Compile(text, regex.Options{Extended: extended})
	if err != nil {
		return nil, err
	}
	folded, err := regex.Compile(text, regex.Options{Extended: extended, IgnoreCase: true})
	return &expression{exact, folded}, err
}

// dynamic is the expression that a string means. As in BusyBox one that is no extended one is tried as a basic one.
func (r *run) dynamic(text string) *expression {
	if e := r.compiled[text]; e != nil {
		return e
	}
	e, err := tryCompile(text, true)
	if err != nil {
		if e, err = tryCompile(text, false); err != nil {
			panic(&Error{Message: "bad regex '" + text + "': " + err.Error()})
		}
	}
	const most = 200
	if len(r.compiled) >= most {
		maps.DeleteFunc(r.compiled, func(string, *expression) bool { return true })
	}
	r.compiled[text] = e
	return e
}

func (r *run) find(e *expression, s string, notStart bool) []int {
	return r.findBytes(e, []byte(s), notStart)
}

func (r *run) findBytes(e *expression, s []byte, notStart bool) []int {
	re := e.exact
	if r.ignoreCase {
		re = e.folded
	}
	loc, err := re.Find(r.ctx, s, notStart)
	switch {
	case errors.Is(err, regex.ErrSpace):
		panic(ErrMemory)
	case err != nil:
		panic(errStopped)
	}
	return slices.Clone(loc)
}
