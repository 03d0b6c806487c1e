package tools

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"healthlab/lab/node/sandbox"
)

func ls(ctx context.Context, p *sandbox.Process) int {
	found, names, ok := optionSpec{
		letters: "1AaCxdLHRFplinshrSXvctuw:\x01\x02\x03::", long: map[string]byte{"full-time": 1, "group-directories-first": 2, "color": 3},
	}.parse(p)
	if !ok {
		return 1
	}
	set := asSet(found)
	for _, c := range []byte("cu") {
		if has(set, c) {
			return failf(p, "-%c is not supported here: only the time of the last change is kept", c)
		}
	}
	if _, err := strconv.ParseUint(set['w']+"0", 10, 32); err != nil {
		return failf(p, "invalid number '%s'", set['w'])
	}
	if len(names) == 0 {
		names = []string{"."}
	}
	code := 0
	var files, dirs []string
	for _, n := range names {
		info, err := p.FS().Stat(p.Path(n))
		if err != nil || has(set, 'l') && !has(set, 'L') && !has(set, 'H') {
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
		stat := p.FS().Lstat
		if has(set, 'L') || has(set, 'H') {
			stat = p.FS().Stat
		}
		if info, err := stat(p.Path(n)); err == nil {
			infos = append(infos, renamed{info, n})
		}
	}
	list(p, set, "", infos)
	for i := 0; len(dirs) > 0 && ctx.Err() == nil; i++ {
		d := dirs[0]
		dirs = dirs[1:]
		err := tooLong(p, d)
		var entries []fs.FileInfo
		if err == nil {
			entries, err = p.FS().ReadDir(p.Path(d))
		}
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
		if has(set, 'R') {
			var below []string
			for _, e := range shown {
				if e.IsDir() && e.Name() != "." && e.Name() != ".." {
					below = append(below, strings.TrimSuffix(d, "/")+"/"+e.Name())
				}
			}
			dirs = append(below, dirs...)
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
		slices.SortStableFunc(shown, func(a, b fs.FileInfo) int { return cmp.Compare(b.Size(), a.Size()) })
	case has(set, 'X'):
		slices.SortStableFunc(shown, func(a, b fs.FileInfo) int { return strings.Compare(path.Ext(a.Name()), path.Ext(b.Name())) })
	case has(set, 'v'):
		slices.SortStableFunc(shown, func(a, b fs.FileInfo) int { return compareVersions(a.Name(), b.Name()) })
	}
	if has(set, 'r') {
		slices.Reverse(shown)
	}
	if has(set, 2) {
		slices.SortStableFunc(shown, func(a, b fs.FileInfo) int {
			switch {
			case a.IsDir() == b.IsDir():
				return 0
			case a.IsDir():
				return -1
			}
			return 1
		})
	}
	return shown
}

func list(p *sandbox.Process, set map[byte]string, dir string, infos []fs.FileInfo) {
	long := has(set, 'l') || has(set, 'n') || has(set, 1)
	if dir != "" && (long || has(set, 's')) {
		blocks := int64(0)
		for _, info := range infos {
			blocks += blocksOf(info)
		}
		fmt.Fprintf(p.Stdout, "total %d\n", blocks)
	}
	if !long {
		columns(p, set, infos)
		return
	}
	owner := "root     root    "
	if has(set, 'n') {
		owner = "0        0       "
	}
	for _, info := range infos {
		suffix := indicator(set, info)
		if info.Mode()&fs.ModeSymlink != 0 {
			target, _ := p.FS().Readlink(p.Path(path.Join(dir, info.Name())))
			suffix = " -> " + target
		}
		links := 1
		if info.IsDir() {
			links = 2
		}
		fmt.Fprintf(p.Stdout, "%s%s %4d %s %9s %s %s%s\n", prefixOf(set, info), modeText(info.Mode()), links, owner,
			human(info.Size(), has(set, 'h')), lsTime(set, info.ModTime()), info.Name(), suffix)
	}
}

// lsTime is a time of the last half year with its hour, any other with its year.
func lsTime(set map[byte]string, t time.Time) string {
	t = t.UTC()
	switch age := time.Since(t); {
	case has(set, 1):
		return t.Format("2006-01-02 15:04:05 -0700")
	case age < -15*time.Minute || age > 182*24*time.Hour:
		return t.Format("Jan _2  2006")
	}
	return t.Format("Jan _2 15:04")
}

// blocksOf is how many 1,024-byte blocks a file takes.
func blocksOf(info fs.FileInfo) int64 {
	if info.Mode()&fs.ModeSymlink != 0 || !info.IsDir() && !info.Mode().IsRegular() {
		return 0
	}
	if info.IsDir() {
		return 4
	}
	return (info.Size() + 4095) / 4096 * 4
}

// prefixOf is what -i and -s put in front. There are no inode numbers that would mean something here, so all are 0.
func prefixOf(set map[byte]string, info fs.FileInfo) string {
	prefix := ""
	if has(set, 'i') {
		prefix += fmt.Sprintf("%7d ", 0)
	}
	if has(set, 's') {
		prefix += fmt.Sprintf("%6d ", blocksOf(info))
	}
	return prefix
}

// indicator is what -F and -p put behind a name.
func indicator(set map[byte]string, info fs.FileInfo) string {
	switch {
	case info.IsDir() && (has(set, 'F') || has(set, 'p')):
		return "/"
	case !has(set, 'F'):
		return ""
	case info.Mode()&fs.ModeSymlink != 0:
		return "@"
	case info.Mode().IsRegular() && info.Mode()&0o111 != 0:
		return "*"
	}
	return ""
}

// columns prints names as ls does: in columns on a terminal, otherwise one a line.
func columns(p *sandbox.Process, set map[byte]string, infos []fs.FileInfo) {
	names := make([]string, len(infos))
	width := 0
	for i, info := range infos {
		names[i] = prefixOf(set, info) + info.Name() + indicator(set, info)
		width = max(width, len(names[i])+2)
	}
	columns := 0
	if t := p.Terminal(); t != nil {
		if _, file := p.Stdout.(*sandbox.File); !file && p.OnTerminal() {
			columns = int(t.Size().Columns)
		}
	}
	if has(set, 'C') || has(set, 'x') {
		columns = max(columns, 80)
	}
	if w, err := strconv.Atoi(set['w']); err == nil && columns > 0 {
		columns = w
	}
	perLine := 1
	if columns > 0 && width > 0 && !has(set, '1') {
		perLine = max(1, columns/width)
	}
	rows := (len(infos) + perLine - 1) / perLine
	for r := range rows {
		line := ""
		first, step, end := r, rows, len(infos)
		if has(set, 'x') {
			first, step, end = r*perLine, 1, min(len(infos), (r+1)*perLine)
		}
		for i := first; i < end; i += step {
			line += fmt.Sprintf("%-*s", width, names[i])
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
