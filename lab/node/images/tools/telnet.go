package tools

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"

	"healthlab/lab/node/sandbox"
)

// telnet connects and copies both ways. Every option that a server offers is turned down; it logs nobody in.
func telnet(ctx context.Context, p *sandbox.Process) int {
	found, args, ok := optionSpec{letters: "al:"}.parse(p)
	switch {
	case !ok:
		return 1
	case len(found) > 0:
		return failf(p, "-%c is not supported here", found[0].letter)
	case len(args) == 0 || len(args) > 2:
		return usage(p)
	}
	port := "23"
	if len(args) > 1 {
		port = args[1]
	}
	addr, ok := resolve(ctx, p, args[0])
	if !ok {
		return failf(p, "bad address '%s'", args[0])
	}
	conn, err := p.Dial(ctx, "tcp", net.JoinHostPort(addr.String(), port))
	if err != nil {
		return failf(p, "can't connect to remote host (%s): %s", addr, dialReason(err))
	}
	fmt.Fprintf(p.Stdout, "Connected to %s\n\n", args[0])
	n := &netcat{p: p, set: map[byte]string{}}
	n.exchange(ctx, &telnetConn{Conn: conn, in: bufio.NewReader(conn)})
	fmt.Fprintln(p.Stderr, "Connection closed by foreign host")
	return 1
}

// dialReason is why a connection could not be made.
func dialReason(err error) string {
	switch {
	case errors.Is(err, syscall.EHOSTUNREACH):
		return "No route to host"
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return "Operation timed out"
	}
	return "Connection refused"
}

// telnetConn takes the telnet commands out of what a server sends and answers them with a no.
type telnetConn struct {
	net.Conn
	in *bufio.Reader
}

func (c *telnetConn) Read(b []byte) (int, error) {
	const iac, will, wont, do, dont = 255, 251, 252, 253, 254
	n := 0
	for n < len(b) {
		if n > 0 && c.in.Buffered() == 0 {
			return n, nil
		}
		x, err := c.in.ReadByte()
		if err != nil {
			return n, err
		}
		if x != iac {
			b[n] = x
			n++
			continue
		}
		command, err := c.in.ReadByte()
		if err != nil {
			return n, err
		}
		switch command {
		case iac:
			b[n] = iac
			n++
		case will, wont, do, dont:
			option, err := c.in.ReadByte()
			if err != nil {
				return n, err
			}
			answer := map[byte]byte{will: dont, do: wont}[command]
			if answer != 0 {
				if _, err := c.Write([]byte{iac, answer, option}); err != nil {
					return n, err
				}
			}
		}
	}
	return n, nil
}

// CloseWrite ends what is sent, as a connection of TCP does.
func (c *telnetConn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}
