package session

import (
	"context"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"healthlab/lab"
	"healthlab/probes"
)

func TestCaveats(t *testing.T) {
	policies := lab.Preflight{Policies: []lab.NetworkPolicy{
		{Name: "all"}, {Name: "web", Selector: "app in (web)"}, {Name: "other", Selector: "app=other"},
	}}
	const selects = "network policy all, web selects the pod, but does not apply to a port-forward"
	const local = "the kubelet probes the pod's IP, healthlab probes localhost in the pod: the app seems to listen only on localhost"
	for name, tc := range map[string]struct {
		found   lab.Preflight
		exec    bool
		way     time.Duration
		refused bool // by the kubelet
		want    []string
	}{
		"none":                      {},
		"network policies":          {found: policies, want: []string{"known", selects}},
		"not for a command":         {found: policies, exec: true},
		"a slow way":                {exec: true, way: 8 * time.Second, want: []string{"the connection to the container is slow (8s), so attempts come less often than every 3s"}},
		"the kubelet fails alone":   {refused: true, want: []string{"known", local}},
		"the kubelet runs commands": {refused: true, exec: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := web(true)
				probe := &p.Containers[0].Probes[0]
				h := startReal(t, tc.found, func(_ *Config, fake *fakeCluster) {
					fake.way = tc.way
					fake.dial = func(context.Context, string, int) (net.Conn, time.Duration, error) {
						near, far := net.Pipe()
						go func() { _, _ = io.Copy(io.Discard, far) }()
						return near, 0, nil
					}
				})
				if !tc.exec {
					probe.Spec.Exec, probe.Spec.TCP = nil, &probes.TCPAction{Port: probes.Port{Number: 80}}
				}
				if len(tc.want) > 0 && tc.want[0] == "known" {
					probe.Caveats = []lab.Text{text("known")}
				}
				h.send(lab.PodChanged{Pod: p})
				h.pass(9 * time.Second)
				if tc.refused {
					h.send(lab.EventChanged{Event: lab.Event{
						UID: "e", Reason: "Unhealthy", ObjectKind: "Pod", ObjectName: p.Name, Container: "app", Count: 1, Last: time.Now(),
						Message: "Readiness probe failed: dial tcp 10.0.0.1:80: connect: connection refused",
					}})
				}
				var got []string
				for _, c := range h.now().Pods[0].Containers[0].Probes[0].Caveats {
					got = append(got, c.En)
				}
				if diff := cmp.Diff(tc.want, got); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}
