package course

import (
	"errors"
	"slices"

	"healthlab/lab"
)

// Refusal is why something cannot be done now: a code for those who react to it, and a sentence in both languages without the
// keys of any face. The zero value says that it can be done.
type Refusal struct {
	Code Code
	Text lab.Text
}

// IsZero reports whether it can be done.
func (r Refusal) IsZero() bool { return r.Code == "" }

// Err is the refusal as an error; nil if there is none.
func (r Refusal) Err() error {
	if r.IsZero() {
		return nil
	}
	return &lab.Error{Msg: r.Text}
}

// Code says why something cannot be done.
type Code string

// The codes.
const (
	ClusterStarting Code = "ClusterStarting"
	ClusterLost     Code = "ClusterLost"
	ClusterFailed   Code = "ClusterFailed"
	ClusterUnseen   Code = "ClusterUnseen" // what can be done on a cluster of the user's own is not known yet

	Replaying Code = "Replaying" // what is shown is long over

	NoSuchStep    Code = "NoSuchStep"
	LastStep      Code = "LastStep"
	FirstStep     Code = "FirstStep"
	NothingToRun  Code = "NothingToRun"
	StepRunning   Code = "StepRunning"
	NoValue       Code = "NoValue" // for a placeholder of a command
	NoFault       Code = "NoFault"
	NoRepair      Code = "NoRepair"
	NoFaults      Code = "NoFaults"
	NoPodForFault Code = "NoPodForFault"
	OtherPod      Code = "OtherPod"
	PodDeleting   Code = "PodDeleting"
	PodNotRunning Code = "PodNotRunning"
	NoPods        Code = "NoPods"
	NoStandIn     Code = "NoStandIn"
	NoSuchPod     Code = "NoSuchPod"
	NothingTyped  Code = "NothingTyped"
	NotRunning    Code = "NotRunning"
	NothingToTake Code = "NothingToTake"
	NoHint        Code = "NoHint"
	NoSolution    Code = "NoSolution"
	NothingToCopy Code = "NothingToCopy"
	NoManifest    Code = "NoManifest"
	NoTask        Code = "NoTask"
	UnknownAction Code = "UnknownAction"

	NoService   Code = "NoService" // to send requests to
	TrafficRuns Code = "TrafficRuns"
	NoTraffic   Code = "NoTraffic"
	BadTraffic  Code = "BadTraffic"
	NotAgreed   Code = "NotAgreed" // the user has to be asked before
	OnlyRead    Code = "OnlyRead"
)

// OfCluster reports whether the cluster is the reason.
func (c Code) OfCluster() bool {
	return c == ClusterStarting || c == ClusterLost || c == ClusterFailed || c == ClusterUnseen
}

func why(code Code, text lab.Text) Refusal { return Refusal{Code: code, Text: text} }

// WhyNot says why an action cannot be carried out now. A step that asks for a confirmation can be run: see Confirmations.
func (m Moment) WhyNot(action lab.Action) Refusal {
	if no := m.whyReplay(); !no.IsZero() {
		return no
	}
	switch a := action.(type) {
	case lab.GoTo:
		if _, step := m.At(a); step == nil {
			return why(NoSuchStep, lab.T("그런 단계가 없습니다.", "There is no such step."))
		}
		return Refusal{}
	case lab.RunStep:
		return m.whyNotRun()
	case lab.Inject:
		return m.whyNotInject(a)
	case lab.ChoosePod:
		if !slices.ContainsFunc(m.Snapshot.Pods, func(p lab.Pod) bool { return p.Name == a.Pod }) {
			return why(NoSuchPod, lab.Textf("%s 파드가 없습니다.", "There is no pod %s.", a.Pod))
		}
		return Refusal{}
	case lab.Kubectl:
		if len(a.Args) == 0 {
			return why(NothingTyped, lab.T("kubectl 명령을 입력하십시오.", "Type a kubectl command."))
		}
		return m.WhyNoCluster()
	case lab.ResetLab, lab.ResetStep:
		if m.Step() == nil {
			return why(NoSuchStep, lab.T("그런 단계가 없습니다.", "There is no such step."))
		}
		return m.WhyNoCluster()
	case lab.Cancel:
		if t := m.task(a.Task); t == nil || t.State != lab.TaskRunning {
			return why(NotRunning, lab.T("실행 중인 작업이 아닙니다.", "That task is not running."))
		}
		return Refusal{}
	case lab.Compare:
		if t := m.task(a.Task); t == nil || t.Foreign == nil || t.Foreign.File == "" {
			return m.nothingToTake()
		}
		return m.WhyNoCluster()
	case lab.SetProbing:
		return Refusal{}
	case lab.StartTraffic:
		return m.whyNotTraffic(a)
	case lab.StopTraffic:
		if !m.TrafficOn() {
			return why(NoTraffic, lab.T("보내고 있는 요청이 없습니다.", "No requests are being sent."))
		}
		return Refusal{}
	case lab.Adopt:
		if t := m.task(a.Task); t == nil || t.Foreign == nil {
			return m.nothingToTake()
		}
		return m.WhyNoCluster()
	}
	return why(UnknownAction, lab.Textf("할 수 없는 동작입니다: %T", "unknown action: %T", action))
}

func (m Moment) nothingToTake() Refusal {
	if no := m.WhyNoCluster(); !no.IsZero() {
		return no
	}
	return why(NothingToTake, lab.T("넘겨받을 것이 없습니다. 단계를 다시 실행하십시오.", "There is nothing to adopt. Run the step again."))
}

// WhyNotInReplay is why nothing can be done in a replay.
func WhyNotInReplay() Refusal {
	return why(Replaying, lab.T("지난 실행을 재생하는 중이므로 볼 수만 있습니다.", "This is a replay of an earlier run: it can only be watched."))
}

func (m Moment) whyReplay() Refusal {
	if m.Snapshot.Replay {
		return WhyNotInReplay()
	}
	return Refusal{}
}

// WhyNoCluster says why nothing can be done on the cluster now.
func (m Moment) WhyNoCluster() Refusal {
	if no := m.whyReplay(); !no.IsZero() {
		return no
	}
	c := m.Snapshot.Cluster
	because := func(code Code, what lab.Text) Refusal {
		if c.Problem.IsZero() {
			return why(code, lab.Textf("%s.", "%s.", what))
		}
		return why(code, lab.Textf("%s: %s", "%s: %s", what, c.Problem))
	}
	switch {
	case c.Phase == lab.Failed:
		return because(ClusterFailed, lab.T("클러스터를 쓸 수 없습니다", "The cluster cannot be used"))
	case c.Phase == lab.Lost:
		return because(ClusterLost, lab.T("클러스터와 연결이 끊겨 있습니다", "The cluster is disconnected"))
	case c.Phase != lab.Up:
		return why(ClusterStarting, lab.T("클러스터가 아직 시작하는 중입니다.", "The cluster is still starting."))
	case c.Real && c.Preflight == nil:
		return why(ClusterUnseen, lab.T("클러스터에서 무엇을 할 수 있는지 아직 점검하는 중입니다.", "The cluster is still being checked."))
	}
	return Refusal{}
}

// whyNotRun asks for a cluster only if a command needs one: the first steps of a lab only write files. A cluster of the user's
// own decides on how they are written.
func (m Moment) whyNotRun() Refusal {
	step := m.Step()
	switch {
	case step == nil || len(step.Commands) == 0 && step.Fault == "":
		return why(NothingToRun, lab.T("이 단계에는 실행할 명령이 없습니다. 읽고 나서 다음 단계로 갑니다.",
			"There is nothing to run in this step. Read it and go on to the next one."))
	case len(step.Commands) == 0:
		return m.whyNotInject(lab.Inject{Fault: step.Fault})
	case slices.ContainsFunc(m.Running(), func(t lab.Task) bool { _, run := t.Action.(lab.RunStep); return run }):
		return why(StepRunning, lab.T("단계의 명령을 아직 실행하는 중입니다.", "Commands of a step are still running."))
	}
	if m.Snapshot.Cluster.Real || slices.ContainsFunc(step.Commands, func(c lab.Command) bool { return c.Write == "" }) {
		if no := m.WhyNoCluster(); !no.IsZero() {
			return no
		}
	}
	return m.whyNoLines()
}

// whyNoLines says which value a command of the step still lacks.
func (m Moment) whyNoLines() Refusal {
	vars := m.commandVars()
	for _, command := range m.templates() {
		var told *lab.Error
		if _, err := Expand(command.Line, vars); errors.As(err, &told) {
			return Refusal{Code: NoValue, Text: told.Msg}
		}
	}
	return Refusal{}
}

func (m Moment) whyNotInject(a lab.Inject) Refusal {
	f, ok := m.Fault(a.Fault)
	if !ok {
		return why(NoFault, lab.T("이 실습에는 그런 장애가 없습니다.", "This lab has no such fault."))
	}
	if no := m.WhyNoCluster(); !no.IsZero() {
		return no
	}
	_, no := m.Target(f, a.Pod)
	return no
}

// WhyNoRole says why the current lab's fault of a role cannot be done now.
func (m Moment) WhyNoRole(role lab.FaultRole) Refusal {
	if no := m.whyReplay(); !no.IsZero() {
		return no
	}
	f, ok := m.FaultFor(role)
	switch {
	case ok:
		return m.whyNotInject(lab.Inject{Fault: f.ID})
	case role == lab.RoleRepair:
		return why(NoRepair, lab.T("이 실습에는 되돌리는 동작이 없습니다.", "There is nothing to repair in this lab."))
	}
	return why(NoFault, lab.T("이 실습에는 그런 장애가 없습니다.", "This lab has no such fault."))
}

// WhyNoFaults says why none of the current lab's faults can be chosen.
func (m Moment) WhyNoFaults() Refusal {
	if no := m.whyReplay(); !no.IsZero() {
		return no
	}
	if l := m.Lab(); l == nil || len(l.Faults) == 0 {
		return why(NoFaults, lab.T("이 실습에는 장애가 없습니다.", "This lab has no faults."))
	}
	return m.WhyNoCluster()
}

// WhyNoPods says why no pod can be chosen.
func (m Moment) WhyNoPods() Refusal {
	if no := m.whyReplay(); !no.IsZero() {
		return no
	}
	if len(m.Snapshot.Pods) == 0 {
		return why(NoPods, lab.T("아직 파드가 없습니다.", "There are no pods yet."))
	}
	return Refusal{}
}

// WhyNotGo says why one cannot go to another step.
func (m Moment) WhyNotGo() Refusal { return m.whyReplay() }

// WhyNotBy says why one cannot go n steps on.
func (m Moment) WhyNotBy(n int) Refusal {
	if no := m.whyReplay(); !no.IsZero() {
		return no
	}
	_, ok := m.By(n)
	switch {
	case ok:
		return Refusal{}
	case n > 0:
		return why(LastStep, lab.T("마지막 단계입니다.", "This is the last step."))
	}
	return why(FirstStep, lab.T("첫 단계입니다.", "This is the first step."))
}

// WhyNoHint says why there is no hint.
func (m Moment) WhyNoHint() Refusal {
	if s := m.Step(); s == nil || len(s.Hints) == 0 {
		return why(NoHint, lab.T("이 단계에는 힌트가 없습니다.", "This step has no hints."))
	}
	return Refusal{}
}

// WhyNoSolution says why there is no solution.
func (m Moment) WhyNoSolution() Refusal {
	if s := m.Step(); s == nil || s.Solution.IsZero() {
		return why(NoSolution, lab.T("이 단계에는 따로 풀이가 없습니다. 명령이 곧 풀이입니다.",
			"This step has no separate solution: its commands are the solution."))
	}
	return Refusal{}
}

// WhyNotCopy says why the step's commands cannot be handed to another terminal.
func (m Moment) WhyNotCopy() Refusal {
	if len(m.templates()) == 0 {
		return why(NothingToCopy, lab.T("이 단계에는 복사할 명령이 없습니다.", "This step has no command to copy."))
	}
	return m.whyNoLines()
}

// WhyNotEdit says why no manifest can be edited and applied.
func (m Moment) WhyNotEdit() Refusal {
	if no := m.whyReplay(); !no.IsZero() {
		return no
	}
	if l := m.Lab(); l == nil || len(l.Manifests) == 0 {
		return why(NoManifest, lab.T("이 실습에는 매니페스트가 없습니다.", "This lab has no manifest."))
	}
	return m.WhyNoCluster()
}

// WhyNoTasks says why there is no task to look at.
func (m Moment) WhyNoTasks() Refusal {
	if len(m.Snapshot.Tasks) == 0 {
		return why(NoTask, lab.T("아직 실행한 작업이 없습니다.", "Nothing has been run yet."))
	}
	return Refusal{}
}

// Confirmations are the questions to ask before the step is run.
func (m Moment) Confirmations() []lab.Text {
	step := m.Step()
	if step == nil {
		return nil
	}
	var asks []lab.Text
	for _, c := range step.Commands {
		if !c.Confirm.IsZero() {
			asks = append(asks, c.Confirm)
		}
	}
	return asks
}
