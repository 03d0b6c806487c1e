package plain

import (
	"slices"

	"healthlab/lab"
)

// inject does the current step's fault or, with repair, its repair; else the lab's, of which one is chosen if there are
// several.
func (c *console) inject(repair bool) {
	l, step, _ := c.current()
	faults := slices.DeleteFunc(slices.Clone(l.Faults), func(f lab.Fault) bool { return f.Repair != repair })
	if f, ok := faultByID(l, step.Fault); ok && f.Repair == repair {
		faults = []lab.Fault{f}
	}
	switch {
	case len(faults) == 0 && repair:
		c.sayf("이 실습에는 복구할 것이 없습니다.", "There is nothing to repair in this lab.")
	case len(faults) == 0:
		c.sayf("이 실습에는 일으킬 장애가 없습니다.", "There is nothing to break in this lab.")
	case len(faults) == 1:
		c.injectFault(faults[0].ID)
	default:
		c.chooseAmong(faults, "")
	}
}

func (c *console) chooseFault(number string) {
	l, _, _ := c.current()
	if len(l.Faults) == 0 {
		c.sayf("이 실습에는 장애가 없습니다.", "This lab has no faults.")
		return
	}
	c.chooseAmong(l.Faults, number)
}

func (c *console) chooseAmong(faults []lab.Fault, number string) {
	var items []string
	for _, f := range faults {
		items = append(items, f.Title.In(c.Lang)+". "+f.Effect.In(c.Lang))
	}
	c.choose(choice{ask: c.Lang.Pick("무엇을 할까요?", "Which one?"), items: items, pick: func(i int) { c.injectFault(faults[i].ID) }}, number)
}

func (c *console) injectFault(id string) {
	l, step, _ := c.current()
	f, ok := faultByID(l, id)
	if !ok {
		c.sayf("이 실습에는 그런 장애가 없습니다.", "This lab has no such fault.")
		return
	}
	if !c.up() {
		return
	}
	if !slices.ContainsFunc(c.snap.Pods, func(p lab.Pod) bool {
		return (f.Pod == "" || p.Name == f.Pod) && p.Deleting.IsZero() && p.Phase == "Running"
	}) {
		c.sayf("이 장애를 일으킬 실행 중인 파드가 없습니다. 앞 단계의 명령으로 먼저 배포하십시오.",
			"There is no running pod for this. Deploy it first, with the commands of an earlier step.")
		return
	}
	run := func() {
		if c.do(lab.Inject{Fault: id}) {
			c.sayf("실행합니다: %s. %s", "Doing it: %s. %s", f.Title.In(c.Lang), f.Effect.In(c.Lang))
		}
	}
	if step.Fault == id {
		c.predict(run)
		return
	}
	run()
}

func (c *console) choosePod(number string) {
	if len(c.snap.Pods) == 0 {
		c.sayf("아직 파드가 없습니다.", "There are no pods yet.")
		return
	}
	var items, names []string
	for _, p := range c.snap.Pods {
		names = append(names, p.Name)
		items = append(items, c.pod(p))
	}
	c.choose(choice{ask: c.Lang.Pick("어느 파드를 고를까요?", "Which pod?"), items: items, pick: func(i int) {
		if c.do(lab.ChoosePod{Pod: names[i]}) {
			c.sayf("고른 파드: %s.", "The chosen pod is %s.", names[i])
		}
	}}, number)
}

func faultByID(l lab.Lab, id string) (lab.Fault, bool) {
	i := slices.IndexFunc(l.Faults, func(f lab.Fault) bool { return f.ID == id })
	if i < 0 {
		return lab.Fault{}, false
	}
	return l.Faults[i], true
}
