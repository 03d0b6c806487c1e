package traffic

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"syscall"
	"time"

	"healthlab/lab"
)

// maxAnswer is how many bytes of an answer are read, its headers included.
const maxAnswer = 64 << 10

// sight is what the first bytes of an answer look like.
type sight int

const (
	sawNothing sight = iota // there was no connection to see something on
	sawSilence
	sawHTTP
	sawTLS // the port speaks HTTPS
	sawOther
)

// send sends one request to a port that is spoken to so; the empty protocol is a trial of HTTP.
func (r *run) send(ctx context.Context, speaks lab.TrafficProtocol) (pod string, came outcome, saw sight) {
	opening, cancel := context.WithTimeout(ctx, lab.TrafficTimeout+r.Way)
	defer cancel()
	began := time.Now()
	conn, pod, err := r.Open(opening)
	switch {
	case errors.Is(err, ErrOver):
		r.stop(err)
		return pod, unsent, sawNothing
	case errors.Is(err, ErrNoPod):
		return pod, noPod, sawNothing
	case errors.Is(err, ErrUnsent):
		return pod, unsent, sawNothing
	case err != nil:
		return pod, problem(err), sawNothing
	}
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	defer conn.Close()
	if r.Way > 0 {
		began = time.Now()
	}
	if err := conn.SetDeadline(began.Add(lab.TrafficTimeout)); err != nil {
		return pod, broken, sawNothing
	}
	switch speaks {
	case lab.TrafficTCP:
		return pod, r.connected(conn), sawNothing
	case lab.TrafficHTTPS:
		// As a kubelet's probe, and unlike a browser, it does not care who the server says that it is.
		secure := tls.Client(conn, &tls.Config{InsecureSkipVerify: true, ServerName: r.Plan.Service}) //nolint:gosec // see above
		if err := secure.HandshakeContext(ctx); err != nil {
			return pod, problem(err), sawNothing
		}
		came, saw = r.ask(secure)
	default:
		came, saw = r.ask(conn)
	}
	if speaks == "" && (saw == sawTLS || saw == sawOther) {
		came = answered // it was asked in the wrong way
	}
	return pod, came, saw
}

// ask sends a GET and reads the answer, as far as that is worth it.
func (r *run) ask(conn net.Conn) (outcome, sight) {
	if err := r.request.Write(conn); err != nil {
		return problem(err), sawSilence
	}
	limit := &io.LimitedReader{R: conn, N: maxAnswer}
	in := bufio.NewReader(limit)
	const version = "HTTP/"
	head, err := in.Peek(len(version))
	switch {
	case len(head) == 0:
		return problem(err), sawSilence
	case head[0] == 0x15: // an alert: the handshake that TLS begins with was missing
		return broken, sawTLS
	case string(head) != version:
		return broken, sawOther
	}
	answer, err := http.ReadResponse(in, r.request)
	if err != nil {
		return problem(err), sawHTTP
	}
	defer answer.Body.Close()
	var told bytes.Buffer
	if _, err := io.Copy(&told, answer.Body); err != nil && limit.N > 0 { // what is longer was an answer, too
		return problem(err), sawHTTP
	}
	switch {
	case answer.StatusCode == http.StatusBadRequest && bytes.Contains(told.Bytes(), []byte("HTTPS")):
		return answered, sawTLS
	case answer.StatusCode >= http.StatusInternalServerError:
		return failed, sawHTTP
	}
	return answered, sawHTTP
}

// connected is what comes of a connection alone. On a way of its own, that nobody listens is known only a little later.
func (r *run) connected(conn net.Conn) outcome {
	if r.Way == 0 {
		return answered
	}
	const soon = 300 * time.Millisecond
	_ = conn.SetReadDeadline(time.Now().Add(soon)) // where there is none, Read says so, too
	if _, err := conn.Read(make([]byte, 1)); errors.Is(err, syscall.ECONNREFUSED) {
		return refused
	}
	return answered
}

// problem is what an error on the way to an answer counts as.
func problem(err error) outcome {
	var late net.Error
	switch {
	case errors.Is(err, ErrUnsent):
		return unsent
	case errors.Is(err, syscall.ECONNREFUSED):
		return refused
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded), errors.As(err, &late) && late.Timeout():
		return timedOut
	}
	return broken
}
