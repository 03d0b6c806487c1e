package tui

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"healthlab/lab"
	"healthlab/tui/tuitest"
)

// A snapshot with the step that was asked for comes a moment after the key; what is pressed in that moment is meant for it.
func TestKeysWaitForTheStepThatWasAskedFor(t *testing.T) {
	published := func(con *console, step int) {
		s := tuitest.Running(2)
		at(0, step)(s)
		con.publish(s)
	}
	for _, c := range []struct {
		name string
		then func(*console)
		want []lab.Action
	}{
		{
			name: "nothing is done before the step is there",
			then: func(*console) {},
			want: []lab.Action{lab.GoTo{Lab: 0, Step: 1}},
		},
		{
			name: "the second press goes on from the new step",
			then: func(con *console) { published(con, 1) },
			want: []lab.Action{lab.GoTo{Lab: 0, Step: 1}, lab.GoTo{Lab: 0, Step: 2}},
		},
		{
			name: "nothing is done to another step",
			then: func(con *console) {
				con.send(actionFailedMsg{lab.GoTo{Lab: 0, Step: 1}, errors.New("the session has ended")})
				published(con, 0)
			},
			want: []lab.Action{lab.GoTo{Lab: 0, Step: 1}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			con := newConsole(t, 80, 24)
			s := tuitest.Running(1)
			at(0, 0)(s)
			con.publish(s)
			con.press("right", "right")
			c.then(con)
			if d := cmp.Diff(c.want, con.perform()); d != "" {
				t.Errorf("actions (-want +got):\n%s", d)
			}
		})
	}
}

func TestKeysDoNotWaitForEver(t *testing.T) {
	now := tuitest.Now()
	con := newConsole(t, 80, 24, func(c *Config) { c.Now = func() time.Time { return now } })
	s := tuitest.Running(1)
	at(0, 0)(s)
	con.publish(s)
	con.press("right")
	now = now.Add(pendingFor)
	con.send(tickMsg{})
	con.cmds = nil
	con.press("right")
	if d := cmp.Diff([]lab.Action{lab.GoTo{Lab: 0, Step: 1}}, con.perform()); d != "" {
		t.Errorf("actions (-want +got):\n%s", d)
	}
}
