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

func (sc *screen) whyNoReplicas() lab.Text {
	if !sc.replicas() {
		return sc.texts.NoReplicas
	}
	return lab.Text{}
}

func (n *news) whyNoError() lab.Text {
	if len(n.fails) == 0 {
		return n.texts.NoError
	}
	return lab.Text{}
}
