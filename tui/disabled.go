package tui

import (
	"healthlab/lab"
	"healthlab/lab/course"
)

// moment is how everything stands, for what is known about labs.
func (m *Model) moment() course.Moment {
	return course.Moment{Labs: m.cfg.Labs, Snapshot: m.snap, Answers: m.question.answers, Home: m.cfg.Home}
}

// current returns the lab and step that the student is at; both are nil if the session's position fits no lab.
func (m *Model) current() (*lab.Lab, *lab.Step) { return m.moment().Lab(), m.moment().Step() }

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

func (m *Model) whyNoCluster() lab.Text { return m.moment().WhyNoCluster().Text }

func (m *Model) whyNoReplicas() lab.Text {
	if !m.replicas() {
		return m.texts.NoReplicas
	}
	return lab.Text{}
}

func (m *Model) whyNoError() lab.Text {
	if len(m.fails) == 0 {
		return m.texts.NoError
	}
	return lab.Text{}
}
