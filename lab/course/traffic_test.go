package course

import (
	"testing"

	"healthlab/lab"
)

func TestParseTraffic(t *testing.T) {
	for text, want := range map[string]lab.StartTraffic{
		"web":               {Service: "web"},
		" web:80 ":          {Service: "web", Port: 80},
		"web/health":        {Service: "web", Path: "/health"},
		"web:8080/a:b?c 20": {Service: "web", Port: 8080, Path: "/a:b?c", Rate: 20},
		"":                  {},
		":80":               {},
		"web:":              {},
		"web:x":             {},
		"web -1":            {},
		"web 1 2":           {},
		"web:0":             {},
	} {
		got, err := ParseTraffic(text)
		if (err != nil) != (want == lab.StartTraffic{}) || err == nil && got != want {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	}
}

func TestTrafficIsRefusedWithAReason(t *testing.T) {
	up := lab.Cluster{Phase: lab.Up}
	endpoints := []lab.Endpoint{{Service: "web"}, {Service: "web"}, {Service: "db"}, {}}
	for name, c := range map[string]struct {
		snapshot lab.Snapshot
		want     Code
	}{
		"read-only":   {lab.Snapshot{Cluster: lab.Cluster{Phase: lab.Up, ReadOnly: true}, Endpoints: endpoints}, OnlyRead},
		"dry run":     {lab.Snapshot{Cluster: lab.Cluster{Phase: lab.Up, DryRun: true}, Endpoints: endpoints}, OnlyRead},
		"a replay":    {lab.Snapshot{Cluster: up, Endpoints: endpoints, Replay: true}, Replaying},
		"no cluster":  {lab.Snapshot{Endpoints: endpoints}, ClusterStarting},
		"no services": {lab.Snapshot{Cluster: up}, NoService},
		"sent":        {lab.Snapshot{Cluster: up, Endpoints: endpoints, Traffic: &lab.Traffic{On: true}}, TrafficRuns},
		"by forward":  {lab.Snapshot{Cluster: up, Endpoints: endpoints}, NotAgreed},
		"by the node": {lab.Snapshot{Cluster: lab.Cluster{Phase: lab.Up, Told: []string{"healthlab"}}, Endpoints: endpoints}, ""},
	} {
		if got := (Moment{Snapshot: &c.snapshot}).WhyNot(lab.StartTraffic{Service: "web"}); got.Code != c.want {
			t.Errorf("%s: %q, want %q", name, got.Code, c.want)
		}
	}
}

func FuzzParseTraffic(f *testing.F) {
	f.Add("web:80/health 20")
	f.Fuzz(func(t *testing.T, text string) {
		if a, err := ParseTraffic(text); err == nil && (a.Service == "" || a.Port < 0 || a.Rate < 0) {
			t.Errorf("%q: %+v", text, a)
		}
	})
}
