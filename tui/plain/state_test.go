package plain

import (
	"testing"
	"testing/synctest"

	"healthlab/lab"
	"healthlab/tui/tuitest"
)

func TestState(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := start(t, lab.English, tuitest.Breaking(1))
		u.types("h")
		u.hears(
			"You are in Readiness probe, step 1 of 2, ",
			"Connected to cluster healthlab, namespace healthchecks.\n",
			"READY 0/1, STATUS Running, RESTARTS 0, the chosen pod.\n",
			"Readiness probe: 3 failures in a row, threshold 1, ",
			"Deployment readiness-deployment, Replicas: 3 desired, 3 updated, 3 total, 2 available, 1 unavailable.\n",
			"Service readiness-service, address 10.0.0.5, ", "gets traffic.\n",
			"address 10.0.0.6, ", "gets no traffic.\n",
		)
	})
}

// A session's first snapshot may be made before its goals are looked at.
func TestGoalsNotLookedAtYet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := tuitest.Running(1)
		s.Position.Goals = nil
		u := start(t, lab.English, s)
		u.types("g")
		u.hears("Not met yet: The pod liveness-app is Ready.\n")
	})
}
