package tools

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"syscall"
	"time"

	"healthlab/lab/node/sandbox"
)

// nc connects or, with -l, listens. -e runs a program on the connection.
func nc(ctx context.Context, p *sandbox.Process) int {
	n := &netcat{p: p}
	// -e takes the rest of the line.
	if i := slices.Index(p.Args, "-e"); i > 0 && i+1 < len(p.Args) {
		n.program = p.Args[i+1:]
		p.Args = p.Args[:i:i]
	}
	found, args, ok := optionSpec{letters: "hnlkuvzbNp:w:s:i:o:e:"}.parse(p)
	if !ok {
		return 1
	}
	set := asSet(found)
	n.loud = len(values(found, 'v'))
	for _, c := range []byte("boihs") {
		if has(set, c) {
			return failf(p, "-%c is not supported here", c)
		}
	}
	n.set = set
	if e, given := set['e']; given {
		n.program = []string{e}
	}
	if v, given := set['w']; given {
		d, err := parseSeconds(v)
		if err != nil {
			return failf(p, "invalid number '%s'", v)
		}
		n.limit = d
	}
	if has(set, 'l') && has(set, 'u') {
		return failf(p, "-l is not supported with -u here")
	}
	if has(set, 'l') {
		port := set['p']
		if port == "" && len(args) > 0 {
			port = args[len(args)-1]
		}
		return n.listen(ctx, port)
	}
	if len(args) < 2 {
		return usage(p)
	}
	code := 0
	for _, port := range args[1:] {
		code = n.connect(ctx, args[0], port)
	}
	return code
}

type netcat struct {
	p       *sandbox.Process
	set     map[byte]string
	limit   time.Duration // for connecting and for the last reads; 0: none
	program []string
	loud    int // how often -v was given
}

func (n *netcat) has(c byte) bool { return has(n.set, c) }

func (n *netcat) connect(ctx context.Context, host, port string) int {
	dialCtx := ctx
	if n.limit > 0 {
		var cancel context.CancelFunc
		dialCtx, cancel = context.WithTimeout(ctx, n.limit)
		defer cancel()
	}
	addr, ok := resolve(dialCtx, n.p, host)
	if !ok {
		return failf(n.p, "bad address '%s'", host)
	}
	transport := "tcp"
	if n.has('u') {
		transport = "udp"
	}
	at := net.JoinHostPort(addr.String(), port)
	conn, err := n.p.Dial(dialCtx, transport, at)
	if err != nil {
		// As the real one: -v tells of what went wrong, -vv also that nothing listens.
		if refused := errors.Is(err, syscall.ECONNREFUSED); n.loud > 1 || n.loud == 1 && !refused {
			return failf(n.p, "%s (%s): %s", host, at, dialReason(err))
		}
		return 1
	}
	if n.has('v') {
		fmt.Fprintf(n.p.Stderr, "%s (%s) open\n", host, at)
	}
	if n.has('z') {
		_ = conn.Close()
		return 0
	}
	return n.serve(ctx, conn)
}

func (n *netcat) listen(ctx context.Context, port string) int {
	listener, err := n.p.Listen("tcp", ":"+port)
	if err != nil {
		return failf(n.p, "bind: Address already in use")
	}
	defer listener.Close()
	if n.has('v') {
		fmt.Fprintf(n.p.Stderr, "listening on [::]:%s ...\n", port)
	}
	for {
		conn, err := listener.Accept()
		if err != nil {
			return 1
		}
		if n.has('v') {
			fmt.Fprintf(n.p.Stderr, "connect to %s from %s\n", conn.LocalAddr(), conn.RemoteAddr())
		}
		code := n.serve(ctx, conn)
		if !n.has('k') || ctx.Err() != nil {
			return code
		}
	}
}

func (n *netcat) serve(ctx context.Context, conn net.Conn) int {
	if len(n.program) > 0 {
		return n.execute(ctx, conn)
	}
	n.exchange(ctx, conn)
	return 0
}

// execute gives a program the connection as its standard input and output.
func (n *netcat) execute(ctx context.Context, conn net.Conn) int {
	in, inW, releaseIn := n.p.Pipe()
	outR, out, releaseOut := n.p.Pipe()
	child, err := n.p.Start(sandbox.Command{Path: n.program[0], Args: n.program, Stdin: in, Stdout: out, Stderr: out})
	if err != nil {
		releaseIn()
		releaseOut()
		_ = conn.Close()
		return notStarted(n.p, n.program[0], err, "can't execute '%s': %s")
	}
	releaseIn = sync.OnceFunc(releaseIn)
	stop := context.AfterFunc(ctx, func() {
		_ = conn.Close()
		_ = n.p.Kill(child.PID(), sandbox.SIGKILL) // a real nc becomes the program, so they die together
	})
	defer stop()
	var copying sync.WaitGroup
	copying.Go(func() {
		_ = copyStream(ctx, inW, conn)
		releaseIn() // the program sees the end of its input
	})
	ended := make(chan struct{})
	go func() { // ends with the last writer: the program, or who it left its output to
		defer close(ended)
		_ = copyStream(ctx, conn, outR)
	}()
	<-child.Done()
	releaseIn()
	releaseOut()
	select {
	case <-ended:
	case <-ctx.Done():
	}
	_ = conn.Close()
	copying.Wait()
	if ctx.Err() != nil {
		return 1
	}
	return child.ExitCode()
}

// exchange copies both ways until the peer closes.
func (n *netcat) exchange(ctx context.Context, conn net.Conn) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = copyStream(ctx, n.p.Stdout, conn)
	}()
	go func() { // ends with the process, whose input does
		_ = copyStream(ctx, conn, n.p.Stdin)
		if half, ok := conn.(interface{ CloseWrite() error }); ok {
			_ = half.CloseWrite()
		}
		if n.limit > 0 {
			_ = conn.SetReadDeadline(time.Now().Add(n.limit))
		}
	}()
	<-done
	_ = conn.Close()
}
