package tools

import (
	"context"
	"io/fs"
	"os"
	"path"
	"strings"

	"healthlab/lab/node/sandbox"
)

// install copies files and sets their permissions.
func install(ctx context.Context, p *sandbox.Process) int {
	found, args, ok := optionSpec{letters: "cvb:Ddpsg:m:o:t:"}.parse(p)
	if !ok {
		return 1
	}
	set := asSet(found)
	mode := fs.FileMode(0o755)
	if v, given := set['m']; given {
		var err error
		if mode, err = NewMode(0, v); err != nil {
			return failf(p, "invalid mode '%s'", v)
		}
	}
	for _, c := range []byte("og") {
		if v, given := set[c]; given && v != "root" && v != "0" {
			return failf(p, "unknown user %s", v)
		}
	}
	if has(set, 's') || has(set, 'b') {
		return failf(p, "-s and -b are not supported here")
	}
	if has(set, 'd') {
		if len(args) == 0 {
			return usage(p)
		}
		code := 0
		for _, n := range args {
			err := makeAll(ctx, p, p.Path(n), mode)
			if err != nil && Reason(err) != string(sandbox.EEXIST) {
				code = failf(p, "can't create directory '%s': %s", n, Reason(err))
				continue
			}
			_ = p.FS().Chmod(p.Path(n), mode)
		}
		return code
	}
	dir, into := set['t']
	if len(args) < 1 || !into && len(args) < 2 {
		return usage(p)
	}
	if !into {
		dir, args = args[len(args)-1], args[:len(args)-1]
		into = len(args) > 1 || isDirectory(p, dir)
	}
	if has(set, 'D') {
		parent := path.Dir(p.Path(dir))
		if has(set, 't') {
			parent = p.Path(dir)
		}
		if err := makeAll(ctx, p, parent, 0o755); err != nil && Reason(err) != string(sandbox.EEXIST) {
			return failf(p, "can't create directory '%s': %s", parent, Reason(err))
		}
	}
	code := 0
	for _, n := range args {
		to := dir
		if into {
			to = join(dir, baseOf(strings.TrimRight(n, "/")))
		}
		code |= installFile(ctx, p, n, to, mode, has(set, 'p'))
	}
	return code
}

func installFile(ctx context.Context, p *sandbox.Process, n, to string, mode fs.FileMode, keepDate bool) int {
	info, err := p.FS().Stat(p.Path(n))
	if err != nil {
		return failf(p, "can't stat '%s': %s", n, Reason(err))
	}
	if info.IsDir() {
		return failf(p, "omitting directory '%s'", n)
	}
	from, err := p.Open(n)
	if err != nil {
		return failf(p, "can't open '%s': %s", n, Reason(err))
	}
	defer from.Close()
	_ = p.FS().Remove(p.Path(to)) // a new file, as BusyBox makes it
	file, err := p.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return failf(p, "can't create '%s': %s", to, Reason(err))
	}
	err = copyStream(ctx, file, from)
	if cerr := file.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = p.FS().Chmod(p.Path(to), mode)
	}
	if err == nil && keepDate {
		err = p.FS().Chtimes(p.Path(to), info.ModTime(), info.ModTime())
	}
	if err != nil {
		return failf(p, "%s: %s", to, Reason(err))
	}
	return 0
}

// truncate sets the size of files. What is added is written, so that it counts.
func truncateFiles(ctx context.Context, p *sandbox.Process) int {
	found, names, ok := optionSpec{letters: "cs:"}.parse(p)
	if !ok {
		return 1
	}
	set := asSet(found)
	text, given := set['s']
	if !given || len(names) == 0 {
		return usage(p)
	}
	size, err := parseCount(text, []suffix{{"k", 1 << 10}, {"K", 1 << 10}, {"m", 1 << 20}, {"M", 1 << 20}, {"g", 1 << 30}, {"G", 1 << 30}, {"b", 512}})
	if err != nil {
		return failf(p, "invalid number '%s'", text)
	}
	code := 0
	for _, n := range names {
		flag := os.O_RDWR
		if !has(set, 'c') {
			flag |= os.O_CREATE
		}
		if err := resize(ctx, p, n, flag, size); err != nil {
			if has(set, 'c') && Reason(err) == string(sandbox.ENOENT) {
				continue
			}
			code = failf(p, "%s: open: %s", n, Reason(err))
		}
	}
	return code
}

// resize keeps the first bytes of a file and adds zeros.
func resize(ctx context.Context, p *sandbox.Process, n string, flag int, size int64) error {
	info, err := p.FS().Stat(p.Path(n))
	if err == nil && info.Size() > size {
		kept, err := p.FS().ReadFile(p.Path(n), size)
		if err != nil {
			return err
		}
		return p.FS().WriteFile(p.Path(n), kept, info.Mode())
	}
	file, err := p.OpenFile(n, flag, 0o666)
	if err != nil {
		return err
	}
	defer file.Close()
	have, err := file.Seek(0, 2)
	zeros := make([]byte, readBytes)
	for err == nil && have < size {
		if err = ctx.Err(); err == nil {
			var k int
			k, err = file.Write(zeros[:min(int64(len(zeros)), size-have)])
			have += int64(k)
		}
	}
	return err
}

// unlinkFile is unlink.
func unlinkFile(_ context.Context, p *sandbox.Process) int {
	_, names, ok := optionSpec{}.parse(p)
	if !ok {
		return 1
	}
	if len(names) != 1 {
		return usage(p)
	}
	info, err := p.FS().Lstat(p.Path(names[0]))
	if err == nil && info.IsDir() {
		err = sandbox.EISDIR
	}
	if err == nil {
		err = p.FS().Remove(p.Path(names[0]))
	}
	if err != nil {
		return failf(p, "can't remove file '%s': %s", names[0], Reason(err))
	}
	return 0
}

// special is link, mkfifo and mknod, whose kinds of files a container of healthlab does not have.
func special(_ context.Context, p *sandbox.Process) int {
	_, names, ok := optionSpec{letters: "m:"}.parse(p)
	if !ok {
		return 1
	}
	if len(names) == 0 {
		return usage(p)
	}
	return failf(p, "%s: Operation not permitted (healthlab's containers have neither named pipes, devices nor hard links)", names[len(names)-1])
}

// dosToUnix is dos2unix and unix2dos.
func dosToUnix(ctx context.Context, p *sandbox.Process) int {
	found, names, ok := optionSpec{letters: "du"}.parse(p)
	if !ok {
		return 1
	}
	toDOS := name(p) == "unix2dos"
	for _, o := range found {
		toDOS = o.letter == 'd'
	}
	change := func(line []byte, ended bool) []byte {
		line = []byte(strings.ReplaceAll(string(line), "\r", ""))
		if ended && toDOS {
			line = append(line, '\r')
		}
		if ended {
			line = append(line, '\n')
		}
		return line
	}
	if len(names) == 0 {
		l := newLines(ctx, p.Stdin)
		for {
			line, ended, ok := l.next()
			if !ok {
				return 0
			}
			if _, err := p.Stdout.Write(change(line, ended)); err != nil {
				return 1
			}
		}
	}
	for _, n := range names {
		text, err := readText(ctx, p, n)
		if err != nil {
			return failf(p, "can't open '%s': %s", n, Reason(err))
		}
		var out []byte
		for line := range strings.SplitAfterSeq(text, "\n") {
			plain, ended := strings.CutSuffix(line, "\n")
			out = append(out, change([]byte(plain), ended)...)
		}
		if err := p.FS().WriteFile(p.Path(n), out, 0o644); err != nil {
			return failf(p, "%s: %s", n, Reason(err))
		}
	}
	return 0
}
