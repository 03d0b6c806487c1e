package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"healthlab/lab"
)

// apiServer speaks list and watch over real HTTP: for pods as the test says, for everything else there is nothing.
type apiServer struct {
	*httptest.Server

	mu      sync.Mutex
	pods    map[string]corev1.Pod // listed
	version int
	status  map[string]int // by resource: what every request for it is answered with instead
	watches map[chan string]struct{}
}

func newAPIServer(t *testing.T) *apiServer {
	s := &apiServer{pods: map[string]corev1.Pod{}, status: map[string]int{}, watches: map[chan string]struct{}{}, version: 1}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(func() {
		s.CloseClientConnections()
		s.Close()
	})
	return s
}

func (s *apiServer) serve(w http.ResponseWriter, r *http.Request) {
	resource := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
	if resource == "ns" { // the namespace itself
		resource = "namespaces"
	}
	w.Header().Set("Content-Type", "application/json")
	s.mu.Lock()
	status := s.status[resource]
	s.mu.Unlock()
	switch {
	case status == hangUp:
		panic(http.ErrAbortHandler)
	case status != 0:
		if status == http.StatusTooManyRequests {
			w.Header().Set("Retry-After", "1")
		}
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(metav1.Status{
			TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: "Failure", Code: int32(status), Message: "no",
			Reason: map[int]metav1.StatusReason{403: metav1.StatusReasonForbidden, 401: metav1.StatusReasonUnauthorized}[status],
		})
	case r.URL.Query().Get("watch") == "":
		s.list(w, resource)
	default:
		s.watch(w, r, resource)
	}
}

func (s *apiServer) list(w http.ResponseWriter, resource string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := map[string]any{"metadata": map[string]any{"resourceVersion": fmt.Sprint(s.version)}, "items": []any{}}
	if resource == "pods" {
		items := []any{}
		for _, p := range s.pods {
			items = append(items, p)
		}
		list["items"] = items
	}
	kinds := map[string][2]string{
		"pods": {"PodList", "v1"}, "deployments": {"DeploymentList", "apps/v1"}, "events": {"EventList", "v1"},
		"endpointslices": {"EndpointSliceList", "discovery.k8s.io/v1"}, "namespaces": {"Namespace", "v1"},
	}
	list["kind"], list["apiVersion"] = kinds[resource][0], kinds[resource][1]
	_ = json.NewEncoder(w).Encode(list)
}

func (s *apiServer) watch(w http.ResponseWriter, r *http.Request, resource string) {
	if r.URL.Query().Get("sendInitialEvents") == "true" { // as an older server, which makes the client list first
		w.WriteHeader(http.StatusUnprocessableEntity)
		_ = json.NewEncoder(w).Encode(metav1.Status{
			TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: "Failure", Code: 422, Reason: metav1.StatusReasonInvalid,
		})
		return
	}
	lines := make(chan string, 16)
	if resource == "pods" {
		s.mu.Lock()
		s.watches[lines] = struct{}{}
		s.mu.Unlock()
		defer func() {
			s.mu.Lock()
			delete(s.watches, lines)
			s.mu.Unlock()
		}()
	}
	w.WriteHeader(http.StatusOK)
	_ = http.NewResponseController(w).Flush()
	for {
		select {
		case line := <-lines:
			_, _ = fmt.Fprintln(w, line)
			_ = http.NewResponseController(w).Flush()
		case <-r.Context().Done():
			return
		}
	}
}

// set changes what is listed, without telling the watches.
func (s *apiServer) set(names ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.version++
	s.pods = map[string]corev1.Pod{}
	for _, name := range names {
		s.pods[name] = corev1.Pod{
			TypeMeta:   metav1.TypeMeta{Kind: "Pod", APIVersion: "v1"},
			ObjectMeta: metav1.ObjectMeta{Name: name, UID: types.UID(name), ResourceVersion: "1"},
		}
	}
}

// send tells the watches a line.
func (s *apiServer) send(line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for w := range s.watches {
		select {
		case w <- line:
		default: // it is at its end
		}
	}
}

// hangUp is a status with which a connection is closed without a word.
const hangUp = -1

func (s *apiServer) refuse(resource string, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status[resource] = status
}

// watched follows a server until the test ends and returns its changes.
func watched(t *testing.T, s *apiServer) <-chan lab.Change {
	t.Helper()
	return watchedBy(t, s, open(t, s.URL))
}

// watchedBy does the same with a client of the test's own.
func watchedBy(t *testing.T, s *apiServer, c *Client) <-chan lab.Change {
	t.Helper()
	changes := make(chan lab.Change, 1000)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		c.Watch(ctx, func(change lab.Change) { changes <- change })
	}()
	t.Cleanup(func() {
		cancel()
		s.CloseClientConnections()
		<-ended
	})
	return changes
}

// await returns the next change for which want holds.
func await[T lab.Change](t *testing.T, changes <-chan lab.Change, want func(T) bool) T {
	t.Helper()
	limit := time.NewTimer(time.Minute)
	defer limit.Stop()
	var seen []lab.Change
	for {
		select {
		case change := <-changes:
			if c, ok := change.(T); ok && want(c) {
				return c
			}
			seen = append(seen, change)
		case <-limit.C:
			var zero T
			t.Fatalf("no such %T; seen: %+v", zero, seen)
			return zero
		}
	}
}

// sendUntil tells the watches a line, again and again as one may just be about to open, until a change comes of it.
func sendUntil(t *testing.T, s *apiServer, changes <-chan lab.Change, line string, want func(lab.Change) bool) {
	t.Helper()
	limit := time.After(time.Minute)
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for {
		select {
		case change := <-changes:
			if want(change) {
				return
			}
		case <-again.C:
			s.send(line)
		case <-limit:
			t.Fatalf("nothing came of %s", line)
		}
	}
}

func TestWatchSurvivesLostConnection(t *testing.T) {
	s := newAPIServer(t)
	s.set("stays", "goes")
	changes := watched(t, s)
	await(t, changes, func(c lab.LinkChanged) bool { return c.Up })
	await(t, changes, func(c lab.PodChanged) bool { return c.Pod.Name == "stays" && c.Initial })

	// Everything is refused and all connections are cut; meanwhile one pod goes and another comes.
	for _, resource := range []string{"pods", "deployments", "endpointslices", "events", "namespaces"} {
		s.refuse(resource, http.StatusServiceUnavailable)
	}
	s.set("stays", "comes")
	s.CloseClientConnections()
	lost := await(t, changes, func(c lab.LinkChanged) bool { return !c.Up })
	if lost.Problem.Ko == "" || lost.Problem.En == "" {
		t.Errorf("lost for no reason: %+v", lost)
	}
	for _, resource := range []string{"pods", "deployments", "endpointslices", "events", "namespaces"} {
		s.refuse(resource, 0)
	}
	const expired = `{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","status":"Failure","code":410,"reason":"Expired"}}`
	var up, goes, comes bool // in whatever order the watches recover
	sendUntil(t, s, changes, expired, func(c lab.Change) bool {
		switch c := c.(type) {
		case lab.LinkChanged:
			up = c.Up
		case lab.PodChanged:
			goes = goes || c.Pod.Name == "goes" && c.Deleted
			comes = comes || c.Pod.Name == "comes" && !c.Deleted && !c.Initial
		}
		return up && goes && comes
	})
}

func TestWatchReportsWhatIsForbiddenAndGoesOn(t *testing.T) {
	s := newAPIServer(t)
	s.set("p")
	s.refuse("namespaces", http.StatusForbidden)
	changes := watched(t, s)
	var denied, pod, up bool
	limit := time.After(time.Minute)
	for !denied || !pod || !up {
		select {
		case change := <-changes:
			switch c := change.(type) {
			case lab.AccessChanged:
				denied = c.Resource == "namespaces" && c.Denied && c.Problem.En != ""
			case lab.PodChanged:
				pod = c.Pod.Name == "p"
			case lab.LinkChanged:
				up = c.Up
			}
		case <-limit:
			t.Fatalf("denied %t, pod %t, up %t", denied, pod, up)
		}
	}
	s.refuse("namespaces", 0)
	await(t, changes, func(c lab.AccessChanged) bool { return c.Resource == "namespaces" && !c.Denied })
}

// A proxy or load balancer on the way may take connections and close them. client-go tries again for ten seconds, and then
// returns a watch on which nothing comes.
func TestWatchTellsAtOnceOfALineThatIsCut(t *testing.T) {
	s := newAPIServer(t)
	s.set("p")
	changes := watched(t, s)
	await(t, changes, func(c lab.LinkChanged) bool { return c.Up })
	await(t, changes, func(c lab.PodChanged) bool { return c.Pod.Name == "p" })
	resources := []string{"pods", "deployments", "endpointslices", "events", "namespaces"}
	for _, resource := range resources {
		s.refuse(resource, hangUp)
	}
	cut := time.Now()
	s.CloseClientConnections()
	lost := await(t, changes, func(c lab.LinkChanged) bool { return !c.Up })
	if took := time.Since(cut); took > 8*time.Second {
		t.Errorf("told after %v: %+v", took, lost)
	}
	for _, resource := range resources {
		s.refuse(resource, 0)
	}
	await(t, changes, func(c lab.LinkChanged) bool { return c.Up })
}

// fog is a listener on whose connections nothing comes and goes any more while it is thick, as when a VPN was dropped.
type fog struct {
	net.Listener
	mu sync.RWMutex // held while it is thick
}

// Accept implements net.Listener.
func (f *fog) Accept() (net.Conn, error) {
	conn, err := f.Listener.Accept()
	return foggy{conn, f}, err
}

func (f *fog) wait() {
	f.mu.RLock()
	defer f.mu.RUnlock()
}

type foggy struct {
	net.Conn
	fog *fog
}

// Read implements net.Conn.
func (c foggy) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.fog.wait()
	return n, err
}

// Write implements net.Conn.
func (c foggy) Write(p []byte) (int, error) {
	c.fog.wait()
	return c.Conn.Write(p)
}

func TestWatchFindsOutThatNothingComesAnyMore(t *testing.T) {
	// As short as client-go can be told to be.
	t.Setenv("HTTP2_READ_IDLE_TIMEOUT_SECONDS", "1")
	t.Setenv("HTTP2_PING_TIMEOUT_SECONDS", "1")
	s := &apiServer{pods: map[string]corev1.Pod{}, status: map[string]int{}, watches: map[chan string]struct{}{}, version: 1}
	s.set("stays", "goes")
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(s.serve))
	around := &fog{Listener: s.Listener}
	s.Listener, s.EnableHTTP2 = around, true
	s.StartTLS()
	t.Cleanup(s.Close)
	c, err := Open(Config{Namespace: "ns", Kubeconfig: kubeconfig(t, clientcmdapi.Cluster{
		Server: s.URL, CertificateAuthorityData: authority(s.Server),
	}, clientcmdapi.AuthInfo{})})
	if err != nil {
		t.Fatal(err)
	}
	changes := watchedBy(t, s, c)
	await(t, changes, func(c lab.LinkChanged) bool { return c.Up })
	await(t, changes, func(c lab.PodChanged) bool { return c.Pod.Name == "goes" })

	around.mu.Lock()
	fell := time.Now()
	lost := await(t, changes, func(c lab.LinkChanged) bool { return !c.Up })
	if !strings.Contains(lost.Problem.En, "does not answer in time") {
		t.Errorf("lost because of %+v", lost.Problem)
	}
	if lost.Since.IsZero() || lost.Since.After(fell.Add(500*time.Millisecond)) {
		t.Errorf("stale since %v, want since nothing came, before %v", lost.Since, fell)
	}
	s.set("stays")
	around.mu.Unlock()
	var up, goes bool
	for !up || !goes {
		switch change := (<-changes).(type) {
		case lab.LinkChanged:
			up = change.Up
		case lab.PodChanged:
			goes = change.Pod.Name == "goes" && change.Deleted
		}
	}
}

func TestWatchTellsAtOnceThatItIsThrottled(t *testing.T) {
	s := newAPIServer(t)
	s.refuse("pods", http.StatusTooManyRequests)
	changes := watched(t, s)
	lost := await(t, changes, func(c lab.LinkChanged) bool { return !c.Up })
	if !strings.Contains(lost.Problem.En, "too many requests") {
		t.Errorf("problem %+v", lost.Problem)
	}
	s.refuse("pods", 0)
	await(t, changes, func(c lab.LinkChanged) bool { return c.Up })
}

func TestWatchReportsExpiredCredentials(t *testing.T) {
	s := newAPIServer(t)
	s.refuse("pods", http.StatusUnauthorized)
	lost := await(t, watched(t, s), func(c lab.LinkChanged) bool { return !c.Up })
	if !strings.Contains(lost.Problem.En, "refuses the credentials") {
		t.Errorf("problem %+v", lost.Problem)
	}
}

func TestWatchTellsChanges(t *testing.T) {
	s := newAPIServer(t)
	changes := watched(t, s)
	await(t, changes, func(c lab.LinkChanged) bool { return c.Up })
	const pod = `{"kind":"Pod","apiVersion":"v1","metadata":{"name":"p","uid":"u","resourceVersion":"%d"},"status":{"phase":"%s"}}`
	added := `{"type":"ADDED","object":` + fmt.Sprintf(pod, 5, "Pending") + `}`
	sendUntil(t, s, changes, added, func(change lab.Change) bool {
		c, ok := change.(lab.PodChanged)
		return ok && c.Pod.Status == "Pending" && !c.Initial
	})
	s.send(`{"type":"MODIFIED","object":` + fmt.Sprintf(pod, 6, "Running") + `}`)
	await(t, changes, func(c lab.PodChanged) bool { return c.Pod.Status == "Running" && !c.Deleted })
	s.send(`{"type":"DELETED","object":` + fmt.Sprintf(pod, 7, "Running") + `}`)
	await(t, changes, func(c lab.PodChanged) bool { return c.Pod.Name == "p" && c.Deleted })
}

func TestWatchTellsAtOnceWhatVersionFoundOut(t *testing.T) {
	c := open(t, "http://"+listen(t, banner("")))
	asking, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := c.Version(asking); err == nil {
		t.Fatal("a server that never answers has told its version")
	}
	watching, stop := context.WithCancel(t.Context())
	defer stop()
	changes := make(chan lab.Change, 100)
	c.Watch(watching, func(change lab.Change) {
		changes <- change
		stop()
	})
	lost, ok := (<-changes).(lab.LinkChanged)
	if !ok || lost.Up || !strings.Contains(lost.Problem.En, "does not answer in time") {
		t.Errorf("the first change is %+v, want that the server does not answer", lost)
	}
}
