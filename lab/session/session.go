package session

import (
	"context"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"sync"
	"time"

	"healthlab/lab"
	"healthlab/probes"
)

// Cluster is what a session needs of a cluster. Methods may be called from any goroutine.
type Cluster interface {
	// Info tells which cluster this is.
	Info() lab.Cluster
	// Version asks the server for its version.
	Version(ctx context.Context) (string, error)
	// Watch follows the lab's namespace until ctx ends. emit does not block.
	Watch(ctx context.Context, emit func(lab.Change))
	// Logs follows a container's log from since on (zero: from its start) until the container ends, which returns nil.
	Logs(ctx context.Context, pod, container string, since time.Time, emit func(lab.LogLine)) error
	// Exec runs a command in a container, and Dial connects to a port of a pod; see probes.Remote.
	Exec(ctx context.Context, pod, container string, command []string, limit int, opened func(turn time.Duration)) ([]byte, int, error)
	Dial(ctx context.Context, pod string, port int) (conn net.Conn, turn time.Duration, err error)
	// Kubectl runs kubectl, writes what it prints to out and returns its exit code. An error means that it did not run to
	// its end.
	Kubectl(ctx context.Context, args []string, out io.Writer) (int, error)
	// Complete asks kubectl what the last of args could become.
	Complete(ctx context.Context, args []string) (lab.Completion, error)
	// Act is Kubectl for what a lab does by itself, within the cluster's guard rails.
	Act(ctx context.Context, args []string, out io.Writer) (int, error)
	// Adopt makes objects that stopped Act healthlab's, and writes to out what it did.
	Adopt(ctx context.Context, objects []lab.ForeignObject, out io.Writer) error
	// Preflight finds out what can be done on the cluster, and writes nothing.
	Preflight(ctx context.Context) lab.Preflight
	// Close ends the connection, after everything else has returned.
	Close()
}

// Config is what a Session is made from.
type Config struct {
	Labs []lab.Lab
	// Manifests holds the files that steps write into Dir.
	Manifests fs.FS
	// Dir is the working directory, an absolute path. It is made when the first manifest is written.
	Dir string
	// Home is the user's home directory: paths below it are shown with ~. Empty: they are shown in full.
	Home string
	// Cluster is what is known of the cluster before Connect has returned: Name, Namespace, Real, Components.
	Cluster lab.Cluster
	// Registry is a prefix for the images in the manifests that steps write. Empty: they are left as they are.
	Registry string
	// Owner is noted in the manifests that steps write for a real cluster, as user@host.
	Owner string
	// Connect gets the cluster, and reports each of its components when it changes. The session closes what it returns.
	Connect func(ctx context.Context, progress func(lab.Component)) (Cluster, error)
	// Lab and Step are the IDs of where to start; empty: the first. Resume prefers where the last run stopped.
	Lab, Step string
	Resume    bool
	// State is the file that keeps the progress across runs. Empty: it is not kept.
	State string
	// UserAgent marks healthlab's own probes in the logs of the probed apps. Empty: healthlab-probe.
	UserAgent string
	// Log receives what has no place on the screen. Nil: discarded.
	Log *slog.Logger
}

// frame is the shortest time between two snapshots.
const frame = 100 * time.Millisecond

// Session runs labs on a cluster. New makes it, Run runs it.
type Session struct {
	config    Config
	log       *slog.Logger
	inbox     *queue[func()]
	told      *queue[lab.Fact]
	facts     chan lab.Fact
	snapshots chan *lab.Snapshot
	ended     chan struct{} // closed when Run is about to return
	work      sync.WaitGroup
	engine    *probes.Engine
	got       Cluster // what Connect returned; written by its goroutine, read once that has ended

	// Owned by the goroutine in Run.
	ctx       context.Context // Run's, for what the owner starts
	link      Cluster         // nil until connected
	cluster   lab.Cluster
	denied    map[string]bool // resources that may not be watched
	namespace string          // the namespace's phase
	pods      map[string]*pod // by name
	deploys   map[string]lab.Deployment
	slices    map[string][]lab.Endpoint // by EndpointSlice name
	events    map[string]lab.Event      // by UID
	attempts  []lab.Attempt
	applog    applog
	chosen    string
	picked    bool // by the user, so that it is kept in this lab whatever the lab's faults fit
	tasks     []lab.Task
	cancels   map[uint64]context.CancelFunc // of running tasks
	lastTask  uint64
	progress  progress
	lastFact  uint64
	shown     *lab.Snapshot
	dirty     changed
	published time.Time
}

// changed says which parts of the next snapshot differ from the last one's.
type changed struct{ any, pods, deploys, endpoints, events bool }

// New returns a session whose first snapshot can be received at once; nothing runs before Run.
func New(config Config) *Session {
	if config.Log == nil {
		config.Log = slog.New(slog.DiscardHandler)
	}
	if config.UserAgent == "" {
		config.UserAgent = "healthlab-probe"
	}
	if config.Cluster.Namespace == "" {
		config.Cluster.Namespace = "healthchecks"
	}
	s := &Session{
		config: config, log: config.Log,
		inbox: newQueue[func()](), told: newQueue[lab.Fact](),
		facts: make(chan lab.Fact), snapshots: make(chan *lab.Snapshot, 1), ended: make(chan struct{}),
		cluster: config.Cluster,
		denied:  map[string]bool{}, pods: map[string]*pod{}, deploys: map[string]lab.Deployment{},
		slices: map[string][]lab.Endpoint{}, events: map[string]lab.Event{},
		cancels: map[uint64]context.CancelFunc{},
		shown:   &lab.Snapshot{},
	}
	now := time.Now()
	s.cluster.Phase, s.cluster.Since = lab.Starting, now
	s.progress = newProgress(config, now)
	s.publish(now)
	return s
}

// Snapshots delivers the newest snapshot; older ones that were not received are lost. It is closed when Run returns.
func (s *Session) Snapshots() <-chan *lab.Snapshot { return s.snapshots }

// Facts delivers every fact in order. It is closed when Run returns; only what was not received by then is lost.
func (s *Session) Facts() <-chan lab.Fact { return s.facts }

// Do asks for an action and returns as soon as it was accepted or refused; what it does is seen in later snapshots. Errors
// are *lab.Error that say why the action is not possible now, or ctx's.
func (s *Session) Do(ctx context.Context, action lab.Action) error {
	reply := make(chan error, 1)
	//nolint:contextcheck // what an action starts ends with Run, not with the call that asked for it
	s.inbox.put(func() { reply <- s.act(action) })
	select {
	case err := <-reply:
		return err
	case <-s.ended:
		return refuse("세션이 끝났습니다", "the session has ended")
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Complete tells what the last of the words of a kubectl command could become. It changes nothing.
func (s *Session) Complete(ctx context.Context, args []string) (lab.Completion, error) {
	linked := make(chan Cluster, 1)
	s.inbox.put(func() { linked <- s.link })
	select {
	case link := <-linked:
		if link == nil {
			return lab.Completion{}, refuse("클러스터가 아직 시작하는 중입니다", "the cluster is still starting")
		}
		return link.Complete(ctx, args)
	case <-s.ended:
		return lab.Completion{}, refuse("세션이 끝났습니다", "the session has ended")
	case <-ctx.Done():
		return lab.Completion{}, ctx.Err()
	}
}

// Run connects to the cluster and runs the session until ctx ends. It returns after everything it started has ended, with
// an error only if the progress could not be saved. It is called once.
func (s *Session) Run(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	s.ctx = ctx
	s.engine = probes.New(probes.Config{Report: s.onAttempt})
	s.work.Go(s.connect)
	var pump sync.WaitGroup
	pump.Go(func() { s.deliver(ctx) })
	s.enter(s.progress.lab, s.progress.step)
	s.loop(ctx)

	stop()
	s.engine.Close()
	s.work.Wait()
	pump.Wait()
	if s.got != nil {
		s.got.Close()
	}
	err := s.progress.save(s.config)
	close(s.ended)
	close(s.snapshots)
	close(s.facts)
	return err
}

// loop carries out what the inbox holds and publishes snapshots.
func (s *Session) loop(ctx context.Context) {
	files := time.NewTicker(time.Second) // nothing tells when a file appears in the working directory
	defer files.Stop()
	next := time.NewTimer(0)
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.inbox.ready:
			for _, f := range s.inbox.take() {
				f()
			}
		case <-files.C:
			s.dirty.any = s.dirty.any || s.due(time.Now())
		case <-next.C:
		}
		if !s.dirty.any {
			continue
		}
		now := time.Now()
		if wait := frame - now.Sub(s.published); wait > 0 {
			next.Reset(wait)
			continue
		}
		s.settle(now) //nolint:contextcheck // the probe engine ends by Close
		s.publish(now)
	}
}

// settle brings everything that follows from the state up to date: the chosen pod, what is observed, the goals.
func (s *Session) settle(now time.Time) {
	s.choose()
	s.observe(now)
	s.followLog()
	s.checkGoals(now)
}

// publish makes a snapshot of the state and offers it in place of one that was not received.
func (s *Session) publish(now time.Time) {
	prev := s.shown
	next := &lab.Snapshot{
		Revision: prev.Revision + 1, At: now, Facts: s.lastFact,
		Cluster: s.cluster, Position: s.progress.position(), Dir: s.config.Dir,
		Pods: prev.Pods, Deployments: prev.Deployments, Endpoints: prev.Endpoints, Events: prev.Events,
		Attempts: s.attempts, Log: s.applog.lines, Tasks: append([]lab.Task(nil), s.tasks...), ChosenPod: s.chosen,
	}
	if s.dirty.pods {
		next.Pods = podViews(s.pods)
	}
	if s.dirty.deploys {
		next.Deployments = byName(s.deploys)
	}
	if s.dirty.endpoints {
		next.Endpoints = allEndpoints(s.slices)
	}
	if s.dirty.events {
		next.Events = recentEvents(s.events)
	}
	s.shown, s.published, s.dirty = next, now, changed{}
	select {
	case <-s.snapshots:
	default:
	}
	s.snapshots <- next // there is room: only this goroutine sends
}

// deliver hands facts to whoever receives them, until ctx ends.
func (s *Session) deliver(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.told.ready:
		}
		for _, fact := range s.told.take() {
			select {
			case s.facts <- fact:
			case <-ctx.Done():
				return
			}
		}
	}
}

// tell records that something happened.
func (s *Session) tell(fact lab.Fact) {
	s.lastFact++
	fact.Seq = s.lastFact
	if fact.At.IsZero() {
		fact.At = time.Now()
	}
	s.told.put(fact)
	s.dirty.any = true
}

// connect gets the cluster and follows it until the session ends. It runs in a goroutine of its own.
func (s *Session) connect() {
	ctx := s.ctx
	link, err := s.config.Connect(ctx, func(c lab.Component) { s.inbox.put(func() { s.onComponent(c) }) })
	s.inbox.put(func() { s.onConnected(link, err) })
	if err == nil {
		s.got = link
		link.Watch(ctx, func(change lab.Change) { s.inbox.put(func() { s.apply(change) }) })
	}
}

func (s *Session) onComponent(c lab.Component) {
	// Snapshots share the slice, so it is copied before it is changed.
	components := append([]lab.Component(nil), s.cluster.Components...)
	s.cluster.Components = components
	s.dirty.any = true
	for i := range components {
		if components[i].Name == c.Name {
			components[i] = c
			return
		}
	}
	s.cluster.Components = append(components, c)
}

func (s *Session) onConnected(link Cluster, err error) {
	s.dirty.any = true
	if err != nil {
		if s.ctx.Err() != nil {
			return
		}
		s.log.Error("connect", "err", err)
		s.cluster.Phase, s.cluster.Since, s.cluster.Problem = lab.Failed, time.Now(), lab.InFull(err)
		s.tell(lab.Fact{Kind: lab.FactClusterFailed, Problem: s.cluster.Problem})
		return
	}
	s.link = link
	info := link.Info()
	s.cluster.Name, s.cluster.Server, s.cluster.Namespace = info.Name, info.Server, info.Namespace
	s.cluster.Real, s.cluster.Version = info.Real, info.Version
	s.cluster.ReadOnly, s.cluster.DryRun, s.cluster.Kubeconfig = info.ReadOnly, info.DryRun, info.Kubeconfig
}

func refuse(ko, en string, args ...any) error {
	return &lab.Error{Msg: lab.Textf(ko, en, args...)}
}
