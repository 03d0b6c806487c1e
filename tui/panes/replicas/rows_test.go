package replicas

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"healthlab/lab"
	"healthlab/tui/panes/panetest"
	"healthlab/tui/theme"
)

func TestLines(t *testing.T) {
	d := lab.Deployment{Desired: 3, Updated: 3, Total: 3, Available: 2, Unavailable: 1}
	for name, tc := range map[string]struct {
		w    int
		want []string
	}{
		"as kubectl": {90, []string{"Replicas:               3 desired | 3 updated | 3 total | 2 available | 1 unavailable"}},
		"closer":     {75, []string{"Replicas: 3 desired | 3 updated | 3 total | 2 available | 1 unavailable"}},
		"broken":     {45, []string{"Replicas: 3 desired | 3 updated | 3 total", "          2 available | 1 unavailable"}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, lines(d, tc.w)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestEndpoints(t *testing.T) {
	now := panetest.Now()
	e := func(address string, ready, terminating bool) lab.Endpoint {
		return lab.Endpoint{Service: "s", Address: address, Pod: "p", Ready: ready, Terminating: terminating}
	}
	shown := endpoints(now, []lab.Endpoint{e("10.0.0.2", true, false), e("10.0.0.1", false, false), e("10.0.0.3", false, true)}, nil)
	states := func(in []endpoint) map[string]state {
		out := map[string]state{}
		for _, e := range in {
			out[e.address] = e.state
		}
		return out
	}
	want := map[string]state{"10.0.0.1": unready, "10.0.0.2": ready, "10.0.0.3": terminating}
	if diff := cmp.Diff(want, states(shown)); diff != "" {
		t.Error(diff)
	}
	shown = endpoints(now.Add(time.Second), []lab.Endpoint{e("10.0.0.1", true, false)}, shown)
	want = map[string]state{"10.0.0.1": ready, "10.0.0.2": gone, "10.0.0.3": gone}
	if diff := cmp.Diff(want, states(shown)); diff != "" {
		t.Error(diff)
	}
	shown = endpoints(now.Add(2*time.Second), []lab.Endpoint{e("10.0.0.2", true, false)}, shown)
	want = map[string]state{"10.0.0.1": gone, "10.0.0.2": ready, "10.0.0.3": gone}
	if diff := cmp.Diff(want, states(shown)); diff != "" {
		t.Error(diff)
	}
	shown = endpoints(now.Add(time.Second+keepGone), []lab.Endpoint{e("10.0.0.2", true, false)}, shown)
	want = map[string]state{"10.0.0.1": gone, "10.0.0.2": ready}
	if diff := cmp.Diff(want, states(shown)); diff != "" {
		t.Errorf("10.0.0.3 left %s ago: %s", keepGone, diff)
	}
}

func TestAnotherNamespaceStartsAnew(t *testing.T) {
	p := New()
	p.SetStyle(theme.New(theme.Dark, theme.Options{}), lab.English)
	p.SetSize(80, 10)
	p.SetSnapshot(panetest.Snapshot())
	p.SetSnapshot(&lab.Snapshot{At: panetest.Now(), Cluster: lab.Cluster{Namespace: "other"}})
	if got := ansi.Strip(p.View(panetest.Now())); !strings.Contains(got, "No deployment yet.") {
		t.Error(got)
	}
}

func TestAddressesStandSideBySideWhereLinesAreFew(t *testing.T) {
	p := New()
	p.SetStyle(theme.New(theme.Dark, theme.Options{}), lab.English)
	p.SetSize(76, 4)
	p.SetSnapshot(panetest.Snapshot())
	want := "Service readiness  ✓ 10.244.0.5  ✗ 10.244.0.6  ✓ 10.244.0.7"
	if got := ansi.Strip(p.View(panetest.Now())); !strings.Contains(got, want) {
		t.Errorf("no %q in\n%s", want, got)
	}
}

func TestAChangeStandsOutAndFades(t *testing.T) {
	style := theme.New(theme.Dark, theme.Options{})
	s := panetest.Snapshot()
	next := panetest.Snapshot()
	next.At = s.At.Add(time.Second)
	next.Deployments[0].Available, next.Deployments[0].Unavailable = 3, 0
	text := lines(next.Deployments[0], 100)[0]
	for name, tc := range map[string]struct {
		after time.Duration
		want  string
		moves bool
	}{
		"fresh":  {0, style.Fresh.Render(text), true},
		"fading": {theme.FreshFor, style.Fading.Render(text), true},
		"faded":  {theme.FadeFor, style.Text.Render(text), false},
	} {
		t.Run(name, func(t *testing.T) {
			p := New()
			p.SetStyle(style, lab.English)
			p.SetSize(100, 10)
			p.SetSnapshot(s)
			p.SetSnapshot(next)
			if got := p.View(next.At.Add(tc.after)); !strings.Contains(got, tc.want) {
				t.Errorf("no %q in %q", tc.want, got)
			}
			if p.Animated() != tc.moves {
				t.Errorf("wants to be redrawn: %v", p.Animated())
			}
		})
	}
}
