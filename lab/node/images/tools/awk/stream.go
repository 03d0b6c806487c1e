package awk

import (
	"io"
	"strings"
)

// stream is a file or a command that a program reads or writes, by its name.
type stream struct {
	name string
	in   *reader
	out  io.Writer
	end  func() int // closes it; nil: not ours to close
}

func (r *run) streamOf(name string) *stream {
	for _, s := range r.streams {
		if s.name == name {
			return s
		}
	}
	return nil
}

// output is where a redirected print goes.
func (r *run) output(mode, name string) io.Writer {
	if s := r.streamOf(name); s != nil {
		return s.out
	}
	s := &stream{name: name}
	switch {
	case name == "/dev/stdout":
		s.out = r.cfg.Stdout
	case name == "/dev/stderr":
		s.out = r.cfg.Stderr
	case mode == "|":
		to, wait, err := r.cfg.System.CommandTo(name)
		if err != nil {
			panic(&Error{Message: "popen: " + r.cfg.System.Reason(err)})
		}
		s.out, s.end = to, wait
	default:
		file, err := r.cfg.System.Create(name, mode == ">>")
		if err != nil {
			panic(&Error{Message: "can't open '" + name + "': " + r.cfg.System.Reason(err)})
		}
		s.out, s.end = file, closing(file)
	}
	r.streams = append(r.streams, s)
	return s.out
}

func closing(c io.Closer) func() int {
	return func() int {
		if c.Close() != nil {
			return -1
		}
		return 0
	}
}

// print is print and printf, each written in one piece.
func (r *run) print(s printStmt) {
	to := r.cfg.Stdout
	if s.to != nil {
		to = r.output(s.mode, r.text(r.eval(s.to)))
	}
	var b strings.Builder
	switch {
	case s.formatted && len(s.args) > 0:
		b.WriteString(r.sprintf(r.text(r.eval(s.args[0])), s.args[1:]))
	case s.formatted:
	case len(s.args) == 0:
		b.WriteString(r.text(r.record.value))
	default:
		for i, a := range s.args {
			if i > 0 {
				b.WriteString(r.text(r.ofs.value))
			}
			if v := r.eval(a); v.kind == number {
				b.WriteString(r.numberText(r.ofmt.value.s, v.n))
			} else {
				b.WriteString(v.s)
			}
			if b.Len() > maxText {
				panic(ErrMemory)
			}
		}
	}
	if !s.formatted {
		b.WriteString(r.text(r.ors.value))
	}
	if to == nil || b.Len() == 0 {
		return // it is open for reading
	}
	if _, err := io.WriteString(to, b.String()); err != nil {
		r.look() // of errors only the signal of a pipe that nobody reads ends a program
	}
}

// getline reads a record, from the files of the program or another stream: 1, 0 at the end, -1 after an error.
func (r *run) getline(x *getline) value {
	in := r.input
	switch {
	case x.command != nil:
		in = r.commandReader(r.text(r.eval(x.command)))
	case x.file != nil:
		in = r.fileReader(r.text(r.eval(x.file)))
	case in == nil && r.nextInput():
		in = r.input
	}
	p := place{cell: r.record}
	if x.target != nil {
		p = r.place(x.target)
	}
	if in == nil {
		return num(-1)
	}
	s, rt, status := in.record(r)
	if status <= 0 {
		return num(float64(status))
	}
	r.rt.value = str(rt)
	r.store(p, user(s))
	if x.command == nil && x.file == nil {
		r.nr.value = num(r.nr.value.number() + 1)
		r.fnr.value = num(r.fnr.value.number() + 1)
	}
	return num(1)
}

func (r *run) commandReader(command string) *reader {
	if s := r.streamOf(command); s != nil {
		return s.in
	}
	from, wait, err := r.cfg.System.CommandFrom(command)
	if err != nil {
		return nil
	}
	s := &stream{name: command, in: &reader{from: from}, end: wait}
	r.streams = append(r.streams, s)
	return s.in
}

func (r *run) fileReader(name string) *reader {
	if s := r.streamOf(name); s != nil {
		return s.in
	}
	s := &stream{name: name}
	if name == "/dev/stdin" {
		s.in = &reader{from: r.cfg.Stdin}
	} else {
		file, err := r.cfg.System.Open(name)
		if err != nil {
			return nil
		}
		s.in, s.end = &reader{from: file}, closing(file)
	}
	r.streams = append(r.streams, s)
	return s.in
}

func (r *run) close(name string) int {
	for i, s := range r.streams {
		if s.name != name {
			continue
		}
		r.streams = append(r.streams[:i:i], r.streams[i+1:]...)
		if s.end != nil {
			return s.end()
		}
	}
	return 0
}

// closeAll ends what is open, and waits for the commands that a program writes to.
func (r *run) closeAll() {
	r.closeInput()
	for _, s := range r.streams {
		if s.end != nil {
			s.end()
		}
	}
	r.streams = nil
}

func (r *run) system(command string) int {
	if command == "" {
		return 0
	}
	status := r.cfg.System.Run(command)
	r.look()
	return status >> 8
}
