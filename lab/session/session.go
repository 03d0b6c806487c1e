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
	"healthlab/lab/fold"
	"healthlab/lab/journal"
	"healthlab/lab/witness"
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
	// Attempts follows what a node's agent tells of its attempts after what from has read, until ctx ends or the connection
	// breaks, and returns how far it came. begun is called once the agent has answered.
	Attempts(ctx context.Context, node string, from witness.Cursor, begun func(), emit func(lab.Attempt)) (witness.Cursor, error)
	// Traffic sends requests to a Service until ctx ends. begun is called once it is known how they are sent, and tell each second
	// with what has come of them.
	Traffic(ctx context.Context, plan lab.TrafficPlan, begun func(lab.TrafficPlan), tell func(lab.TrafficSecond)) error
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
	// Probing is whether the session makes probes of its own.
	Probing lab.Probing
	// UserAgent marks healthlab's own probes in the logs of the probed apps. Empty: healthlab-probe.
	UserAgent string
	// Log receives what has no place on the screen. Nil: discarded.
	Log *slog.Logger
}

// frame is the shortest time between two snapshots.
const frame = 100 * time.Millisecond

// Session runs labs on a cluster. New makes it, Run runs it.
type Session struct {
	config  Config
	log     *slog.Logger
	inbox   *queue[func()]
	journal *journal.Journal
	ended   chan struct{} // closed when Run is about to return
	work    sync.WaitGroup
	engine  *probes.Engine
	got     Cluster // what Connect returned; written by its goroutine, read once that has ended

	// Owned by the goroutine in Run.
	ctx       context.Context // Run's, for what the owner starts
	state     *fold.State     // what the journal's entries add up to; only record changes it
	link      Cluster         // nil until connected
	seats     map[probes.Key]*seat
	alone     map[probes.Key]lab.Text // containers (no kind) that seem to take one connection at a time, and why
	listeners listeners
	following following
	cancels   map[uint64]context.CancelFunc // of running tasks
	lastTask  uint64
	progress  progress
	// stopTraffic ends the stream of requests; nil while none is sent.
	stopTraffic context.CancelFunc
	published   struct {
		seq uint64 // of the last entry
		at  time.Time
	}
}

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
		config: config, log: config.Log, inbox: newQueue[func()](), journal: journal.New(), ended: make(chan struct{}),
		state: fold.New(), seats: map[probes.Key]*seat{}, cancels: map[uint64]context.CancelFunc{},
		alone: map[probes.Key]lab.Text{}, listeners: listeners{nodes: map[string]*listener{}},
	}
	now := time.Now()
	s.progress = newProgress(config, now)
	cluster := config.Cluster
	cluster.Phase, cluster.Since = lab.Starting, now
	begun := journal.Begun{Cluster: cluster, Position: s.progress.position(), Dir: config.Dir}
	for _, l := range config.Labs {
		begun.Labs, begun.Digests = append(begun.Labs, l.ID), append(begun.Digests, l.Digest())
	}
	s.record(begun)
	if config.Probing != lab.ProbingAuto {
		s.record(journal.ProbingSet{Probing: config.Probing})
	}
	s.publish(now)
	return s
}

// Subscribe returns a reader of the snapshots and facts, and of the journal's entries if the options ask for them. It begins
// with all that is still kept, and ends when Run returns.
func (s *Session) Subscribe(options ...journal.Option) *journal.Reader {
	return s.journal.Subscribe(options...)
}

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
		return lab.Errorf(nil, "세션이 끝났습니다", "the session has ended")
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
			return lab.Completion{}, lab.Errorf(nil, "클러스터가 아직 시작하는 중입니다", "the cluster is still starting")
		}
		return link.Complete(ctx, args)
	case <-s.ended:
		return lab.Completion{}, lab.Errorf(nil, "세션이 끝났습니다", "the session has ended")
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
	s.enter(s.progress.lab, s.progress.step)
	s.loop(ctx)

	stop()
	s.engine.Close()
	s.work.Wait()
	if s.stopTraffic != nil { // what it has come to is in the inbox still
		s.record(journal.TrafficEnded{})
	}
	if s.got != nil {
		s.got.Close()
	}
	err := s.progress.save(s.config)
	s.publish(time.Now())
	s.journal.Close()
	close(s.ended)
	return err
}

// loop carries out what the inbox holds and publishes snapshots.
func (s *Session) loop(ctx context.Context) {
	files := time.NewTicker(time.Second) // nothing tells when a file appears in the working directory
	defer files.Stop()
	next := time.NewTimer(0)
	defer next.Stop()
	due := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.inbox.ready:
			for _, f := range s.inbox.take() {
				f()
			}
		case <-files.C:
			due = due || s.due(time.Now())
		case <-next.C:
		}
		if !due && s.state.Seq() == s.published.seq {
			continue
		}
		now := time.Now()
		if wait := frame - now.Sub(s.published.at); wait > 0 {
			next.Reset(wait)
			continue
		}
		due = false
		s.settle(now) //nolint:contextcheck // the probe engine ends by Close
		if s.state.Seq() != s.published.seq {
			s.publish(now)
		}
	}
}

// settle brings everything that follows from the state up to date: the chosen pod, what is observed, the goals.
func (s *Session) settle(now time.Time) {
	s.choose()
	s.listen()
	s.catchUp("", now)
	s.observe(now)
	s.followLog()
	s.checkGoals(now)
	if position := s.progress.position(); !samePosition(position, s.state.Position()) {
		s.record(journal.Moved{Position: position})
	}
}

// record takes in what has happened: the journal keeps it, the state follows it, and what is worth telling of it is recorded
// next.
func (s *Session) record(body journal.Body) {
	for _, fact := range s.state.Apply(s.journal.Append(time.Now(), body)) {
		s.tell(fact)
	}
}

// tell records that something is worth telling.
func (s *Session) tell(fact lab.Fact) { s.record(journal.Told{Fact: fact}) }

// publish shows what has happened to the readers.
func (s *Session) publish(now time.Time) {
	s.journal.Publish(s.state.Snapshot(now))
	s.published.seq, s.published.at = s.state.Seq(), now
}

// connect gets the cluster and follows it until the session ends. It runs in a goroutine of its own.
func (s *Session) connect() {
	ctx := s.ctx
	link, err := s.config.Connect(ctx, func(c lab.Component) {
		s.inbox.put(func() { s.record(journal.ComponentChanged{Component: c}) })
	})
	s.inbox.put(func() { s.onConnected(link, err) })
	if err == nil {
		s.got = link
		link.Watch(ctx, func(change lab.Change) { s.inbox.put(func() { s.onChange(change) }) })
	}
}

func (s *Session) onConnected(link Cluster, err error) {
	if err != nil {
		if s.ctx.Err() != nil {
			return
		}
		s.log.Error("connect", "err", err)
		s.record(journal.ConnectFailed{Problem: lab.InFull(err)})
		return
	}
	s.link = link
	s.record(journal.Connected{Cluster: link.Info()})
}

// onChange records what the cluster's watches saw, and does what has to follow at once.
func (s *Session) onChange(change lab.Change) {
	switch c := change.(type) {
	case lab.PodChanged:
		var before *lab.Pod
		if p, there := s.state.Pod(c.Pod.Name); there {
			before = &p
		}
		s.record(journal.Changed{Change: change})
		s.attend(before, c.Pod)
		s.catchUp(c.Pod.UID, time.Now())
	case lab.LinkChanged:
		before := s.state.Cluster().Phase
		s.record(journal.Changed{Change: change})
		if c.Up && before != lab.Up {
			s.onLinkUp()
		}
	default:
		s.record(journal.Changed{Change: change})
	}
}

// onLinkUp finds out what is not known of the cluster yet. What can be done on a real one is looked at after each
// reconnection: rights may have been withdrawn meanwhile.
func (s *Session) onLinkUp() {
	link, cluster := s.link, s.state.Cluster()
	switch {
	case cluster.Real:
		s.work.Go(func() {
			found := link.Preflight(s.ctx)
			version := link.Info().Version
			s.inbox.put(func() {
				if s.ctx.Err() == nil {
					s.record(journal.Preflighted{Preflight: found, Version: version})
				}
			})
		})
	case cluster.Version == "":
		s.work.Go(func() {
			version, err := link.Version(s.ctx)
			if err != nil {
				s.log.Warn("ask for the version", "err", err)
				return
			}
			s.inbox.put(func() { s.record(journal.VersionLearned{Version: version}) })
		})
	}
}
