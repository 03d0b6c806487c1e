package report

import (
	"slices"
	"strings"
	"unicode"

	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/lab/journal"
	"healthlab/lab/timeline"
)

// How much of what was done is told.
const (
	maxActs    = 120
	maxOutput  = 4 << 10  // bytes of an output
	maxOutputs = 96 << 10 // bytes of all of them
	maxLines   = 60       // of an output
	maxName    = 100      // letters of a name
	maxLine    = 400      // letters of a line
)

// acts are the tasks of a run, oldest first.
type acts struct {
	tasks   []lab.Task
	dropped int
}

func (a *acts) start(t lab.Task) {
	t.Line, t.Title, t.Output = cut(t.Line, maxKept), cutText(t.Title), cut(t.Output, maxKept)
	if len(a.tasks) == 2*maxActs { // of which the faults are kept
		i := slices.IndexFunc(a.tasks, func(t lab.Task) bool { _, fault := t.Action.(lab.Inject); return !fault })
		a.tasks = slices.Delete(a.tasks, max(i, 0), max(i, 0)+1)
		a.dropped++
	}
	a.tasks = append(a.tasks, t)
}

func (a *acts) change(id uint64, change func(*lab.Task)) {
	for i := len(a.tasks) - 1; i >= 0; i-- {
		if a.tasks[i].ID == id {
			change(&a.tasks[i])
			return
		}
	}
}

func (a *acts) print(p journal.TaskPrinted) {
	a.change(p.Task, func(t *lab.Task) {
		t.Output += p.Text
		if most := 2 * maxOutput; len(t.Output) > 4*most { // what is cut is said from the length that is left
			t.Output = strings.Clone(t.Output[len(t.Output)-2*most:])
		}
	})
}

func (a *acts) note(n journal.TaskNoted) {
	a.change(n.Task, func(t *lab.Task) { t.Note = cutText(n.Note) })
}

func (a *acts) end(e journal.TaskEnded) {
	a.change(e.Task, func(t *lab.Task) {
		t.State, t.Took, t.ExitCode, t.Problem, t.Told = e.State, e.Took, e.ExitCode, cutText(e.Problem), e.Told
	})
}

// told are the acts, and how many are left out.
func (a *acts) told(view *timeline.View, r *redactor) (out []Act, leftOut int) {
	tasks := a.tasks[max(len(a.tasks)-maxActs, 0):]
	room := maxOutputs
	out = []Act{}
	for _, t := range tasks {
		act := Act{
			At: t.Started.Round(0), Took: Seconds(t.Took), State: t.State, Title: oneLine(t.Title), Line: outside(t.Line, 3*maxLine),
			Note: oneLine(t.Note),
		}
		if !t.Told {
			act.Problem = oneLine(t.Problem)
		}
		if i := slices.IndexFunc(view.Acts, func(v timeline.Act) bool { return v.Task == t.ID && v.Fault != nil }); i >= 0 {
			v := view.Acts[i]
			act.Fault, act.Repair, act.Title = true, v.Fault.Repairs(), v.Fault.Title
			if p := view.Pod(v.Pod); p != nil {
				act.Pod = outside(p.Name, maxName)
			}
		}
		switch why := r.hides(t.Line); {
		case t.Output == "":
		case !why.IsZero():
			act.OutputLeftOut = why
			r.counts[outputs]++
		default: // a secret that is cut could not be told any more
			act.Output, act.OutputLeftOut = output(r.text(clean(t.Output)), min(maxOutput, room))
		}
		room -= len(act.Output)
		out = append(out, act)
	}
	return out, a.dropped + len(a.tasks) - len(tasks)
}

// output is the end of what a command has printed, which is clean, and why there is no more of it.
func output(printed string, room int) (Outside, lab.Text) {
	text := strings.TrimRight(printed, " \n")
	lines := strings.Split(text, "\n")
	cut := max(len(lines)-maxLines, 0)
	lines = lines[cut:]
	size := 0
	for i := len(lines) - 1; i >= 0; i-- {
		lines[i] = lab.Cut(lines[i], maxLine)
		if size += len(lines[i]) + 1; size > room {
			cut += i + 1
			lines = lines[i+1:]
			break
		}
	}
	text = strings.Join(lines, "\n")
	if cut == 0 {
		return Outside(text), lab.Text{}
	}
	return Outside(text), lab.Textf("출력이 길어 앞의 %d줄을 뺐습니다.", "The output is long: lines left out at the beginning: %d.", cut)
}

// clean is a text of several lines without what is not to be seen.
func clean(text string) string {
	text = strings.ToValidUTF8(strings.ReplaceAll(text, "\r\n", "\n"), "\uFFFD")
	text = strings.ReplaceAll(text, "\t", "    ")
	return strings.Map(func(r rune) rune {
		if r != '\n' && !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, text)
}

// maxKept is how many bytes of a text are kept while a report is made: more than is told of it.
const maxKept = 8 << 10

// cut is the begin of a text, so many bytes at most.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.Clone(text[:most])
}

func cutText(t lab.Text) lab.Text { return lab.Text{Ko: cut(t.Ko, maxKept), En: cut(t.En, maxKept)} }

func outside(text string, most int) Outside { return Outside(lab.Line(text, most)) }

func oneLine(t lab.Text) lab.Text {
	return lab.Text{Ko: lab.Line(t.Ko, 2*maxLine), En: lab.Line(t.En, 2*maxLine)}
}

// news is what was told in a run.
type news struct {
	labs    []lab.Lab
	all     []Happened
	dropped int
}

// How many facts are kept, and told.
const maxFacts, maxTold = 4000, 160

// add takes in a fact. What the sections on steps and on what was done tell is not told once more.
func (n *news) add(f lab.Fact) {
	switch f.Kind {
	case lab.FactStepEntered, lab.FactStepDone, lab.FactGoalMet, lab.FactCommand, lab.FactCommandFailed, lab.FactCommandCut:
		return
	default: // of the cluster
	}
	if len(n.all) == maxFacts {
		n.thin(maxFacts / 2)
	}
	n.all = append(n.all, Happened{At: f.At.Round(0), Kind: f.Kind, Text: oneLine(course.Tell(n.labs, f).Line())})
}

// weight is how much a fact matters to somebody who was not there: those of the least go first where there are too many.
func weight(k lab.FactKind) int {
	switch k {
	case lab.FactRestarted, lab.FactKilling, lab.FactClusterLost, lab.FactClusterEnded, lab.FactClusterFailed, lab.FactDenied, lab.FactLabDone:
		return 4
	case lab.FactPodNotReady, lab.FactPodReady, lab.FactClusterUp:
		return 3
	case lab.FactProbeRecovered, lab.FactReplicas, lab.FactEndpointLeft, lab.FactEndpointJoined, lab.FactFinding, lab.FactProbing, lab.FactTraffic, lab.FactUntold:
		return 2
	case lab.FactProbeFailed, lab.FactWarning, lab.FactPodDeleted:
		return 1
	default:
		return 0
	}
}

// thin leaves at most so many.
func (n *news) thin(most int) {
	before := len(n.all)
	for least := 1; len(n.all) > most && least <= 4; least++ {
		n.all = slices.DeleteFunc(n.all, func(h Happened) bool { return weight(h.Kind) < least })
	}
	if len(n.all) > most { // its begin and its end
		n.all = slices.Delete(n.all, most*2/3, len(n.all)-most/3)
	}
	n.dropped += before - len(n.all)
}

// told is what was told, with the faults among it, and how much is left out.
func (n *news) told(done []Act) (out []Happened, leftOut int) {
	n.thin(maxTold)
	out = append([]Happened{}, n.all...)
	for _, a := range done {
		if a.Fault {
			out = append(out, Happened{At: a.At, Kind: lab.FactCommand, Text: actName(a)})
		}
	}
	slices.SortStableFunc(out, func(a, b Happened) int { return a.At.Compare(b.At) })
	return out, n.dropped
}

// actName tells what was done, and to whom.
func actName(a Act) lab.Text {
	name := a.Title
	switch {
	case a.Repair:
		name = lab.Textf("복구: %s", "repair: %s", name)
	case a.Fault:
		name = lab.Textf("장애: %s", "fault: %s", name)
	}
	if a.Pod != "" {
		name = lab.Textf("%s (%s)", "%s (%s)", name, string(a.Pod))
	}
	return name
}

// restsOf tells how many more there were; zero for none.
func restsOf(n int) lab.Text {
	if n == 0 {
		return lab.Text{}
	}
	return lab.Textf("여기에 적지 않은 것이 더 있습니다: %d개.", "Not listed: %d more.", n)
}

func moment(i timeline.Instant) Moment { return Moment{At: i.At, Within: Seconds(max(i.Within, 0))} }
