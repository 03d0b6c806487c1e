package replay

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/lab/fold"
	"healthlab/lab/journal"
)

// speeds are how many seconds of a recording may pass in one.
var speeds = []int{1, 2, 5, 10, 30, 60}

// frame is the shortest time between two snapshots while it plays.
const frame = 100 * time.Millisecond

// again is how long after a moment going back means the one before it, at the replay's own speed.
const again = time.Second

// Player shows a recording. New makes it, Run plays it.
type Player struct {
	recording *Recording
	manifest  func(lab.Cluster, string) (string, error)
	journal   *journal.Journal
	changed   chan struct{}         // holds one; wakes Run
	clock     atomic.Pointer[clock] // written by whoever holds mu

	mu    sync.Mutex
	state *fold.State // guarded by mu; what the first entries add up to
	shown int         // guarded by mu; how many those are
}

// clock is where a replay was at a moment, and how it goes on.
type clock struct {
	position time.Duration
	since    time.Time
	speed    int
	playing  bool
}

// New returns a player that stands at the start. manifest gives the text of a manifest as a step writes it for a cluster.
func New(r *Recording, manifest func(lab.Cluster, string) (string, error)) *Player {
	p := &Player{recording: r, manifest: manifest, journal: journal.NewReplay(), changed: make(chan struct{}, 1), state: fold.New()}
	p.clock.Store(&clock{speed: speeds[0]})
	p.mu.Lock()
	defer p.mu.Unlock()
	p.show(0)
	return p
}

// Recording is what it shows.
func (p *Player) Recording() *Recording { return p.recording }

// Subscribe returns a reader of what has happened up to the position. It ends when Run returns.
func (p *Player) Subscribe(options ...journal.Option) *journal.Reader {
	return p.journal.Subscribe(options...)
}

// Do refuses whatever is asked for.
func (p *Player) Do(context.Context, lab.Action) error { return course.WhyNotInReplay().Err() }

// Manifest is the text of a manifest as a step writes it for the cluster of a snapshot. A journal does not have it: it is that of
// today.
func (p *Player) Manifest(cluster lab.Cluster, name string) (string, error) {
	return p.manifest(cluster, name)
}

// Status is how a replay stands.
type Status struct {
	Position, Length time.Duration
	Speed            int // seconds of the recording in one
	Playing          bool
	Ended            bool // the position is at the end
}

// Status tells how the replay stands. It does not wait.
func (p *Player) Status() Status {
	c, length := p.clock.Load(), p.recording.Length()
	position := p.position(c)
	return Status{Position: position, Length: length, Speed: c.speed, Playing: c.playing && position < length, Ended: position >= length}
}

// Now is what the clock showed at the position. It does not wait.
func (p *Player) Now() time.Time { return p.recording.timeAt(p.position(p.clock.Load())) }

func (p *Player) position(c *clock) time.Duration {
	if !c.playing {
		return c.position
	}
	return min(c.position+time.Since(c.since)*time.Duration(c.speed), p.recording.Length())
}

// Toggle plays, from the start if it is at the end, or pauses.
func (p *Player) Toggle() {
	p.change(func(c *clock) {
		c.playing = !c.playing
		if c.position >= p.recording.Length() {
			c.position, c.playing = 0, true
		}
	})
}

// Faster chooses the next higher speed, if there is one, or the next lower if by is negative.
func (p *Player) Faster(by int) {
	p.change(func(c *clock) {
		i := slices.Index(speeds, c.speed) + by
		c.speed = speeds[max(min(i, len(speeds)-1), 0)]
	})
}

// Seek goes to a position.
func (p *Player) Seek(position time.Duration) {
	p.change(func(c *clock) { c.position = max(min(position, p.recording.Length()), 0) })
}

// End goes to the end.
func (p *Player) End() { p.Seek(p.recording.Length()) }

// Next goes to the next moment at which something was told, or to the end.
func (p *Player) Next() {
	p.change(func(c *clock) {
		next, ok := p.recording.after(c.position)
		if !ok {
			next = p.recording.Length()
		}
		c.position = next
	})
}

// Previous goes back to the last moment at which something was told, or to the start.
func (p *Player) Previous() {
	p.change(func(c *clock) {
		from := c.position
		if c.playing {
			from -= again * time.Duration(c.speed)
		}
		c.position, _ = p.recording.before(from)
	})
}

// change moves the clock and shows what it then shows.
func (p *Player) change(how func(*clock)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := *p.clock.Load()
	c.position, c.since = p.position(&c), time.Now()
	how(&c)
	p.clock.Store(&c)
	p.show(c.position)
	select {
	case p.changed <- struct{}{}:
	default:
	}
}

// show publishes what has happened up to a position. The caller holds mu.
func (p *Player) show(position time.Duration) {
	until := p.recording.until(position)
	if until == p.shown {
		return
	}
	if until < p.shown {
		p.journal.Rewind()
		p.state, p.shown = fold.New(), 0
	}
	for _, e := range p.recording.entries[p.shown:until] {
		p.state.Apply(p.journal.Append(e.At, e.Body))
	}
	p.shown = until
	snapshot := p.state.Snapshot(p.recording.timeAt(position))
	snapshot.Replay = true
	p.journal.Publish(snapshot)
}

// Run plays until ctx ends. It is called once.
func (p *Player) Run(ctx context.Context) {
	defer p.journal.Close()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-p.changed:
		case <-timer.C:
		}
		if wait := p.advance(); wait > 0 {
			timer.Reset(wait)
		}
	}
}

// advance shows what is due, and returns when it has to be called again; 0 for not by itself.
func (p *Player) advance() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := *p.clock.Load()
	if !c.playing {
		return 0
	}
	position := p.position(&c)
	p.show(position)
	if p.shown == len(p.recording.entries) {
		c.position, c.playing = p.recording.Length(), false
		p.clock.Store(&c)
		return 0
	}
	return max((p.recording.offsets[p.shown]-position)/time.Duration(c.speed), frame)
}
