package tui

import (
	"healthlab/lab"
	"healthlab/lab/course"
)

// What follows tells why a key is disabled now, or returns a zero text.

// disabledIf is why something that package course knows about is not possible.
func disabledIf(why func(course.Moment) course.Refusal) func(*Model) lab.Text {
	return func(m *Model) lab.Text { return why(m.moment()).Text }
}

// disabledDo is why an action is not possible.
func disabledDo(action lab.Action) func(*Model) lab.Text {
	return func(m *Model) lab.Text { return m.moment().WhyNot(action).Text }
}

// disabledBy is why one cannot go n steps on.
func disabledBy(n int) func(*Model) lab.Text {
	return func(m *Model) lab.Text { return m.moment().WhyNotBy(n).Text }
}

func (m *Model) whyNoStandIn() lab.Text {
	_, no := m.moment().StandIn()
	return no.Text
}

func (sc *screen) whyNoReplicas() lab.Text {
	if !sc.replicas() {
		return lab.T("아직 디플로이먼트가 없습니다.", "There is no deployment yet.")
	}
	return lab.Text{}
}

func (n *news) whyNoError() lab.Text {
	if len(n.fails) == 0 {
		return lab.T("표시할 오류가 없습니다.", "There is no error to show.")
	}
	return lab.Text{}
}
