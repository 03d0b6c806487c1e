package journal

import (
	"errors"
	"fmt"
	"time"

	"healthlab/lab"
	"healthlab/probes"
)

// wire is an entry as its line has it: exactly one of the fields after At is set, which says what happened.
type wire struct {
	Seq uint64    `json:"seq"`
	At  time.Time `json:"at"`

	Begun          *Begun                 `json:"begun,omitempty"`
	Component      *lab.Component         `json:"component,omitempty"`
	Connected      *lab.Cluster           `json:"connected,omitempty"`
	ConnectFailed  *lab.Text              `json:"connectFailed,omitempty"`
	Pod            *lab.PodChanged        `json:"pod,omitempty"`
	Deployment     *lab.DeploymentChanged `json:"deployment,omitempty"`
	Endpoints      *lab.EndpointsChanged  `json:"endpoints,omitempty"`
	Event          *lab.EventChanged      `json:"event,omitempty"`
	Namespace      *lab.NamespaceChanged  `json:"namespace,omitempty"`
	Link           *lab.LinkChanged       `json:"link,omitempty"`
	Access         *lab.AccessChanged     `json:"access,omitempty"`
	VersionLearned *VersionLearned        `json:"version,omitempty"`
	Preflighted    *Preflighted           `json:"preflight,omitempty"`
	Attempt        *wireAttempt           `json:"attempt,omitempty"`
	Probe          *ProbeObserved         `json:"probe,omitempty"`
	KubeletTells   *KubeletTells          `json:"kubeletTells,omitempty"`
	ProbingSet     *ProbingSet            `json:"probing,omitempty"`
	TrafficBegun   *lab.TrafficPlan       `json:"trafficBegun,omitempty"`
	TrafficCounted *lab.TrafficSecond     `json:"traffic,omitempty"`
	TrafficEnded   *TrafficEnded          `json:"trafficEnded,omitempty"`
	PodChosen      *PodChosen             `json:"chosen,omitempty"`
	LogFollowed    *LogFollowed           `json:"logOf,omitempty"`
	Logged         *lab.LogLine           `json:"log,omitempty"`
	Asked          *wireAction            `json:"asked,omitempty"`
	Refused        *lab.Text              `json:"refused,omitempty"`
	TaskStarted    *wireTask              `json:"task,omitempty"`
	TaskPrinted    *TaskPrinted           `json:"printed,omitempty"`
	TaskNoted      *TaskNoted             `json:"noted,omitempty"`
	TaskEnded      *TaskEnded             `json:"ended,omitempty"`
	Moved          *lab.Position          `json:"moved,omitempty"`
	Fact           *lab.Fact              `json:"fact,omitempty"`
	Omitted        *Omitted               `json:"omitted,omitempty"`
}

// toWire turns an entry into its line.
func toWire(e Entry) (wire, error) {
	w := wire{Seq: e.Seq, At: e.At}
	switch b := e.Body.(type) {
	case Begun:
		w.Begun = &b
	case ComponentChanged:
		w.Component = &b.Component
	case Connected:
		w.Connected = &b.Cluster
	case ConnectFailed:
		w.ConnectFailed = &b.Problem
	case Changed:
		return w, w.setChange(b.Change)
	case VersionLearned:
		w.VersionLearned = &b
	case Preflighted:
		w.Preflighted = &b
	case Attempted:
		a := newWireAttempt(b.Attempt)
		w.Attempt = &a
	case ProbeObserved:
		w.Probe = &b
	case KubeletTells:
		w.KubeletTells = &b
	case ProbingSet:
		w.ProbingSet = &b
	case TrafficBegun:
		w.TrafficBegun = &b.Plan
	case TrafficCounted:
		w.TrafficCounted = &b.Second
	case TrafficEnded:
		w.TrafficEnded = &b
	case PodChosen:
		w.PodChosen = &b
	case LogFollowed:
		w.LogFollowed = &b
	case Logged:
		w.Logged = &b.Line
	case Asked:
		action, err := newWireAction(b.Action)
		w.Asked = &action
		return w, err
	case Refused:
		w.Refused = &b.Why
	case TaskStarted:
		t, err := newWireTask(b.Task)
		w.TaskStarted = &t
		return w, err
	case TaskPrinted:
		w.TaskPrinted = &b
	case TaskNoted:
		w.TaskNoted = &b
	case TaskEnded:
		w.TaskEnded = &b
	case Moved:
		w.Moved = &b.Position
	case Told:
		w.Fact = &b.Fact
	case Omitted:
		w.Omitted = &b
	default:
		return w, fmt.Errorf("an entry cannot be a %T", b)
	}
	return w, nil
}

func (w *wire) setChange(change lab.Change) error {
	switch c := change.(type) {
	case lab.PodChanged:
		w.Pod = &c
	case lab.DeploymentChanged:
		w.Deployment = &c
	case lab.EndpointsChanged:
		w.Endpoints = &c
	case lab.EventChanged:
		w.Event = &c
	case lab.NamespaceChanged:
		w.Namespace = &c
	case lab.LinkChanged:
		w.Link = &c
	case lab.AccessChanged:
		w.Access = &c
	default:
		return fmt.Errorf("a change cannot be a %T", c)
	}
	return nil
}

var errBody = errors.New("what happened is missing, not known, or more than one thing")

// entry turns a line into its entry. One field for each thing that can happen makes it long.
func (w *wire) entry() (Entry, error) {
	var body Body
	n := 0
	is := func(b Body) { body, n = b, n+1 }
	if w.Begun != nil {
		is(*w.Begun)
	}
	if w.Component != nil {
		is(ComponentChanged{*w.Component})
	}
	if w.Connected != nil {
		is(Connected{*w.Connected})
	}
	if w.ConnectFailed != nil {
		is(ConnectFailed{*w.ConnectFailed})
	}
	if w.Pod != nil {
		is(Changed{*w.Pod})
	}
	if w.Deployment != nil {
		is(Changed{*w.Deployment})
	}
	if w.Endpoints != nil {
		is(Changed{*w.Endpoints})
	}
	if w.Event != nil {
		is(Changed{*w.Event})
	}
	if w.Namespace != nil {
		is(Changed{*w.Namespace})
	}
	if w.Link != nil {
		is(Changed{*w.Link})
	}
	if w.Access != nil {
		is(Changed{*w.Access})
	}
	if w.VersionLearned != nil {
		is(*w.VersionLearned)
	}
	if w.Preflighted != nil {
		is(*w.Preflighted)
	}
	if w.Attempt != nil {
		is(Attempted{w.Attempt.attempt()})
	}
	if w.Probe != nil {
		is(*w.Probe)
	}
	if w.KubeletTells != nil {
		is(*w.KubeletTells)
	}
	if w.ProbingSet != nil {
		is(*w.ProbingSet)
	}
	if w.TrafficBegun != nil {
		is(TrafficBegun{*w.TrafficBegun})
	}
	if w.TrafficCounted != nil {
		is(TrafficCounted{*w.TrafficCounted})
	}
	if w.TrafficEnded != nil {
		is(*w.TrafficEnded)
	}
	if w.PodChosen != nil {
		is(*w.PodChosen)
	}
	if w.LogFollowed != nil {
		is(*w.LogFollowed)
	}
	if w.Logged != nil {
		is(Logged{*w.Logged})
	}
	if w.Asked != nil {
		action := w.Asked.action()
		if action == nil {
			return Entry{}, errAction
		}
		is(Asked{action})
	}
	if w.Refused != nil {
		is(Refused{*w.Refused})
	}
	if w.TaskStarted != nil {
		t, err := w.TaskStarted.task()
		if err != nil {
			return Entry{}, err
		}
		is(TaskStarted{t})
	}
	if w.TaskPrinted != nil {
		is(*w.TaskPrinted)
	}
	if w.TaskNoted != nil {
		is(*w.TaskNoted)
	}
	if w.TaskEnded != nil {
		is(*w.TaskEnded)
	}
	if w.Moved != nil {
		is(Moved{*w.Moved})
	}
	if w.Fact != nil {
		is(Told{*w.Fact})
	}
	if w.Omitted != nil {
		is(*w.Omitted)
	}
	if n != 1 {
		return Entry{}, errBody
	}
	return Entry{Seq: w.Seq, At: w.At, Body: body}, nil
}

var errAction = errors.New("what was asked for is missing, not known, or more than one thing")

// wireTask is a task as its line has it. Its action, if it is for one, stands in for the task's own.
type wireTask struct {
	lab.Task
	Action *wireAction `json:",omitempty"`
}

func newWireTask(t lab.Task) (wireTask, error) {
	w := wireTask{Task: t}
	w.Task.Action = nil
	if t.Action == nil {
		return w, nil
	}
	action, err := newWireAction(t.Action)
	w.Action = &action
	return w, err
}

func (w *wireTask) task() (lab.Task, error) {
	t := w.Task
	if w.Action != nil {
		if t.Action = w.Action.action(); t.Action == nil {
			return t, errAction
		}
	}
	return t, nil
}

// wireAction is an action as its line has it: exactly one field is set.
type wireAction struct {
	GoTo      *lab.GoTo      `json:"goTo,omitempty"`
	RunStep   *lab.RunStep   `json:"runStep,omitempty"`
	Inject    *lab.Inject    `json:"inject,omitempty"`
	ChoosePod *lab.ChoosePod `json:"choosePod,omitempty"`
	Kubectl   *lab.Kubectl   `json:"kubectl,omitempty"`
	ResetLab  *lab.ResetLab  `json:"resetLab,omitempty"`
	ResetStep *lab.ResetStep `json:"resetStep,omitempty"`
	Cancel    *lab.Cancel    `json:"cancel,omitempty"`
	Compare   *lab.Compare   `json:"compare,omitempty"`
	Adopt     *lab.Adopt     `json:"adopt,omitempty"`

	SetProbing   *lab.SetProbing   `json:"setProbing,omitempty"`
	StartTraffic *lab.StartTraffic `json:"startTraffic,omitempty"`
	StopTraffic  *lab.StopTraffic  `json:"stopTraffic,omitempty"`
}

func newWireAction(action lab.Action) (wireAction, error) {
	var w wireAction
	switch a := action.(type) {
	case lab.GoTo:
		w.GoTo = &a
	case lab.RunStep:
		w.RunStep = &a
	case lab.Inject:
		w.Inject = &a
	case lab.ChoosePod:
		w.ChoosePod = &a
	case lab.Kubectl:
		w.Kubectl = &a
	case lab.ResetLab:
		w.ResetLab = &a
	case lab.ResetStep:
		w.ResetStep = &a
	case lab.Cancel:
		w.Cancel = &a
	case lab.Compare:
		w.Compare = &a
	case lab.Adopt:
		w.Adopt = &a
	case lab.SetProbing:
		w.SetProbing = &a
	case lab.StartTraffic:
		w.StartTraffic = &a
	case lab.StopTraffic:
		w.StopTraffic = &a
	default:
		return w, fmt.Errorf("an action cannot be a %T", a)
	}
	return w, nil
}

// action is nil unless exactly one field is set.
func (w wireAction) action() lab.Action {
	var action lab.Action
	n := 0
	is := func(a lab.Action) { action, n = a, n+1 }
	if w.GoTo != nil {
		is(*w.GoTo)
	}
	if w.RunStep != nil {
		is(*w.RunStep)
	}
	if w.Inject != nil {
		is(*w.Inject)
	}
	if w.ChoosePod != nil {
		is(*w.ChoosePod)
	}
	if w.Kubectl != nil {
		is(*w.Kubectl)
	}
	if w.ResetLab != nil {
		is(*w.ResetLab)
	}
	if w.ResetStep != nil {
		is(*w.ResetStep)
	}
	if w.Cancel != nil {
		is(*w.Cancel)
	}
	if w.Compare != nil {
		is(*w.Compare)
	}
	if w.Adopt != nil {
		is(*w.Adopt)
	}
	if w.SetProbing != nil {
		is(*w.SetProbing)
	}
	if w.StartTraffic != nil {
		is(*w.StartTraffic)
	}
	if w.StopTraffic != nil {
		is(*w.StopTraffic)
	}
	if n != 1 {
		return nil
	}
	return action
}

// wireAttempt is an attempt as its line has it. Most lines of a journal are attempts, so it leaves out what is zero.
type wireAttempt struct {
	Pod         string           `json:"pod,omitzero"`
	UID         string           `json:"uid,omitzero"`
	Container   string           `json:"container,omitzero"`
	Witness     lab.Witness      `json:"by,omitzero"`
	Old         bool             `json:"old,omitzero"`
	Kind        probes.Kind      `json:"kind,omitzero"`
	ContainerID string           `json:"id,omitzero"`
	Mechanism   probes.Mechanism `json:"mechanism,omitzero"`
	Start       time.Time        `json:"start,omitzero"`
	Took        time.Duration    `json:"took,omitzero"` // in nanoseconds, as way
	Way         time.Duration    `json:"way,omitzero"`
	Outcome     probes.Outcome   `json:"outcome,omitzero"`
	TimedOut    bool             `json:"timedOut,omitzero"`
	Unsure      bool             `json:"unsure,omitzero"`
	Warning     bool             `json:"warning,omitzero"`
	Message     string           `json:"message,omitzero"`
	ErrorState  probes.Outcome   `json:"errorState,omitzero"`
	Streak      int              `json:"streak,omitzero"`
	Threshold   int              `json:"threshold,omitzero"`
	Verdict     probes.Verdict   `json:"verdict,omitzero"`
	Changed     bool             `json:"changed,omitzero"`
	OnHold      bool             `json:"onHold,omitzero"`
	Next        time.Time        `json:"next,omitzero"`
}

func newWireAttempt(a lab.Attempt) wireAttempt {
	return wireAttempt{
		Pod: a.Pod, UID: a.Key.Pod, Container: a.Key.Container, Witness: a.Witness, Old: a.Old, Kind: a.Key.Kind, ContainerID: a.ContainerID,
		Mechanism: a.Mechanism, Start: a.Start, Took: a.Took, Way: a.Way, Outcome: a.Outcome, TimedOut: a.TimedOut, Unsure: a.Unsure,
		Warning: a.Warning, Message: a.Message, ErrorState: a.ErrorState, Streak: a.Streak, Threshold: a.Threshold,
		Verdict: a.Verdict, Changed: a.Changed, OnHold: a.OnHold, Next: a.Next,
	}
}

func (w wireAttempt) attempt() lab.Attempt {
	return lab.Attempt{Pod: w.Pod, Container: w.Container, Witness: w.Witness, Old: w.Old, Attempt: probes.Attempt{
		Key:         probes.Key{Pod: w.UID, Container: w.Container, Kind: w.Kind},
		ContainerID: w.ContainerID, Mechanism: w.Mechanism, Start: w.Start, Took: w.Took, Way: w.Way, Outcome: w.Outcome,
		TimedOut: w.TimedOut, Unsure: w.Unsure, Warning: w.Warning, Message: w.Message, ErrorState: w.ErrorState, Streak: w.Streak,
		Threshold: w.Threshold, Verdict: w.Verdict, Changed: w.Changed, OnHold: w.OnHold, Next: w.Next,
	}}
}
