package tui

import (
	tea "charm.land/bubbletea/v2"

	"healthlab/lab"
)

// trafficking sends requests to a Service, and stops that again.
type trafficking struct{ flow }

// disabled is why there is nothing to start and nothing to stop.
func (f *trafficking) disabled() lab.Text {
	if f.moment().TrafficOn() {
		return f.moment().WhyNot(lab.StopTraffic{}).Text
	}
	return f.moment().WhyNoTraffic().Text
}

// toggle stops the requests that are sent, or starts to send some: to the only Service, or to one that the user chooses.
func (f *trafficking) toggle() tea.Cmd {
	now := f.moment()
	if now.TrafficOn() {
		return f.do(lab.StopTraffic{})
	}
	services := now.Services()
	if len(services) == 1 {
		return f.start(services[0])
	}
	f.choose(lab.T("요청을 보낼 서비스 고르기", "Choose the Service to send requests to"), "", services, 0, func(i int) tea.Cmd {
		return f.start(services[i])
	})
	return nil
}

// start asks first where the way that the requests go demands it.
func (f *trafficking) start(service string) tea.Cmd {
	f.bringForward(Timeline)
	action := lab.StartTraffic{Service: service}
	question := f.moment().TrafficQuestion(action)
	if question.IsZero() {
		return f.do(action)
	}
	action.Confirmed = true
	f.confirm(f.say(question), func() tea.Cmd { return f.do(action) })
	return nil
}
