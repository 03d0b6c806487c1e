package tools

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"syscall"

	"healthlab/lab/node/sandbox"
)

// nc connects, or listens with -l -p PORT; -z only tries; -w SECONDS bounds the connecting.
func nc(ctx context.Context, p *sandbox.Process) int {
	set, args, ok := options(p, "lzvnkN", "pw")
	if !ok {
		return 1
	}
	if has(set, 'l') {
		port := set['p']
		if port == "" && len(args) > 0 {
			port = args[len(args)-1]
		}
		return ncListen(ctx, p, port, has(set, 'k'))
	}
	if len(args) < 2 {
		return failf(p, "usage: nc [-z] [-w SECONDS] HOST PORT, or nc -l -p PORT")
	}
	dialCtx := ctx
	if v, given := set['w']; given {
		d, err := parseSeconds(v)
		if err != nil {
			return failf(p, "invalid number '%s'", v)
		}
		var cancel context.CancelFunc
		dialCtx, cancel = context.WithTimeout(ctx, d)
		defer cancel()
	}
	conn, err := p.Dial(dialCtx, "tcp", net.JoinHostPort(args[0], args[1]))
	if err != nil {
		reason := "Connection refused"
		var dns *net.DNSError
		switch {
		case errors.As(err, &dns):
			return failf(p, "bad address '%s'", args[0])
		case errors.Is(err, syscall.EHOSTUNREACH):
			reason = "No route to host"
		case errors.Is(err, os.ErrDeadlineExceeded):
			reason = "Operation timed out"
		}
		return failf(p, "%s (%s:%s): %s", args[0], args[0], args[1], reason)
	}
	if has(set, 'v') {
		fmt.Fprintf(p.Stderr, "%s (%s:%s) open\n", args[0], args[0], args[1])
	}
	if has(set, 'z') {
		_ = conn.Close()
		return 0
	}
	exchange(ctx, p, conn)
	return 0
}

func ncListen(ctx context.Context, p *sandbox.Process, port string, again bool) int {
	listener, err := p.Listen("tcp", ":"+port)
	if err != nil {
		return failf(p, "bind: Address already in use")
	}
	defer listener.Close()
	for {
		conn, err := listener.Accept()
		if err != nil {
			return 1
		}
		exchange(ctx, p, conn)
		if !again || ctx.Err() != nil {
			return 0
		}
	}
}

// exchange copies both ways until the peer closes.
func exchange(ctx context.Context, p *sandbox.Process, conn net.Conn) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var copying sync.WaitGroup
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	done := make(chan struct{})
	copying.Go(func() {
		defer close(done)
		_ = copyStream(ctx, p.Stdout, conn)
	})
	go func() { // ends with the process, whose input does
		_ = copyStream(ctx, conn, p.Stdin)
		if half, ok := conn.(interface{ CloseWrite() error }); ok {
			_ = half.CloseWrite()
		}
	}()
	<-done
	_ = conn.Close()
	copying.Wait()
}
