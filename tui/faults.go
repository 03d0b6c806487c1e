package tui

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"healthlab/lab"
	"healthlab/tui/widget"
)

// faults breaks and repairs what runs, and chooses the pod that this is done to.
type faults struct {
	flow
	question *question
}

func (f *faults) injectRole(role lab.FaultRole) tea.Cmd {
	one, _ := f.moment().FaultFor(role)
	return f.inject(one.ID)
}

// inject carries out a fault, after the step's question if the step is about that fault.
func (f *faults) inject(id string) tea.Cmd {
	f.bringForward(Timeline)
	run := func() tea.Cmd { return f.do(lab.Inject{Fault: id}) }
	if s := f.moment().Step(); s != nil && s.Fault == id {
		return f.question.before(run)
	}
	return run()
}

func (f *faults) open() tea.Cmd {
	l := f.moment().Lab()
	var items []string
	for _, one := range l.Faults {
		items = append(items, f.say(one.Title)+" - "+f.say(one.Effect))
	}
	f.choose(lab.T("장애와 복구 고르기", "Choose a fault or repair"), "", items, 0, func(i int) tea.Cmd {
		id := l.Faults[i].ID
		if why := f.moment().WhyNot(lab.Inject{Fault: id}); !why.IsZero() {
			f.tell(why.Text, toneInfo)
			return nil
		}
		return f.inject(id)
	})
	return nil
}

func (f *faults) choosePod() tea.Cmd {
	var items, names []string
	at := 0
	for i, p := range f.snap().Pods {
		if p.Name == f.snap().ChosenPod {
			at = i
		}
		items = append(items, fmt.Sprintf("%s  %d/%d  %s",
			widget.Clean(p.Name), p.ReadyContainers, p.TotalContainers, widget.Clean(p.Status)))
		names = append(names, p.Name)
	}
	f.choose(lab.T("파드 고르기", "Choose a pod"), "", items, at, func(i int) tea.Cmd { return f.do(lab.ChoosePod{Pod: names[i]}) })
	return nil
}

// matters reports whether the footer shows the key of a role: while the step is about it.
func (f *faults) matters(role lab.FaultRole) bool {
	now := f.moment()
	one, ok := now.FaultFor(role)
	return ok && now.Step() != nil && now.Step().Fault == one.ID && now.WhyNoRole(role).IsZero()
}

// othersMatter reports whether the step is about a fault that no key of its own stands for.
func (f *faults) othersMatter() bool {
	one, ok := f.moment().StepFault()
	return ok && one.Role != lab.RoleHang && one.Role != lab.RoleUnready && one.Role != lab.RoleRepair
}
