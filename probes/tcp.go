package probes

import (
	"context"
	"errors"
	"net"
	"strconv"
)

// tcpMechanism opens a connection and closes it (pkg/probe/tcp).
type tcpMechanism struct {
	address string
	dial    dialFunc
}

func newTCPMechanism(action *TCPAction, target Target) mechanism {
	port, err := action.Port.Resolve(target.Ports)
	if err != nil {
		return erring{err}
	}
	return tcpMechanism{address: address(action.Host, target.Host, port), dial: target.Dial}
}

func (m tcpMechanism) try(ctx context.Context, l limit) answer {
	ctx, cancel := context.WithTimeout(ctx, l.total())
	defer cancel()
	conn, err := m.dial(ctx, "tcp", m.address)
	if err != nil {
		// net.Dialer says it so, with the address that a name stands for; dialers that tunnel do not.
		var direct *net.OpError
		dialers := errors.As(err, &direct) && err == error(direct) //nolint:errorlint // the outermost error is meant
		if errors.Is(err, context.DeadlineExceeded) && !dialers {
			return late("dial tcp " + m.address + ": i/o timeout")
		}
		return answer{outcome: Failure, message: err.Error(), late: errors.Is(err, context.DeadlineExceeded)}
	}
	_ = conn.Close() // the connection could be opened, which is all that was asked
	return passed("")
}

// address joins the action's host, or the target's if it names none, and the port. An IPv6 literal gets its brackets.
func address(host, fallback string, port int) string {
	if host == "" {
		host = fallback
	}
	return net.JoinHostPort(host, strconv.Itoa(port))
}
