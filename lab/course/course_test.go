package course_test

import (
	"testing"
	"time"

	"healthlab/lab"
	"healthlab/lab/course"
)

func text(s string) lab.Text { return lab.T(s+"(ko)", s) }

// labs are one to read and one with everything.
func labs() []lab.Lab {
	return []lab.Lab{
		{ID: "intro", Title: text("Intro"), Steps: []lab.Step{{ID: "read", Title: text("Read")}, {ID: "more", Title: text("More")}}},
		{ID: "empty", Title: text("Empty")},
		{
			ID: "web", Title: text("Web"), Manifests: []string{"web.yaml"},
			Faults: []lab.Fault{
				{ID: "freeze", Title: text("Freeze"), Role: lab.RoleHang, Pod: "lonely", Line: "kubectl exec lonely -- kill 1"},
				{ID: "break", Title: text("Break"), Role: lab.RoleUnready, Selector: "app=web", Line: "kubectl exec {pod} -- rm /tmp/healthy"},
				{ID: "break-more", Title: text("Break more"), Role: lab.RoleUnready, Selector: "app=web", Line: "kubectl exec {pod} -- rm -r /tmp"},
				{ID: "fix", Title: text("Fix"), Role: lab.RoleRepair, Selector: "app=web", Line: "kubectl exec {pod} -- touch /tmp/healthy"},
			},
			Steps: []lab.Step{
				{
					ID: "files", Title: text("Files"), Commands: []lab.Command{{Line: "cat > {dir}/web.yaml", Write: "web.yaml"}},
					Goals: []lab.Goal{{ID: "file", Title: text("file is there")}},
				},
				{
					ID: "apply", Title: text("Apply"), Hints: []lab.Text{text("wait")},
					Commands: []lab.Command{
						{Line: "kubectl apply -f {dir}/web.yaml"},
						{Line: "kubectl describe deploy web | grep Replicas:", Confirm: text("Sure?")},
					},
					Goals: []lab.Goal{{ID: "ready", Title: text("ready")}, {ID: "available", Title: text("available")}},
				},
				{
					ID: "break", Title: text("Break it"), Fault: "break-more", Solution: text("break it"),
					Question: &lab.Question{Prompt: text("What?"), Options: []lab.Text{text("this"), text("that")}, Correct: 1, Because: text("so it is")},
					Goals:    []lab.Goal{{ID: "broken", Title: text("broken")}},
				},
				{ID: "look", Title: text("Look"), Commands: []lab.Command{{Line: "kubectl logs {pod}"}}},
			},
		},
	}
}

var now = time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC)

// at is a moment on a cluster that is up, at a step of the last lab.
func at(step int, change ...func(*lab.Snapshot)) course.Moment {
	all := labs()
	s := &lab.Snapshot{
		Dir: "/home/kim/my lab", Cluster: lab.Cluster{Namespace: "ns", Phase: lab.Up},
		Position: lab.Position{Lab: 2, Step: step, Since: now},
	}
	for _, g := range all[2].Steps[step].Goals {
		s.Position.Goals = append(s.Position.Goals, lab.GoalState{Goal: g, Why: text("not yet")})
	}
	for _, c := range change {
		c(s)
	}
	return course.Moment{Labs: all, Snapshot: s, Home: "/home/kim"}
}

// pods puts pods of the name and the label into a snapshot, and chooses the first.
func pods(all ...lab.Pod) func(*lab.Snapshot) {
	return func(s *lab.Snapshot) {
		s.Pods, s.ChosenPod = all, all[0].Name
	}
}

func pod(name, app string) lab.Pod {
	return lab.Pod{Name: name, Labels: map[string]string{"app": app}, Phase: "Running"}
}

func chosen(name string) func(*lab.Snapshot) { return func(s *lab.Snapshot) { s.ChosenPod = name } }

// ran is a task for a command of a step, so long after the step was entered.
func ran(step string, index int, state lab.TaskState, after time.Duration) func(*lab.Snapshot) {
	return func(s *lab.Snapshot) {
		s.Tasks = append(s.Tasks, lab.Task{
			ID: uint64(len(s.Tasks) + 1), Action: lab.RunStep{}, Of: &lab.StepCommand{Lab: "web", Step: step, Index: index},
			State: state, Started: now.Add(after),
		})
	}
}

// met meets the first n goals, so long after the step was entered.
func met(n int, after time.Duration) func(*lab.Snapshot) {
	return func(s *lab.Snapshot) {
		for i := range n {
			s.Position.Goals[i].Met, s.Position.Goals[i].MetAt = true, now.Add(after)
		}
	}
}

func phase(p lab.ClusterPhase) func(*lab.Snapshot) {
	return func(s *lab.Snapshot) { s.Cluster.Phase = p }
}

func TestPlace(t *testing.T) {
	for _, tt := range []struct {
		name           string
		lab, step, n   int
		to             lab.GoTo
		ok             bool
		thisLab, title string // of where it is
	}{
		{name: "next", lab: 0, step: 0, n: 1, to: lab.GoTo{Lab: 0, Step: 1}, ok: true, thisLab: "intro", title: "Read"},
		{name: "next lab, over an empty one", lab: 0, step: 1, n: 1, to: lab.GoTo{Lab: 2, Step: 0}, ok: true, thisLab: "intro", title: "More"},
		{name: "previous lab", lab: 2, step: 0, n: -1, to: lab.GoTo{Lab: 0, Step: 1}, ok: true, thisLab: "web", title: "Files"},
		{name: "before the first", lab: 0, step: 0, n: -1, thisLab: "intro", title: "Read"},
		{name: "after the last", lab: 2, step: 3, n: 1, thisLab: "web", title: "Look"},
		{name: "from nowhere to the beginning", lab: 9, step: 9, n: 1, to: lab.GoTo{}, ok: true},
		{name: "from a step that is not there", lab: 2, step: -1, n: 1, to: lab.GoTo{}, ok: true, thisLab: "web"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := at(0)
			m.Snapshot.Position.Lab, m.Snapshot.Position.Step = tt.lab, tt.step
			if to, ok := m.By(tt.n); to != tt.to || ok != tt.ok {
				t.Errorf("By(%d) = %v, %t; want %v, %t", tt.n, to, ok, tt.to, tt.ok)
			}
			gotLab, title := "", ""
			if l := m.Lab(); l != nil {
				gotLab = l.ID
			}
			if s := m.Step(); s != nil {
				title = s.Title.En
			}
			if gotLab != tt.thisLab || title != tt.title {
				t.Errorf("it is at %q, %q; want %q, %q", gotLab, title, tt.thisLab, tt.title)
			}
		})
	}
}

func TestFaults(t *testing.T) {
	for _, tt := range []struct {
		name string
		step int
		role lab.FaultRole
		want string // the fault's ID
	}{
		{name: "by role", step: 0, role: lab.RoleUnready, want: "break"},
		{name: "the step's own first", step: 2, role: lab.RoleUnready, want: "break-more"},
		{name: "an ID is no role", step: 2, role: lab.RoleHang, want: "freeze"},
		{name: "none", step: 0, role: lab.RoleSlow},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if f, ok := at(tt.step).FaultFor(tt.role); f.ID != tt.want || ok != (tt.want != "") {
				t.Errorf("got %q, %t", f.ID, ok)
			}
		})
	}
	if got := at(0).Faults(false); len(got) != 3 {
		t.Errorf("faults of the lab: %v", got)
	}
	if got := at(2).Faults(false); len(got) != 1 || got[0].ID != "break-more" {
		t.Errorf("faults of a step that is about one: %v", got)
	}
	if got := at(2).Faults(true); len(got) != 1 || got[0].ID != "fix" {
		t.Errorf("repairs: %v", got)
	}
}

func TestTarget(t *testing.T) {
	deleting, pending := pod("web-1", "web"), pod("web-1", "web")
	deleting.Deleting, pending.Phase = now, "Pending"
	for _, tt := range []struct {
		name, fault, named, want string
		change                   []func(*lab.Snapshot)
		code                     course.Code
	}{
		{name: "the chosen one", fault: "break", change: []func(*lab.Snapshot){pods(pod("web-1", "web"), pod("web-2", "web")), chosen("web-2")}, want: "web-2"},
		{name: "the one asked for", fault: "break", named: "web-1", change: []func(*lab.Snapshot){pods(pod("web-1", "web"), pod("web-2", "web")), chosen("web-2")}, want: "web-1"},
		{name: "the one the fault names, whichever is chosen", fault: "freeze", change: []func(*lab.Snapshot){pods(pod("web-1", "web"), pod("lonely", ""))}, want: "lonely"},
		{name: "no pod has the labels", fault: "break", change: []func(*lab.Snapshot){pods(pod("lonely", "other"))}, code: course.NoPodForFault},
		{name: "no pod has the name", fault: "freeze", change: []func(*lab.Snapshot){pods(pod("web-1", "web"))}, code: course.NoPodForFault},
		{name: "another is chosen", fault: "break", change: []func(*lab.Snapshot){pods(pod("other", "other"), pod("web-1", "web"))}, code: course.OtherPod},
		{name: "another is asked for", fault: "break", named: "other", change: []func(*lab.Snapshot){pods(pod("web-1", "web"), pod("other", "other"))}, code: course.OtherPod},
		{name: "none is chosen", fault: "break", change: []func(*lab.Snapshot){pods(pod("web-1", "web")), chosen("")}, code: course.OtherPod},
		{name: "it goes", fault: "break", change: []func(*lab.Snapshot){pods(deleting, pod("web-2", "web"))}, code: course.PodDeleting},
		{name: "it comes", fault: "break", change: []func(*lab.Snapshot){pods(pending, pod("web-2", "web"))}, code: course.PodNotRunning},
		{name: "all go", fault: "break", change: []func(*lab.Snapshot){pods(deleting)}, code: course.NoPodForFault},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := at(2, tt.change...)
			f, _ := m.Fault(tt.fault)
			p, no := m.Target(f, tt.named)
			if p.Name != tt.want || no.Code != tt.code {
				t.Errorf("got %q, %+v; want %q, %q", p.Name, no, tt.want, tt.code)
			}
		})
	}
}

func TestWhyNot(t *testing.T) {
	problem := func(s *lab.Snapshot) { s.Cluster.Problem = text("no answer") }
	real := func(s *lab.Snapshot) { s.Cluster.Real = true }
	stopped := func(file string) func(*lab.Snapshot) {
		return func(s *lab.Snapshot) {
			s.Tasks = append(s.Tasks, lab.Task{ID: 5, State: lab.TaskFailed, Foreign: &lab.Foreign{File: file}})
		}
	}
	for _, tt := range []struct {
		name   string
		step   int
		change []func(*lab.Snapshot)
		action lab.Action
		code   course.Code
	}{
		{name: "go to a step", action: lab.GoTo{Lab: 2, Step: 3}},
		{name: "go to no step", action: lab.GoTo{Lab: 1}, code: course.NoSuchStep},
		{name: "run", step: 1, action: lab.RunStep{}},
		{name: "write files without a cluster", step: 0, change: []func(*lab.Snapshot){phase(lab.Starting)}, action: lab.RunStep{}},
		{name: "write files for a cluster that is not known yet", step: 0, change: []func(*lab.Snapshot){real}, action: lab.RunStep{}, code: course.ClusterUnseen},
		{name: "run without a cluster", step: 1, change: []func(*lab.Snapshot){phase(lab.Starting)}, action: lab.RunStep{}, code: course.ClusterStarting},
		{name: "run on a lost cluster", step: 1, change: []func(*lab.Snapshot){phase(lab.Lost), problem}, action: lab.RunStep{}, code: course.ClusterLost},
		{name: "run on a failed cluster", step: 1, change: []func(*lab.Snapshot){phase(lab.Failed)}, action: lab.RunStep{}, code: course.ClusterFailed},
		{name: "run twice at once", step: 1, change: []func(*lab.Snapshot){ran("apply", 0, lab.TaskRunning, 1)}, action: lab.RunStep{}, code: course.StepRunning},
		{name: "run again", step: 1, change: []func(*lab.Snapshot){ran("apply", 0, lab.TaskDone, 1)}, action: lab.RunStep{}},
		{name: "run without a pod", step: 3, action: lab.RunStep{}, code: course.NoValue},
		{name: "run a fault", step: 2, change: []func(*lab.Snapshot){pods(pod("web-1", "web"))}, action: lab.RunStep{}},
		{name: "run a fault without its pods", step: 2, change: []func(*lab.Snapshot){pods(pod("lonely", "other"))}, action: lab.RunStep{}, code: course.NoPodForFault},
		{name: "inject", step: 0, change: []func(*lab.Snapshot){pods(pod("lonely", ""))}, action: lab.Inject{Fault: "freeze"}},
		{name: "inject nothing", action: lab.Inject{Fault: "nonesuch"}, code: course.NoFault},
		{name: "inject without a cluster", change: []func(*lab.Snapshot){phase(lab.Starting)}, action: lab.Inject{Fault: "freeze"}, code: course.ClusterStarting},
		{name: "choose a pod", change: []func(*lab.Snapshot){pods(pod("a", ""))}, action: lab.ChoosePod{Pod: "a"}},
		{name: "choose no pod", action: lab.ChoosePod{Pod: "a"}, code: course.NoSuchPod},
		{name: "kubectl", action: lab.Kubectl{Args: []string{"get"}}},
		{name: "kubectl without words", action: lab.Kubectl{}, code: course.NothingTyped},
		{name: "reset", action: lab.ResetLab{}},
		{name: "reset without a cluster", change: []func(*lab.Snapshot){phase(lab.Starting)}, action: lab.ResetStep{}, code: course.ClusterStarting},
		{name: "cancel", change: []func(*lab.Snapshot){ran("apply", 0, lab.TaskRunning, 1)}, action: lab.Cancel{Task: 1}},
		{name: "cancel what has ended", change: []func(*lab.Snapshot){ran("apply", 0, lab.TaskDone, 1)}, action: lab.Cancel{Task: 1}, code: course.NotRunning},
		{name: "adopt", change: []func(*lab.Snapshot){stopped("")}, action: lab.Adopt{Task: 5}},
		{name: "adopt nothing", action: lab.Adopt{Task: 5}, code: course.NothingToTake},
		{name: "compare", change: []func(*lab.Snapshot){stopped("/a.yaml")}, action: lab.Compare{Task: 5}},
		{name: "compare without a file", change: []func(*lab.Snapshot){stopped("")}, action: lab.Compare{Task: 5}, code: course.NothingToTake},
		{name: "nothing", code: course.UnknownAction},
	} {
		t.Run(tt.name, func(t *testing.T) {
			no := at(tt.step, tt.change...).WhyNot(tt.action)
			if no.Code != tt.code || no.IsZero() != no.Text.IsZero() || (no.Text.Ko == "") != (no.Text.En == "") {
				t.Errorf("got %+v, want %q", no, tt.code)
			}
			if (no.Err() == nil) != no.IsZero() {
				t.Errorf("as an error: %v", no.Err())
			}
		})
	}
}

func TestWhyNothingElse(t *testing.T) {
	nowhere := at(0)
	nowhere.Snapshot.Position.Lab = 9
	for _, tt := range []struct {
		name string
		got  course.Refusal
		code course.Code
	}{
		{"hint", at(1).WhyNoHint(), ""},
		{"no hint", at(0).WhyNoHint(), course.NoHint},
		{"solution", at(2).WhyNoSolution(), ""},
		{"no solution", nowhere.WhyNoSolution(), course.NoSolution},
		{"copy", at(1).WhyNotCopy(), ""},
		{"copy what lacks a pod", at(3).WhyNotCopy(), course.NoValue},
		{"nothing to copy", nowhere.WhyNotCopy(), course.NothingToCopy},
		{"edit", at(0).WhyNotEdit(), ""},
		{"no manifest", nowhere.WhyNotEdit(), course.NoManifest},
		{"edit without a cluster", at(0, phase(lab.Starting)).WhyNotEdit(), course.ClusterStarting},
		{"no pods", at(0).WhyNoPods(), course.NoPods},
		{"pods", at(0, pods(pod("a", ""))).WhyNoPods(), ""},
		{"faults", at(0).WhyNoFaults(), ""},
		{"no faults", nowhere.WhyNoFaults(), course.NoFaults},
		{"no such role", at(0).WhyNoRole(lab.RoleSlow), course.NoFault},
		{"no repair", nowhere.WhyNoRole(lab.RoleRepair), course.NoRepair},
		{"no tasks", at(0).WhyNoTasks(), course.NoTask},
		{"last step", at(3).WhyNotBy(1), course.LastStep},
		{"next step", at(2).WhyNotBy(1), ""},
		{"reset nowhere", nowhere.WhyNot(lab.ResetLab{}), course.NoSuchStep},
		{"run nowhere", nowhere.WhyNot(lab.RunStep{}), course.NothingToRun},
	} {
		if tt.got.Code != tt.code {
			t.Errorf("%s: %+v, want %q", tt.name, tt.got, tt.code)
		}
	}
}

// In a replay everything that would change something is refused for one reason, and what only shows something is not.
func TestWhyNotInAReplay(t *testing.T) {
	replayed := func(s *lab.Snapshot) { s.Replay = true }
	m := at(2, pods(pod("web-1", "web")), replayed)
	for _, action := range []lab.Action{
		lab.GoTo{},
		lab.RunStep{},
		lab.Inject{Fault: "break-more"},
		lab.ChoosePod{Pod: "web-1"},
		lab.Kubectl{Args: []string{"get"}},
		lab.ResetLab{},
		lab.ResetStep{},
		lab.Cancel{},
		lab.Compare{},
		lab.Adopt{},
	} {
		if no := m.WhyNot(action); no != course.WhyNotInReplay() || no.Code != course.Replaying {
			t.Errorf("%T: %+v", action, no)
		}
	}
	for name, no := range map[string]course.Refusal{
		"cluster": m.WhyNoCluster(), "pods": m.WhyNoPods(), "go": m.WhyNotGo(), "next": m.WhyNotBy(1), "faults": m.WhyNoFaults(), "edit": m.WhyNotEdit(),
	} {
		if no != course.WhyNotInReplay() {
			t.Errorf("%s: %+v", name, no)
		}
	}
	for name, no := range map[string]course.Refusal{"solution": m.WhyNoSolution(), "copy": m.WhyNotCopy(), "hint": at(1, replayed).WhyNoHint()} {
		if !no.IsZero() {
			t.Errorf("%s: %+v", name, no)
		}
	}
}

func TestNext(t *testing.T) {
	for _, tt := range []struct {
		name   string
		lab    int // 0 for the last
		step   int
		change []func(*lab.Snapshot)
		want   course.NextKind
		action lab.Action
		why    course.Code
		goal   string
		fault  string
	}{
		{name: "to run", step: 1, want: course.NextRun, action: lab.RunStep{}, goal: "ready"},
		{name: "to run, but not yet", step: 1, change: []func(*lab.Snapshot){phase(lab.Starting)}, want: course.NextRun, action: lab.RunStep{}, why: course.ClusterStarting, goal: "ready"},
		{name: "under way", step: 1, change: []func(*lab.Snapshot){ran("apply", 0, lab.TaskRunning, 1)}, want: course.NextBusy, goal: "ready"},
		{name: "half way", step: 1, change: []func(*lab.Snapshot){ran("apply", 0, lab.TaskDone, 1)}, want: course.NextRun, action: lab.RunStep{}, goal: "ready"},
		{name: "failed", step: 1, change: []func(*lab.Snapshot){ran("apply", 0, lab.TaskDone, 1), ran("apply", 1, lab.TaskFailed, 2)}, want: course.NextRun, action: lab.RunStep{}, goal: "ready"},
		{name: "run before the step was entered", step: 1, change: []func(*lab.Snapshot){ran("apply", 0, lab.TaskDone, -1), ran("apply", 1, lab.TaskDone, -1)}, want: course.NextRun, action: lab.RunStep{}, goal: "ready"},
		{name: "another step's commands", step: 1, change: []func(*lab.Snapshot){ran("look", 0, lab.TaskDone, 1), ran("look", 1, lab.TaskDone, 1)}, want: course.NextRun, action: lab.RunStep{}, goal: "ready"},
		{name: "to wait", step: 1, change: []func(*lab.Snapshot){ran("apply", 0, lab.TaskDone, 1), ran("apply", 1, lab.TaskDone, 2), met(1, 3)}, want: course.NextWait, goal: "available"},
		{name: "complete", step: 1, change: []func(*lab.Snapshot){ran("apply", 0, lab.TaskDone, 1), ran("apply", 1, lab.TaskDone, 2), met(2, 3)}, want: course.NextGoOn, action: lab.GoTo{Lab: 2, Step: 2}},
		{name: "complete without the commands", step: 1, change: []func(*lab.Snapshot){met(2, 3)}, want: course.NextGoOn, action: lab.GoTo{Lab: 2, Step: 2}},
		{name: "complete from before", step: 1, change: []func(*lab.Snapshot){met(2, -3)}, want: course.NextRunAgain, action: lab.RunStep{}},
		{name: "a fault", step: 2, change: []func(*lab.Snapshot){pods(pod("web-1", "web"))}, want: course.NextRun, action: lab.RunStep{}, goal: "broken", fault: "break-more"},
		{name: "a fault without its pods", step: 2, change: []func(*lab.Snapshot){pods(pod("lonely", ""))}, want: course.NextRun, action: lab.RunStep{}, why: course.NoPodForFault, goal: "broken", fault: "break-more"},
		{name: "a fault that was done", step: 2, change: []func(*lab.Snapshot){ran("break", 0, lab.TaskDone, 1)}, want: course.NextWait, goal: "broken", fault: "break-more"},
		{name: "no goals to wait for", step: 3, change: []func(*lab.Snapshot){ran("look", 0, lab.TaskDone, 1)}, want: course.NextFinished},
		{name: "a failed cluster", step: 1, change: []func(*lab.Snapshot){phase(lab.Failed)}, want: course.NextNothing, goal: "ready"},
		{name: "to read on a failed cluster", lab: -2, change: []func(*lab.Snapshot){phase(lab.Failed)}, want: course.NextGoOn, action: lab.GoTo{Lab: 0, Step: 1}},
		{name: "nowhere", lab: 7, want: course.NextNothing},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := at(tt.step, tt.change...)
			if m.Snapshot.Position.Lab += tt.lab; tt.lab != 0 {
				m.Snapshot.Position.Goals = nil
			}
			next := m.Next()
			goal, fault := "", ""
			if next.Goal != nil {
				goal = next.Goal.Goal.ID
			}
			if next.Fault != nil {
				fault = next.Fault.ID
			}
			if next.Kind != tt.want || next.Action != tt.action || next.Why.Code != tt.why && tt.want != course.NextNothing || goal != tt.goal || fault != tt.fault {
				t.Errorf("got %+v, goal %q, fault %q", next, goal, fault)
			}
		})
	}
}

func TestCommandOf(t *testing.T) {
	for _, tt := range []struct {
		name, line string
		want       int // -1 for none
	}{
		{"the same, quoted otherwise", `apply -f "/home/kim/my lab/web.yaml"`, 0},
		{"as it is shown", "kubectl apply -f ~/'my lab'/web.yaml", 0},
		{"with its filter", "describe deploy web | grep Replicas:", 1},
		{"without its filter", "describe deploy web", -1},
		{"another", "get pods", -1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := at(1)
			command, err := course.Typed(tt.line, m.Home)
			if err != nil {
				t.Fatal(err)
			}
			of := m.CommandOf(command)
			switch {
			case (of == nil) != (tt.want < 0):
				t.Errorf("got %+v", of)
			case of != nil && *of != lab.StepCommand{Lab: "web", Step: "apply", Index: tt.want}:
				t.Errorf("got %+v, want index %d", *of, tt.want)
			}
		})
	}
}

// A directory with a blank in its name is quoted, so that the line can be typed.
func TestLinesCanBeTyped(t *testing.T) {
	m := at(1)
	if got, want := m.Commands()[0].Line, "kubectl apply -f ~/'my lab'/web.yaml"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := at(3).Commands()[0].Line, "kubectl logs <pod>"; got != want {
		t.Errorf("without a pod: got %s, want %s", got, want)
	}
	if got, want := m.Fill("`{pod}` in {namespace}, not {this}"), "`<pod>` in ns, not {this}"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := m.Confirmations(); len(got) != 1 || got[0] != text("Sure?") {
		t.Errorf("confirmations %v", got)
	}
}

// A fault that names its pod is shown, counted and done at that one, whichever is chosen.
func TestLinesOfAFaultThatNamesItsPod(t *testing.T) {
	m := at(2, pods(pod("web-1", "web"), pod("lonely", "")))
	faults := m.Labs[2].Faults
	faults[2].Selector, faults[2].Pod = "", "lonely"
	if got, want := m.Commands()[0].Line, "kubectl exec lonely -- rm -r /tmp"; got != want {
		t.Errorf("the command is %q, want %q", got, want)
	}
	if m.CommandOf(lab.Kubectl{Args: []string{"exec", "lonely", "--", "rm", "-r", "/tmp"}}) == nil {
		t.Error("the command that was typed is not taken for the step's")
	}
	m = at(2, chosen(""))
	m.Labs[2].Faults[2].Pod = "lonely"
	if why := m.WhyNotCopy(); !why.IsZero() {
		t.Errorf("the command cannot be copied: %v", why.Text.En)
	}
}

func TestQuestion(t *testing.T) {
	m := at(2)
	q, key := m.Ask()
	if q == nil || key != "web/break" {
		t.Fatalf("asked %v, %q", q, key)
	}
	none, _ := at(1).Ask()
	if none != nil {
		t.Errorf("a step without a question asks %v", none)
	}
	step := *m.Step()
	var before course.Answers
	for _, tt := range []struct {
		name    string
		answers course.Answers
		asked   bool
		want    course.Verdict
		said    lab.Text
	}{
		{"not asked", before, false, course.NoAnswer, lab.Text{}},
		{"right", before.With(key, course.Answer{Option: 1}), true, course.Right, text("that")},
		{"wrong", before.With(key, course.Answer{Option: 0}), true, course.Wrong, text("this")},
		{"skipped", before.With(key, course.Answer{Option: course.Skipped}), true, course.NoAnswer, lab.Text{}},
		{"of another version of the lab", before.With(key, course.Answer{Option: 7}), true, course.NoAnswer, lab.Text{}},
		{"forgotten", before.With(key, course.Answer{Option: 1}).Without("web", step), false, course.NoAnswer, lab.Text{}},
		{"another step's", before.With(key, course.Answer{Option: 1}).Without("web", lab.Step{ID: "look"}), true, course.Right, text("that")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m.Answers = tt.answers
			if q, _ := m.Ask(); (q == nil) != tt.asked {
				t.Errorf("asks %v", q)
			}
			c, ok := course.Compare(tt.answers, "web", step)
			want := course.Comparison{Verdict: tt.want, Expected: tt.said, Happened: text("that"), Because: text("so it is")}
			if !ok || c != want {
				t.Errorf("got %+v, %t, want %+v", c, ok, want)
			}
		})
	}
	if len(before) != 0 {
		t.Errorf("With has changed what it was called on: %v", before)
	}
	if _, ok := course.Compare(nil, "web", lab.Step{Question: &lab.Question{Correct: 3}}); ok {
		t.Error("a question without a right answer is compared")
	}
}
