package tools

import (
	"context"
	"errors"
	"io"
	"os"
	"time"

	"healthlab/lab/node/images/tools/awk"
	"healthlab/lab/node/sandbox"
)

// awkProgram is awk. The language is package awk's; its files and commands are the container's.
func awkProgram(ctx context.Context, p *sandbox.Process) int {
	found, args, ok := optionSpec{letters: "+F:v:f:e:W:"}.parse(p)
	if !ok {
		return 1
	}
	cfg := awk.Config{Stdin: p.Stdin, Stdout: p.Stdout, Stderr: p.Stderr, Env: p.Env, System: &awkSystem{ctx, p}}
	var sources, given []awk.Source
	for _, o := range found {
		switch o.letter {
		case 'F':
			cfg.FieldSeparator = &o.value
		case 'v':
			if !awk.IsAssignment(o.value) {
				return usage(p)
			}
			cfg.Vars = append(cfg.Vars, o.value)
		case 'f':
			text, err := readText(ctx, p, o.value)
			if err != nil {
				return failf(p, "can't open '%s': %s", o.value, Reason(err))
			}
			sources = append(sources, awk.Source{Name: o.value, Text: text})
		case 'e':
			given = append(given, awk.Source{Name: "cmd. line", Text: o.value})
		case 'W':
			failf(p, "warning: option -W is ignored")
		}
	}
	if sources = append(sources, given...); len(sources) == 0 {
		if len(args) == 0 {
			return usage(p)
		}
		sources, args = []awk.Source{{Name: "cmd. line", Text: args[0]}}, args[1:]
	}
	cfg.Args = args
	program, err := awk.Parse(sources)
	code := 0
	if err == nil {
		code, err = program.Run(ctx, cfg)
	}
	switch {
	case ctx.Err() != nil:
		return 1
	case errors.Is(err, awk.ErrTooDeep):
		_, _ = io.WriteString(p.Stderr, err.Error()+"\n")
		return 128 + int(sandbox.SIGSEGV)
	case err != nil:
		return failf(p, "%s", err)
	}
	return code
}

// awkSystem is the container as a program of awk sees it.
type awkSystem struct {
	ctx context.Context
	p   *sandbox.Process
}

func (s *awkSystem) Open(name string) (io.ReadCloser, error) { return s.p.Open(name) }

func (s *awkSystem) Create(name string, appending bool) (io.WriteCloser, error) {
	flag := os.O_WRONLY | os.O_CREATE
	if appending {
		flag |= os.O_APPEND
	} else {
		flag |= os.O_TRUNC
	}
	return s.p.OpenFile(name, flag, 0o666)
}

func (s *awkSystem) command(text string) sandbox.Command {
	return sandbox.Command{Path: "/bin/sh", Args: []string{"sh", "-c", text}}
}

func (s *awkSystem) CommandFrom(text string) (io.Reader, func() int, error) {
	from, childs, started := s.p.PipeFrom()
	cmd := s.command(text)
	cmd.Stdout = childs
	return from, s.start(cmd, from, started), nil
}

func (s *awkSystem) CommandTo(text string) (io.Writer, func() int, error) {
	childs, to, started := s.p.PipeTo()
	cmd := s.command(text)
	cmd.Stdin = childs
	return to, s.start(cmd, to, started), nil
}

// start starts a command. What is returned closes this end and waits for it.
func (s *awkSystem) start(cmd sandbox.Command, end io.Closer, started func()) func() int {
	child, err := s.p.Start(cmd)
	started()
	return func() int {
		_ = end.Close()
		if err != nil {
			return 127 << 8
		}
		return s.status(child)
	}
}

func (s *awkSystem) status(child *sandbox.Process) int {
	code := wait(s.ctx, child)
	if sig := child.ExitSignal(); s.ctx.Err() == nil && sig != 0 {
		return int(sig)
	}
	return code << 8
}

func (s *awkSystem) Run(text string) int {
	child, err := s.p.Start(s.command(text))
	if err != nil {
		return 127 << 8
	}
	return s.status(child)
}

func (s *awkSystem) Reason(err error) string { return Reason(err) }

func (s *awkSystem) Strftime(format string, seconds int64) string {
	return Strftime(time.Unix(seconds, 0).UTC(), format)
}

func (s *awkSystem) Mktime(year, month, day, hour, minute, second int) int64 {
	return time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC).Unix()
}

func (s *awkSystem) Now() int64 { return time.Now().Unix() }
