package timeline

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"healthlab/lab"
	"healthlab/probes"
)

// told is what an event is about: the kubelet counts those of equal content up.
type told struct{ pod, container, reason, message string }

// telling is an event as it was told last.
type telling struct {
	uid   string
	first time.Time
	count int
}

func (b *Builder) onEvent(c lab.EventChanged) {
	e := c.Event
	if c.Deleted || e.ObjectKind != "Pod" || e.Reason != "Unhealthy" && e.Reason != "ProbeWarning" && e.Reason != "Killing" {
		return
	}
	p := b.byUID[e.ObjectUID]
	if e.ObjectUID == "" {
		p = b.named(e.ObjectName)
	}
	if p == nil {
		c.Initial = true // by the time that the pod is known
		c.Event.Message = strings.Clone(e.Message[:min(len(e.Message), longText)])
		var none int
		b.early = push(b.early, c, maxEarly, &none)
		return
	}
	more := b.news(told{p.seen.UID, e.Container, e.Reason, clip(e.Message)}, e)
	con := p.container(e.Container)
	if more <= 0 || con == nil {
		return
	}
	if e.Reason == "Killing" {
		b.onKilling(p, con, e, !c.Initial)
		return
	}
	b.onReported(p, con, e, more, !c.Initial)
}

// catchUp takes in the events about a pod that were listed before it.
func (b *Builder) catchUp(p *pod) {
	about := func(c lab.EventChanged) bool {
		return c.Event.ObjectUID == p.seen.UID || c.Event.ObjectUID == "" && c.Event.ObjectName == p.seen.Name
	}
	early := slices.DeleteFunc(slices.Clone(b.early), func(c lab.EventChanged) bool { return !about(c) })
	b.early = slices.DeleteFunc(b.early, about)
	for _, c := range early {
		b.onEvent(c)
	}
}

// news is how many times more something has happened than was known.
func (b *Builder) news(key told, e lab.Event) int {
	old, known := b.told[key]
	now := telling{e.UID, e.First, max(e.Count, 1)}
	if !known {
		if len(b.oldest) >= maxEvents {
			delete(b.told, b.oldest[0])
			b.oldest = b.oldest[1:]
		}
		b.oldest = append(b.oldest, key)
	}
	switch {
	case known && (old.uid == now.uid || old.first.Equal(now.first)):
		// An event that has expired is written anew, and counted on.
		if now.count <= old.count {
			return 0
		}
		b.told[key] = now
		return now.count - old.count
	default:
		b.told[key] = now
		return now.count
	}
}

// onReported takes in what the kubelet has told of its attempts.
func (b *Builder) onReported(p *pod, con *container, e lab.Event, more int, fresh bool) {
	said, _ := probes.ReadEvent(e.Message)
	pr := con.probe(said.Kind)
	if pr == nil || b.toldAlready(p, pr, e.Last, fresh) {
		return
	}
	a := Attempt{Outcome: said.Outcome, TimedOut: said.TimedOut, Message: clip(said.Message), More: more - 1}
	told := make([]Attempt, 0, 2)
	if a.More > 0 && !e.First.IsZero() && more == max(e.Count, 1) && e.First.Before(e.Last) {
		first := a // the first one is told as well
		first.More = 0
		first.Ended = b.clock.stamped(p.seen.Node, e.First, second, false)
		told = append(told, first)
		a.More--
	}
	a.Ended = b.clock.stamped(p.seen.Node, e.Last, second, fresh)
	for _, a := range append(told, a) {
		pr.kubelet.add(a)
		if said.Outcome == probes.Failure {
			b.followFailure(p, con, pr, a, true, fresh)
		}
	}
	pr.change(con, p)
	b.stale.pods = true
}

// onKilling takes in that the kubelet has told a container to end.
func (b *Builder) onKilling(p *pod, con *container, e lab.Event, fresh bool) {
	s := stop{id: con.seen.ID, grace: p.seen.GracePeriod}
	if kind, ok := probes.ReadKilling(e.Message, e.Container); ok {
		s.why, s.probe = StopProbe, kind
	} else if !p.deleting.IsZero() {
		s.why = StopDeletion
	}
	if pr := con.probe(s.probe); pr != nil && pr.spec.GracePeriod != nil {
		s.grace = *pr.spec.GracePeriod
	}
	s.since = b.clock.stamped(p.seen.Node, e.Last, second, fresh)
	started := con.seen.StartedAt
	late := e.Last.Before(started) || e.Last.Equal(started) && con.seen.Last != nil && con.seen.Last.FinishedAt.Equal(started)
	switch {
	case late: // it was another run that was stopped
		con.runs.split(s.since, func(r Run) bool { return r.Phase == Running }, func(r Run) Run {
			r.Phase, r.Stop, r.Probe, r.Grace = Stopping, s.why, s.probe, s.grace
			return r
		})
	case con.seen.State != lab.Running || con.stop.id == s.id:
	case con.runs.open && con.runs.last.Is.Phase == Stopping && s.why != StopProbe: // of a pod that is deleted
	default:
		con.stop = s
		con.runs.set(s.since, b.run(p, con))
	}
	con.change(p)
	b.stale.pods = true
	if s.why == StopProbe {
		b.followKilling(con, s, late)
	}
}

// logged is a line of the log of an app that writes it as Apache does, with the user agent, about a probe of the kubelet. What
// other probes an app answers it may not tell, and which port was asked.
var logged = regexp.MustCompile(`"GET (\S{1,200}) HTTP/[0-9.]{1,3}" ([0-9]{3}) .*"kube-probe/[0-9.+]{1,10}"$`)

// onLog takes in a line of the log that is followed: that of the pod's first container.
func (b *Builder) onLog(line lab.LogLine) {
	p := b.byUID[b.logOf]
	if p == nil || len(p.containers) == 0 || !line.At.After(p.log) || !sane(line.At) {
		return // or told again
	}
	p.log = line.At
	if len(line.Text) > longText || !strings.Contains(line.Text, "kube-probe/") {
		return
	}
	found := logged.FindStringSubmatch(strings.TrimSpace(line.Text))
	if found == nil {
		return
	}
	status, err := strconv.Atoi(found[2])
	con := p.containers[0]
	asked := slices.DeleteFunc(slices.Clone(con.probes), func(pr *probe) bool {
		return pr.spec.HTTP == nil || path(pr.spec.HTTP.Path) != found[1]
	})
	if err != nil || status < 200 || status >= 400 || len(asked) != 1 {
		return // failures come as events; and which of two probes has asked the same, the line does not tell
	}
	pr := asked[0]
	if b.toldAlready(p, pr, line.At, true) {
		return
	}
	a := Attempt{Ended: b.clock.stamped(p.seen.Node, line.At, 0, false), Outcome: probes.Success, Logged: true}
	pr.kubelet.add(a)
	if n := len(pr.logged); n == 0 || a.Ended.At.After(pr.logged[n-1].At) {
		pr.logged = append(pr.logged[max(n+1-maxLines, 0):], a.Ended)
	}
	pr.change(con, p)
	b.stale.pods = true
	b.followSuccess(pr, a, a.Ended.At, true)
}

// path is a probe's path as a request line has it.
func path(p string) string {
	if !strings.HasPrefix(p, "/") {
		return "/" + p
	}
	return p
}
