package bash

import (
	"crypto/rand"
	"encoding/binary"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"mvdan.cc/sh/v3/syntax"
)

// special returns the variables and parameters that the shell itself keeps, or nil.
func (sh *shell) special(name string) *variable {
	text := func(s string) *variable { return &variable{str: s, set: true} }
	list := func(values []string) *variable {
		v := &variable{kind: indexed, set: true, vals: values, keys: make([]int, len(values))}
		for i := range v.keys {
			v.keys[i] = i
		}
		return v
	}
	switch name {
	case "#":
		return text(strconv.Itoa(len(sh.params)))
	case "?":
		return text(strconv.Itoa(sh.status))
	case "$":
		return text(strconv.Itoa(sh.pid))
	case "!":
		if sh.background == 0 {
			return &variable{}
		}
		return text(strconv.Itoa(sh.background))
	case "-":
		return text(sh.dash())
	case "_":
		return text(sh.last)
	case "0":
		return text(sh.name)
	case "@", "*":
		return list(sh.params)
	case "LINENO":
		return text(strconv.Itoa(sh.line))
	case "RANDOM":
		sh.random = sh.random*1103515245 + 12345
		return text(strconv.Itoa(int(sh.random>>16) & 0x7fff))
	case "SRANDOM":
		var b [4]byte
		_, _ = rand.Read(b[:])
		return text(strconv.FormatUint(uint64(binary.NativeEndian.Uint32(b[:])), 10))
	case "SECONDS":
		return text(strconv.Itoa(int(time.Since(sh.began) / time.Second)))
	case "EPOCHSECONDS":
		return text(strconv.FormatInt(time.Now().Unix(), 10))
	case "EPOCHREALTIME":
		now := time.Now()
		return text(strconv.FormatInt(now.Unix(), 10) + "." + strconv.Itoa(1_000_000 + now.Nanosecond()/1000)[1:])
	case "BASHPID":
		return &variable{str: strconv.Itoa(sh.p.PID()), set: true, integer: true}
	case "BASH_SUBSHELL":
		return text(strconv.Itoa(sh.level))
	case "BASH_COMMAND":
		return text(sh.commandText())
	case "PIPESTATUS":
		values := make([]string, len(sh.pipeStatus))
		for i, code := range sh.pipeStatus {
			values[i] = strconv.Itoa(code)
		}
		return list(values)
	case "FUNCNAME":
		var names []string
		for _, f := range slices.Backward(sh.frames) {
			names = append(names, f.name)
		}
		if len(names) == 0 || names[0] == "source" && len(names) == 1 && !sh.fromFile {
			return &variable{kind: indexed}
		}
		if sh.fromFile {
			names = append(names, "main")
		}
		return list(names)
	case "BASH_SOURCE":
		var names []string
		for _, f := range slices.Backward(sh.frames) {
			names = append(names, f.source)
		}
		if sh.fromFile {
			names = append(names, sh.name)
		}
		return list(names)
	case "BASH_LINENO":
		var lines []string
		for _, f := range slices.Backward(sh.frames) {
			lines = append(lines, strconv.Itoa(f.line))
		}
		if sh.fromFile {
			lines = append(lines, "0")
		}
		return list(lines)
	case "DIRSTACK":
		return list(append([]string{sh.dir}, sh.dirs...))
	case "GROUPS":
		return list([]string{"0"})
	case "SHELLOPTS":
		return &variable{str: strings.Join(sh.optionNames(), ":"), set: true, readOnly: true}
	case "BASHOPTS":
		var names []string
		for _, n := range slices.Sorted(maps.Keys(sh.shopts)) {
			if sh.shopts[n] {
				names = append(names, n)
			}
		}
		return &variable{str: strings.Join(names, ":"), set: true, readOnly: true}
	}
	if n, err := strconv.Atoi(name); err == nil && n > 0 {
		if n <= len(sh.params) {
			return text(sh.params[n-1])
		}
		return &variable{}
	}
	return nil
}

// assigned does what an assignment to a variable of the shell does besides.
func (sh *shell) assigned(name, value string) {
	switch name {
	case "RANDOM":
		n, _ := strconv.ParseInt(value, 10, 64)
		sh.random = uint32(n) //nolint:gosec // a seed
	case "SECONDS":
		n, _ := strconv.Atoi(value)
		sh.began = time.Now().Add(-time.Duration(n) * time.Second)
	case "PATH":
		sh.hashed = nil
	case "OPTIND":
		sh.getoptsAt = 0
	}
}

// dash is $-.
func (sh *shell) dash() string {
	var b strings.Builder
	b.WriteString(sh.letters("abefhkmnptuvxBCEHPT"))
	text := b.String()
	i := strings.IndexAny(text+"B", "BCEHPT")
	extra := ""
	if sh.interactive {
		extra = "i"
	}
	// The letters of the invocation stand where bash has them.
	text = text[:i] + text[i:]
	if extra != "" {
		at := strings.IndexAny(text+"k", "kmnptuvxBCEHPT")
		text = text[:at] + extra + text[at:]
	}
	switch {
	case sh.oneCommand:
		text += "c"
	case !sh.fromFile:
		text += "s"
	}
	return text
}

func (sh *shell) letters(which string) string {
	var b strings.Builder
	for i := range len(which) {
		if sh.options[which[i]] {
			b.WriteByte(which[i])
		}
	}
	return b.String()
}

// importFunction defines a function that a shell above has exported.
func (sh *shell) importFunction(name, definition string) {
	units, err := sh.parse(name + " " + definition)
	if err != nil || len(units) != 1 {
		return
	}
	if f, ok := units[0].st.Cmd.(*syntax.FuncDecl); ok && f.Name != nil {
		sh.funcs[name] = &function{body: f.Body, text: &text{}, source: units[0], exported: true}
	}
}

// environ gives the shell the variables that it begins with.
func (sh *shell) environ(env []string) {
	globals := &scope{vars: map[string]*variable{}}
	sh.scopes = []*scope{globals}
	for _, kv := range env {
		name, value, ok := strings.Cut(kv, "=")
		if function, exported := strings.CutPrefix(name, "BASH_FUNC_"); exported && strings.HasSuffix(function, "%%") {
			sh.importFunction(strings.TrimSuffix(function, "%%"), value)
			continue
		}
		if ok && validName(name) {
			globals.vars[name] = &variable{str: value, set: true, exported: true}
			sh.held += len(kv) + wordBytes
		}
	}
	initial := func(name, value string) {
		if globals.vars[name] == nil {
			globals.vars[name] = &variable{str: value, set: true}
		}
	}
	initial("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
	initial("HOSTNAME", sh.p.Hostname())
	initial("HOSTTYPE", "x86_64")
	initial("OSTYPE", "linux-gnu")
	initial("MACHTYPE", "x86_64-pc-linux-gnu")
	initial("TERM", "dumb")
	initial("BASH", "/bin/bash")
	globals.vars["BASH_VERSION"] = &variable{str: version, set: true}
	globals.vars["BASH_VERSINFO"] = &variable{
		kind: indexed, set: true, readOnly: true, keys: []int{0, 1, 2, 3, 4, 5},
		vals: []string{"5", "2", "15", "1", "release", "x86_64-pc-linux-gnu"},
	}
	globals.vars["IFS"] = &variable{str: " \t\n", set: true}
	globals.vars["OPTIND"] = &variable{str: "1", set: true}
	globals.vars["OPTERR"] = &variable{str: "1", set: true}
	globals.vars["PS4"] = &variable{str: "+ ", set: true}
	globals.vars["PPID"] = &variable{str: strconv.Itoa(sh.p.PPID()), set: true, readOnly: true, integer: true}
	for _, name := range []string{"UID", "EUID"} {
		globals.vars[name] = &variable{str: "0", set: true, readOnly: true, integer: true}
	}
	level, _ := strconv.Atoi(sh.p.Getenv("SHLVL"))
	globals.vars["SHLVL"] = &variable{str: strconv.Itoa(level + 1), set: true, exported: true}
	globals.vars["PWD"] = &variable{str: path.Clean(sh.dir), set: true, exported: true}
	if v := globals.vars["OLDPWD"]; v == nil {
		globals.vars["OLDPWD"] = &variable{exported: true}
	}
	globals.vars["_"] = &variable{str: sh.p.Args[0], set: true, exported: true}
}
