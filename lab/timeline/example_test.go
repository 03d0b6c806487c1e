package timeline_test

import (
	"fmt"
	"time"

	"healthlab/lab"
	"healthlab/lab/journal"
	"healthlab/lab/timeline"
	"healthlab/probes"
)

// A face adds what it reads from a journal, takes a view and asks what is to come: here right after the fault of a lab.
func Example() {
	labs := []lab.Lab{{ID: "liveness", Faults: []lab.Fault{{
		ID: "hang", Pod: "liveness-app", Responds: lab.Responses{Liveness: probes.Hang},
	}}}}
	start := time.Date(2026, 11, 23, 13, 0, 0, 0, time.UTC)
	entries := []journal.Entry{
		{Seq: 1, At: start, Body: journal.Changed{Change: lab.PodChanged{Pod: lab.Pod{
			Name: "liveness-app", UID: "8f5c", Ready: true, GracePeriod: 30 * time.Second,
			Containers: []lab.Container{{
				Name: "liveness", ID: "1", State: lab.Running, Started: true, Ready: true, StartedAt: start,
				Probes: []lab.Probe{{Spec: probes.Spec{
					Kind: probes.Liveness, HTTP: &probes.HTTPAction{Path: "/health", Port: probes.Port{Number: 3000}},
					InitialDelay: 5 * time.Second, Period: 5 * time.Second,
				}}},
			}},
		}}}},
		{Seq: 2, At: start.Add(20 * time.Second), Body: journal.TaskStarted{Task: lab.Task{
			ID: 1, Action: lab.Inject{Fault: "hang"}, Started: start.Add(20 * time.Second),
		}}},
		{Seq: 3, At: start.Add(20 * time.Second), Body: journal.TaskEnded{Task: 1, State: lab.TaskDone}},
	}

	builder := timeline.New(labs)
	for _, e := range entries {
		builder.Add(e)
	}
	view := builder.View()

	episode := view.Latest(view.Named("liveness-app").UID)
	for _, p := range episode.Points {
		if left, ok := p.Due.Countdown(view.To); ok {
			fmt.Printf("%s: in %v to %v\n", p.Code.Words().En, left.Least, left.Most)
		}
	}
	// Output:
	// first failure: in 1s to 6s
	// verdict: in 11s to 16s
	// SIGTERM: in 11s to 16s
	// restart: in 41s to 46s
	// Ready: in 41s to 46s
}
