package main

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
)

//go:embed exceptions.md
var exceptionsFile string

// exceptionList maps the names of specs that are not run to the reason.
type exceptionList map[string]string

// exceptions reads exceptions.md: a heading of the second level is a reason, and each item of the list below it a spec.
func exceptions() (exceptionList, error) {
	list := exceptionList{}
	var reason string
	for number, line := range strings.Split(exceptionsFile, "\n") {
		if heading, ok := strings.CutPrefix(line, "## "); ok {
			reason = heading
		}
		name, ok := strings.CutPrefix(line, "- ")
		if !ok {
			continue
		}
		if reason == "" || list[name] != "" {
			return nil, fmt.Errorf("exceptions.md, line %d: a spec without a reason, or one that is there already", number+1)
		}
		list[name] = reason
	}
	return list, nil
}

// known returns an error that names an exception which is none of the specs: a newer Kubernetes may call it something else.
func (l exceptionList) known(specs []spec) error {
	for name := range l {
		if !slices.ContainsFunc(specs, func(s spec) bool { return s.name == name && s.asked() }) {
			return fmt.Errorf("exceptions.md: no spec of these areas has this name: %s", name)
		}
	}
	return nil
}
