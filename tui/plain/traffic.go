package plain

import (
	"healthlab/lab"
	"healthlab/lab/course"
)

// traffic stops the requests that are sent, or sends those that were typed or, if nothing was, some to a Service.
func (c *console) traffic(typed string) {
	m := c.moment()
	if m.TrafficOn() {
		c.do(lab.StopTraffic{})
		return
	}
	if c.refused(m.WhyNoTraffic()) {
		return
	}
	if typed != "" {
		action, err := course.ParseTraffic(typed)
		if err != nil {
			c.say(lab.Textf("%s.", "%s.", lab.Brief(err)))
			return
		}
		c.startTraffic(action)
		return
	}
	services := m.Services()
	if len(services) == 1 {
		c.startTraffic(lab.StartTraffic{Service: services[0]})
		return
	}
	c.choose(choice{ask: lab.T("어느 서비스에 보낼까요?", "To which Service?"), items: services, pick: func(i int) {
		c.startTraffic(lab.StartTraffic{Service: services[i]})
	}}, "")
}

// startTraffic asks first where the way that the requests go demands it. That they are sent is told as a fact.
func (c *console) startTraffic(action lab.StartTraffic) {
	question := c.moment().TrafficQuestion(action)
	if question.IsZero() {
		c.do(action)
		return
	}
	action.Confirmed = true
	if c.refused(c.moment().WhyNot(action)) {
		return
	}
	c.confirm(question, func() { c.do(action) })
}

// requests tells what has come of those that are sent, and of each pod's.
func (c *console) requests() {
	t := c.snap.Traffic
	if t == nil || !t.On {
		return
	}
	c.say(lab.Textf("요청을 보내는 중: %s. %s.", "Sending requests: %s. %s.", t.Words(), t.Total.Words()))
	for _, p := range t.Pods {
		c.say(lab.Textf("- 파드 %s: %s.", "- Pod %s: %s.", lab.Printable(p.Pod), p.Words()))
	}
}
