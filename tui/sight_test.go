package tui

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"healthlab/assets"
	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/lab/script"
	"healthlab/manifests"
	"healthlab/probes"
	"healthlab/tui/tuitest"
)

// Whatever a step of the labs asks for next can be seen at once, in both languages, on small screens and on large ones: before
// anything was done, after its commands or its fault, and once it is complete.
func TestWhatToDoNextIsInSight(t *testing.T) {
	files, err := fs.Sub(assets.FS, "labs")
	if err != nil {
		t.Fatal(err)
	}
	labs, err := script.Load(files, manifests.FS)
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range [][2]int{{80, 24}, {100, 30}, {120, 40}} {
		for _, lang := range []lab.Lang{lab.Korean, lab.English} {
			for l := range labs {
				for s := range labs[l].Steps {
					for _, done := range []string{"nothing", "one command", "all commands", "everything"} {
						place := lab.GoTo{Lab: l, Step: s}
						name := fmt.Sprintf("%dx%d/%s/%s/%s/%s done", size[0], size[1], lang, labs[l].ID, labs[l].Steps[s].ID, done)
						t.Run(name, func(t *testing.T) {
							con := newConsole(t, size[0], size[1], func(cfg *Config) {
								cfg.Labs, cfg.Lang, cfg.Home = labs, lang, "/home/student"
							})
							con.publish(stepAt(labs, place, done))
							if done != "nothing" {
								con.bringForward(Output)
							}
							con.wantsNext()
						})
					}
				}
			}
		}
	}
}

// stepAt is how things are at a step when part of it is done.
func stepAt(labs []lab.Lab, place lab.GoTo, done string) *lab.Snapshot {
	l, step := labs[place.Lab], labs[place.Lab].Steps[place.Step]
	s := tuitest.Running(1)
	if l.ID == "readiness" {
		s = tuitest.Breaking(1)
	}
	s.Dir = "/home/student/environment/healthchecks"
	s.Position = lab.Position{Lab: place.Lab, Step: place.Step, Since: tuitest.Now().Add(-time.Minute)}
	for _, g := range step.Goals {
		g := lab.GoalState{Goal: g, Why: lab.T("파드 3개 중 2개만 Ready입니다. 모두 Ready여야 합니다", "only 2 of 3 pods are Ready, and all should be")}
		if done == "everything" {
			g.Met, g.Why, g.MetAt = true, lab.Text{}, tuitest.Now()
		}
		s.Position.Goals = append(s.Position.Goals, g)
	}
	s.Tasks = nil
	commands := len(course.Moment{Labs: labs, Snapshot: s}.Commands())
	switch done {
	case "nothing":
		commands = 0
	case "one command":
		commands = min(commands, 1)
	}
	for i := range commands {
		s.Tasks = append(s.Tasks, lab.Task{
			ID: uint64(i + 1), Of: &lab.StepCommand{Lab: l.ID, Step: step.ID, Index: i}, Line: "kubectl get pods", State: lab.TaskDone,
			Started: tuitest.Now().Add(-time.Second), Output: strings.Repeat("a line\n", 30),
		})
	}
	switch {
	case l.ID == "intro" || step.ID == "files" || step.ID == "apply" && done == "nothing": // nothing runs yet
		s.Pods, s.Deployments, s.Endpoints, s.Events, s.Attempts, s.Log, s.ChosenPod = nil, nil, nil, nil, nil, nil, ""
	case step.ID == "grace":
		c := &s.Pods[0].Containers[0]
		c.Grace = &lab.Grace{Since: tuitest.Now(), Until: tuitest.Now().Add(30 * time.Second)}
		c.Probes[0].Outcome, c.Probes[0].Verdict = probes.Failure, probes.Failing
	}
	return s
}

// wantsNext checks that the guide shows what [course.Moment.Next] says, in full.
func (c *console) wantsNext() {
	c.t.Helper()
	tight := strings.NewReplacer(" ", "", "\n", "", `\`, "", "`", "", "*", "").Replace
	place, _ := c.layout.placeAt(0, 1)
	var lines []string
	for _, line := range strings.Split(c.screen(), "\n")[place.Y+1 : place.Y+place.H] {
		lines = append(lines, ansi.Cut(line, 0, place.W))
	}
	guide := tight(strings.Join(lines, "\n"))
	in := func(what, text string) {
		c.t.Helper()
		if !strings.Contains(guide, tight(text)) {
			c.t.Errorf("the guide lacks the %s %q:\n%s", what, text, c.screen())
		}
	}
	m := c.moment()
	next, step := m.Next(), m.Step()
	_, todo := course.ToDo(step.Body.In(c.lang))
	if todo == "" {
		c.t.Error("the text does not say what is to be done")
	}
	switch next.Kind {
	case course.NextRun:
		in("sentence", m.Fill(todo))
		for _, command := range m.Commands() {
			if command.State == "" {
				in("command", command.Line)
				break
			}
		}
		if q := step.Question; q != nil {
			in("question", q.Prompt.In(c.lang))
		}
		in("key", "[r]")
	case course.NextWait:
		in("state", lab.T("기다리는 중", "waiting for the goals").In(c.lang))
	case course.NextGoOn, course.NextFinished:
		if next.More {
			in("key", "[→]")
		}
	default:
		c.t.Errorf("next is %s", next.Kind)
	}
	if next.Goal != nil {
		in("goal", next.Goal.Goal.Title.In(c.lang))
	}
	if !next.Complete && next.Kind != course.NextRun && next.Kind != course.NextWait {
		in("sentence", m.Fill(todo))
	}
}
