package cluster

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/httpstream" //nolint:staticcheck // client-go still has its types
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/remotecommand"
	"k8s.io/client-go/transport/spdy"
	utilexec "k8s.io/client-go/util/exec"
	streaming "k8s.io/streaming/pkg/httpstream"

	"healthlab/lab"
)

// Exec runs command in a container until it ends or ctx does, over WebSocket or, where that is not to be had, SPDY. It
// returns at most limit bytes of both output streams in the order in which they arrived, and the exit code. The end of ctx
// is reported as ctx's error; any other error means that the command could not be run.
//
// opened is called when the way is open: when the API server has answered the request for a WebSocket or, with SPDY, the
// last stream has been opened. turn is how long that answer took. Since the command begins when the answer sets out, and its
// result goes the same way, what follows is the time of the command, of the kubelet and of the runtime, and of the way from
// the API server to the node where the API server answers a WebSocket before it has asked the kubelet.
func (c *Client) Exec(
	ctx context.Context, pod, container string, command []string, limit int, opened func(turn time.Duration),
) ([]byte, int, error) {
	if c.config.ReadOnly {
		return nil, 0, errReadOnly(lab.T("컨테이너 안에서 명령을 실행하지 않습니다. kubelet의 결과만 보입니다",
			"no commands are run in containers; only the kubelet's results are shown"))
	}
	if err := c.streams.Wait(ctx); err != nil {
		return nil, 0, lab.Errorf(err, "한꺼번에 보낼 요청이 너무 많아 차례가 오지 않았습니다", "too many requests are waiting: this one was not sent in time")
	}
	request := c.clientset.CoreV1().RESTClient().Post().Resource("pods").Namespace(c.config.Namespace).Name(pod).
		SubResource("exec").VersionedParams(&corev1.PodExecOptions{
		Container: container, Command: command, Stdout: true, Stderr: true,
	}, scheme.ParameterCodec)
	webSocket, err := remotecommand.NewWebSocketExecutor(c.rest, "GET", request.URL().String())
	if err != nil {
		return nil, 0, explain(c.info.Server, err)
	}
	transport, upgrader, err := spdy.RoundTripperFor(c.rest)
	if err != nil {
		return nil, 0, explain(c.info.Server, err)
	}
	direct, err := remotecommand.NewSPDYExecutorForTransports(transport, timedUpgrader{upgrader, opened}, "POST", request.URL())
	if err != nil {
		return nil, 0, explain(c.info.Server, err)
	}
	var upgrading upgrade
	executor, err := remotecommand.NewFallbackExecutor(webSocket, direct, upgrading.fallBack)
	if err != nil {
		return nil, 0, explain(c.info.Server, err)
	}
	output := &boundedBuffer{limit: limit}
	err = executor.StreamWithContext(timeUpgrade(ctx, opened), remotecommand.StreamOptions{Stdout: output, Stderr: output})
	var exit utilexec.CodeExitError
	switch {
	case err == nil:
		return output.bytes(), 0, nil
	case ctx.Err() != nil:
		return output.bytes(), 0, ctx.Err()
	case errors.As(err, &exit):
		return output.bytes(), exit.Code, nil
	default:
		return output.bytes(), 0, explain(c.info.Server, upgrading.reason(err))
	}
}

// timeUpgrade returns a context whose request for a WebSocket tells when it is answered.
func timeUpgrade(ctx context.Context, opened func(turn time.Duration)) context.Context {
	var asked time.Time // the request is made by one goroutine
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn:              func(httptrace.GotConnInfo) { asked = time.Now() },
		TLSHandshakeDone:     func(tls.ConnectionState, error) { asked = time.Now() },
		GotFirstResponseByte: func() { opened(time.Since(asked)) },
	})
}

// timedUpgrader makes SPDY connections that tell when a stream has been opened.
type timedUpgrader struct {
	spdy.Upgrader
	opened func(turn time.Duration)
}

// NewConnection implements spdy.Upgrader.
func (u timedUpgrader) NewConnection(response *http.Response) (httpstream.Connection, error) {
	conn, err := u.Upgrader.NewConnection(response)
	if err != nil {
		return nil, err
	}
	return timedConnection{conn, u.opened}, nil
}

type timedConnection struct {
	httpstream.Connection
	opened func(turn time.Duration)
}

// CreateStream implements httpstream.Connection.
func (c timedConnection) CreateStream(headers http.Header) (httpstream.Stream, error) {
	asked := time.Now()
	stream, err := c.Connection.CreateStream(headers)
	if err == nil {
		c.opened(time.Since(asked))
	}
	return stream, err
}

// upgrade decides whether to try SPDY after a WebSocket has failed, and remembers why it has: what the server says to SPDY
// comes as a bare text.
type upgrade struct{ failed error }

// fallBack reports whether a server or proxy without WebSocket support may be why the connection failed. What the server
// would say to SPDY as well is not asked twice; that it forbids a WebSocket need not be: it may take a right of its own.
func (u *upgrade) fallBack(err error) bool {
	var failure *streaming.UpgradeFailureError
	if errors.As(err, &failure) {
		u.failed = failure.Cause
		return !apierrors.IsUnauthorized(failure.Cause) && !apierrors.IsTooManyRequests(failure.Cause)
	}
	return streaming.IsHTTPSProxyError(err)
}

// reason is err with what the server said, where a library has hidden that.
func (u *upgrade) reason(err error) error {
	var failure *streaming.UpgradeFailureError
	switch {
	case errors.As(err, &failure):
		return failure.Cause
	case err != nil && apierrors.IsForbidden(u.failed) && strings.Contains(err.Error(), "forbidden"):
		return u.failed
	}
	return err
}

// boundedBuffer keeps the first limit bytes written to it, from several goroutines, and takes the rest without a word.
type boundedBuffer struct {
	limit int
	mu    sync.Mutex
	data  []byte
}

// Write implements io.Writer.
func (b *boundedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.data = append(b.data, p[:min(len(p), b.limit-len(b.data))]...)
	return len(p), nil
}

func (b *boundedBuffer) bytes() []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.data
}
