package probelog

import (
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"healthlab/lab"
	"healthlab/lab/cause"
	"healthlab/tui/panes/panetest"
	"healthlab/tui/theme"
)

func TestGoldens(t *testing.T) {
	panetest.Goldens(t, New(),
		panetest.Size{W: 50, H: 9, Lang: lab.Korean},
		panetest.Size{W: 78, H: 12, Lang: lab.English},
		panetest.Size{W: 120, H: 20, Lang: lab.Korean})
}

func TestSizeIsExact(t *testing.T) { panetest.Exact(t, New()) }

func BenchmarkPane(b *testing.B) { panetest.Bench(b, New()) }

// An attempt that a cause rests on is brought into sight and marked, until Esc; what is not there is not pointed at.
func TestPoint(t *testing.T) {
	p := New()
	p.SetStyle(theme.New(theme.Dark, theme.Options{}), lab.English)
	p.SetSize(100, 4)
	s := panetest.Snapshot()
	p.SetSnapshot(s)
	before := p.View(panetest.Now())
	first := s.Attempts[0]
	for _, ref := range []cause.Ref{cause.EventRef{UID: "x"}, cause.AttemptRef{Key: first.Key}, cause.AttemptRef{Start: first.Start}} {
		if p.Point(ref) || p.View(panetest.Now()) != before {
			t.Errorf("points at %+v", ref)
		}
	}
	if !p.Point(cause.AttemptRef{Key: first.Key, Start: first.Start}) {
		t.Fatal("does not point at an attempt")
	}
	marked := p.View(panetest.Now())
	if !strings.Contains(marked, first.Start.Local().Format(time.TimeOnly)) {
		t.Errorf("the attempt is not in sight:\n%s", marked)
	}
	last := s.Attempts[len(s.Attempts)-1]
	p.Point(cause.AttemptRef{Key: last.Key, Start: last.Start})
	at := last.Start.Local().Format(time.TimeOnly)
	marked = p.View(panetest.Now())
	for range 9 {
		last.Start = last.Start.Add(time.Minute)
		s.Attempts = append(slices.Clone(s.Attempts), last)
	}
	p.SetSnapshot(s)
	if later := p.View(panetest.Now()); !strings.Contains(marked, at) || !strings.Contains(later, at) {
		t.Errorf("newer attempts push the marked one out of sight:\n%s\n%s", marked, later)
	}
	if _, taken := p.HandleKey(tea.KeyPressMsg{Code: tea.KeyEscape}); !taken || p.View(panetest.Now()) == marked {
		t.Error("Esc leaves the mark")
	}
	if _, taken := p.HandleKey(tea.KeyPressMsg{Code: tea.KeyEscape}); taken {
		t.Error("Esc is taken without a mark")
	}
}

// Whose attempts they are stands above the messages or, where they are of both, in a column. What the kubelet itself tells needs
// neither the way there nor a comparison.
func TestWhoseAttempts(t *testing.T) {
	told := func(s *lab.Snapshot) {
		for i := range s.Attempts {
			s.Attempts[i].Witness, s.Attempts[i].Way = lab.Kubelet, 0
		}
		for _, p := range s.Pods {
			for _, c := range p.Containers {
				for i := range c.Probes {
					c.Probes[i].Witness = lab.Kubelet
				}
			}
		}
	}
	for name, tt := range map[string]struct {
		change      func(*lab.Snapshot)
		want, lacks []string
	}{
		"healthlab": {func(*lab.Snapshot) {}, []string{"MESSAGE (healthlab)", "+WAY", "healthlab: x3"}, []string{"BY"}},
		"kubelet":   {told, []string{"MESSAGE (kubelet)"}, []string{"+WAY", "BY", "healthlab"}},
		"both": {func(s *lab.Snapshot) {
			told(s)
			s.Attempts[len(s.Attempts)-1].Witness = lab.Engine
		}, []string{"BY", "kubelet", "healthlab"}, []string{"MESSAGE ("}},
	} {
		t.Run(name, func(t *testing.T) {
			p := New()
			p.SetStyle(theme.New(theme.Dark, theme.Options{}), lab.English)
			p.SetSize(140, 20)
			s := panetest.Snapshot()
			tt.change(s)
			p.SetSnapshot(s)
			view := p.View(panetest.Now())
			for _, want := range tt.want {
				if !strings.Contains(view, want) {
					t.Errorf("lacks %q:\n%s", want, view)
				}
			}
			for _, not := range tt.lacks {
				if strings.Contains(view, not) {
					t.Errorf("has %q:\n%s", not, view)
				}
			}
		})
	}
}
