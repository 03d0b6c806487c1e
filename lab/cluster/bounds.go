package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
	"k8s.io/apimachinery/pkg/runtime"

	"healthlab/lab"
)

// What answers in an API server's place may do so without end. These bounds are far above what an API server sends about a
// namespace that holds labs, and far below what would be felt on a student's machine.
const (
	// maxBody is how large an answer may be once it is unpacked, in bytes; maxErrorBody if it tells of an error.
	maxBody      = 32 << 20
	maxErrorBody = 128 << 10
	// maxHeader is how large the header of an answer may be, in bytes.
	maxHeader = 256 << 10
	// bodyPatience is how long an answer may take from its header to its end.
	bodyPatience = 2 * time.Minute
	// upgradePatience is how long the header of an answer may take that gives a connection over to exec or port-forward.
	upgradePatience = 2 * time.Second
	// maxRedirects is how many times an answer may send a request elsewhere.
	maxRedirects = 3
	// maxRetryAfter is how many seconds a server may have a request wait, at most; the least is one.
	maxRetryAfter = 30

	// A watch may begin with everything there is, and goes on with what people and controllers change. What it brings is
	// reckoned as meter does, in bytes of memory; a log, in bytes. Who sends more is slowed down, and a watch that goes on
	// like that for floodPatience is given up.
	watchBurst, watchRate = 128 << 20, 2 << 20
	logBurst, logRate     = 16 << 20, 4 << 20
	floodPatience         = 10 * time.Second
)

// excess is the error for an answer that goes beyond what any API server has to say.
type excess struct{ what lab.Text }

// Error implements error.
func (e *excess) Error() string { return "the answer has no end: " + e.what.En }

func tooLarge(most int) error {
	if most < 1<<20 {
		return &excess{lab.Textf("%d KiB가 넘습니다", "more than %d KiB", most>>10)}
	}
	return &excess{lab.Textf("%d MiB가 넘습니다", "more than %d MiB", most>>20)}
}

func tooMany(most int) error {
	return &excess{lab.Textf("목록의 항목이 %d개가 넘습니다", "lists with more than %d elements", most)}
}

func tooDeep() error {
	return &excess{lab.Textf("%d단계보다 깊이 중첩되어 있습니다", "nested more than %d deep", maxDepth)}
}

func tooFast() error {
	return &excess{lab.T("변경이 쉬지 않고 쏟아집니다", "changes that never pause")}
}

func tooManyObjects() error {
	return &excess{lab.Textf("오브젝트가 %d개가 넘습니다", "more than %d objects", maxObjects)}
}

func headerTooLarge() error {
	return &excess{lab.Textf("헤더가 %d KiB가 넘습니다", "a header of more than %d KiB", maxHeader>>10)}
}

// astray is the error for a request that was sent elsewhere in a way that no API server does.
type astray struct{ told lab.Text }

// Error implements error.
func (a *astray) Error() string { return a.told.En }

// errNotAsked is why an answer in a form that was not asked for is not an API server's.
var errNotAsked = errors.New("the answer is in a form that was not asked for")

// bounded is the transport below all others: it holds what answers to the bounds above. Bodies are counted as they come out
// of net/http, which has unpacked them by then. It has everything sent as JSON, of which can be told before it is decoded
// what it will come to.
type bounded struct {
	http.RoundTripper
	paces *paces
}

// paces are how fast each watch may go on, by path, over all the requests that renew it.
type paces struct {
	burst    int
	patience time.Duration // how long a watch may go on being slowed down

	mu     sync.Mutex
	byPath map[string]*rate.Limiter
}

func newPaces() *paces {
	return &paces{burst: watchBurst, patience: floodPatience, byPath: map[string]*rate.Limiter{}}
}

func (p *paces) of(path string) *rate.Limiter {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.byPath[path] == nil {
		p.byPath[path] = rate.NewLimiter(watchRate, p.burst)
	}
	return p.byPath[path]
}

// RoundTrip implements http.RoundTripper.
func (b bounded) RoundTrip(request *http.Request) (*http.Response, error) {
	if err := followed(request); err != nil {
		return nil, err
	}
	ctx := request.Context()
	if request.Header.Get("Sec-Websocket-Protocol") != "" {
		traced, done := hurry(ctx)
		defer done()
		ctx = traced
	}
	request = request.Clone(ctx)
	askForJSON(request.Header)
	response, err := b.RoundTripper.RoundTrip(request)
	if err != nil || response.StatusCode == http.StatusSwitchingProtocols {
		return response, err
	}
	switch {
	case headerSize(response.Header) > maxHeader:
		err = headerTooLarge()
	case opaque(response.Header.Get("Content-Type")):
		err = errNotAsked
	}
	if err != nil {
		_ = response.Body.Close()
		return nil, err
	}
	restrainRetries(response.Header)
	response.Body = b.body(request, response)
	return response, nil
}

// WrappedRoundTripper implements net.RoundTripperWrapper of apimachinery.
func (b bounded) WrappedRoundTripper() http.RoundTripper { return b.RoundTripper }

// body returns the response's body within its bounds.
func (b bounded) body(request *http.Request, response *http.Response) io.ReadCloser {
	query := request.URL.Query()
	ctx := request.Context()
	media, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
	switch {
	case response.StatusCode >= http.StatusMultipleChoices:
		return timed(ctx, &boundedBody{ReadCloser: response.Body, left: maxErrorBody, most: maxErrorBody, meter: newMeter(unlimited, maxEventElements)})
	case query.Get("watch") == "true":
		return &pacedBody{
			ReadCloser: response.Body, ctx: ctx, meter: newMeter(maxEvent, maxEventElements),
			pace: b.paces.of(request.URL.Path), patience: b.paces.patience,
		}
	case query.Get("follow") == "true":
		return &pacedBody{ReadCloser: response.Body, ctx: ctx, pace: rate.NewLimiter(logRate, logBurst)}
	case media == runtime.ContentTypeJSON || media == "":
		return timed(ctx, &boundedBody{ReadCloser: response.Body, left: maxBody, most: maxBody, meter: newMeter(unlimited, maxElements)})
	default:
		return timed(ctx, &boundedBody{ReadCloser: response.Body, left: maxBody, most: maxBody})
	}
}

// followed checks a request that comes of a redirect. client-go puts the credentials into every request, so that they must
// not go to anybody but the server that they are for.
func followed(request *http.Request) error {
	hops := 0
	for r := request; r.Response != nil && r.Response.Request != nil; r = r.Response.Request {
		hops++
		before := r.Response.Request.URL
		switch {
		case hops > maxRedirects, before.String() == request.URL.String():
			return &astray{lab.T("요청을 돌고 돌게 합니다", "it redirects requests in a loop")}
		case before.Hostname() != request.URL.Hostname(), before.Scheme == "https" && request.URL.Scheme != "https":
			where := lab.Printable(request.URL.Scheme + "://" + request.URL.Host)
			return &astray{lab.Textf("요청을 %[1]s(으)로 보냅니다. 믿을 수 있는 곳이면 kubeconfig의 server에 적으십시오",
				"it redirects requests to %[1]s; if you trust that server, name it in the kubeconfig", where)}
		}
	}
	return nil
}

// hurry returns a context for a request that is to give its connection over. Who reads the header of the answer to it takes
// it at any length, so that it must come within upgradePatience of its first byte; done is called once it has.
func hurry(ctx context.Context) (_ context.Context, done func()) {
	var (
		mu    sync.Mutex
		conn  net.Conn
		timer *time.Timer
	)
	traced := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(info httptrace.GotConnInfo) {
			mu.Lock()
			defer mu.Unlock()
			conn = info.Conn
		},
		GotFirstResponseByte: func() {
			mu.Lock()
			defer mu.Unlock()
			if conn != nil {
				timer = time.AfterFunc(upgradePatience, func() { _ = conn.Close() })
			}
		},
	})
	return traced, func() {
		mu.Lock()
		defer mu.Unlock()
		if timer != nil {
			timer.Stop()
		}
	}
}

// askForJSON takes out of what is asked for the forms that tell nothing before they are decoded.
func askForJSON(header http.Header) {
	var asked []string
	for _, form := range strings.Split(header.Get("Accept"), ",") {
		if !opaque(form) {
			asked = append(asked, form)
		}
	}
	header.Set("Accept", strings.Join(asked, ","))
}

// opaque reports whether a media type is one of Kubernetes' that are no text.
func opaque(mediaType string) bool {
	return strings.Contains(mediaType, "protobuf") || strings.Contains(mediaType, "cbor")
}

func headerSize(header http.Header) int {
	size := 0
	for name, values := range header {
		for _, value := range values {
			size += len(name) + len(value)
		}
	}
	return size
}

// restrainRetries keeps a server from having client-go try again at once, which it does up to ten times, or never.
func restrainRetries(header http.Header) {
	after := header.Get("Retry-After")
	if after == "" {
		return
	}
	if seconds, err := strconv.Atoi(after); err == nil {
		header.Set("Retry-After", strconv.Itoa(min(max(seconds, 1), maxRetryAfter)))
	}
}

// boundedBody is a body that ends with an *excess where it goes beyond its bounds.
type boundedBody struct {
	io.ReadCloser
	left, most int // bytes
	meter      *meter
	err        error
}

// Read implements io.Reader.
func (b *boundedBody) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	n, err := b.ReadCloser.Read(p)
	if b.left -= n; b.left < 0 {
		b.err = tooLarge(b.most)
	} else if b.meter != nil {
		_, b.err = b.meter.add(p[:n])
	}
	if b.err != nil {
		_ = b.Close()
		return 0, b.err
	}
	return n, err
}

// timed ends a body that does not come to its end within bodyPatience.
func timed(ctx context.Context, body io.ReadCloser) io.ReadCloser {
	late := &timedBody{ReadCloser: body}
	ctx, cancel := context.WithTimeoutCause(ctx, bodyPatience, context.DeadlineExceeded)
	stop := context.AfterFunc(ctx, func() { _ = body.Close() })
	late.over = ctx
	late.end = sync.OnceFunc(func() {
		stop()
		cancel()
	})
	return late
}

type timedBody struct {
	io.ReadCloser
	over context.Context //nolint:containedctx // the time that the body has
	end  func()
}

// Read implements io.Reader.
func (t *timedBody) Read(p []byte) (int, error) {
	n, err := t.ReadCloser.Read(p)
	switch {
	case err == nil, errors.Is(err, io.EOF):
	case errors.Is(t.over.Err(), context.DeadlineExceeded):
		err = fmt.Errorf("read the answer: %w", context.DeadlineExceeded)
	}
	return n, err
}

// Close implements io.Closer.
func (t *timedBody) Close() error {
	t.end()
	return t.ReadCloser.Close()
}

// pacedBody is a body that may go on for ever, but not faster than its pace.
type pacedBody struct {
	io.ReadCloser
	ctx      context.Context //nolint:containedctx // the request's, whose end a Read must not outlive
	meter    *meter          // nil: bytes are counted
	pace     *rate.Limiter
	patience time.Duration // how long it may go on being slowed down; zero: for ever
	slowed   time.Time     // since when every Read was; zero: the last was not
	err      error
}

// Read implements io.Reader.
func (b *pacedBody) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	n, err := b.ReadCloser.Read(p[:min(len(p), 32<<10)])
	cost := n
	if b.meter != nil {
		cost, b.err = b.meter.add(p[:n])
	}
	if b.err == nil {
		b.err = b.wait(cost)
	}
	if b.err != nil {
		_ = b.Close()
		return 0, b.err
	}
	return n, err
}

// wait holds a Read back until what it has brought is due.
func (b *pacedBody) wait(cost int) error {
	var delay time.Duration
	now := time.Now()
	for cost > 0 { // no more than the burst can be reserved at a time
		part := min(cost, b.pace.Burst())
		delay = b.pace.ReserveN(now, part).DelayFrom(now)
		cost -= part
	}
	switch {
	case delay == 0:
		b.slowed = time.Time{}
		return nil
	case b.slowed.IsZero():
		b.slowed = now
	case b.patience > 0 && now.Sub(b.slowed) > b.patience:
		return tooFast()
	}
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-b.ctx.Done():
		return b.ctx.Err()
	}
}

// maxText is how long a text that the cluster gives for something may be, in bytes. A kubelet's messages have up to 4 KiB.
const maxText = 4 << 10

// clip shortens s to at most so many bytes and a sign that there was more.
func clip(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
