package probelog

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"healthlab/lab"
	"healthlab/probes"
	"healthlab/tui/panes/panetest"
	"healthlab/tui/theme"
)

func TestTook(t *testing.T) {
	for want, d := range map[string]time.Duration{
		"<1ms": 350 * time.Microsecond, "1ms": time.Millisecond, "12ms": 12*time.Millisecond + 900*time.Microsecond,
		"1.0s": time.Second, "12.3s": 12300 * time.Millisecond,
	} {
		if got := took(d); got != want {
			t.Errorf("%s: got %s, want %s", d, got, want)
		}
	}
}

func TestWitnesses(t *testing.T) {
	got := witnesses(panetest.Snapshot().Pods)
	type brief struct {
		Pod            string
		Seen, Reported int
	}
	var brief2 []brief
	for _, w := range got {
		brief2 = append(brief2, brief{w.pod, w.seen, w.reported})
	}
	want := []brief{{"liveness-app", 3, 3}, {"readiness-deployment-6c4f9d7b8-q2xkz", 2, 2}}
	if diff := cmp.Diff(want, brief2); diff != "" {
		t.Error(diff)
	}
}

func TestMessages(t *testing.T) {
	p := New()
	p.SetStyle(theme.New(theme.Dark, theme.Options{}), lab.English)
	for name, tc := range map[string]struct {
		row  row
		want string
	}{
		"plain":            {row{message: "refused"}, "refused"},
		"verdict":          {row{changed: true, verdict: probes.Passing}, "verdict: passing"},
		"verdict and why":  {row{changed: true, verdict: probes.Failing, message: "refused"}, "refused | verdict: failing"},
		"verdict and hold": {row{changed: true, verdict: probes.Failing, onHold: true}, "verdict: failing, ‖ waiting for a new container"},
		"unsure":           {row{unsure: true, message: "ok"}, "ok | connection too slow to tell"},
		"hold":             {row{onHold: true}, "‖ waiting for a new container"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := p.message(tc.row, 60); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestEveryOutcomeHasAGlyphAndAWord(t *testing.T) {
	p := New()
	for _, l := range []lab.Lang{lab.Korean, lab.English} {
		p.SetStyle(theme.New(theme.Dark, theme.Options{}), l)
		seen := map[string]bool{}
		for _, r := range []row{
			{outcome: probes.Success}, {outcome: probes.Success, warning: true}, {outcome: probes.Failure}, {outcome: probes.Unknown},
		} {
			glyph, word, found := strings.Cut(p.outcome(r), " ")
			if !found || ansi.StringWidth(glyph) != 1 || word == "" || seen[glyph] || seen[word] {
				t.Errorf("%s: %q is not a glyph and a word of its own", l, p.outcome(r))
			}
			seen[glyph], seen[word] = true, true
		}
	}
}

func TestScrolledUpLinesStayInSight(t *testing.T) {
	s := panetest.Snapshot()
	s.Pods = nil // no footer
	p := New()
	p.SetStyle(theme.New(theme.Dark, theme.Options{}), lab.English)
	p.SetSize(100, 5)
	p.SetSnapshot(s)
	p.View(panetest.Now())
	for range 3 {
		p.HandleKey(panetest.Key("k"))
	}
	late := panetest.Now().Add(time.Hour) // nothing stands out any more
	before := p.View(late)
	if p.Title(lab.English) != "Probe log (paused, G follows)" {
		t.Errorf("the title does not say that the pane is paused: %s", p.Title(lab.English))
	}
	next := panetest.Snapshot()
	next.Pods = nil
	next.Attempts = append(next.Attempts[2:], next.Attempts[0])
	p.SetSnapshot(next)
	if diff := cmp.Diff(before, p.View(late)); diff != "" {
		t.Error(diff)
	}
}

func TestWhatOnlyTheKubeletTells(t *testing.T) {
	s := panetest.Snapshot()
	s.Attempts = nil
	for i := range s.Pods {
		s.Pods[i].Containers[0].Probes[0].Unavailable = lab.T("권한이 없습니다", "not permitted")
	}
	p := New()
	p.SetStyle(theme.New(theme.Dark, theme.Options{}), lab.English)
	p.SetSize(170, 8)
	p.SetSnapshot(s)
	got := ansi.Strip(p.View(panetest.Now()))
	for _, want := range []string{
		"? kubelet only: readiness probe: no failure reported, Ready=True 3m  readiness-deployment-6c4f9d7b8-7hgtp  not permitted",
		"⚠ kubelet only: readiness probe failed x2 (2s ago), Ready=False 3m  readiness-deployment-6c4f9d7b8-q2xkz  cat: can't open",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in:\n%s", want, got)
		}
	}
}
