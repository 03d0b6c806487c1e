package tools

import (
	"context"
	"fmt"
	"path"
	"strconv"
	"strings"

	"healthlab/lab/node/sandbox"
)

// tarProgram makes, lists and unpacks archives, one entry at a time.
func tarProgram(ctx context.Context, p *sandbox.Process) int {
	if len(p.Args) > 1 && p.Args[1] != "" && !strings.HasPrefix(p.Args[1], "-") {
		oldTarOptions(p)
	}
	found, names, ok := optionSpec{
		letters: "txC:f:OopvkchjT:X:zJZam\x01:\x02\x03\x04:\x05\x06\x07",
		long: map[string]byte{
			"list": 't', "extract": 'x', "directory": 'C', "file": 'f', "to-stdout": 'O', "no-same-owner": 'o',
			"same-permissions": 'p', "verbose": 'v', "keep-old": 'k', "create": 'c', "dereference": 'h', "bzip2": 'j',
			"files-from": 'T', "exclude-from": 'X', "gzip": 'z', "xz": 'J', "compress": 'Z', "auto-compress": 'a', "touch": 'm',
			"strip-components": 1, "no-recursion": 2, "numeric-owner": 3, "exclude": 4, "overwrite": 5, "no-same-permissions": 6,
		},
	}.parse(p)
	if !ok {
		return 1
	}
	t := &tarRun{ctx: ctx, p: p, set: asSet(found), names: names, dir: p.Dir, excluded: values(found, 4), seen: map[string]bool{}}
	if code := t.prepare(found); code != 0 {
		return code
	}
	var err error
	if t.has('c') {
		err = t.create()
	} else {
		err = t.open()
	}
	switch {
	case ctx.Err() != nil:
		return 1
	case err != nil:
		return failf(p, "%s", Reason(err))
	}
	return t.code
}

// oldTarOptions turns xzf into -xzf, whose values follow in their order.
func oldTarOptions(p *sandbox.Process) {
	args := p.Args[2:]
	var out []string
	for _, c := range p.Args[1] {
		out = append(out, "-"+string(c))
		if strings.ContainsRune("fCTX", c) && len(args) > 0 {
			out, args = append(out, args[0]), args[1:]
		}
	}
	p.Args = append(append(p.Args[:1:1], out...), args...)
}

type tarRun struct {
	ctx      context.Context
	p        *sandbox.Process
	set      map[byte]string
	names    []string
	excluded []string
	seen     map[string]bool // names that were in the archive
	dir      string
	strip    int
	slashed  bool // that names lose their slash has been said
	code     int
}

func (t *tarRun) has(c byte) bool { return has(t.set, c) }

func (t *tarRun) prepare(found []option) int {
	modes := 0
	for _, c := range []byte("ctx") {
		if t.has(c) {
			modes++
		}
	}
	if modes != 1 {
		return usage(t.p)
	}
	for _, o := range found {
		switch o.letter {
		case 'C':
			if t.dir = o.value; !path.IsAbs(o.value) {
				t.dir = path.Join(t.p.Dir, o.value)
			}
			if info, err := t.p.FS().Stat(t.dir); err != nil {
				return failf(t.p, "can't change directory to '%s': %s", o.value, Reason(err))
			} else if !info.IsDir() {
				return failf(t.p, "can't change directory to '%s': Not a directory", o.value)
			}
		case 'T', 'X':
			text, err := readText(t.ctx, t.p, o.value)
			if err != nil {
				return failf(t.p, "can't open '%s': %s", o.value, Reason(err))
			}
			if list := strings.Fields(text); o.letter == 'T' {
				t.names = append(t.names, list...)
			} else {
				t.excluded = append(t.excluded, list...)
			}
		case 1:
			n, err := strconv.ParseUint(o.value, 10, 31)
			if err != nil {
				return failf(t.p, "invalid number '%s'", o.value)
			}
			t.strip = int(n)
		case 'J', 'Z':
			return failf(t.p, "this kind of compression is not supported here; use -z")
		}
	}
	return 0
}

// drops reports whether a name is excluded: the whole of it, or what follows a slash.
func (t *tarRun) drops(name string) bool {
	name = strings.TrimSuffix(name, "/")
	for _, pattern := range t.excluded {
		for rest := name; ; {
			if fnmatch(pattern, rest) {
				return true
			}
			_, after, found := strings.Cut(rest, "/")
			if !found {
				break
			}
			rest = after
		}
	}
	return false
}

// member is the name of a file in an archive, without what would lead out of a directory.
func (t *tarRun) member(name string) string {
	stripped := strings.TrimLeft(name, "/")
	if i := strings.LastIndex("/"+stripped+"/", "/../"); i >= 0 {
		stripped = strings.TrimLeft(("/" + stripped + "/")[i+4:], "/")
		stripped = strings.TrimSuffix(stripped, "/")
	}
	if removed := len(name) - len(stripped); removed > 0 && !t.slashed {
		t.slashed = true
		failf(t.p, "removing leading '%s' from member names", name[:removed])
	}
	return stripped
}

// list prints a name: to standard error when the archive or a file goes to standard output.
func (t *tarRun) list(name string) {
	out := t.p.Stdout
	if t.has('c') && (t.set['f'] == "" || t.set['f'] == "-") || t.has('O') {
		out = t.p.Stderr
	}
	fmt.Fprintln(out, name)
}
