package tools

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"healthlab/lab/node/sandbox"
)

func cat(ctx context.Context, p *sandbox.Process) int {
	_, names, ok := options(p, "uvetA", "")
	if !ok {
		return 1
	}
	return inputs(p, names, func(_ string, r io.Reader) error { return copyStream(ctx, p.Stdout, r) })
}

func touch(_ context.Context, p *sandbox.Process) int {
	set, names, ok := options(p, "camh", "drt")
	if !ok {
		return 1
	}
	code := 0
	for _, n := range names {
		full := p.Path(n)
		if _, err := p.FS().Stat(full); err != nil && !has(set, 'c') {
			file, err := p.OpenFile(n, os.O_WRONLY|os.O_CREATE, 0o644)
			if err != nil {
				code = failf(p, "%s: %s", n, Reason(err))
				continue
			}
			_ = file.Close()
			continue
		}
		now := time.Now()
		if err := p.FS().Chtimes(full, now, now); err != nil && !has(set, 'c') {
			code = failf(p, "%s: %s", n, Reason(err))
		}
	}
	if len(names) == 0 {
		return failf(p, "missing operand")
	}
	return code
}

func rm(ctx context.Context, p *sandbox.Process) int {
	set, names, ok := options(p, "firR", "")
	if !ok {
		return 1
	}
	recursive, force := has(set, 'r') || has(set, 'R'), has(set, 'f')
	if len(names) == 0 && !force {
		return failf(p, "missing operand")
	}
	code := 0
	for _, n := range names {
		if base := path.Base(n); base == "." || base == ".." {
			code = failf(p, "refusing to remove '.' or '..' directory")
			continue
		}
		if !remove(ctx, p, n, recursive, force) {
			code = 1
		}
	}
	return code
}

// remove removes a file or a tree and reports what it could not.
func remove(ctx context.Context, p *sandbox.Process, n string, recursive, force bool) bool {
	full := p.Path(n)
	info, err := p.FS().Lstat(full)
	switch {
	case err != nil && force:
		return true
	case err != nil:
		failf(p, "can't remove '%s': %s", n, Reason(err))
		return false
	case info.IsDir() && !recursive:
		failf(p, "'%s' is a directory", n)
		return false
	case info.IsDir():
		entries, err := p.FS().ReadDir(full)
		if err != nil {
			failf(p, "can't open '%s': %s", n, Reason(err))
			return false
		}
		all := true
		for _, e := range entries {
			if ctx.Err() != nil {
				return false
			}
			all = remove(ctx, p, strings.TrimSuffix(n, "/")+"/"+e.Name(), recursive, force) && all
		}
		if !all {
			return false
		}
	}
	if err := p.FS().Remove(full); err != nil {
		failf(p, "can't remove '%s': %s", n, Reason(err))
		return false
	}
	return true
}

func mkdir(_ context.Context, p *sandbox.Process) int {
	set, names, ok := options(p, "p", "m")
	if !ok {
		return 1
	}
	if len(names) == 0 {
		return failf(p, "missing operand")
	}
	code := 0
	for _, n := range names {
		make := p.FS().Mkdir
		if has(set, 'p') {
			make = p.FS().MkdirAll
		}
		if err := make(p.Path(n), 0o755); err != nil {
			code = failf(p, "can't create directory '%s': %s", n, Reason(err))
		}
	}
	return code
}

func rmdir(_ context.Context, p *sandbox.Process) int {
	_, names, ok := options(p, "p", "")
	if !ok {
		return 1
	}
	code := 0
	for _, n := range names {
		info, err := p.FS().Lstat(p.Path(n))
		if err == nil && !info.IsDir() {
			err = sandbox.ENOTDIR
		}
		if err == nil {
			err = p.FS().Remove(p.Path(n))
		}
		if err != nil {
			code = failf(p, "'%s': %s", n, Reason(err))
		}
	}
	return code
}

// into is the destination of a copy: inside to, if that is a directory.
func into(p *sandbox.Process, from, to string) string {
	if info, err := p.FS().Stat(p.Path(to)); err == nil && info.IsDir() {
		return path.Join(to, path.Base(from))
	}
	return to
}

func mv(ctx context.Context, p *sandbox.Process) int {
	_, names, ok := options(p, "fivn", "")
	if !ok {
		return 1
	}
	return eachTo(p, names, func(from, to string) error {
		err := p.FS().Rename(p.Path(from), p.Path(to))
		if err != nil && Reason(err) == string(sandbox.EXDEV) {
			if err = copyTree(ctx, p, from, to, true); err == nil && !remove(ctx, p, from, true, true) {
				err = sandbox.EIO
			}
		}
		if err != nil {
			return fmt.Errorf("can't rename '%s': %s", from, Reason(err))
		}
		return nil
	})
}

func cp(ctx context.Context, p *sandbox.Process) int {
	set, names, ok := options(p, "rRafpdivLPHT", "")
	if !ok {
		return 1
	}
	recursive := has(set, 'r') || has(set, 'R') || has(set, 'a')
	return eachTo(p, names, func(from, to string) error { return copyTree(ctx, p, from, to, recursive) })
}

// eachTo calls f for every name but the last, which is where they go.
func eachTo(p *sandbox.Process, names []string, f func(from, to string) error) int {
	if len(names) < 2 {
		return failf(p, "missing operand")
	}
	last := names[len(names)-1]
	if info, err := p.FS().Stat(p.Path(last)); len(names) > 2 && (err != nil || !info.IsDir()) {
		return failf(p, "target '%s' is not a directory", last)
	}
	code := 0
	for _, from := range names[:len(names)-1] {
		if err := f(from, into(p, from, last)); err != nil {
			code = failf(p, "%v", err)
		}
	}
	return code
}

func copyTree(ctx context.Context, p *sandbox.Process, from, to string, recursive bool) error {
	info, err := p.FS().Stat(p.Path(from))
	if err != nil {
		return fmt.Errorf("can't stat '%s': %s", from, Reason(err))
	}
	if !info.IsDir() {
		return copyFile(ctx, p, from, to, info.Mode())
	}
	if !recursive {
		return fmt.Errorf("omitting directory '%s'", from)
	}
	if to == from || strings.HasPrefix(path.Clean(p.Path(to))+"/", path.Clean(p.Path(from))+"/") {
		return fmt.Errorf("recursion detected, omitting directory '%s'", from)
	}
	if err := p.FS().MkdirAll(p.Path(to), info.Mode()); err != nil {
		return fmt.Errorf("can't create directory '%s': %s", to, Reason(err))
	}
	entries, err := p.FS().ReadDir(p.Path(from))
	if err != nil {
		return fmt.Errorf("can't open '%s': %s", from, Reason(err))
	}
	for _, e := range entries {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err := copyTree(ctx, p, path.Join(from, e.Name()), path.Join(to, e.Name()), true); err != nil {
			return err
		}
	}
	return nil
}

func copyFile(ctx context.Context, p *sandbox.Process, from, to string, mode fs.FileMode) error {
	in, err := p.Open(from)
	if err != nil {
		return fmt.Errorf("can't open '%s': %s", from, Reason(err))
	}
	defer in.Close()
	out, err := p.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, mode.Perm())
	if err != nil {
		return fmt.Errorf("can't create '%s': %s", to, Reason(err))
	}
	err = copyStream(ctx, out, in)
	if cerr := out.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return fmt.Errorf("error writing to '%s': %s", to, Reason(err))
	}
	return nil
}

func ln(_ context.Context, p *sandbox.Process) int {
	set, names, ok := options(p, "sfnbv", "")
	if !ok {
		return 1
	}
	if !has(set, 's') {
		return failf(p, "only symbolic links (-s) can be made here")
	}
	if len(names) == 1 {
		names = append(names, ".")
	}
	return eachTo(p, names, func(target, link string) error {
		if has(set, 'f') {
			_ = p.FS().Remove(p.Path(link))
		}
		if err := p.FS().Symlink(target, p.Path(link)); err != nil {
			return fmt.Errorf("%s: %s", link, Reason(err))
		}
		return nil
	})
}

func chmod(_ context.Context, p *sandbox.Process) int {
	if len(p.Args) < 3 {
		return failf(p, "missing operand")
	}
	args := p.Args[1:]
	if args[0] == "-R" {
		args = args[1:]
	}
	code := 0
	for _, n := range args[1:] {
		info, err := p.FS().Stat(p.Path(n))
		if err != nil {
			code = failf(p, "%s: %s", n, Reason(err))
			continue
		}
		mode, err := newMode(info.Mode().Perm(), args[0])
		if err != nil {
			return failf(p, "invalid mode '%s'", args[0])
		}
		if err := p.FS().Chmod(p.Path(n), mode); err != nil {
			code = failf(p, "%s: %s", n, Reason(err))
		}
	}
	return code
}

// newMode applies an octal or a symbolic mode such as u+x.
func newMode(mode fs.FileMode, text string) (fs.FileMode, error) {
	if n, err := strconv.ParseUint(text, 8, 12); err == nil {
		return fs.FileMode(n), nil
	}
	for clause := range strings.SplitSeq(text, ",") {
		i := strings.IndexAny(clause, "+-=")
		if i < 0 {
			return 0, sandbox.EINVAL
		}
		var who, bits fs.FileMode
		for _, c := range clause[:i] {
			who |= map[rune]fs.FileMode{'u': 0o700, 'g': 0o070, 'o': 0o007, 'a': 0o777}[c]
		}
		if who == 0 {
			who = 0o777
		}
		for _, c := range clause[i+1:] {
			bits |= map[rune]fs.FileMode{'r': 0o444, 'w': 0o222, 'x': 0o111, 'X': 0o111}[c]
		}
		switch clause[i] {
		case '+':
			mode |= bits & who
		case '-':
			mode &^= bits & who
		case '=':
			mode = mode&^who | bits&who
		}
	}
	return mode, nil
}

func ls(_ context.Context, p *sandbox.Process) int {
	set, names, ok := options(p, "1aAldhRrtSFip", "")
	if !ok {
		return 1
	}
	if len(names) == 0 {
		names = []string{"."}
	}
	code := 0
	var files, dirs []string
	for _, n := range names {
		info, err := p.FS().Stat(p.Path(n))
		if err != nil {
			info, err = p.FS().Lstat(p.Path(n))
		}
		switch {
		case err != nil:
			code = failf(p, "%s: %s", n, Reason(err))
		case info.IsDir() && !has(set, 'd'):
			dirs = append(dirs, n)
		default:
			files = append(files, n)
		}
	}
	var infos []fs.FileInfo
	for _, n := range files {
		if info, err := p.FS().Lstat(p.Path(n)); err == nil {
			infos = append(infos, renamed{info, n})
		}
	}
	list(p, set, "", infos)
	for i := 0; i < len(dirs); i++ {
		d := dirs[i]
		entries, err := p.FS().ReadDir(p.Path(d))
		if err != nil {
			code = failf(p, "can't open '%s': %s", d, Reason(err))
			continue
		}
		if len(names) > 1 || has(set, 'R') {
			if i > 0 || len(files) > 0 {
				fmt.Fprintln(p.Stdout)
			}
			fmt.Fprintf(p.Stdout, "%s:\n", d)
		}
		shown := listed(p, set, d, entries)
		list(p, set, d, shown)
		if has(set, 'R') && len(dirs) < 10_000 {
			for _, e := range shown {
				if e.IsDir() && e.Name() != "." && e.Name() != ".." {
					dirs = append(dirs, path.Join(d, e.Name()))
				}
			}
		}
	}
	return code
}

type renamed struct {
	fs.FileInfo
	name string
}

func (r renamed) Name() string { return r.name }

// listed chooses and orders the entries of a directory.
func listed(p *sandbox.Process, set map[byte]string, dir string, entries []fs.FileInfo) []fs.FileInfo {
	var shown []fs.FileInfo
	if has(set, 'a') {
		for _, n := range []string{".", ".."} {
			if info, err := p.FS().Stat(p.Path(dir) + "/" + n); err == nil {
				shown = append(shown, renamed{info, n})
			}
		}
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") || has(set, 'a') || has(set, 'A') {
			shown = append(shown, e)
		}
	}
	switch {
	case has(set, 't'):
		slices.SortStableFunc(shown, func(a, b fs.FileInfo) int { return b.ModTime().Compare(a.ModTime()) })
	case has(set, 'S'):
		slices.SortStableFunc(shown, func(a, b fs.FileInfo) int { return int(b.Size() - a.Size()) })
	}
	if has(set, 'r') {
		slices.Reverse(shown)
	}
	return shown
}

func list(p *sandbox.Process, set map[byte]string, dir string, infos []fs.FileInfo) {
	if !has(set, 'l') {
		columns(p, set, infos)
		return
	}
	if dir != "" {
		fmt.Fprintf(p.Stdout, "total %d\n", len(infos)*4)
	}
	for _, info := range infos {
		suffix := ""
		mode := "-" + info.Mode().Perm().String()[1:]
		switch {
		case info.IsDir():
			mode = "d" + mode[1:]
		case info.Mode()&fs.ModeSymlink != 0:
			mode = "lrwxrwxrwx"
			target, _ := p.FS().Readlink(p.Path(path.Join(dir, info.Name())))
			suffix = " -> " + target
		case info.Mode()&fs.ModeCharDevice != 0:
			mode = "c" + mode[1:]
		}
		fmt.Fprintf(p.Stdout, "%s    1 root     root     %9s %s %s%s\n", mode, human(info.Size(), has(set, 'h')),
			info.ModTime().UTC().Format("Jan _2 15:04"), info.Name(), suffix)
	}
}

// columns prints names as ls does: in columns on a terminal, otherwise one a line.
func columns(p *sandbox.Process, set map[byte]string, infos []fs.FileInfo) {
	width := 0
	for _, info := range infos {
		width = max(width, len(info.Name())+2)
	}
	perLine := 1
	if t := p.Terminal(); t != nil && !has(set, '1') && width > 0 {
		if _, file := p.Stdout.(*sandbox.File); !file && p.OnTerminal() {
			perLine = max(1, int(t.Size().Columns)/width)
		}
	}
	rows := (len(infos) + perLine - 1) / perLine
	for r := range rows {
		line := ""
		for i := r; i < len(infos); i += rows {
			line += fmt.Sprintf("%-*s", width, infos[i].Name())
		}
		fmt.Fprintln(p.Stdout, strings.TrimRight(line, " "))
	}
}

// human is a size in bytes, or with a unit.
func human(n int64, units bool) string {
	if !units || n < 1024 {
		return strconv.FormatInt(n, 10)
	}
	f, unit := float64(n), ""
	for _, u := range []string{"K", "M", "G", "T"} {
		if f < 1024 {
			break
		}
		f, unit = f/1024, u
	}
	return fmt.Sprintf("%.1f%s", f, unit)
}

func readlink(_ context.Context, p *sandbox.Process) int {
	set, names, ok := options(p, "fn", "")
	if !ok || len(names) == 0 {
		return 1
	}
	if has(set, 'f') {
		full, err := p.FS().Resolve(p.Path(names[0]), true)
		if err != nil {
			return 1
		}
		fmt.Fprintln(p.Stdout, full)
		return 0
	}
	info, err := p.FS().Lstat(p.Path(names[0]))
	if err != nil || info.Mode()&fs.ModeSymlink == 0 {
		return 1
	}
	target, err := p.FS().Readlink(p.Path(names[0]))
	if err != nil {
		return 1
	}
	fmt.Fprintln(p.Stdout, target)
	return 0
}

func stat(_ context.Context, p *sandbox.Process) int {
	set, names, ok := options(p, "Lft", "c")
	if !ok {
		return 1
	}
	code := 0
	for _, n := range names {
		info, err := p.FS().Lstat(p.Path(n))
		if err != nil {
			code = failf(p, "can't stat '%s': %s", n, Reason(err))
			continue
		}
		format := "  File: %n\n  Size: %s\nAccess: (%a)\nModify: %y"
		if has(set, 'c') {
			format = set['c']
		}
		fmt.Fprintln(p.Stdout, strings.NewReplacer(
			"%n", n, "%s", strconv.FormatInt(info.Size(), 10), "%a", strconv.FormatUint(uint64(info.Mode().Perm()), 8),
			"%Y", strconv.FormatInt(info.ModTime().Unix(), 10), "%y", info.ModTime().UTC().String(),
		).Replace(format))
	}
	return code
}

func find(ctx context.Context, p *sandbox.Process) int {
	roots := []string{}
	args := p.Args[1:]
	for len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		roots = append(roots, args[0])
		args = args[1:]
	}
	if len(roots) == 0 {
		roots = []string{"."}
	}
	pattern, kind := "*", ""
	for i := 0; i+1 < len(args); i += 2 {
		switch args[i] {
		case "-name":
			pattern = args[i+1]
		case "-type":
			kind = args[i+1]
		default:
			return failf(p, "unrecognized: %s", args[i])
		}
	}
	code := 0
	var walk func(n string)
	walk = func(n string) {
		info, err := p.FS().Lstat(p.Path(n))
		if err != nil {
			code = failf(p, "%s: %s", n, Reason(err))
			return
		}
		matches, _ := path.Match(pattern, path.Base(n))
		if matches && (kind == "" || (kind == "d") == info.IsDir()) {
			fmt.Fprintln(p.Stdout, n)
		}
		if !info.IsDir() || ctx.Err() != nil {
			return
		}
		entries, _ := p.FS().ReadDir(p.Path(n))
		for _, e := range entries {
			walk(strings.TrimSuffix(n, "/") + "/" + e.Name())
		}
	}
	for _, r := range roots {
		walk(r)
	}
	return code
}

func df(_ context.Context, p *sandbox.Process) int {
	used, limit := p.FS().Usage()
	fmt.Fprintf(p.Stdout, "Filesystem           1K-blocks      Used Available Use%% Mounted on\noverlay   %20d %9d %9d %3d%% /\n",
		limit/1024, used/1024, (limit-used)/1024, used*100/limit)
	return 0
}

func du(ctx context.Context, p *sandbox.Process) int {
	set, names, ok := options(p, "shka", "")
	if !ok {
		return 1
	}
	if len(names) == 0 {
		names = []string{"."}
	}
	for _, n := range names {
		fmt.Fprintf(p.Stdout, "%s\t%s\n", human((treeSize(ctx, p, n)+1023)/1024, has(set, 'h')), n)
	}
	return 0
}

func treeSize(ctx context.Context, p *sandbox.Process, n string) int64 {
	info, err := p.FS().Lstat(p.Path(n))
	if err != nil || ctx.Err() != nil {
		return 0
	}
	size := info.Size()
	if info.IsDir() {
		entries, _ := p.FS().ReadDir(p.Path(n))
		for _, e := range entries {
			size += treeSize(ctx, p, path.Join(n, e.Name()))
		}
	}
	return size
}

func mktemp(_ context.Context, p *sandbox.Process) int {
	set, _, ok := options(p, "dqu", "p")
	if !ok {
		return 1
	}
	n := fmt.Sprintf("/tmp/tmp.%06x", time.Now().UnixNano()&0xffffff)
	var err error
	if has(set, 'd') {
		err = p.FS().Mkdir(n, 0o700)
	} else {
		err = p.FS().WriteFile(n, nil, 0o600)
	}
	if err != nil {
		return failf(p, "%s", Reason(err))
	}
	fmt.Fprintln(p.Stdout, n)
	return 0
}

// dd copies blocks: if, of, bs and count.
func dd(ctx context.Context, p *sandbox.Process) int {
	values := map[string]string{"bs": "512"}
	for _, a := range p.Args[1:] {
		k, v, ok := strings.Cut(a, "=")
		if !ok {
			return failf(p, "unrecognized: %s", a)
		}
		values[k] = v
	}
	bs, err := parseBytes(values["bs"])
	if err != nil || bs <= 0 || bs > 64<<20 {
		return failf(p, "invalid number '%s'", values["bs"])
	}
	count := int64(-1)
	if v, ok := values["count"]; ok {
		if count, err = parseBytes(v); err != nil {
			return failf(p, "invalid number '%s'", v)
		}
	}
	in, out := p.Stdin, p.Stdout
	if n, ok := values["if"]; ok {
		file, err := p.Open(n)
		if err != nil {
			return failf(p, "can't open '%s': %s", n, Reason(err))
		}
		defer file.Close()
		in = file
	}
	target := "standard output"
	if n, ok := values["of"]; ok {
		file, err := p.OpenFile(n, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
		if err != nil {
			return failf(p, "can't open '%s': %s", n, Reason(err))
		}
		defer file.Close()
		out, target = file, n
	}
	buf := make([]byte, bs)
	var blocks, bytes int64
	code := 0
	for ctx.Err() == nil && (count < 0 || blocks < count) {
		n, err := io.ReadFull(in, buf)
		if n > 0 {
			blocks++
			written, werr := out.Write(buf[:n])
			bytes += int64(written)
			if werr != nil {
				code = failf(p, "error writing '%s': %s", target, Reason(werr))
				break
			}
		}
		if err != nil {
			break
		}
	}
	fmt.Fprintf(p.Stderr, "%d+0 records in\n%d+0 records out\n%d bytes copied\n", blocks, blocks, bytes)
	return code
}

// parseBytes understands 512, 4k, 1M and 1G.
func parseBytes(text string) (int64, error) {
	text = strings.TrimSuffix(text, "B")
	unit := int64(1)
	for suffix, n := range map[string]int64{"k": 1 << 10, "K": 1 << 10, "M": 1 << 20, "m": 1 << 20, "G": 1 << 30} {
		if t, ok := strings.CutSuffix(text, suffix); ok {
			text, unit = t, n
			break
		}
	}
	n, err := strconv.ParseInt(text, 10, 32)
	return n * unit, err
}

func basename(_ context.Context, p *sandbox.Process) int {
	if len(p.Args) < 2 {
		return failf(p, "missing operand")
	}
	base := path.Base(p.Args[1])
	if len(p.Args) > 2 && base != p.Args[2] {
		base = strings.TrimSuffix(base, p.Args[2])
	}
	fmt.Fprintln(p.Stdout, base)
	return 0
}

func dirname(_ context.Context, p *sandbox.Process) int {
	if len(p.Args) < 2 {
		return failf(p, "missing operand")
	}
	fmt.Fprintln(p.Stdout, path.Dir(p.Args[1]))
	return 0
}
