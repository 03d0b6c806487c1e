package plain

import (
	"testing"
	"testing/synctest"
	"time"

	"healthlab/lab"
	"healthlab/tui/tuitest"
)

// Whatever came after them, the events that tell the cause are told, and the others are named.
func TestEventsThatSayTheSameAreToldAsOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := tuitest.Running(1)
		s.Events = nil
		now := time.Now()
		add := func(typ, reason string, count, ago int) {
			at := now.Add(-time.Duration(ago) * time.Second)
			s.Events = append(s.Events, lab.Event{
				Type: typ, Reason: reason, Message: "text of " + reason, ObjectKind: "Pod", ObjectName: "liveness-app", Count: count,
				First: at, Last: at,
			})
		}
		add("Warning", "Unhealthy", 3, 60)
		add("Normal", "Killing", 1, 60)
		for _, reason := range []string{"A", "B", "C", "D", "E", "F", "G", "H", "I", "J"} {
			add("Normal", reason, 1, 20)
			add("Normal", reason, 1, 10)
		}
		u := start(t, lab.English, s)
		u.said()
		u.types("v")
		u.hears("Other events: B x2, A x2. Type v all to hear each event.\n",
			"1 min 0 s ago, Warning, Unhealthy, Pod liveness-app, 3 times: text of Unhealthy.\n",
			"1 min 0 s ago, Normal, Killing, Pod liveness-app: text of Killing.\n",
			"10 seconds ago, Normal, C, Pod liveness-app, 2 times: text of C.\n",
			"10 seconds ago, Normal, J, Pod liveness-app, 2 times: text of J.\n")
		u.types("v all")
		u.hears("Unhealthy", "Killing", "20 seconds ago, Normal, A, Pod liveness-app: text of A.\n",
			"20 seconds ago, Normal, J,", "10 seconds ago, Normal, A,", "10 seconds ago, Normal, J,")
	})
}
