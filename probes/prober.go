package probes

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"
)

const (
	// maxTries is how often one attempt is tried while it errs (pkg/kubelet/prober/prober.go, maxProbeRetries).
	maxTries = 3
	// maxOutput is how many bytes of a body or of a command's output are looked at (pkg/probe/http and pkg/probe/exec).
	maxOutput = 10 << 10
)

// Prober makes attempts of one probe on one target, without any timing. It holds what can be prepared once, such as the
// request and the transport. It may be used by several goroutines.
type Prober struct {
	mechanism Mechanism
	timeout   time.Duration
	once      mechanism
}

// mechanism makes one try and is done when timeout has passed or ctx has ended.
type mechanism interface {
	try(ctx context.Context, timeout time.Duration) answer
}

// answer is what came of one try. A try that errs has the outcome Unknown.
type answer struct {
	outcome Outcome
	warning bool
	message string
	// state is what the kubelet calls the result of a try that errs.
	state Outcome
}

func passed(message string) answer { return answer{outcome: Success, message: message} }
func failed(message string) answer { return answer{outcome: Failure, message: message} }
func erred(err error) answer {
	return answer{outcome: Unknown, message: err.Error(), state: Unknown}
}

// NewProber prepares the probe. It applies Spec.Defaulted first; the error names every problem of the spec, or says
// what the target lacks for it. A port name that the target does not know is no error here: as with the kubelet, each
// attempt then errs.
func NewProber(spec Spec, target Target) (*Prober, error) {
	spec = spec.Defaulted()
	if err := spec.Validate(); err != nil {
		return nil, fmt.Errorf("invalid %s probe: %w", spec.Kind, err)
	}
	if target.Dial == nil {
		target.Dial = dialDirect
	}
	if target.UserAgent == "" {
		target.UserAgent = DefaultUserAgent
	}
	p := &Prober{mechanism: spec.Mechanism(), timeout: spec.Timeout}
	switch p.mechanism {
	case MechanismExec:
		if target.Exec == nil {
			return nil, errors.New("exec probe: the target has no Exec to run commands with")
		}
		p.once = newExecMechanism(spec.Exec, target)
	case MechanismHTTP:
		p.once = newHTTPMechanism(spec.HTTP, target)
	case MechanismTCP:
		p.once = newTCPMechanism(spec.TCP, target)
	case MechanismGRPC:
		p.once = newGRPCMechanism(spec.GRPC, target)
	}
	return p, nil
}

// Try makes one attempt: up to three tries while they err, each with the spec's whole timeout, as the kubelet's
// runProbeWithRetries. Of the Attempt, it sets Mechanism, Start, Took, Outcome, Warning, Message and ErrorState. The
// only error is ctx's, when ctx ended before there was an outcome.
func (p *Prober) Try(ctx context.Context) (Attempt, error) {
	a := Attempt{Mechanism: p.mechanism, Start: time.Now()}
	var last answer
	for range maxTries {
		last = p.once.try(ctx, p.timeout)
		if err := ctx.Err(); err != nil {
			return Attempt{}, fmt.Errorf("%s probe: %w", p.mechanism, err)
		}
		if last.outcome != Unknown {
			break
		}
	}
	a.Took = time.Since(a.Start)
	a.Outcome, a.Warning, a.Message, a.ErrorState = last.outcome, last.warning, last.message, last.state
	return a, nil
}

// Try prepares the probe and makes one attempt. See NewProber and Prober.Try for the errors.
func Try(ctx context.Context, spec Spec, target Target) (Attempt, error) {
	p, err := NewProber(spec, target)
	if err != nil {
		return Attempt{}, err
	}
	return p.Try(ctx)
}

// erring is a mechanism that cannot be run, such as one whose port name is unknown.
type erring struct{ err error }

func (m erring) try(context.Context, time.Duration) answer { return erred(m.err) }

// dialDirect dials as the kubelet's ProbeDialer does (pkg/probe/dialer_others.go): a linger of one second keeps
// thousands of short connections from filling the host with sockets in TIME-WAIT. TCP keep-alives are of no use to a
// connection that lives for one probe, and would cost system calls.
func dialDirect(ctx context.Context, network, address string) (net.Conn, error) {
	dialer := net.Dialer{KeepAlive: -1}
	conn, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(1) // without it, the probe is as good
	}
	return conn, nil
}
