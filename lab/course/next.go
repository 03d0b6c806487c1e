package course

import (
	"slices"

	"healthlab/lab"
)

// Progress is how far a step's commands have been carried out since the step was entered.
type Progress int

// The states of a step's commands. A step without commands has Run.
const (
	NotRun Progress = iota
	Running
	Ran
)

// Progress looks at the current step.
func (m Moment) Progress() Progress {
	if m.Step() == nil {
		return Ran
	}
	states := m.states(len(m.templates()))
	switch {
	case slices.Contains(states, lab.TaskRunning):
		return Running
	case slices.ContainsFunc(states, func(s lab.TaskState) bool { return s != lab.TaskDone }):
		return NotRun
	}
	return Ran
}

// states are how far the commands of the step have come since it was entered. One that was done once stays done.
func (m Moment) states(commands int) []lab.TaskState {
	out := make([]lab.TaskState, commands)
	l, step := m.Lab(), m.Step()
	for _, t := range m.Snapshot.Tasks {
		of := t.Of
		if of == nil || step == nil || of.Lab != l.ID || of.Step != step.ID || of.Index < 0 || of.Index >= commands ||
			t.Started.Before(m.Snapshot.Position.Since) {
			continue
		}
		if t.State == lab.TaskRunning || out[of.Index] != lab.TaskDone {
			out[of.Index] = t.State
		}
	}
	return out
}

// CommandOf tells which command of the step a kubectl command is, if it is one.
func (m Moment) CommandOf(command lab.Kubectl) *lab.StepCommand {
	l, step := m.Lab(), m.Step()
	if step == nil {
		return nil
	}
	vars := m.commandVars()
	vars.Dir = m.Snapshot.Dir
	for i, template := range m.templates() {
		line, err := Expand(template.Line, vars)
		if err != nil {
			continue
		}
		argv, grep, err := Split(line)
		if err == nil && len(argv) > 0 && argv[0] == "kubectl" && slices.Equal(argv[1:], command.Args) && grep == command.Grep {
			return &lab.StepCommand{Lab: l.ID, Step: step.ID, Index: i}
		}
	}
	return nil
}

// Complete reports whether the step has goals and all are met.
func (m Moment) Complete() bool {
	goals := m.Snapshot.Position.Goals
	return len(goals) > 0 && !slices.ContainsFunc(goals, func(g lab.GoalState) bool { return !g.Met })
}

// metBefore reports whether the step's goals were met before it was entered.
func (m Moment) metBefore() bool {
	p := m.Snapshot.Position
	return !slices.ContainsFunc(p.Goals, func(g lab.GoalState) bool { return g.MetAt.IsZero() || !g.MetAt.Before(p.Since) })
}

// Goals are the goals of the step; as they stand or, until that has been looked at, as none of them is met.
func (m Moment) Goals() []lab.GoalState {
	step := m.Step()
	if len(m.Snapshot.Position.Goals) > 0 || step == nil {
		return m.Snapshot.Position.Goals
	}
	out := make([]lab.GoalState, len(step.Goals))
	for i, g := range step.Goals {
		out[i].Goal = g
	}
	return out
}

// Running are the tasks under way, oldest first.
func (m Moment) Running() []lab.Task {
	return slices.DeleteFunc(slices.Clone(m.Snapshot.Tasks), func(t lab.Task) bool { return t.State != lab.TaskRunning })
}

// task finds a task by its ID; nil if there is none.
func (m Moment) task(id uint64) *lab.Task {
	i := slices.IndexFunc(m.Snapshot.Tasks, func(t lab.Task) bool { return t.ID == id })
	if i < 0 {
		return nil
	}
	return &m.Snapshot.Tasks[i]
}

// Next is the sensible next thing to do.
type Next struct {
	Kind NextKind
	// Action does it; nil where there is only something to wait for.
	Action lab.Action
	// Why is why Action is not possible at this moment.
	Why Refusal
	// Fault is what is run, in a step that is about one.
	Fault *lab.Fault
	// Goal is the first that is not met; nil if all are, or there are none.
	Goal *lab.GoalState
	// To is where it goes on afterwards; More is false after the last step.
	To   lab.GoTo
	More bool
	// Complete says that all goals of the step are met, and Ran that there is nothing (more) to run in it.
	Complete, Ran bool
}

// NextKind is what kind of thing comes next.
type NextKind string

// The kinds.
const (
	NextNothing  NextKind = "Nothing"  // the cluster will not come up, or the position fits no lab
	NextBusy     NextKind = "Busy"     // the step's commands are being carried out
	NextRun      NextKind = "Run"      // run the step's commands, or its fault
	NextRunAgain NextKind = "RunAgain" // the same, although the goals were met before the step was entered
	NextWait     NextKind = "Wait"     // for the goals
	NextGoOn     NextKind = "GoOn"     // to the next step
	NextFinished NextKind = "Finished" // everything is done
	NextWatch    NextKind = "Watch"    // nothing can be done in a replay
)

// NewLab reports whether the next step is one of another lab.
func (n Next) NewLab(m Moment) bool { return n.More && n.To.Lab != m.Snapshot.Position.Lab }

// Next looks at what is to be done at the current step.
func (m Moment) Next() Next {
	step := m.Step()
	if step == nil {
		return Next{Kind: NextNothing}
	}
	progress := m.Progress()
	n := Next{Complete: m.Complete(), Ran: progress == Ran}
	n.To, n.More = m.By(1)
	if f, ok := m.StepFault(); ok && len(step.Commands) == 0 {
		n.Fault = &f
	}
	goals := m.Goals()
	if i := slices.IndexFunc(goals, func(g lab.GoalState) bool { return !g.Met }); i >= 0 {
		n.Goal = &goals[i]
	}
	switch {
	case m.Snapshot.Replay:
		n.Kind = NextWatch
		return n
	case progress == Running:
		n.Kind = NextBusy
	case n.Complete && !n.Ran && m.metBefore() && len(step.Commands) > 0:
		n.Kind, n.Action = NextRunAgain, lab.RunStep{}
	case n.Ran && len(goals) > 0 && !n.Complete:
		n.Kind = NextWait
	case (n.Complete || n.Ran) && n.More:
		n.Kind, n.Action = NextGoOn, n.To
	case n.Complete || n.Ran:
		n.Kind = NextFinished
	default:
		n.Kind, n.Action = NextRun, lab.RunStep{}
	}
	if n.Action != nil {
		n.Why = m.WhyNot(n.Action)
	}
	if m.Snapshot.Cluster.Phase == lab.Failed && (n.Kind == NextWait || n.Why.Code == ClusterFailed) {
		n.Kind, n.Action = NextNothing, nil
	}
	return n
}
