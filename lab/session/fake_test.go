package session

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/lab/witness"
	"healthlab/probes"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fakeCluster is a cluster whose changes the test sends. Its containers' exec answers as healthy says.
type fakeCluster struct {
	changes chan lab.Change

	mu       sync.Mutex
	healthy  bool
	commands []string // kubectl lines that were run
	adopted  []lab.ForeignObject
	answers  map[string]answer
	blocked  map[string]chan struct{} // lines that wait until the channel is closed
	logs     chan lab.LogLine
	closed   bool
	real     bool
	dryRun   bool
	found    lab.Preflight
	dial     func(ctx context.Context, pod string, port int) (net.Conn, time.Duration, error)
	way      time.Duration    // to a container, and back
	told     chan lab.Attempt // what the node's agent tells; nil: there is none. Closed: the connection breaks
	untold   error            // why not
	listened int              // how often it was asked
	traffic  func(ctx context.Context, plan lab.TrafficPlan, begun func(lab.TrafficPlan), tell func(lab.TrafficSecond)) error
}

type answer struct {
	output string
	code   int
	err    error
}

func newFakeCluster() *fakeCluster {
	return &fakeCluster{
		changes: make(chan lab.Change), healthy: true, answers: map[string]answer{}, blocked: map[string]chan struct{}{},
		logs: make(chan lab.LogLine),
	}
}

func (f *fakeCluster) Info() lab.Cluster {
	return lab.Cluster{Name: "fake", Server: "https://fake", Namespace: "healthchecks", Real: f.real, DryRun: f.dryRun}
}

func (f *fakeCluster) Version(context.Context) (string, error) { return "v1.37.2", nil }

func (f *fakeCluster) Watch(ctx context.Context, emit func(lab.Change)) {
	emit(lab.LinkChanged{Up: true})
	for {
		select {
		case change := <-f.changes:
			emit(change)
		case <-ctx.Done():
			return
		}
	}
}

func (f *fakeCluster) Logs(ctx context.Context, _, _ string, _ time.Time, emit func(lab.LogLine)) error {
	f.mu.Lock()
	logs := f.logs
	f.mu.Unlock()
	for {
		select {
		case line, ok := <-logs:
			if !ok {
				return nil
			}
			emit(line)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (f *fakeCluster) Attempts(
	ctx context.Context, _ string, from witness.Cursor, begun func(), emit func(lab.Attempt),
) (witness.Cursor, error) {
	f.mu.Lock()
	f.listened++
	told, untold := f.told, f.untold
	f.mu.Unlock()
	switch {
	case untold != nil:
		return from, untold
	case told == nil:
		return from, apierrors.NewNotFound(schema.GroupResource{}, "attempts")
	}
	begun()
	for {
		select {
		case a, ok := <-told:
			if !ok {
				return from, io.ErrUnexpectedEOF
			}
			from.Seq++
			emit(a)
		case <-ctx.Done():
			return from, ctx.Err()
		}
	}
}

func (f *fakeCluster) Traffic(
	ctx context.Context, plan lab.TrafficPlan, begun func(lab.TrafficPlan), tell func(lab.TrafficSecond),
) error {
	if f.traffic == nil {
		return errors.New("no traffic in this test")
	}
	return f.traffic(ctx, plan, begun, tell)
}

func (f *fakeCluster) Exec(
	_ context.Context, _, _ string, _ []string, _ int, opened func(time.Duration),
) ([]byte, int, error) {
	<-time.After(f.way)
	opened(f.way)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.healthy {
		return nil, 0, nil
	}
	return []byte("cat: can't open '/tmp/healthy': No such file or directory\n"), 1, nil
}

func (f *fakeCluster) Dial(ctx context.Context, pod string, port int) (net.Conn, time.Duration, error) {
	if f.dial == nil {
		return nil, 0, errors.New("no dialing in this test")
	}
	return f.dial(ctx, pod, port)
}

func (f *fakeCluster) Kubectl(ctx context.Context, args []string, out io.Writer) (int, error) {
	line := strings.Join(args, " ")
	f.mu.Lock()
	f.commands = append(f.commands, line)
	wait, a := f.blocked[line], f.answers[line]
	f.mu.Unlock()
	if wait != nil {
		select {
		case <-wait:
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
	_, _ = io.WriteString(out, a.output)
	return a.code, a.err
}

func (f *fakeCluster) Act(ctx context.Context, args []string, out io.Writer) (int, error) {
	return f.Kubectl(ctx, args, out)
}

func (f *fakeCluster) Adopt(_ context.Context, objects []lab.ForeignObject, out io.Writer) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.adopted = append(f.adopted, objects...)
	fmt.Fprintln(out, "labeled")
	return nil
}

func (f *fakeCluster) Complete(_ context.Context, args []string) (lab.Completion, error) {
	return lab.Completion{Candidates: []lab.Candidate{{Word: args[len(args)-1] + "…"}}}, nil
}

func (f *fakeCluster) Preflight(context.Context) lab.Preflight {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.found
}

func (f *fakeCluster) Close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
}

// endLog ends the log that is being followed, as when its container ends.
func (f *fakeCluster) endLog() {
	f.mu.Lock()
	defer f.mu.Unlock()
	close(f.logs)
	f.logs = make(chan lab.LogLine)
}

func (f *fakeCluster) setHealthy(healthy bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.healthy = healthy
}

// text says the same in both languages.
func text(s string) lab.Text { return lab.T(s, s) }

// twoLabs are labs with every kind of step.
func twoLabs() []lab.Lab {
	return []lab.Lab{
		{ID: "intro", Title: text("Intro"), Steps: []lab.Step{{ID: "read", Title: text("Read")}, {ID: "more", Title: text("More")}}},
		{
			ID: "readiness", Title: text("Readiness"), Manifests: []string{"app.yaml"},
			Faults: []lab.Fault{{
				ID: "break", Title: text("Break"), Selector: "app=web", Line: "kubectl -n {namespace} exec {pod} -- rm /tmp/healthy",
			}},
			Steps: []lab.Step{
				{
					ID: "files", Title: text("Files"), Commands: []lab.Command{{Line: "cat > {dir}/app.yaml", Write: "app.yaml"}},
					Goals: []lab.Goal{{ID: "file", Title: text("file is there"), Check: lab.Check{File: &lab.FileCheck{Name: "app.yaml"}}}},
				},
				{ID: "apply", Title: text("Apply"), Commands: []lab.Command{
					{Line: "kubectl create namespace {namespace}", Tolerate: "AlreadyExists"},
					{Line: "kubectl describe deployment web | grep Replicas:"},
				}, Goals: []lab.Goal{{ID: "ready", Title: text("ready"), Check: lab.Check{Pods: &lab.PodsCheck{Selector: "app=web", Ready: new(1)}}}}},
				{ID: "break", Title: text("Break it"), Fault: "break", Goals: []lab.Goal{{
					ID: "broken", Title: text("broken"), After: "ready",
					Check: lab.Check{Pods: &lab.PodsCheck{Selector: "app=web", NotReady: new(1)}},
				}}},
				{ID: "cleanup", Title: text("Clean up"), Commands: []lab.Command{
					{Line: "kubectl delete pod {pod}", Confirm: text("Delete?")},
				}, Goals: []lab.Goal{{
					ID: "gone", Title: text("gone"), After: "broken", Check: lab.Check{Gone: &lab.GoneCheck{Selector: "app=web"}},
				}}},
			},
		},
	}
}

const appYAML = "kind: Pod\nmetadata:\n  name: web-1\n  namespace: healthchecks\n"

// harness runs a session in a synctest bubble and collects what it delivers.
type harness struct {
	t       *testing.T
	cluster *fakeCluster
	session *Session
	config  Config
	stop    func()

	mu        sync.Mutex
	snapshot  *lab.Snapshot
	snapshots int
	facts     []lab.Fact
}

// start runs a session until the test ends; it has to be called within a bubble.
func start(t *testing.T, change func(*Config)) *harness {
	t.Helper()
	return startOn(t, newFakeCluster(), change)
}

func startOn(t *testing.T, cluster *fakeCluster, change func(*Config)) *harness {
	t.Helper()
	h := &harness{t: t, cluster: cluster}
	h.config = Config{
		Labs: twoLabs(), Manifests: fstest.MapFS{"app.yaml": {Data: []byte(appYAML)}}, Dir: t.TempDir(),
		Connect: func(context.Context, func(lab.Component)) (Cluster, error) { return h.cluster, nil },
	}
	if change != nil {
		change(&h.config)
	}
	h.session = New(h.config)
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	all.Go(func() {
		if err := h.session.Run(ctx); err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	news := h.session.Subscribe()
	all.Go(func() {
		for batch := range news.Batches(context.Background()) {
			h.mu.Lock()
			if batch.Snapshot != nil {
				h.snapshot = batch.Snapshot
				h.snapshots++
			}
			h.facts = append(h.facts, batch.Facts...)
			h.mu.Unlock()
		}
	})
	h.stop = sync.OnceFunc(func() {
		cancel()
		all.Wait()
	})
	t.Cleanup(h.stop)
	h.settle()
	return h
}

// latest is the newest snapshot of a session.
func latest(s *Session) *lab.Snapshot {
	news := s.Subscribe()
	defer news.Stop()
	batch, _ := news.Take()
	return batch.Snapshot
}

// settle lets everything that is due happen, including the next snapshot.
func (h *harness) settle() {
	synctest.Wait()
	h.pass(2 * frame)
}

// pass lets the bubble's time go by.
func (h *harness) pass(d time.Duration) {
	<-time.After(d) // the bubble's time
	synctest.Wait()
}

// published is how many snapshots there were.
func (h *harness) published() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.snapshots
}

func (h *harness) now() *lab.Snapshot {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.snapshot
}

// told lists the facts so far, as kind and English text, and forgets them.
func (h *harness) told() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []string
	for _, f := range h.facts {
		out = append(out, fmt.Sprintf("%s %s", f.Kind, course.Tell(h.config.Labs, f).Line().En))
	}
	h.facts = nil
	return out
}

func (h *harness) send(changes ...lab.Change) {
	for _, c := range changes {
		h.cluster.changes <- c
	}
	h.settle()
}

func (h *harness) do(action lab.Action) {
	h.t.Helper()
	if err := h.session.Do(h.t.Context(), action); err != nil {
		h.t.Fatalf("Do(%#v): %v", action, err)
	}
	h.settle()
}

// refused does an action that is not possible and returns why, in English.
func (h *harness) refused(action lab.Action) string {
	h.t.Helper()
	err := h.session.Do(h.t.Context(), action)
	var told *lab.Error
	if !errors.As(err, &told) || told.Msg.Ko == "" {
		h.t.Fatalf("Do(%#v) returned %v, want a *lab.Error", action, err)
	}
	return told.Msg.En
}

// web is a pod with a readiness probe that runs a command.
func web(ready bool) lab.Pod {
	p := lab.Pod{
		Name: "web-1", UID: "uid-1", Labels: map[string]string{"app": "web"}, IP: "10.0.0.1", Phase: "Running", Status: "Running",
		TotalContainers: 1, Ready: ready, GracePeriod: 30 * time.Second,
		Containers: []lab.Container{{
			Name: "app", ID: "run-1", State: lab.Running, StartedAt: time.Now(), Started: true, Ready: ready,
			Probes: []lab.Probe{{Threshold: 3, Spec: probes.Spec{
				Kind: probes.Readiness, Exec: &probes.ExecAction{Command: []string{"cat", "/tmp/healthy"}},
				Period: 3 * time.Second, Timeout: time.Second, SuccessThreshold: 1, FailureThreshold: 3,
			}}},
		}},
	}
	if ready {
		p.ReadyContainers = 1
	}
	return p
}
