package plain

import "healthlab/lab"

// inject does the current step's fault or, with repair, its repair; else the lab's, of which one is chosen if there are
// several.
func (c *console) inject(repair bool) {
	switch faults := c.moment().Faults(repair); {
	case len(faults) == 0 && repair:
		c.say(lab.T("이 실습에는 복구할 것이 없습니다.", "There is nothing to repair in this lab."))
	case len(faults) == 0:
		c.say(lab.T("이 실습에는 일으킬 장애가 없습니다.", "There is nothing to break in this lab."))
	case len(faults) == 1:
		c.injectFault(faults[0].ID)
	default:
		c.chooseAmong(faults, "")
	}
}

func (c *console) chooseFault(number string) {
	m := c.moment()
	if c.refused(m.WhyNoFaults()) {
		return
	}
	c.chooseAmong(m.Lab().Faults, number)
}

func (c *console) chooseAmong(faults []lab.Fault, number string) {
	var items []string
	for _, f := range faults {
		items = append(items, f.Title.In(c.Lang)+". "+f.Effect.In(c.Lang))
	}
	c.choose(choice{ask: lab.T("무엇을 할까요?", "Which one?"), items: items, pick: func(i int) { c.injectFault(faults[i].ID) }}, number)
}

func (c *console) injectFault(id string) {
	m := c.moment()
	action := lab.Inject{Fault: id}
	if c.refused(m.WhyNot(action)) {
		return
	}
	f, _ := m.Fault(id)
	run := func() {
		if c.do(action) {
			c.say(lab.Textf("실행합니다: %s. %s", "Running: %s. %s", f.Title, f.Effect))
		}
	}
	if m.Step().Fault == id {
		c.predict(run)
		return
	}
	run()
}

func (c *console) choosePod(number string) {
	if c.refused(c.moment().WhyNoPods()) {
		return
	}
	var items, names []string
	for _, p := range c.snap.Pods {
		names = append(names, p.Name)
		items = append(items, c.pod(p).In(c.Lang))
	}
	c.choose(choice{ask: lab.T("어느 파드를 고를까요?", "Which pod?"), items: items, pick: func(i int) {
		if c.do(lab.ChoosePod{Pod: names[i]}) {
			c.say(lab.Textf("고른 파드: %s.", "The chosen pod is %s.", names[i]))
		}
	}}, number)
}
