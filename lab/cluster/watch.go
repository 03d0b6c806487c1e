package cluster

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/go-logr/logr"
	"golang.org/x/time/rate"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"

	"healthlab/lab"
)

// Watch follows the pods, deployments, endpoint slices and events of the lab's namespace, and the namespace itself, until
// ctx ends; it returns when everything it started has ended. Each resource is followed by a goroutine of its own, which
// calls emit in order; emit must not block and must be safe for several goroutines.
//
// A lost connection, a closed or expired watch (410), throttling (429) and refused credentials are each reported once and
// tried again with back-off between 0.5 and 10 s; after reconnecting, what has gone meanwhile is told as deleted. A resource
// that may not be watched is reported and tried again more and more rarely while the others go on. What answers without end is
// told as a lost connection, and tried again after a minute. If Version has just waited for an answer in vain, the connection
// is told as lost at once.
func (c *Client) Watch(ctx context.Context, emit func(lab.Change)) {
	link := &link{
		emit: emit, server: c.info.Server, heard: &c.heard,
		down: map[string]error{}, denied: map[string]bool{}, paused: map[string]time.Time{},
	}
	c.mu.Lock()
	silence := c.silence
	c.mu.Unlock()
	if silence != nil {
		link.told = true
		emit(lab.LinkChanged{Problem: explain(link.server, silence).Msg, Since: c.heard.get()})
	}
	ns := c.config.Namespace
	core, apps, discovery := c.clientset.CoreV1(), c.clientset.AppsV1(), c.clientset.DiscoveryV1()
	var all sync.WaitGroup
	all.Go(func() {
		follow(ctx, c.log, link, "pods", core.Pods(ns), func(p *corev1.Pod, k kept) {
			emit(lab.PodChanged{Pod: convertPod(p), Deleted: k.deleted, Initial: k.initial})
		})
	})
	all.Go(func() {
		follow(ctx, c.log, link, "deployments", apps.Deployments(ns), func(d *appsv1.Deployment, k kept) {
			emit(lab.DeploymentChanged{Deployment: convertDeployment(d), Deleted: k.deleted, Initial: k.initial})
		})
	})
	all.Go(func() {
		follow(ctx, c.log, link, "endpointslices", discovery.EndpointSlices(ns),
			func(s *discoveryv1.EndpointSlice, k kept) {
				change := lab.EndpointsChanged{Slice: s.Name, Initial: k.initial}
				if !k.deleted {
					change.Endpoints = convertSlice(s)
				}
				emit(change)
			})
	})
	all.Go(func() {
		follow(ctx, c.log, link, "events", core.Events(ns), func(e *corev1.Event, k kept) {
			emit(lab.EventChanged{Event: convertEvent(e), Deleted: k.deleted, Initial: k.initial})
		})
	})
	all.Go(func() {
		follow(ctx, c.log, link, "namespaces", oneNamespace{core.RESTClient(), ns}, func(n *corev1.Namespace, k kept) {
			phase := string(n.Status.Phase)
			if k.deleted {
				phase = ""
			}
			emit(lab.NamespaceChanged{Phase: phase})
		})
	})
	all.Wait()
}

// oneNamespace lists and watches a single namespace by the only requests that somebody with rights in that namespace alone
// may make: a get, and the older way to watch one object. Both a list and a watch with a field selector reach past it.
type oneNamespace struct {
	client rest.Interface
	name   string
}

// List gets the namespace; that there is none is an empty list. The list has no version, so that a watch begins with what
// is there: the version of a namespace made long ago is one that the server no longer knows.
func (o oneNamespace) List(ctx context.Context, _ metav1.ListOptions) (*corev1.NamespaceList, error) {
	var one corev1.Namespace
	err := o.client.Get().Resource("namespaces").Name(o.name).Do(ctx).Into(&one)
	switch {
	case apierrors.IsNotFound(err):
		return &corev1.NamespaceList{}, nil
	case err != nil:
		return nil, err
	}
	return &corev1.NamespaceList{Items: []corev1.Namespace{one}}, nil
}

// Watch watches the namespace, whether it exists or not.
func (o oneNamespace) Watch(ctx context.Context, options metav1.ListOptions) (watch.Interface, error) {
	options.Watch = true
	return o.client.Get().AbsPath("/api/v1/watch/namespaces", o.name).
		VersionedParams(&options, scheme.ParameterCodec).Watch(ctx)
}

// watchable is what the typed clients of all resources have in common; L is the list type.
type watchable[L runtime.Object] interface {
	List(ctx context.Context, options metav1.ListOptions) (L, error)
	Watch(ctx context.Context, options metav1.ListOptions) (watch.Interface, error)
}

// object is what is needed of every object.
type object interface {
	comparable
	GetUID() types.UID
}

// kept says why an object is reported.
type kept struct{ deleted, initial bool }

// follow lists and watches one resource until ctx ends, and reports its objects.
func follow[T object, L runtime.Object](
	ctx context.Context, log *slog.Logger, link *link, resource string, client watchable[L], report func(T, kept),
) {
	var zero T // the reflector looks at its type only
	// A reflector does not wait before it renews a watch that brought something or has expired.
	turns := rate.NewLimiter(requestRate, requestBurst)
	source := &cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, options metav1.ListOptions) (runtime.Object, error) {
			if err := link.wait(ctx, resource, turns); err != nil {
				return nil, err
			}
			list, err := client.List(link.observe(ctx, resource, new(error)), options)
			link.report(ctx, resource, err)
			return list, err
		},
		WatchFuncWithContext: func(ctx context.Context, options metav1.ListOptions) (watch.Interface, error) {
			if err := link.wait(ctx, resource, turns); err != nil {
				return nil, err
			}
			var broken error
			stream, err := client.Watch(link.observe(ctx, resource, &broken), options)
			if err == nil && broken != nil {
				// client-go answers a connection that was closed on it with a watch on which nothing comes.
				stream.Stop()
				stream, err = nil, broken
			}
			link.report(ctx, resource, err)
			return stream, err
		},
	}
	logger := logr.FromSlogHandler(log.Handler())
	reflector := cache.NewReflectorWithOptions(source, any(zero), &store[T]{
		objects: map[types.UID]T{}, report: report, full: func() { link.report(ctx, resource, tooManyObjects()) },
	},
		cache.ReflectorOptions{
			Name: resource, Logger: &logger,
			// A lab is watched by people: after a reconnect ten seconds are long enough to wait.
			Backoff: &wait.Backoff{Duration: 500 * time.Millisecond, Cap: 10 * time.Second, Factor: 2, Jitter: 0.5, Steps: 10},
		})
	reflector.RunWithContext(ctx)
}

const (
	// requestRate is how many requests a second each resource may make in the long run, and requestBurst how many at once.
	requestRate, requestBurst = 1, 10
	// pauseAfterExcess is how long nothing is asked of a server that has answered without end.
	pauseAfterExcess = time.Minute
	// maxObjects is how many objects of a kind are kept. A node has 110 pods.
	maxObjects = 20_000
)

// store is what a reflector fills: it keeps the last version of each object, to tell after a new listing what has gone.
// Only the reflector's goroutine uses it.
type store[T object] struct {
	objects map[types.UID]T
	report  func(T, kept)
	full    func() // called for each object that there is no room for
	listed  bool
}

// Add implements cache.ReflectorStore.
func (s *store[T]) Add(obj any) error { return s.Update(obj) }

// Update implements cache.ReflectorStore.
func (s *store[T]) Update(obj any) error {
	o, ok := obj.(T)
	if !ok {
		return nil
	}
	old, known := s.objects[o.GetUID()]
	switch {
	case known && version(o) != "" && version(old) == version(o):
		return nil // told already
	case !known && len(s.objects) >= maxObjects:
		s.full()
		return nil
	}
	s.objects[o.GetUID()] = o
	s.report(o, kept{})
	return nil
}

// Delete implements cache.ReflectorStore.
func (s *store[T]) Delete(obj any) error {
	if o, ok := obj.(T); ok {
		delete(s.objects, o.GetUID())
		s.report(o, kept{deleted: true})
	}
	return nil
}

// Replace implements cache.ReflectorStore: what is not in the new listing has gone, and what is unchanged is not told
// again.
func (s *store[T]) Replace(list []any, _ string) error {
	if len(list) > maxObjects {
		s.full()
		list = list[:maxObjects]
	}
	fresh := make(map[types.UID]T, len(list))
	for _, obj := range list {
		if o, ok := obj.(T); ok {
			fresh[o.GetUID()] = o
		}
	}
	for uid, old := range s.objects {
		if _, ok := fresh[uid]; !ok {
			s.report(old, kept{deleted: true})
		}
	}
	for _, obj := range list {
		o, ok := obj.(T)
		if !ok {
			continue
		}
		if old, known := s.objects[o.GetUID()]; !known || version(old) != version(o) {
			s.report(o, kept{initial: !s.listed})
		}
	}
	s.objects, s.listed = fresh, true
	return nil
}

// Resync implements cache.ReflectorStore.
func (s *store[T]) Resync() error { return nil }

func version(obj any) string {
	m, err := meta.Accessor(obj)
	if err != nil {
		return ""
	}
	return m.GetResourceVersion()
}

// link turns the results of all watches' requests into one state of the connection.
type link struct {
	emit   func(lab.Change)
	server string
	heard  *lastHeard

	mu     sync.Mutex
	up     bool
	told   bool // whether anything was emitted yet
	down   map[string]error
	denied map[string]bool
	paused map[string]time.Time // until when nothing is asked of a resource
}

// wait returns when it is resource's turn to make a request, or with ctx's error.
func (l *link) wait(ctx context.Context, resource string, turns *rate.Limiter) error {
	if err := turns.Wait(ctx); err != nil {
		return err
	}
	l.mu.Lock()
	until := l.paused[resource]
	l.mu.Unlock()
	timer := time.NewTimer(time.Until(until))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// observe returns a context whose requests report a broken connection at once, where client-go would try for ten seconds
// more before it tells. broken is how the last request stands.
func (l *link) observe(ctx context.Context, resource string, broken *error) context.Context {
	report := func(err error) {
		if err != nil {
			l.report(ctx, resource, err)
		}
	}
	return context.WithValue(ctx, observerKey{}, observer{report, func(err error) {
		*broken = err
		report(err)
	}})
}

// observerKey is the key of the observer in a request's context.
type observerKey struct{}

// observer is told how a request fares on the wire: how it was answered, by the goroutine that makes it, and why the answer
// broke off, by the one that reads it.
type observer struct{ broke, answered func(error) }

// observed is a transport that tells the observers of its requests.
type observed struct{ http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (o observed) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := o.RoundTripper.RoundTrip(request)
	if observer, ok := request.Context().Value(observerKey{}).(observer); ok {
		told := err
		if err == nil && response.Header.Get("Retry-After") != "" {
			// client-go tries again, up to ten times, before it says a word.
			told = apierrors.NewGenericServerResponse(response.StatusCode, request.Method, schema.GroupResource{}, "", "", 1, true)
		}
		observer.answered(told)
		if err == nil {
			response.Body = observedBody{response.Body, observer.broke}
		}
	}
	return response, err
}

// observedBody tells when its connection has gone silent, of which the next request would know only after it had tried to
// connect, and when it has no end, of which client-go makes an error of decoding.
type observedBody struct {
	io.ReadCloser
	tell func(error)
}

// Read implements io.Reader.
func (b observedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && (silent(err) || endless(err)) {
		b.tell(err)
	}
	return n, err
}

// endless reports whether an answer was given up because there is too much of it.
func endless(err error) bool {
	var e *excess
	return errors.As(err, &e)
}

// silent reports whether a connection was given up because nothing came on it: neither an answer to HTTP/2's pings nor, where
// there is no HTTP/2, to TCP's.
func silent(err error) bool {
	return strings.Contains(err.Error(), "http2: client connection lost") || errors.Is(err, syscall.ETIMEDOUT)
}

// WrappedRoundTripper implements net.RoundTripperWrapper of apimachinery.
func (o observed) WrappedRoundTripper() http.RoundTripper { return o.RoundTripper }

// report takes in the result of one request for resource.
func (l *link) report(ctx context.Context, resource string, err error) {
	if err != nil && ctx.Err() != nil {
		return // the end of the session, not of the connection
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil && endless(err) {
		l.paused[resource] = time.Now().Add(pauseAfterExcess)
	}
	forbidden := apierrors.IsForbidden(err)
	if forbidden != l.denied[resource] && (err == nil || forbidden) {
		l.denied[resource] = forbidden
		change := lab.AccessChanged{Resource: resource, Denied: forbidden}
		if forbidden {
			change.Problem = reason(l.server, err)
		}
		l.emit(change)
	}
	switch {
	// The server answered: that a watch is too old, not permitted or, on an older server, cannot begin with a listing says
	// nothing against the connection.
	case err == nil, forbidden, apierrors.IsResourceExpired(err), apierrors.IsGone(err), apierrors.IsNotFound(err),
		apierrors.IsInvalid(err):
		delete(l.down, resource)
	default:
		l.down[resource] = err
	}
	up := len(l.down) == 0
	if up == l.up && l.told {
		return
	}
	l.up, l.told = up, true
	change := lab.LinkChanged{Up: up}
	if !up {
		change.Problem, change.Since = reason(l.server, err), l.heard.get()
	}
	l.emit(change)
}

// lastHeard is when the server was last heard of, if it was. It may be used from any goroutine.
type lastHeard struct{ nanoseconds atomic.Int64 }

func (l *lastHeard) set() { l.nanoseconds.Store(time.Now().UnixNano()) }

func (l *lastHeard) get() time.Time {
	if at := l.nanoseconds.Load(); at != 0 {
		return time.Unix(0, at)
	}
	return time.Time{}
}

// listening is a connection that notes when something comes on it, be it the end. That of a silent connection, which this
// side brings about, is not noted.
type listening struct {
	net.Conn
	heard *lastHeard
}

// Read implements net.Conn.
func (l listening) Read(p []byte) (int, error) {
	n, err := l.Conn.Read(p)
	if n > 0 || errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) {
		l.heard.set()
	}
	return n, err
}
