package bash

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"healthlab/lab/node/images/tools"
	"healthlab/lab/node/sandbox"
)

// stream is what descriptors are open to. Several may be.
type stream struct {
	in    io.Reader
	out   io.Writer
	shut  func()
	users int
}

// adopt takes the descriptors of the process.
func (sh *shell) adopt() {
	sh.fds = map[int]*stream{
		0: {in: sh.p.Stdin, users: 1}, 1: {out: sh.p.Stdout, users: 1}, 2: {out: sh.p.Stderr, users: 1},
	}
	for n, f := range sh.p.Files {
		sh.fds[n] = &stream{in: f.In, out: f.Out, users: 1}
	}
}

func (s *stream) use() *stream {
	s.users++
	return s
}

func (s *stream) release() {
	if s == nil {
		return
	}
	if s.users--; s.users == 0 && s.shut != nil {
		s.shut()
	}
}

func (sh *shell) closeAll() {
	for n, s := range sh.fds {
		delete(sh.fds, n)
		s.release()
	}
}

// point makes a descriptor what s is; nil closes it.
func (sh *shell) point(n int, s *stream) {
	sh.fds[n].release()
	if s == nil {
		delete(sh.fds, n)
		return
	}
	sh.fds[n] = s
}

// closedStream is a descriptor that is not open.
type closedStream struct{}

func (closedStream) Read([]byte) (int, error)  { return 0, badDescriptor }
func (closedStream) Write([]byte) (int, error) { return 0, badDescriptor }

var badDescriptor = errors.New("Bad file descriptor") //nolint:staticcheck // what is printed

func (sh *shell) out() io.Writer  { return sh.output(1) }
func (sh *shell) errs() io.Writer { return sh.output(2) }

func (sh *shell) output(n int) io.Writer {
	if s := sh.fds[n]; s != nil && s.out != nil {
		return gated{sh, s.out}
	}
	return closedStream{}
}

// gated writes as long as the process is not killed or stopped.
type gated struct {
	sh *shell
	to io.Writer
}

func (g gated) Write(b []byte) (int, error) {
	if err := g.sh.p.Wait(); err != nil {
		die(err)
	}
	return g.to.Write(b)
}

func (sh *shell) input(n int) io.Reader {
	if s := sh.fds[n]; s != nil && s.in != nil {
		return waiting{sh, s.in}
	}
	return closedStream{}
}

// command gives a program the shell's descriptors.
func (sh *shell) equip(cmd *sandbox.Command) {
	cmd.Stdin, cmd.Stdout, cmd.Stderr = closedStream{}, closedStream{}, closedStream{}
	cmd.Files = map[int]sandbox.Stream{}
	for n, s := range sh.fds {
		switch {
		case n == 0 && s.in != nil:
			cmd.Stdin = s.in
		case n == 1 && s.out != nil:
			cmd.Stdout = s.out
		case n == 2 && s.out != nil:
			cmd.Stderr = s.out
		case n > 2:
			cmd.Files[n] = sandbox.Stream{In: s.in, Out: s.out}
		}
	}
	cmd.Dir = sh.dir
}

// saved is what a descriptor was before a command's redirections.
type saved struct {
	n int
	s *stream
}

// redirect makes redirections. undo gives the descriptors back; keep leaves them. It prints what cannot be done.
func (sh *shell) redirect(list []*syntax.Redirect) (undo func(), ok bool) {
	var old []saved
	undo = func() {
		for i := len(old) - 1; i >= 0; i-- {
			sh.point(old[i].n, old[i].s)
		}
		old = nil
	}
	set := func(n int, s *stream) {
		if now := sh.fds[n]; now != nil {
			old = append(old, saved{n, now.use()})
		} else {
			old = append(old, saved{n, nil})
		}
		sh.point(n, s)
	}
	for _, r := range list {
		if !sh.redirectOne(r, set) {
			undo()
			return func() {}, false
		}
	}
	return undo, true
}

// redirectOne makes one redirection.
func (sh *shell) redirectOne(r *syntax.Redirect, set func(int, *stream)) bool {
	n := 1
	switch r.Op {
	case syntax.RdrIn, syntax.RdrInOut, syntax.DplIn, syntax.Hdoc, syntax.DashHdoc, syntax.WordHdoc:
		n = 0
	default:
	}
	variable := ""
	if r.N != nil {
		if name, ok := strings.CutPrefix(r.N.Value, "{"); ok {
			variable = strings.TrimSuffix(name, "}")
			if r.Word.Lit() == "-" {
				n, _ = strconv.Atoi(sh.value(variable))
				sh.point(n, nil)
				return true
			}
			for n = 10; sh.fds[n] != nil; n++ {
			}
		} else {
			n, _ = strconv.Atoi(r.N.Value)
		}
	}
	give := func(s *stream) bool {
		if variable != "" {
			sh.set(variable, strconv.Itoa(n))
			sh.point(n, s) // such a descriptor stays open
			return true
		}
		set(n, s)
		return true
	}
	switch r.Op {
	case syntax.Hdoc, syntax.DashHdoc:
		return give(&stream{in: strings.NewReader(sh.document(r)), users: 1})
	case syntax.WordHdoc:
		return give(&stream{in: strings.NewReader(sh.literal(r.Word) + "\n"), users: 1})
	default:
	}
	words := sh.fields([]*syntax.Word{r.Word})
	if len(words) != 1 {
		sh.errorf("%s: ambiguous redirect", sh.raw(r.Word.Pos(), r.Word.End()))
		return false
	}
	name := words[0]
	if r.Op == syntax.DplOut || r.Op == syntax.DplIn {
		return sh.duplicate(r, n, name, set, give)
	}
	s, err := sh.open(name, r.Op)
	if err != nil {
		sh.errorf("%s: %s", name, reason(err))
		return false
	}
	if r.Op == syntax.RdrAll || r.Op == syntax.AppAll {
		set(1, s)
		set(2, s.use())
		return true
	}
	return give(s)
}

// duplicate is >& and <&.
func (sh *shell) duplicate(r *syntax.Redirect, n int, name string, set func(int, *stream), give func(*stream) bool) bool {
	if name == "-" {
		return give(nil)
	}
	digits, move := strings.CutSuffix(name, "-")
	m, err := strconv.Atoi(digits)
	if err != nil {
		if r.Op == syntax.DplOut && r.N == nil { // >&file
			s, err := sh.open(name, syntax.RdrOut)
			if err != nil {
				sh.errorf("%s: %s", name, reason(err))
				return false
			}
			set(1, s)
			set(2, s.use())
			return true
		}
		sh.errorf("%s: ambiguous redirect", name)
		return false
	}
	from := sh.fds[m]
	if from == nil {
		sh.errorf("%d: Bad file descriptor", m)
		return false
	}
	if m == n {
		return true
	}
	ok := give(from.use())
	if move && m != n {
		set(m, nil)
	}
	return ok
}

// reason is why a file cannot be opened.
func reason(err error) string {
	var system sandbox.Errno
	if errors.As(err, &system) {
		if system == sandbox.ELOOP {
			return "Too many levels of symbolic links"
		}
		return string(system)
	}
	return tools.Reason(err)
}

// open opens the file of a redirection.
func (sh *shell) open(name string, op syntax.RedirOperator) (*stream, error) {
	if name == "" {
		return nil, sandbox.ENOENT
	}
	if s, ok, err := sh.openSpecial(name); ok {
		return s, err
	}
	flag := os.O_RDONLY
	full := sh.absolute(name)
	switch op {
	case syntax.RdrOut, syntax.RdrAll:
		flag = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
		if sh.options['C'] {
			if info, err := sh.p.FS().Stat(full); err == nil && info.Mode().IsRegular() {
				return nil, errors.New("cannot overwrite existing file")
			}
		}
	case syntax.RdrClob:
		flag = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	case syntax.AppOut, syntax.AppAll:
		flag = os.O_WRONLY | os.O_CREATE | os.O_APPEND
	case syntax.RdrInOut:
		flag = os.O_RDWR | os.O_CREATE
	default:
	}
	file, err := sh.p.OpenFile(full, flag, 0o666)
	if err != nil {
		return nil, err
	}
	s := &stream{users: 1, shut: func() { _ = file.Close() }}
	if flag&os.O_WRONLY == 0 {
		s.in = file
	}
	if flag != os.O_RDONLY {
		s.out = file
	}
	return s, nil
}

// openSpecial opens the names that bash itself knows: descriptors and connections.
func (sh *shell) openSpecial(name string) (*stream, bool, error) {
	switch name {
	case "/dev/stdin":
		name = "/dev/fd/0"
	case "/dev/stdout":
		name = "/dev/fd/1"
	case "/dev/stderr":
		name = "/dev/fd/2"
	}
	if digits, ok := strings.CutPrefix(name, "/dev/fd/"); ok {
		n, err := strconv.Atoi(digits)
		if err != nil {
			return nil, false, nil //nolint:nilerr // no descriptor
		}
		if sh.fds[n] == nil {
			return nil, true, sandbox.ENOENT
		}
		return sh.fds[n].use(), true, nil
	}
	for _, network := range []string{"tcp", "udp"} {
		rest, ok := strings.CutPrefix(name, "/dev/"+network+"/")
		if !ok {
			continue
		}
		host, port, ok := strings.Cut(rest, "/")
		if !ok || host == "" || port == "" {
			continue
		}
		s, err := sh.connect(network, host, port)
		return s, true, err
	}
	return nil, false, nil
}

// connect opens /dev/tcp/HOST/PORT.
func (sh *shell) connect(network, host, port string) (*stream, error) {
	number, err := strconv.Atoi(port)
	if known := map[string]int{"http": 80, "https": 443, "ssh": 22, "smtp": 25, "domain": 53, "mysql": 3306, "postgresql": 5432, "redis": 6379}[port]; err != nil && known > 0 {
		number, err = known, nil
	}
	if err != nil || number < 0 || number > 65535 {
		sh.errorf("%s: %s", port, "Servname not supported for ai_socktype")
		return nil, sandbox.EINVAL
	}
	ctx, cancel := context.WithCancel(sh.ctx)
	defer cancel()
	conn, err := sh.p.Dial(ctx, network, net.JoinHostPort(host, strconv.Itoa(number)))
	if err != nil {
		if sh.ctx.Err() != nil {
			die(sh.ctx.Err())
		}
		var dns *net.DNSError
		if errors.As(err, &dns) {
			sh.errorf("%s: %s", host, "Name or service not known")
			return nil, sandbox.EINVAL
		}
		why := errno(err)
		if network == "udp" && why == sandbox.Errno("Connection refused") { //nolint:errorlint // made by errno
			return &stream{in: strings.NewReader(""), out: io.Discard, users: 1}, nil // it is lost on its way
		}
		sh.complain(fmt.Sprintf("%s: connect: %s\n", sh.name, why))
		return nil, why
	}
	return &stream{in: conn, out: conn, users: 1, shut: func() { _ = conn.Close() }}, nil
}

// errno is the system's error of a connection that was not made.
func errno(err error) error {
	var system sandbox.Errno
	if errors.As(err, &system) {
		return system
	}
	for _, text := range []string{"connection refused", "no route to host", "network is unreachable", "connection timed out"} {
		if strings.Contains(strings.ToLower(err.Error()), text) {
			return sandbox.Errno(strings.ToUpper(text[:1]) + text[1:])
		}
	}
	if strings.Contains(err.Error(), "timeout") {
		return sandbox.Errno("Connection timed out")
	}
	return sandbox.Errno("Connection refused")
}

// absolute makes a path absolute against the shell's directory.
func (sh *shell) absolute(name string) string {
	if name == "" || strings.HasPrefix(name, "/") {
		return name
	}
	return strings.TrimSuffix(sh.dir, "/") + "/" + name
}

// document is the text of a here document.
func (sh *shell) document(r *syntax.Redirect) string {
	if r.Hdoc == nil {
		return ""
	}
	word := r.Hdoc
	quoted := false
	for _, part := range r.Word.Parts {
		if l, ok := part.(*syntax.Lit); !ok || strings.Contains(l.Value, `\`) {
			quoted = true
		}
	}
	if r.Op == syntax.DashHdoc {
		word = withoutTabs(word)
	}
	if quoted {
		var b strings.Builder
		for _, part := range word.Parts {
			if l, ok := part.(*syntax.Lit); ok {
				b.WriteString(strings.ReplaceAll(l.Value, carriageReturn, "\r"))
			}
		}
		return b.String()
	}
	return joined(sh.expand(word.Parts, inDocument))
}

// withoutTabs is a document without the tabs at the beginning of its lines.
func withoutTabs(word *syntax.Word) *syntax.Word {
	plain := &syntax.Word{}
	lineStart := true
	for _, part := range word.Parts {
		l, ok := part.(*syntax.Lit)
		if !ok {
			plain.Parts = append(plain.Parts, part)
			lineStart = false
			continue
		}
		var b strings.Builder
		for line := range strings.SplitAfterSeq(l.Value, "\n") {
			if lineStart {
				line = strings.TrimLeft(line, "\t")
			}
			b.WriteString(line)
			lineStart = true
		}
		lineStart = strings.HasSuffix(l.Value, "\n")
		plain.Parts = append(plain.Parts, &syntax.Lit{ValuePos: l.ValuePos, ValueEnd: l.ValueEnd, Value: b.String()})
	}
	return plain
}
