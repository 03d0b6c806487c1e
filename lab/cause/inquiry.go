package cause

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"healthlab/lab"
	"healthlab/probes"
)

// inquiry is one pod with what was seen of it.
type inquiry struct {
	pod  *lab.Pod
	seen *Seen
	// events are those about this very pod, the one that changed last at the end.
	events []lab.Event
	// oldest is the last change of the event, of any object, that has not changed for longest; zero if there are none.
	oldest time.Time
	// made is how many events of each type (Normal, Warning) the kubelet has made about the pod, as far as they are there.
	made map[string]int
}

func newInquiry(pod lab.Pod, seen Seen) *inquiry {
	q := &inquiry{pod: &pod, seen: &seen, made: map[string]int{}}
	for _, e := range seen.Events {
		if q.oldest.IsZero() || e.Last.Before(q.oldest) {
			q.oldest = e.Last
		}
		if !q.about(e) {
			continue
		}
		q.events = append(q.events, e)
		if e.Source == "kubelet" {
			q.made[e.Type] += min(max(e.Count, 1), eventBurst)
		}
	}
	slices.SortStableFunc(q.events, func(a, b lab.Event) int {
		return cmp.Or(a.Last.Compare(b.Last), cmp.Compare(a.Seq, b.Seq))
	})
	return q
}

// about reports whether an event is about this pod, not about an earlier one of its name.
func (q *inquiry) about(e lab.Event) bool {
	switch {
	case e.ObjectKind != "Pod" || e.ObjectName != q.pod.Name:
		return false
	case e.ObjectUID == "" || q.pod.UID == "":
		return !e.First.Before(q.pod.Created.Truncate(time.Second))
	}
	return e.ObjectUID == q.pod.UID || e.ObjectUID == q.pod.StaticUID
}

func (q *inquiry) cause(about About, container string, at time.Time) *Cause {
	return &Cause{
		Pod: lab.Line(q.pod.Name, 4*maxName), UID: lab.Line(q.pod.UID, maxName), Container: lab.Line(container, maxName), About: about, At: at,
	}
}

// ago is how long ago something was; ok is false where that cannot be told.
func (q *inquiry) ago(t time.Time) (d time.Duration, ok bool) {
	if q.seen.At.IsZero() || t.IsZero() || t.After(q.seen.At.Add(time.Second)) {
		return 0, false
	}
	return q.seen.At.Sub(t), true
}

// since puts how long ago t was behind a text, where that can be told.
func (q *inquiry) since(text lab.Text, t time.Time) lab.Text {
	d, ok := q.ago(t)
	if !ok {
		return text
	}
	return lab.Textf("%s(%s째)", "%s (for %s)", text, long(d))
}

// span is a run of a container, or what is there of it: it ends with the second end, or goes on if that is zero.
type span struct {
	container  string
	id         string
	start, end time.Time
}

// begun reports whether a run ever began; the runtime gives one that did not the start of 1970.
func begun(t *lab.Termination) bool { return t.StartedAt.Unix() > 0 }

func spanOf(container string, t *lab.Termination) span {
	return span{container: container, id: t.ContainerID, start: t.StartedAt.Truncate(time.Second), end: t.FinishedAt.Truncate(time.Second)}
}

func current(con *lab.Container) span {
	return span{container: con.Name, id: con.ID, start: con.StartedAt.Truncate(time.Second)}
}

// of reports whether an event names the container.
func (s span) of(e lab.Event) bool { return e.Container == s.container }

// within reports whether t is in the run, if that began no later than from.
func (s span) within(t, from time.Time) bool {
	return !t.Before(from) && (s.end.IsZero() || !t.After(s.end))
}

// killing is why a kubelet ends a run.
type killing struct {
	event lab.Event
	at    time.Time // zero if that is not told
	kind  killingKind
	probe probes.Kind // of killedByProbe
}

type killingKind int

const (
	killedOtherwise killingKind = iota
	killedByProbe
	killedWithPod
	killedByHook
	killedByChange // of the image, or of the resources in a way that needs a restart
	killedWithAll  // by the restart rule RestartAllContainers of another container
)

// readKilling reads the kubelet's Killing event (kuberuntime_manager.go, computePodActions; kuberuntime_container.go,
// killContainer). container is whom it names where the field path does not. A postStart hook that has failed always makes the kubelet
// end its container, and that is a warning, which may be there when the other event was dropped.
func readKilling(e lab.Event) (k killing, container string, ok bool) {
	if e.Reason == "FailedPostStartHook" {
		return killing{event: e, kind: killedByHook}, e.Container, true
	}
	if e.Reason != "Killing" {
		return killing{}, "", false
	}
	k = killing{event: e}
	said := strings.TrimPrefix(e.Message, combined)
	message := strings.TrimPrefix(said, "Init ")
	message = strings.TrimSuffix(strings.TrimPrefix(message, "container "), ", will be restarted")
	message = strings.TrimPrefix(message, "Container ")
	container, rest, _ := strings.Cut(message, " ")
	switch {
	case strings.HasPrefix(said, "Stopping container "):
		k.kind, container = killedWithPod, strings.TrimPrefix(said, "Stopping container ")
	case said == "FailedPostStartHook":
		k.kind, container = killedByHook, ""
	case said == "killing":
		k.kind = killedWithAll
	case rest == "failed liveness probe":
		k.kind, k.probe = killedByProbe, probes.Liveness
	case rest == "failed startup probe":
		k.kind, k.probe = killedByProbe, probes.Startup
	case rest == "definition changed", rest == "resize requires restart":
		k.kind = killedByChange
	}
	if e.Container != "" {
		container = e.Container
	}
	return k, container, true
}

// killings are what the kubelet has said about ending a run of con in the time of s. doubtful are events that have been
// counted before and after it, so that they may be about it or not.
func (q *inquiry) killings(con *lab.Container, s span) (sure []killing, doubtful []lab.Event) {
	for _, e := range q.events {
		k, container, ok := readKilling(e)
		if !ok || container != s.container {
			continue
		}
		from := earliest(con, k, s)
		switch {
		case s.within(e.Last, from):
			k.at = e.Last
		case s.within(e.First, from):
			k.at = e.First
		case k.kind == killedByHook && e.First.Before(from) && q.everyHookFailed(con):
			k.at = time.Time{} // in this run as well, but when is not told
		case e.Count > 2 && e.First.Before(from) && !s.end.IsZero() && e.Last.After(s.end),
			e.Last.Equal(s.start), e.First.Equal(s.start) && e.Count > 1:
			doubtful = append(doubtful, e)
			continue
		default:
			continue
		}
		sure = append(sure, k)
	}
	return sure, doubtful
}

// earliest is the first second that a killing can have if it is about s. Those of a probe take some failures; all that is
// known of others is that the run had begun: in the second of its start they are about the run before.
func earliest(con *lab.Container, k killing, s span) time.Time {
	from := s.start.Add(time.Second)
	if k.kind == killedByHook || k.kind == killedWithPod && con.Restarts == 0 {
		return s.start // a hook runs as soon as the container does; and there was no run before
	}
	if p := probeOf(con, k.probe); p != nil {
		took := p.InitialDelay + time.Duration(max(p.FailureThreshold-1, 0))*p.Period - time.Second
		if took > time.Second {
			from = s.start.Add(took)
		}
	}
	return from
}

func probeOf(con *lab.Container, kind probes.Kind) *probes.Spec {
	for i := range con.Probes {
		if con.Probes[i].Spec.Kind == kind {
			return &con.Probes[i].Spec
		}
	}
	return nil
}

// endsRuns reports whether a container has a probe for which a kubelet may end it.
func endsRuns(con *lab.Container) bool {
	return probeOf(con, probes.Liveness) != nil || probeOf(con, probes.Startup) != nil
}

const (
	// eventBurst is how many events of a type about one object a kubelet makes before it drops some.
	eventBurst = 25
	// surelyKept is how long events are taken to be kept where nothing older is there to show it; an API server keeps them for
	// an hour unless it is told otherwise (--event-ttl).
	surelyKept = 30 * time.Minute
)

// silence reports whether it means something that there is no event of a type about the time of s. If it does not, why says so.
func (q *inquiry) silence(con *lab.Container, s span, kind string) (means bool, why lab.Text) {
	from := s.start
	if !s.end.IsZero() {
		grace := q.pod.GracePeriod
		for i := range con.Probes {
			if own := con.Probes[i].Spec.GracePeriod; own != nil {
				grace = max(grace, *own)
			}
		}
		if last := s.end.Add(-grace - 3*time.Second); last.After(from) {
			from = last
		}
	}
	since, ok := q.ago(from)
	switch {
	case !q.seen.EventsMissing.IsZero():
		return false, lab.Text{Ko: lab.Line(q.seen.EventsMissing.Ko, maxQuote), En: lab.Line(q.seen.EventsMissing.En, maxQuote)}
	case q.made[kind] >= eventBurst:
		return false, lab.T("이 파드에는 이벤트가 많아 kubelet이 일부를 남기지 않았을 수 있습니다",
			"there were so many events about the pod that the kubelet may have left some out")
	case !q.oldest.IsZero() && !q.oldest.After(from.Add(time.Second)), ok && since < surelyKept:
		return true, lab.Text{}
	}
	return false, lab.T("그때의 이벤트는 이미 지워졌을 수 있습니다(보통 한 시간 동안 남습니다)",
		"events of that time may have been deleted already: they are usually kept for an hour")
}

const normal, warning = "Normal", "Warning"

// times is how often something happened of which there are so many warnings; some more may have been dropped.
func (q *inquiry) times(n int) lab.Text {
	if q.made[warning] >= eventBurst {
		return lab.Textf("적어도 %d번", "at least %d times", n)
	}
	return lab.Textf("%d번", "%d times", n)
}

// complaint is what a kubelet said about attempts of a probe.
type complaint struct {
	event   lab.Event
	kind    probes.Kind
	erred   bool   // the attempt could not be made
	message string // may be empty: the command said nothing
}

// combined is what client-go puts before a message when it counts similar events as one.
const combined = "(combined from similar events): "

// readComplaint reads an Unhealthy event.
func readComplaint(e lab.Event) (complaint, bool) {
	if e.Reason != "Unhealthy" {
		return complaint{}, false
	}
	if said, ok := probes.ReadEvent(e.Message); ok {
		return complaint{e, said.Kind, said.Outcome == probes.Unknown, said.Message}, true
	}
	for _, kind := range []probes.Kind{probes.Startup, probes.Readiness, probes.Liveness} { // what the node agent refuses to run
		if said, ok := strings.CutPrefix(e.Message, kind.Title()+" probe cannot be run: "); ok {
			return complaint{e, kind, true, said}, true
		}
	}
	return complaint{}, false
}

// complaints are the kubelet's about one probe in a run; spanning are those counted before and after, or after it only.
// until is the last second that counts; zero is the run's end.
func (q *inquiry) complaints(s span, kind probes.Kind, until time.Time) (sure, spanning []complaint) {
	if until.IsZero() {
		until = s.end
	}
	for _, e := range q.events {
		c, ok := readComplaint(e)
		if !ok || c.kind != kind || !s.of(e) {
			continue
		}
		switch started := q.started(s); {
		case e.Last.Before(s.start), !until.IsZero() && e.First.After(until):
		case e.Last.Equal(s.start) && (started == nil || e.Seq == 0 || e.Seq < started.Seq):
			// As likely as not it is about the run before, which ended in that second.
		case !until.IsZero() && e.Last.After(until):
			spanning = append(spanning, c)
		default:
			sure = append(sure, c)
		}
	}
	return sure, spanning
}

// started is the event of the run's start, if it is there and no later run has been counted in it.
func (q *inquiry) started(s span) *lab.Event {
	for i := range q.events {
		e := &q.events[i]
		if e.Reason == "Started" && s.of(*e) && e.Last.Equal(s.start) && e.Seq > 0 {
			return e
		}
	}
	return nil
}

// attempts are those in a run of which all were seen: the kubelet's where it tells of each, or else healthlab's own.
func (q *inquiry) attempts(s span, kind probes.Kind) (out []lab.Attempt) {
	for _, a := range q.seen.Attempts {
		if a.Key.Pod == q.pod.UID && a.Key.Container == s.container && a.Key.Kind == kind && s.id != "" && a.ContainerID == s.id {
			out = append(out, a)
		}
	}
	if by := func(a lab.Attempt) bool { return a.Witness == lab.Kubelet }; slices.ContainsFunc(out, by) {
		out = slices.DeleteFunc(out, func(a lab.Attempt) bool { return !by(a) })
	}
	return out
}

// lastEvent is the newest event for one of the reasons about a container, or about any if that is empty.
func (q *inquiry) lastEvent(container string, reasons ...string) *lab.Event {
	for i := len(q.events) - 1; i >= 0; i-- {
		e := &q.events[i]
		if (container == "" || e.Container == container) && slices.Contains(reasons, e.Reason) {
			return e
		}
	}
	return nil
}

// after reports whether a changed after b; events of the same second are told apart by the order in which they were written.
func after(a, b *lab.Event) bool {
	return cmp.Or(a.Last.Compare(b.Last), cmp.Compare(a.Seq, b.Seq)) > 0
}

// lastLines adds the last lines that a run of con wrote, as far as they were seen.
func (q *inquiry) lastLines(c *Cause, con *lab.Container, s span) {
	const most = 5
	var lines []lab.LogLine
	for _, log := range q.seen.Logs {
		if log.Container != s.container {
			continue
		}
		for _, line := range log.Lines {
			if s.wrote(line, con) && strings.TrimSpace(line.Text) != "" {
				lines = append(lines, line)
			}
		}
	}
	for _, line := range lines[max(len(lines)-most, 0):] {
		c.addLog(s.container, line)
	}
}

// wrote reports whether the run of con wrote a line for sure. One that does not say of which run it is may be of the run before,
// in the second of the start, or of the next one, in that of the end.
func (s span) wrote(line lab.LogLine, con *lab.Container) bool {
	at := line.At.Truncate(time.Second)
	last := con.Last != nil && s.id == con.Last.ContainerID && !s.end.IsZero()
	switch {
	case line.At.IsZero() || !s.within(at, s.start):
		return false
	case line.Run != "":
		return line.Run == s.id
	case at.Equal(s.start) && con.Restarts > 0 && (!last || con.Restarts > 1):
		return false
	case at.Equal(s.end):
		return con.Final || last && con.State == lab.Running && con.StartedAt.Truncate(time.Second).After(s.end)
	}
	return true
}
