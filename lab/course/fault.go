package course

import (
	"slices"

	"k8s.io/apimachinery/pkg/labels"

	"healthlab/lab"
)

// Matches reports whether a name or, if that is empty, a label selector chooses the pod. A selector that cannot be read
// chooses none.
func Matches(p lab.Pod, name, selector string) bool {
	if name != "" {
		return p.Name == name
	}
	parsed, err := labels.Parse(selector)
	return err == nil && parsed.Matches(labels.Set(p.Labels))
}

// Fits reports whether the fault is one for the pod, whatever the pod's state.
func Fits(f lab.Fault, p lab.Pod) bool { return Matches(p, f.Pod, f.Selector) }

// runs reports whether a command can be run in the pod.
func runs(p lab.Pod) bool { return p.Phase == "Running" && p.Deleting.IsZero() }

// Fault is a fault of the current lab by its ID.
func (m Moment) Fault(id string) (lab.Fault, bool) {
	l := m.Lab()
	if l == nil || id == "" {
		return lab.Fault{}, false
	}
	i := slices.IndexFunc(l.Faults, func(f lab.Fault) bool { return f.ID == id })
	if i < 0 {
		return lab.Fault{}, false
	}
	return l.Faults[i], true
}

// StepFault is the fault that the step is about.
func (m Moment) StepFault() (lab.Fault, bool) {
	step := m.Step()
	if step == nil {
		return lab.Fault{}, false
	}
	return m.Fault(step.Fault)
}

// FaultFor is the current lab's fault of a role: the one that the step is about, where there are several.
func (m Moment) FaultFor(role lab.FaultRole) (lab.Fault, bool) {
	if f, ok := m.StepFault(); ok && f.Role == role {
		return f, true
	}
	l := m.Lab()
	if l == nil {
		return lab.Fault{}, false
	}
	i := slices.IndexFunc(l.Faults, func(f lab.Fault) bool { return f.Role == role })
	if i < 0 {
		return lab.Fault{}, false
	}
	return l.Faults[i], true
}

// Faults are those of the current lab for the worse or, with repair, for the better: only the step's own if it is about one of
// them.
func (m Moment) Faults(repair bool) []lab.Fault {
	if f, ok := m.StepFault(); ok && f.Repairs() == repair {
		return []lab.Fault{f}
	}
	l := m.Lab()
	if l == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(l.Faults), func(f lab.Fault) bool { return f.Repairs() != repair })
}

// Target is the pod that a fault would be done to. named is the pod that the user has asked for; empty: the one that the fault
// names, or else the chosen one. Why not is told if there is none that it could be done to.
func (m Moment) Target(f lab.Fault, named string) (lab.Pod, Refusal) {
	name := named
	if name == "" {
		name = f.Pod
	}
	if name == "" {
		name = m.Snapshot.ChosenPod
	}
	fits := func(p lab.Pod) bool { return Fits(f, p) && runs(p) }
	i := slices.IndexFunc(m.Snapshot.Pods, func(p lab.Pod) bool { return p.Name == name })
	switch {
	case i >= 0 && fits(m.Snapshot.Pods[i]):
		return m.Snapshot.Pods[i], Refusal{}
	case !slices.ContainsFunc(m.Snapshot.Pods, fits):
		return lab.Pod{}, why(NoPodForFault, lab.Textf("실행 중인 대상 파드(%s)가 없습니다. 먼저 배포하십시오.",
			"No running pod matches %s. Deploy it first.", f.Pod+f.Selector))
	case i < 0 || !Fits(f, m.Snapshot.Pods[i]):
		return lab.Pod{}, why(OtherPod, lab.Textf("%s 파드에는 할 수 없습니다. 대상 파드(%s)를 먼저 고르십시오.",
			"This does not apply to pod %s. First choose a pod that matches %s.", orNone(name), f.Pod+f.Selector))
	case !m.Snapshot.Pods[i].Deleting.IsZero():
		return lab.Pod{}, why(PodDeleting, lab.Textf("%s 파드는 삭제되는 중입니다.", "Pod %s is being deleted.", name))
	}
	return lab.Pod{}, why(PodNotRunning, lab.Textf("%s 파드가 아직 실행되고 있지 않습니다.", "Pod %s is not running yet.", name))
}

func orNone(name string) string {
	if name == "" {
		return "-"
	}
	return name
}
