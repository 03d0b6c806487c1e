package session

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"healthlab/lab"
	"healthlab/lab/witness"
)

// sendTraffic is a cluster that tells each second of ten requests, three of them lost, or ends with an error.
func sendTraffic(fail <-chan error, got *[]lab.TrafficPlan) func(context.Context, lab.TrafficPlan, func(lab.TrafficPlan), func(lab.TrafficSecond)) error {
	return func(ctx context.Context, plan lab.TrafficPlan, begun func(lab.TrafficPlan), tell func(lab.TrafficSecond)) error {
		*got = append(*got, plan)
		plan.Port = 80
		begun(plan)
		for {
			select {
			case <-time.After(time.Second):
				tell(lab.TrafficSecond{
					All: lab.TrafficCounts{Answered: 7, TimedOut: 3}, Speaks: lab.TrafficHTTP,
					Pods: []lab.PodTraffic{{Pod: "web-1", TrafficCounts: lab.TrafficCounts{TimedOut: 3}}, {Pod: "web-2", TrafficCounts: lab.TrafficCounts{Answered: 7}}},
				})
			case err := <-fail:
				return err
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
}

func TestTraffic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cluster := newFakeCluster()
		fail, plans := make(chan error), []lab.TrafficPlan{}
		cluster.traffic = sendTraffic(fail, &plans)
		h := startOn(t, cluster, nil)
		do := func(a lab.Action) string {
			t.Helper()
			if err := h.session.Do(t.Context(), a); err != nil {
				return lab.InFull(err).En
			}
			return ""
		}
		if said := do(lab.StartTraffic{Service: "web"}); said != "There is no Service to send requests to: it takes one that chooses pods." {
			t.Errorf("without a Service: %q", said)
		}
		h.send(lab.EndpointsChanged{Slice: "web-x", Endpoints: []lab.Endpoint{{Service: "web", Address: "10.0.0.1", Pod: "web-1", Ready: true}}})
		for _, c := range []struct {
			action lab.Action
			want   string
		}{
			{lab.StartTraffic{Service: "other", Confirmed: true}, "There is no Service other with pods behind it. There are: web."},
			{lab.StartTraffic{Service: "web", Rate: 101, Confirmed: true}, "101 requests a second are not possible: it is from 1 to 100."},
			{lab.StartTraffic{Service: "web", Port: 70000, Confirmed: true}, "A port is from 1 to 65535, and a path begins with /."},
			{lab.StartTraffic{Service: "web"}, "It has to be asked for first."},
			{lab.StopTraffic{}, "No requests are being sent."},
			{lab.StartTraffic{Service: "web", Rate: 20, Confirmed: true}, ""},
			{lab.StartTraffic{Service: "web", Confirmed: true}, "Requests are being sent to the Service web already."},
		} {
			if said := do(c.action); said != c.want {
				t.Errorf("%+v: %q, want %q", c.action, said, c.want)
			}
		}
		h.pass(3500 * time.Millisecond)
		got := h.now().Traffic
		if got == nil || !got.On || got.Way != lab.TrafficByForward || got.Rate != 20 || got.Port != 80 || got.Speaks != lab.TrafficHTTP ||
			got.Total != (lab.TrafficCounts{Answered: 21, TimedOut: 9}) || len(got.Pods) != 2 || got.Pods[0].Lost() != 9 || got.Last.All.Lost() != 3 {
			t.Errorf("while it is sent: %+v", got)
		}
		if said := do(lab.StopTraffic{}); said != "" {
			t.Errorf("stop: %q", said)
		}
		h.settle()
		if got := h.now().Traffic; got.On || !got.Problem.IsZero() {
			t.Errorf("stopped: %+v", got)
		}
		if said := do(lab.StartTraffic{Service: "web", Confirmed: true}); said != "" {
			t.Errorf("again: %q", said)
		}
		h.settle()
		fail <- lab.Errorf(nil, "없습니다", "it is gone")
		h.settle()
		if got := h.now().Traffic; got.On || got.Problem.En != "it is gone" || got.Total.Sent() != 0 {
			t.Errorf("failed: %+v", got)
		}
		if n := len(plans); n != 2 || plans[1].Rate != lab.DefaultTrafficRate {
			t.Errorf("plans %+v", plans)
		}
	})
}

// Where the node's agent is heard, it sends the requests, and nothing has to be asked. They end with the session.
func TestTrafficByTheNode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cluster := newFakeCluster()
		cluster.told = make(chan lab.Attempt)
		plans := []lab.TrafficPlan{}
		cluster.traffic = sendTraffic(nil, &plans)
		h := startOn(t, cluster, nil)
		p := web(true)
		p.Node = witness.NodeName
		h.send(lab.PodChanged{Pod: p})
		h.send(lab.EndpointsChanged{Slice: "web-x", Endpoints: []lab.Endpoint{{Service: "web", Address: "10.0.0.1", Pod: "web-1", Ready: true}}})
		h.settle()
		if err := h.session.Do(t.Context(), lab.StartTraffic{Service: "web"}); err != nil {
			t.Fatal(err)
		}
		h.pass(1500 * time.Millisecond)
		if got := h.now().Traffic; got == nil || got.Way != lab.TrafficByNode || got.Total.Sent() != 10 {
			t.Errorf("%+v", got)
		}
		h.stop()
		if got := h.now().Traffic; got.On {
			t.Errorf("after the session: %+v", got)
		}
	})
}

// With --read-only and --dry-run nothing is sent, and it says why.
func TestNoTrafficThatIsNotWanted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cluster := newFakeCluster()
		cluster.dryRun = true
		h := startOn(t, cluster, nil)
		h.send(lab.EndpointsChanged{Slice: "web-x", Endpoints: []lab.Endpoint{{Service: "web", Address: "10.0.0.1", Pod: "web-1", Ready: true}}})
		err := h.session.Do(t.Context(), lab.StartTraffic{Service: "web", Confirmed: true})
		if err == nil || lab.InFull(err).En != "Nothing is sent with --dry-run." {
			t.Errorf("%v", err)
		}
	})
}
