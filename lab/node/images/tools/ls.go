package tools

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"healthlab/lab/node/sandbox"
)

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
