package tools

import (
	"bytes"
	"context"
	"io"
	"os"
	"path"
	"strings"

	"healthlab/lab/node/sandbox"
)

func sed(ctx context.Context, p *sandbox.Process) int {
	found, args, ok := optionSpec{
		letters: "i::rEne:f:", long: map[string]byte{"in-place": 'i', "regexp-extended": 'r', "quiet": 'n', "silent": 'n', "expression": 'e', "file": 'f'},
	}.parse(p)
	if !ok {
		return 1
	}
	set := asSet(found)
	var script []string
	for _, o := range found {
		switch o.letter {
		case 'e':
			script = append(script, o.value)
		case 'f':
			text, err := readText(ctx, p, o.value)
			if err != nil {
				return failf(p, "%s: %s", o.value, Reason(err))
			}
			script = append(script, strings.TrimSuffix(text, "\n"))
		}
	}
	if len(script) == 0 {
		if len(args) == 0 {
			return usage(p)
		}
		script, args = args[:1], args[1:]
	}
	s := &sedScript{extended: has(set, 'r') || has(set, 'E'), quiet: has(set, 'n')}
	if err := s.parse(strings.Join(script, "\n")); err != nil {
		return failf(p, "%v", err)
	}
	run := &sedRun{ctx: ctx, p: p, script: s, code: 0, files: map[string]*sedOutput{}, out: &sedOutput{w: p.Stdout, ended: true}}
	defer run.close()
	if err := run.openFiles(); err != nil {
		return failf(p, "%v", err)
	}
	if !has(set, 'i') {
		if len(args) == 0 {
			args = []string{"-"}
		}
		run.over(args)
		return run.code
	}
	if len(args) == 0 {
		return failf(p, "-i requires an argument")
	}
	for _, n := range args {
		if run.quit || ctx.Err() != nil {
			break
		}
		run.inPlace(n, set['i'])
	}
	return run.code
}

// readText reads a whole file of the container.
func readText(ctx context.Context, p *sandbox.Process, n string) (string, error) {
	in, err := openInput(p, n)
	if err != nil {
		return "", err
	}
	defer in.Close()
	var text bytes.Buffer
	if err := copyStream(ctx, &text, in); err != nil {
		return "", err
	}
	return text.String(), nil
}

// inPlace replaces a file by what the script makes of it.
func (r *sedRun) inPlace(n, suffix string) {
	info, err := r.p.FS().Stat(r.p.Path(n))
	if err != nil {
		failf(r.p, "%s: %s", n, Reason(err))
		r.code = 1
		return
	}
	temporary := path.Join(path.Dir(n), "sed"+randomName(6))
	out, err := r.p.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, info.Mode().Perm())
	if err != nil {
		failf(r.p, "can't create '%s': %s", temporary, Reason(err))
		r.code = 1
		return
	}
	r.out, r.next = &sedOutput{w: out, ended: true}, nil
	r.over([]string{n})
	err = out.Close()
	if err == nil {
		err = r.out.err
	}
	if err != nil || r.ctx.Err() != nil {
		_ = r.p.FS().Remove(r.p.Path(temporary))
		if r.ctx.Err() == nil {
			failf(r.p, "write error: %s", Reason(err))
		}
		r.code = 1
		return
	}
	if suffix != "" {
		err = r.p.FS().Rename(r.p.Path(n), r.p.Path(n+suffix))
	}
	if err == nil {
		err = r.p.FS().Rename(r.p.Path(temporary), r.p.Path(n))
	}
	if err != nil {
		_ = r.p.FS().Remove(r.p.Path(temporary))
		failf(r.p, "%s: %s", n, Reason(err))
		r.code = 1
	}
}

// sedOutput is where lines go. The last one has an end only if its input had.
type sedOutput struct {
	w     io.Writer
	ended bool
	err   error
}

func (o *sedOutput) line(text []byte, end bool) {
	line := make([]byte, 0, len(text)+2)
	if !o.ended {
		line = append(line, '\n')
	}
	line = append(line, text...)
	if end {
		line = append(line, '\n')
	}
	o.ended = end
	if o.err == nil {
		_, o.err = o.w.Write(line)
	}
}
