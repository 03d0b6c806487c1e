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
	spec      Spec
	target    Target
	mechanism Mechanism
	timeout   time.Duration
	port      int // unless the mechanism is exec
	once      mechanism
}

// mechanism makes one try and is done when the limit has passed or ctx has ended.
type mechanism interface {
	try(ctx context.Context, l limit) answer
}

// limit is how long a try may take: as long as the timeout says and, from afar, some time more for the way.
type limit struct{ timeout, slack time.Duration }

func (l limit) total() time.Duration { return l.timeout + l.slack }

// answer is what came of one try. A try that errs has the outcome Unknown.
type answer struct {
	outcome Outcome
	warning bool
	message string
	// state is what the kubelet calls the result of a try that errs.
	state Outcome
	// unsure is Attempt.Unsure.
	unsure bool
	// late is Attempt.TimedOut.
	late bool
	// final says that another try would tell no more.
	final bool
}

func passed(message string) answer { return answer{outcome: Success, message: message} }
func failed(message string) answer { return answer{outcome: Failure, message: message} }

// late is the failure of a try that did not end within the timeout.
func late(message string) answer { return answer{outcome: Failure, message: message, late: true} }

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
	p := &Prober{spec: spec, target: target, mechanism: spec.Mechanism(), timeout: spec.Timeout}
	if p.mechanism == MechanismExec && target.Exec == nil && target.Remote == nil {
		return nil, errors.New("exec probe: the target has no Exec to run commands with")
	}
	var err error
	if p.port, err = spec.port(target.Ports); err != nil {
		p.once, p.target.Remote = erring{err}, nil // there is nothing to reach
	} else {
		p.once = newMechanism(spec, target)
	}
	return p, nil
}

// newMechanism prepares what the spec, which is valid and whose port is known, asks for.
func newMechanism(spec Spec, target Target) mechanism {
	switch spec.Mechanism() {
	case MechanismHTTP:
		return newHTTPMechanism(spec.HTTP, target)
	case MechanismTCP:
		return newTCPMechanism(spec.TCP, target)
	case MechanismGRPC:
		return newGRPCMechanism(spec.GRPC, target)
	default:
		return newExecMechanism(spec.Exec, target)
	}
}

// port returns the number of the port that is probed; 0 if none is.
func (s Spec) port(named map[string]int) (int, error) {
	switch {
	case s.HTTP != nil:
		return s.HTTP.Port.Resolve(named)
	case s.TCP != nil:
		return s.TCP.Port.Resolve(named)
	case s.GRPC != nil:
		return s.GRPC.Port, nil
	default:
		return 0, nil
	}
}

// Try makes one attempt: up to three tries while they err, each with the spec's whole timeout, as the kubelet's
// runProbeWithRetries. Of the Attempt, it sets Mechanism, Start, Took, Way, Outcome, Unsure, Warning, Message and
// ErrorState. The only error is ctx's, when ctx ended before there was an outcome.
func (p *Prober) Try(ctx context.Context) (Attempt, error) {
	a := Attempt{Mechanism: p.mechanism, Start: time.Now()}
	var last answer
	for range maxTries {
		if p.target.Remote == nil {
			last = p.once.try(ctx, limit{timeout: p.timeout})
		} else {
			var way time.Duration
			last, way = p.remotely(ctx)
			a.Way += way
		}
		if err := ctx.Err(); err != nil {
			return Attempt{}, fmt.Errorf("%s probe: %w", p.mechanism, err)
		}
		if last.outcome != Unknown || last.final {
			break
		}
	}
	a.Took = time.Since(a.Start)
	a.Outcome, a.Warning, a.Message, a.ErrorState = last.outcome, last.warning, last.message, last.state
	a.Unsure, a.TimedOut = last.unsure, last.late
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

func (m erring) try(context.Context, limit) answer { return erred(m.err) }

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
