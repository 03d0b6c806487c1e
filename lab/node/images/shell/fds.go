package shell

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"

	"healthlab/lab/node/sandbox"
)

// The interpreter has the descriptors 0, 1 and 2. Those from 3 to 9 are the shell's: redirections of them become calls of
// fdCommand, and copies of them become files that open knows. Children inherit them.
const (
	fdCommand = "__healthlab_fd"
	fdPrefix  = "/dev/null/fd/"
	// clobberPrefix begins the name of a file that is overwritten in spite of set -C.
	clobberPrefix = "/dev/null/clobber/"
)

// descriptor is an open file of the shell.
type descriptor struct {
	in   io.Reader
	out  io.Writer
	file *sandbox.File // what is to be closed, if this shell has opened it
}

// lend is that a descriptor is a command's, keep that it is exec's.
const lend, keep = "lend", "keep"

// high reports whether a word is one of the shell's own descriptors.
func high(l *syntax.Lit) bool {
	return l != nil && len(l.Value) == 1 && l.Value >= "3" && l.Value <= "9"
}

// rewriteDescriptors takes the redirections of high descriptors off a statement: exec keeps them open, any other command
// has them while it runs.
func (made rewritten) rewriteDescriptors(st *syntax.Stmt) {
	var opens []*syntax.Stmt
	var kept []*syntax.Redirect
	var closes []string
	c, simple := st.Cmd.(*syntax.CallExpr)
	isExec := simple && len(c.Args) == 1 && c.Args[0].Lit() == "exec"
	mode := lend
	if isExec {
		mode = keep
	}
	for _, r := range st.Redirs {
		if (r.Op == syntax.DplOut || r.Op == syntax.DplIn) && len(r.Word.Parts) == 1 {
			if l, ok := r.Word.Parts[0].(*syntax.Lit); ok && high(l) && !high(r.N) {
				r.Word = word(fdPrefix + l.Value)
				if r.Op == syntax.DplOut {
					r.Op = syntax.AppOut
				} else {
					r.Op = syntax.RdrIn
				}
			}
		}
		if !high(r.N) {
			kept = append(kept, r)
			continue
		}
		rewriteRedirect(r) // of a here document
		open := &syntax.Stmt{Position: st.Position}
		c := call(open, fdCommand, mode, r.N.Value, r.Op.String())
		c.Args = append(c.Args, r.Word)
		open.Cmd = c
		made[open] = true
		opens = append(opens, open)
		closes = append(closes, r.N.Value)
	}
	if len(opens) == 0 {
		return
	}
	inner := *st
	inner.Redirs = kept
	chain := opens[0]
	and := func(next *syntax.Stmt) {
		next.Position = st.Position
		chain = &syntax.Stmt{Position: st.Position, Cmd: &syntax.BinaryCmd{Op: syntax.AndStmt, X: chain, Y: next}}
		made[chain] = true
	}
	for _, o := range opens[1:] {
		and(o)
	}
	switch {
	case isExec && len(kept) == 0:
	case isExec:
		and(&inner)
	default:
		release := &syntax.Stmt{Position: st.Position}
		done := call(release, fdCommand, "release", strings.Join(closes, ""))
		done.Args = append(done.Args, parameter("?"))
		release.Cmd = done
		made[release] = true
		inner.Negated = false
		and(&syntax.Stmt{Cmd: &syntax.Block{Stmts: []*syntax.Stmt{&inner, release}}})
	}
	*st = syntax.Stmt{
		Comments: st.Comments, Position: st.Position, Negated: st.Negated && !isExec,
		Cmd: &syntax.Block{Stmts: []*syntax.Stmt{chain}},
	}
	made[st] = true
}

// descriptor is fdCommand: it opens, copies or closes one, or gives those of a command back that is over.
func (sh *shell) descriptor(hc interp.HandlerContext, args []string) error {
	if len(args) == 3 && args[0] == "release" {
		for _, n := range args[1] {
			i := n - '0'
			if saved := sh.saved[i]; len(saved) > 0 {
				sh.close(int(i))
				sh.fds[i], sh.saved[i] = saved[len(saved)-1], saved[:len(saved)-1]
			}
		}
		code, err := strconv.Atoi(args[2])
		if err != nil {
			return err
		}
		return exitStatus(code)
	}
	if len(args) != 4 {
		return interp.ExitStatus(2)
	}
	n, op, target := int(args[1][0]-'0'), args[2], args[3]
	d, err := sh.opened(hc, op, target)
	if err != nil {
		fmt.Fprintln(hc.Stderr, err)
		return interp.ExitStatus(1)
	}
	const most = 256 // commands inside each other
	switch {
	case args[0] == keep:
		sh.close(n)
	case len(sh.saved[n]) == most:
		die(errTooDeep)
	default:
		sh.saved[n] = append(sh.saved[n], sh.fds[n])
	}
	sh.fds[n] = d
	return nil
}

// opened is what a redirection means.
func (sh *shell) opened(hc interp.HandlerContext, op, target string) (descriptor, error) {
	switch op {
	case ">&", "<&":
		return sh.copied(hc, target)
	case "<":
		if text, ok := strings.CutPrefix(target, documentPrefix); ok {
			return descriptor{in: strings.NewReader(text)}, nil
		}
		file, err := sh.p.OpenFile(sh.absolute(hc, target), os.O_RDONLY, 0)
		if err != nil {
			return descriptor{}, sh.redirectError("can't open", target, err)
		}
		return descriptor{in: file, file: file}, nil
	}
	flag := os.O_WRONLY | os.O_CREATE
	switch op {
	case ">>":
		flag |= os.O_APPEND
	case "<>":
		flag = os.O_RDWR | os.O_CREATE
	default:
		flag |= os.O_TRUNC
	}
	file, err := sh.p.OpenFile(sh.absolute(hc, target), flag, 0o666)
	if err != nil {
		return descriptor{}, sh.redirectError("can't create", target, err)
	}
	return descriptor{in: file, out: file, file: file}, nil
}

func (sh *shell) absolute(hc interp.HandlerContext, name string) string {
	if strings.HasPrefix(name, "/") {
		return containerPath(name)
	}
	return containerPath(containerPath(hc.Dir) + "/" + name)
}

// copied is what another descriptor is.
func (sh *shell) copied(hc interp.HandlerContext, target string) (descriptor, error) {
	switch target {
	case "-":
		return descriptor{}, nil
	case "0":
		return descriptor{in: sh.input(hc.Stdin)}, nil
	case "1":
		return descriptor{out: hc.Stdout}, nil
	case "2":
		return descriptor{out: hc.Stderr}, nil
	}
	if high(&syntax.Lit{Value: target}) {
		if d := sh.fds[target[0]-'0']; d != (descriptor{}) {
			return d, nil
		}
	}
	return descriptor{}, badDescriptor(target)
}

func badDescriptor(n string) error {
	return &os.PathError{Op: "sh:", Path: n, Err: errors.New("Bad file descriptor")} //nolint:staticcheck // what is printed
}

// close closes a file, unless another descriptor has it too.
func (sh *shell) close(n int) {
	file := sh.fds[n].file
	sh.fds[n] = descriptor{}
	if file == nil {
		return
	}
	for i := range sh.fds {
		if sh.fds[i].file == file || slices.ContainsFunc(sh.saved[i], func(d descriptor) bool { return d.file == file }) {
			return
		}
	}
	_ = file.Close()
}

// closeDescriptors closes what this shell has opened.
func (sh *shell) closeDescriptors() {
	for i := range sh.fds {
		sh.close(i)
	}
}

// adopt takes the descriptors that the process began with.
func (sh *shell) adopt() {
	for n, s := range sh.p.Files {
		if n < len(sh.fds) {
			sh.fds[n] = descriptor{in: s.In, out: s.Out}
		}
	}
}

// files are the descriptors for a child.
func (sh *shell) files() map[int]sandbox.Stream {
	files := map[int]sandbox.Stream{}
	for n, d := range sh.fds {
		if d.in != nil || d.out != nil {
			files[n] = sandbox.Stream{In: d.in, Out: d.out}
		}
	}
	return files
}

// openDescriptor is what a redirection to or from a high descriptor opens.
func (sh *shell) openDescriptor(_ context.Context, n string, flag int) (io.ReadWriteCloser, error) {
	d := sh.fds[n[0]-'0']
	if flag&(os.O_WRONLY|os.O_RDWR) == 0 {
		if d.in == nil {
			return nil, badDescriptor(n)
		}
		return sh.stand(d.in)
	}
	if d.out == nil {
		return nil, badDescriptor(n)
	}
	return lent{d.out}, nil
}

// lent is a descriptor's stream for one command, which does not close it.
type lent struct{ io.Writer }

func (lent) Read([]byte) (int, error) { return 0, io.EOF }
func (lent) Close() error             { return nil }
