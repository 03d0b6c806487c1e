package report

import (
	"context"
	"errors"
	"io"
	"reflect"
	"strings"
	"time"

	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/lab/journal"
	"healthlab/lab/timeline"
)

// Source is what a report is made from, beside the journal.
type Source struct {
	// Labs in any order. One that the journal is about and that is not among them is told by its ID.
	Labs []lab.Lab
	// Answers are those that are kept; they are told as far as their steps were entered.
	Answers course.Answers
	// Healthlab is its version, and Made the time at which the report is made.
	Healthlab string
	Made      time.Time
	// Zone is where times are told for; UTC if nil.
	Zone *time.Location
	// Names are those of the machine. They are left out, as all names are, unless WithNames is set. Secrets always are.
	Names     Names
	WithNames bool
}

// Builder makes a Report from the entries of a journal. New makes it, one goroutine owns it, and what it keeps is bounded.
type Builder struct {
	from     Source
	timeline *timeline.Builder
	walk     walk
	acts     acts
	news     news
	causes   causes
	redact   *redactor

	labs    []string // that positions count in
	run     Run
	cluster lab.Cluster
	begun   lab.Position
	omitted []lab.Text
	whole   bool
}

// New returns a Builder without entries.
func New(from Source) *Builder {
	if from.Zone == nil {
		from.Zone = time.UTC
	}
	b := &Builder{from: from, timeline: timeline.New(from.Labs), redact: newRedactor(from.WithNames), whole: true}
	b.news.labs = from.Labs
	b.redact.knowMachine(from.Names)
	return b
}

// Read makes a report of a journal, which it reads to its end or until ctx ends. What cannot be read of it is left out, and the
// report says so. The error is a *lab.Error if in has no journal of this version, or one in which nothing has happened.
func Read(ctx context.Context, in io.Reader, from Source) (*Report, error) {
	d, err := journal.NewDecoder(journal.Interruptible(ctx, in))
	if err != nil {
		return nil, err
	}
	b := New(from)
	const maxBad = 10_000
	bad, size, any := 0, 0, false
	for bad < maxBad && size <= journal.MaxHeld {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		e, err := d.Decode()
		var line *journal.BadLine
		switch {
		case errors.As(err, &line) && errors.Is(err, io.ErrUnexpectedEOF): // the last one, which was being written
			b.whole = false
			continue
		case errors.As(err, &line):
			bad++
			continue
		case errors.Is(err, io.EOF):
		case err != nil:
			return nil, err
		default:
			b.Add(e)
			size += e.Size()
			any = true
			continue
		}
		break
	}
	if !any {
		return nil, lab.Errorf(nil, "저널에 읽을 수 있는 기록이 없습니다", "the journal has no entry that can be read")
	}
	if d.Cut() {
		b.whole = false
	}
	if bad > 0 {
		b.omit(lab.Textf("저널에서 읽을 수 없는 줄을 뺐습니다: %d줄.", "Lines of the journal that could not be read are left out: %d.", bad))
	}
	if size > journal.MaxHeld {
		b.omit(lab.Textf("저널이 너무 커서 %s까지만 읽었습니다.", "The journal is too large: it was read up to %s only.", b.clock(b.run.To)))
	}
	if bad == maxBad {
		b.omit(lab.T("저널이 너무 많이 손상되어 뒷부분은 읽지 않았습니다.", "The journal is too damaged: the rest was not read."))
	}
	return b.Report(), nil
}

// omit notes that something is not known.
func (b *Builder) omit(what lab.Text) {
	const most = 20
	if len(b.omitted) < most {
		b.omitted = append(b.omitted, what)
	}
}

// Add takes in the next entry.
func (b *Builder) Add(e journal.Entry) {
	b.timeline.Add(e)
	if b.run.From.IsZero() {
		b.run.From = e.At
	}
	b.run.To = e.At
	switch body := e.Body.(type) {
	case journal.Begun:
		b.labs, b.begun = body.Labs, body.Position
		if changed, _ := body.Since(b.from.Labs); len(changed) > 0 {
			b.omit(lab.Textf("그 뒤로 바뀌어 지금의 글로 적은 실습: %s.", "Labs that have changed since, and are told in the words of today: %s.", lab.Join(changed, ", ")))
		}
		b.onCluster(body.Cluster)
		b.redact.know(strings.TrimRight(body.Dir, `/\`), paths, "<dir>")
	case journal.Connected:
		b.onCluster(body.Cluster)
	case journal.VersionLearned:
		b.run.Kubernetes = outside(body.Version, maxName)
	case journal.Preflighted:
		b.run.Kubernetes = outside(body.Version, maxName)
	case journal.Changed:
		b.onChange(body.Change, e.At)
	case journal.Attempted:
		b.causes.onAttempt(body.Attempt)
	case journal.LogFollowed:
		b.causes.logOf = body
	case journal.Logged:
		b.causes.onLog(body.Line)
	case journal.TaskStarted:
		b.acts.start(body.Task)
	case journal.TaskPrinted:
		b.acts.print(body)
	case journal.TaskNoted:
		b.acts.note(body)
	case journal.TaskEnded:
		b.acts.end(body)
	case journal.Told:
		f := body.Fact
		if f.At.IsZero() {
			f.At = e.At
		}
		b.walk.add(f)
		b.news.add(f)
	case journal.Omitted:
		b.causes.missing = lab.T("저널에 빠진 기록이 있습니다", "entries of the journal are missing")
		b.omit(lab.Textf("%s 무렵의 기록이 빠져 있습니다: %s", "Around %s entries of the journal are missing: %s", b.clock(e.At), body.Why))
	default: // what it comes to is told by others
	}
}

func (b *Builder) onCluster(c lab.Cluster) {
	b.redact.knowCluster(c)
	if c.Version != "" {
		b.run.Kubernetes = outside(c.Version, maxName)
	}
	b.cluster = c
}

func (b *Builder) onChange(change lab.Change, at time.Time) {
	switch c := change.(type) {
	case lab.PodChanged:
		b.redact.knowPod(c.Pod, b.cluster.Real)
		b.causes.onPod(c, at)
	case lab.EventChanged:
		b.causes.onEvent(c, at)
	case lab.AccessChanged:
		if c.Resource == "events" && c.Denied {
			b.causes.missing = lab.T("이벤트를 볼 권한이 없습니다", "events may not be read")
		}
	default: // the timeline's
	}
}

// clock tells the time of day.
func (b *Builder) clock(at time.Time) string { return at.In(b.from.Zone).Format(time.TimeOnly) }

// Report is what the entries so far come to. Nothing may be added afterwards.
func (b *Builder) Report() *Report {
	view := b.timeline.View()
	b.redact.ready()
	r := &Report{
		Format: Format, Version: SchemaVersion, Made: b.from.Made.Round(0).UTC(), Healthlab: outside(b.from.Healthlab, maxName),
		Run: b.run, zone: b.from.Zone,
	}
	if !view.From.IsZero() { // the clock may have been set back; the timeline's axis goes on
		r.Run.From, r.Run.To = view.From, view.To
	}
	r.Run.Whole, r.Run.Embedded = b.whole, !b.cluster.Real
	r.Run.Cluster, r.Run.Server = outside(b.cluster.Name, maxName), outside(b.cluster.Server, maxLine)
	r.Run.Namespace, r.Run.ReadOnly, r.Run.DryRun = outside(b.cluster.Namespace, maxName), b.cluster.ReadOnly, b.cluster.DryRun

	r.Labs = b.walk.labs(b.from.Labs, b.begun, b.labs, b.run.To)
	r.Answers = answersTo(view, b.from.Labs, r.Labs, b.from.Answers)
	r.Done, r.DoneLeftOut = b.acts.told(view, b.redact)
	r.Episodes, r.EpisodesLeftOut = episodes(view, b.from.Labs, b.from.Answers)
	r.Causes, r.CausesLeftOut = b.causes.told(b.run.To)
	r.Timeline = overview(view)
	r.Events, r.EventsLeftOut = b.news.told(r.Done)
	r.Traffic = streams(view)
	r.Gaps = gaps(view)
	r.Unknown = b.unknown(r, view)
	r.Summary = append(summary(r), b.causes.toldStandIns()...)
	b.redact.all(reflect.ValueOf(r).Elem())
	r.LeftOut = b.redact.told()
	return r
}

// gaps are the times of which less is known.
func gaps(view *timeline.View) []Gap {
	out := []Gap{}
	for _, g := range view.Gaps {
		said := g.Why.Words()
		switch g.Why {
		case timeline.GapEntries:
			said = lab.Textf("%s(%d개)", "%s (%d)", said, g.Entries)
		case timeline.GapDenied:
			said = lab.Textf("%s 리소스를 %s", "%[2]s %[1]s", string(outside(g.Resource, maxName)), said)
		case timeline.GapLink, timeline.GapClock:
		}
		out = append(out, Gap{From: g.From, To: g.To, Why: g.Why, Text: said})
		const most = 50
		if len(out) == most {
			break
		}
	}
	return out
}

// unknown tells what else is not known.
func (b *Builder) unknown(r *Report, view *timeline.View) []lab.Text {
	out := []lab.Text{}
	if !r.Run.Whole {
		out = append(out, lab.T("저널에 끝이 없습니다. 보고서를 만들 때 healthlab이 아직 실행 중이었거나, 강제로 종료되었습니다.",
			"The journal has no end: healthlab was still running when this report was made, or it was killed."))
	}
	out = append(out, b.omitted...)
	if n := len(view.Gaps) - len(r.Gaps); n > 0 {
		out = append(out, lab.Textf("위에 적지 않은 공백이 더 있습니다: %d개.", "Gaps that are not listed: %d more.", n))
	}
	d := view.Dropped
	if n := d.Pods + d.Services + d.Deployments + d.Acts + d.Gaps + d.Episodes + d.Containers + d.Elements; n > 0 {
		out = append(out, lab.Textf("한 번에 다룰 수 있는 양을 넘어, 타임라인에서 오래된 것 %d개를 뺐습니다.",
			"There was more than can be kept. Left out of the timeline, the oldest first: %d.", n))
	}
	if len(r.Answers) > 0 {
		out = append(out, lab.T("답은 healthlab이 마지막으로 기록한 것입니다. 언제 답했는지는 남지 않습니다.",
			"The answers are those that healthlab has kept last; it does not keep when they were given."))
	}
	told, own := witnesses(view)
	if told {
		out = append(out, lab.T("kubelet의 시도는 healthlab의 노드가 하나씩 알린 것입니다. 이벤트의 시각은 초 단위이므로, 이벤트에서 잰 값에는 범위가 있습니다.",
			"healthlab's node told of each of the kubelet's attempts. Events are stamped in whole seconds; what was measured by them has bounds."))
	} else {
		out = append(out, lab.T("쿠버네티스는 성공한 프로브를 알리지 않으며, 이벤트의 시각은 초 단위입니다. 그래서 실측값에는 범위가 있습니다.",
			"Kubernetes does not report probes that succeed, and stamps events in whole seconds. That is why what was measured has bounds."))
	}
	if own || !told {
		out = append(out, lab.T("healthlab 자신의 프로브는 kubelet의 프로브와 같은 설정이지만 다른 시각에 실행됩니다.",
			"healthlab's own probes have the settings of the kubelet's, but are made at other times."))
	}
	return out
}

// witnesses tells whether a kubelet has told of its attempts one by one, and whether healthlab has made any of its own.
func witnesses(view *timeline.View) (told, own bool) {
	for _, p := range view.Pods {
		for _, c := range p.Containers {
			for _, pr := range c.Probes {
				told, own = told || pr.Told, own || pr.Engine.Len() > 0
			}
		}
	}
	return told, own
}
