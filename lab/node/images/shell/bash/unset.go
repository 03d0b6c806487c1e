package bash

import (
	"slices"
)

func unsetBuiltin(sh *shell, words []string) int {
	args := words[1:]
	vars, funcs, refs := true, true, false
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' {
		for _, f := range args[0][1:] {
			switch f {
			case 'v':
				funcs = false
			case 'f':
				vars = false
			case 'n':
				refs = true
			default:
				sh.errorf("unset: -%c: invalid option", f)
				sh.complain("unset: usage: unset [-f] [-v] [-n] [name ...]\n")
				return 2
			}
		}
		args = args[1:]
	}
	code := 0
	for _, a := range args {
		if !sh.unsetOne(a, vars, funcs, refs) {
			code = 1
		}
	}
	return code
}

func (sh *shell) unsetOne(name string, vars, funcs, refs bool) bool {
	base, sub, element := splitElement(name)
	if !vars {
		delete(sh.funcs, name)
		return true
	}
	if !refs {
		target, s, e := sh.resolve(base)
		if base = target; e && !element {
			sub, element = s, true
		}
	}
	if element {
		return sh.unsetElement(base, sub)
	}
	switch v := sh.find(base); {
	case v != nil:
		return sh.unset(base)
	case sh.funcs[base] != nil && funcs:
		delete(sh.funcs, base)
	}
	return true
}

func (sh *shell) unsetElement(name, sub string) bool {
	v := sh.find(name)
	switch {
	case v == nil:
		return true
	case v.readOnly:
		sh.errorf("unset: %s: cannot unset: readonly variable", name)
		return false
	case v.kind == associative:
		if _, ok := v.dict.m[sub]; !ok && (sub == "@" || sub == "*") {
			return sh.unset(name)
		}
		delete(v.dict.m, sh.unquote(sub))
		return true
	case sub == "@" || sub == "*":
		if v.kind == indexed {
			sh.held -= v.size()
			v.keys, v.vals = nil, nil
			return true
		}
		return sh.unset(name)
	}
	i, ok := sh.index("unset: "+name, v, sh.unquote(sub))
	if !ok {
		return false
	}
	if v.kind == scalar {
		if i == 0 {
			return sh.unset(name)
		}
		sh.errorf("unset: %s: not an array variable", name)
		return false
	}
	if n, found := slices.BinarySearch(v.keys, i); found {
		v.keys, v.vals = slices.Delete(v.keys, n, n+1), slices.Delete(v.vals, n, n+1)
	}
	return true
}
