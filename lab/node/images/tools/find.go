package tools

import (
	"context"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"healthlab/lab/node/sandbox"
)

func find(ctx context.Context, p *sandbox.Process) int {
	f := &finder{ctx: ctx, p: p, deepest: 1 << 30, now: time.Now()}
	args := p.Args[1:]
	for len(args) > 0 && (args[0] == "-H" || args[0] == "-L" || args[0] == "-P") {
		f.follow, f.followRoots = args[0] == "-L", args[0] == "-H"
		args = args[1:]
	}
	var roots []string
	for len(args) > 0 && !strings.HasPrefix(args[0], "-") && args[0] != "(" && args[0] != "!" {
		roots = append(roots, args[0])
		args = args[1:]
	}
	if len(roots) == 0 {
		roots = []string{"."}
	}
	parser := &findParser{f: f, args: args}
	test, err := parser.alternatives(0)
	if err == nil && len(parser.args) > 0 {
		err = fmt.Errorf("unpaired '('") // a ) too many
	}
	if err != nil {
		failf(p, "%v", err)
		if parser.usage {
			usage(p)
		}
		return 1
	}
	if test == nil {
		test = func(*findFile) bool { return true }
	}
	if !parser.acts {
		inner := test
		test = func(file *findFile) bool { return inner(file) && f.print(file.name, "\n") }
	}
	f.test = test
	for _, r := range roots {
		f.walk(r, 0)
		if f.stopped() {
			break
		}
	}
	for _, flush := range f.atEnd {
		flush()
	}
	return f.code
}

type finder struct {
	ctx                 context.Context
	p                   *sandbox.Process
	test                findTest
	follow, followRoots bool
	shallowest, deepest int
	depthFirst          bool
	now                 time.Time
	code                int
	quit                bool
	atEnd               []func() // what -exec … + has collected
}

// findFile is a file that is looked at. pruned says not to go into it.
type findFile struct {
	name   string
	info   fs.FileInfo
	pruned bool
}

type findTest func(f *findFile) bool

func (f *finder) stopped() bool { return f.quit || f.ctx.Err() != nil }

// walk goes through a tree. A path has an end, so its depth has one too.
func (f *finder) walk(n string, depth int) {
	err := tooLong(f.p, n)
	var info fs.FileInfo
	if err == nil {
		info, err = f.p.FS().Lstat(f.p.Path(n))
	}
	if err != nil {
		f.code = failf(f.p, "%s: %s", n, Reason(err))
		return
	}
	if info.Mode()&fs.ModeSymlink != 0 && (f.follow || f.followRoots && depth == 0) {
		if target, err := f.p.FS().Stat(f.p.Path(n)); err == nil {
			info = target
		}
	}
	file := &findFile{name: n, info: info}
	if !f.depthFirst && depth >= f.shallowest {
		f.test(file)
	}
	if info.IsDir() && !file.pruned && depth < f.deepest && !f.stopped() {
		entries, err := f.p.FS().ReadDir(f.p.Path(n))
		if err != nil {
			f.code = failf(f.p, "%s: %s", n, Reason(err))
		}
		for _, e := range entries {
			if f.stopped() {
				return
			}
			f.walk(strings.TrimSuffix(n, "/")+"/"+e.Name(), depth+1)
		}
	}
	if f.depthFirst && depth >= f.shallowest && !f.stopped() {
		f.test(file)
	}
}

func (f *finder) print(n, end string) bool {
	_, err := fmt.Fprint(f.p.Stdout, n, end)
	f.quit = f.quit || err != nil
	return err == nil
}

func base(n string) string {
	n = strings.TrimRight(n, "/")
	if n == "" {
		return "/"
	}
	return n[strings.LastIndexByte(n, '/')+1:]
}

func (f *finder) empty(file *findFile) bool {
	if !file.info.IsDir() {
		return file.info.Mode().IsRegular() && file.info.Size() == 0
	}
	entries, err := f.p.FS().ReadDir(f.p.Path(file.name))
	return err == nil && len(entries) == 0
}

func (f *finder) remove(file *findFile) bool {
	if base(file.name) == "." {
		return true
	}
	if err := f.p.FS().Remove(f.p.Path(file.name)); err != nil {
		f.code = failf(f.p, "%s: %s", file.name, Reason(err))
		return false
	}
	return true
}

// execMany collects names until a command line is full.
func (f *finder) execMany(command []string) findTest {
	var names []string
	size := 0
	flush := func() {
		if len(names) == 0 || f.ctx.Err() != nil {
			return
		}
		args := append(append([]string(nil), command...), names...)
		if code, _ := run(f.ctx, f.p, sandbox.Command{Path: args[0], Args: args}); code != 0 {
			f.code = 1
		}
		names, size = nil, 0
	}
	f.atEnd = append(f.atEnd, flush)
	return func(file *findFile) bool {
		names = append(names, file.name)
		if size += len(file.name) + 1; size > xargsChars {
			flush()
		}
		return true
	}
}
