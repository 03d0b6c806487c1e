package timeline

import (
	"cmp"
	"slices"
	"time"

	"healthlab/probes"
)

// episode is the latest episode of a probe; nil if there was none or it is not kept.
func (b *Builder) episode(pr *probe) *Episode {
	if pr.current == 0 {
		return nil
	}
	i, ok := slices.BinarySearchFunc(b.episodes, pr.current, func(e *Episode, id uint64) int {
		return cmp.Compare(e.ID, id)
	})
	if !ok {
		return nil
	}
	return b.episodes[i]
}

// openEpisode is the episode of a probe that has not ended; nil if there is none.
func (b *Builder) openEpisode(pr *probe) *Episode {
	if e := b.episode(pr); e != nil && e.End == "" {
		return e
	}
	return nil
}

// edit changes a copy of the latest episode of a probe, which takes its place.
func (b *Builder) edit(pr *probe, change func(*Episode)) {
	e := b.episode(pr)
	if e == nil {
		return
	}
	next := *e
	next.Points = slices.Clone(e.Points)
	change(&next)
	if b.shared {
		b.episodes, b.shared = slices.Clone(b.episodes), false
	}
	b.episodes[slices.Index(b.episodes, e)] = &next
}

// begin begins an episode.
func (b *Builder) begin(p *pod, con *container, pr *probe, e Episode, s probes.Situation) {
	b.lastID++
	e.ID, e.Pod, e.PodName, e.Container, e.Probe = b.lastID, p.seen.UID, p.seen.Name, clip(con.seen.Name), pr.spec.Kind
	e.Response, e.Number = s.Behaviour.Response, con.seen.Restarts
	from := PointFailure
	if e.Fault != nil {
		from = PointFault
	}
	e.Points = points(e.Probe, from)
	e.foresee(s.Forecast())
	e.typical = e.predicted
	if e.Fault != nil && s.Tick != nil {
		s.Tick = nil
		e.typical = s.Forecast()
	}
	if !b.serves(e.Pod) {
		e.expectNothing(PointLeft, PointJoined)
	}
	if from == PointFault {
		e.Points[0].Told = e.Begun
	} else if e.Probe == probes.Startup {
		e.expectNothing(PointStarted, PointReady) // it may be that the app only takes its time: nobody can say when it is up
	}
	pr.current = e.ID
	b.episodes = push(b.episodes, &e, maxEpisodes, &b.dropped.Episodes)
}

// serves reports whether a pod is an endpoint of a service, ready or not.
func (b *Builder) serves(uid string) bool {
	for _, s := range b.services {
		for _, m := range s.members {
			if m.uid == uid && m.states.open {
				return true
			}
		}
	}
	return false
}

// see takes in that a point of the probe's latest episode has come about. What has come about stays so.
func (b *Builder) see(pr *probe, code PointCode, at Instant, told bool) {
	e := b.episode(pr)
	if e == nil {
		return
	}
	i := e.index(code)
	if i < 0 || told && !e.Points[i].Told.IsZero() || !told && !e.Points[i].Probed.IsZero() {
		return
	}
	b.edit(pr, func(e *Episode) { e.seen(i, at, told) })
}

// seen sets when a point has come about, so that the points of one witness stay in order. What was told of a later one, and is
// too early for that, had to do with something else.
func (e *Episode) seen(i int, at Instant, told bool) {
	at = at.after(e.floor(i, told))
	early, known := at.Earliest()
	for j := i + 1; j < len(e.Points); j++ {
		p := &e.Points[j]
		next := &p.Probed
		if told {
			next = &p.Told
		}
		switch {
		case next.IsZero():
		case known && early.Sub(next.At) > second:
			*next = Instant{}
		default:
			at = at.upTo(next.At)
		}
	}
	if told {
		e.Points[i].Told = at
	} else {
		e.Points[i].Probed = at
	}
}

// floor is what a point cannot have come before: the points of the same witness that come first.
func (e *Episode) floor(i int, told bool) Instant {
	low := e.Begun
	for _, p := range e.Points[:i] {
		at := p.Probed
		if told || p.Code == PointFault || p.Code == PointRepair {
			at = p.Told
		}
		if !at.IsZero() {
			low = at.after(low)
		}
	}
	return low
}

// finish ends the latest episode of a probe.
func (b *Builder) finish(pr *probe, end End) {
	if b.openEpisode(pr) == nil {
		return
	}
	b.edit(pr, func(e *Episode) { e.End, e.Ended = end, b.clock.now })
}

// sweep ends the episodes that have not gone on for long after they were to.
func (b *Builder) sweep() {
	const patience = 2 * time.Minute
	b.swept = b.clock.now
	for _, p := range b.pods {
		for _, con := range p.containers {
			for _, pr := range con.probes {
				e := b.openEpisode(pr)
				if e == nil {
					continue
				}
				next, ok := e.Next()
				if ok && !next.Due.To.IsZero() && b.clock.now.Sub(next.Due.To) > patience {
					b.finish(pr, EndLost)
				}
			}
		}
	}
}

func (b *Builder) endEpisodes(con *container, end End) {
	for _, pr := range con.probes {
		b.finish(pr, end)
	}
}
