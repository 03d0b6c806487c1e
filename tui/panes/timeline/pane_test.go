package timeline

import (
	"fmt"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"healthlab/lab"
	"healthlab/lab/journal"
	"healthlab/lab/timeline"
	"healthlab/probes"
	"healthlab/tui/chart"
	"healthlab/tui/panes/panetest"
	"healthlab/tui/theme"
	"healthlab/tui/tuitest"
)

const (
	hung   = "liveness-app"
	broken = "readiness-deployment-7869b5d679-mxr2k"
)

// shown is a pane of a story at a time.
func shown(s *tuitest.Story, pod string, at float64, w, h int, l lab.Lang, o theme.Options) *Pane {
	p := New()
	p.SetStyle(theme.New(theme.Dark, o), l)
	p.SetSize(w, h)
	p.SetSnapshot(&lab.Snapshot{ChosenPod: pod})
	p.SetTimeline(s.View(at))
	return p
}

func picture(p *Pane, at float64, l lab.Lang) string {
	view := p.View(tuitest.At(at))
	return "[" + p.Title(l) + "]\n" + strings.ReplaceAll(view, "\n", "|\n") + "|\n"
}

// press presses keys, drawing in between as the console does.
func press(p *Pane, at float64, keys ...string) {
	for _, k := range keys {
		p.View(tuitest.At(at))
		msg := panetest.Key(k)
		switch k {
		case "home":
			msg = tea.KeyPressMsg{Code: tea.KeyHome}
		case "pgup":
			msg = tea.KeyPressMsg{Code: tea.KeyPgUp}
		}
		p.HandleKey(msg)
	}
}

func TestGoldens(t *testing.T) {
	for name, c := range map[string]struct {
		story *tuitest.Story
		pod   string
		at    float64
		keys  string
	}{
		"before":    {tuitest.Liveness(), hung, 26, ""},
		"fault":     {tuitest.Liveness(), hung, 28, ""},
		"killing":   {tuitest.Liveness(), hung, 43, ""},
		"restarted": {tuitest.Liveness(), hung, 75, ""},
		"cursor":    {tuitest.Liveness(), hung, 75, "[ [ ["},
		"coarse":    {tuitest.Liveness(), hung, 75, "{ { {"},
		"left":      {tuitest.Readiness(), broken, 31, ""},
		"returned":  {tuitest.Readiness(), broken, 45, ""},
		"all":       {tuitest.Readiness(), broken, 45, "*"},
	} {
		for _, size := range []panetest.Size{{W: 38, H: 20, Lang: lab.Korean}, {W: 78, H: 12, Lang: lab.English}, {W: 120, H: 20, Lang: lab.Korean}} {
			t.Run(fmt.Sprintf("%s-%dx%d-%s", name, size.W, size.H, size.Lang), func(t *testing.T) {
				p := shown(c.story, c.pod, c.at, size.W, size.H, size.Lang, theme.Options{})
				press(p, c.at, strings.Fields(c.keys)...)
				golden.RequireEqual(t, ansi.Strip(picture(p, c.at, size.Lang)))
			})
		}
	}
}

func TestLooks(t *testing.T) {
	for name, o := range map[string]theme.Options{
		"colours": {}, "sixteen": {Colors: theme.SixteenColors}, "none": {Colors: theme.NoColor}, "ascii": {ASCII: true, Colors: theme.NoColor},
	} {
		t.Run(name, func(t *testing.T) {
			p := shown(tuitest.Liveness(), hung, 43, 78, 12, lab.English, o)
			view := picture(p, 43, lab.English)
			golden.RequireEqual(t, view)
			if !o.ASCII {
				return
			}
			for _, r := range ansi.Strip(view) {
				if r > '~' {
					t.Errorf("%q is no character of ASCII", r)
				}
			}
		})
	}
}

func TestSizeIsExact(t *testing.T) {
	for name, s := range map[string]*tuitest.Story{"liveness": tuitest.Liveness(), "readiness": tuitest.Readiness(), "crowd": crowd(40, 90), "hostile": hostile()} {
		t.Run(name, func(t *testing.T) {
			p := New()
			p.SetTimeline(s.View(3000))
			panetest.Exact(t, p)
		})
	}
}

func TestEmpty(t *testing.T) {
	p := New()
	panetest.Exact(t, p)
	if !p.Empty() {
		t.Error("a pane without pods is not empty")
	}
	p.SetTimeline(tuitest.Liveness().View(5))
	if p.Empty() {
		t.Error("a pane with a pod is empty")
	}
}

// head is the first lines of the pane, where what is under the cursor is told.
func head(p *Pane, at float64, n int) string {
	lines := strings.Split(ansi.Strip(p.View(tuitest.At(at))), "\n")[:n]
	for i, line := range lines {
		lines[i] = strings.TrimSpace(line)
	}
	return strings.Join(lines, "\n")
}

func TestCursor(t *testing.T) {
	for _, c := range []struct {
		name  string
		story *tuitest.Story
		pod   string
		at    float64
		l     lab.Lang
		keys  string
		want  string
	}{
		{"first at now", tuitest.Liveness(), hung, 75, lab.English, "<", "▸ 14:06:15, container running (restart 1), Ready\n  no attempt in this cell"},
		{"back to the restart", tuitest.Liveness(), hung, 75, lab.English, "[", "▸ 14:06:11, 44 s after the fault, container running (restart 1), Ready\n  no attempt in this cell"},
		{"back to Killing", tuitest.Liveness(), hung, 75, lab.English, "[ [", "▸ 14:05:41, 14 s after the fault, container stopping (grace 30 s), Ready\n  liveness: kubelet 1 failed (context deadline exceeded)"},
		{"in Korean", tuitest.Liveness(), hung, 75, lab.Korean, "[ [", "▸ 14:05:41, 장애 뒤 14초, 컨테이너 종료 중 (유예 30초), Ready\n  활성: kubelet 실패 1 (context deadline exceeded)"},
		{"what is to come", tuitest.Liveness(), hung, 28, lab.English, "< > > > > > > > > > > > >", "▸ 14:05:40, 13 s after the fault, Killing 11-16 s"},
		{"before there was a pod", tuitest.Liveness(), hung, 75, lab.English, "< g", "▸ 14:06:15, container running (restart 1), Ready\n  no attempt in this cell"},
		{"the pod that has left", tuitest.Readiness(), broken, 33, lab.English, "[", "▸ 14:05:27, 7 s after the fault, container running, not Ready, no traffic\n  readiness: kubelet 1 failed, healthlab 1 failed (cat: can't open '/tmp/healthy': No such file or directory)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := shown(c.story, c.pod, c.at, 120, 20, c.l, theme.Options{})
			press(p, c.at, strings.Fields(c.keys)...)
			if got := head(p, c.at, 1+strings.Count(c.want, "\n")); got != strings.ReplaceAll(c.want, "\n  ", "\n") {
				t.Errorf("the cursor tells\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestFollowing(t *testing.T) {
	s := tuitest.Liveness()
	p := shown(s, hung, 28, 120, 20, lab.English, theme.Options{})
	p.View(tuitest.At(28))
	left := p.axis.Left
	for at := 28.0; at < 71; at++ { // the whole forecast has room: nothing moves but now
		p.SetTimeline(s.View(at))
		p.View(tuitest.At(at))
		if !p.axis.Left.Equal(left) {
			t.Fatalf("at %v s the axis has moved by %v", at, p.axis.Left.Sub(left))
		}
	}
	press(p, 75, "pgup")
	if !p.paused || !strings.Contains(p.Title(lab.English), "paused") {
		t.Error("scrolling back does not pause")
	}
	p.View(tuitest.At(1000))
	if before := p.axis.Left; !before.Equal(p.axis.Left) || p.axis.Has(p.axis.Cell(tuitest.At(1000))) {
		t.Error("a paused axis moves")
	}
	press(p, 1000, "G")
	p.View(tuitest.At(1000))
	if p.paused || !p.axis.Has(p.axis.Cell(tuitest.At(1000))) {
		t.Error("G does not follow now")
	}
}

func TestMouse(t *testing.T) {
	p := shown(tuitest.Liveness(), hung, 75, 120, 20, lab.English, theme.Options{})
	p.View(tuitest.At(75))
	if a := p.Click(60, 3); a != nil {
		t.Errorf("a click asks for %v", a)
	}
	if want := p.axis.At(60 - chart.LabelWidth(120) - 1); !p.cursor.Equal(want) {
		t.Errorf("the cursor is at %v, want %v", p.cursor, want)
	}
	before := p.axis.Left
	p.ScrollBy(-3)
	if !p.axis.Left.Before(before) && before.After(p.view.From) {
		t.Error("the wheel does not go back")
	}
	p.Click(3, 3) // the names of the lanes
	p.View(tuitest.At(75))
}

// A frame in which nothing has changed is the frame that was drawn before; a second later only what tells the time is different.
func TestUnchanged(t *testing.T) {
	p := shown(tuitest.Liveness(), hung, 43, 120, 20, lab.Korean, theme.Options{})
	press(p, 43, "{", "{") // five seconds a cell
	before := strings.Split(p.View(tuitest.At(43)), "\n")
	after := strings.Split(p.View(tuitest.At(44)), "\n")
	for i := range before {
		if i > 0 && before[i] != after[i] {
			t.Errorf("line %d has changed within a cell:\n%s\n%s", i, before[i], after[i])
		}
	}
}

// crowd is a deployment of pods that are probed for some seconds.
func crowd(pods, seconds int) *tuitest.Story {
	s := &tuitest.Story{}
	labels := map[string]string{"app": "crowd"}
	s.Tell(0, journal.Changed{Change: lab.DeploymentChanged{Deployment: lab.Deployment{
		Name: "crowd", Desired: pods, Updated: pods, Total: pods, Available: pods, Selector: labels,
	}}})
	var names []string
	for i := range pods {
		name := fmt.Sprintf("crowd-%02d", i)
		names = append(names, name)
		s.Start(1, name, "node-1", true, labels, tuitest.LivenessProbe(), tuitest.ReadinessProbe())
	}
	s.Tell(1.5, journal.PodChosen{Pod: names[0]})
	for t := 5; t < seconds; t += 5 {
		for _, name := range names {
			for _, kind := range []probes.Kind{probes.Liveness, probes.Readiness} {
				s.Attempt(float64(t), 0.01, name, kind, probes.Success, t/5, "")
			}
		}
	}
	return s
}

// hostile is a story with names and messages that would break a screen.
func hostile() *tuitest.Story {
	s := &tuitest.Story{}
	bad := "\x1b[2J한\u200d글\ufe0f\t\n\x07" + strings.Repeat("길", 300)
	s.Start(1, bad, bad, true, map[string]string{"app": bad}, tuitest.LivenessProbe(), tuitest.ReadinessProbe())
	s.Tell(2, journal.PodChosen{Pod: bad})
	s.Tell(2, journal.Changed{Change: lab.AccessChanged{Resource: bad, Denied: true}})
	s.Tell(3, journal.Changed{Change: lab.EndpointsChanged{Slice: bad, Endpoints: []lab.Endpoint{{Service: bad, Address: bad, Pod: bad, Ready: true}}}})
	s.Fault(4, 5, "hang", bad)
	for i := range 30 {
		s.Attempt(5+float64(i)/10, 0.01, bad, probes.Liveness, probes.Failure, i+1, bad)
	}
	s.Tell(9, journal.Changed{Change: lab.LinkChanged{Up: false}})
	s.Tell(-500, journal.Changed{Change: lab.LinkChanged{Up: true}})
	return s
}

func TestHostile(t *testing.T) {
	p := New()
	p.SetStyle(theme.New(theme.Dark, theme.Options{}), lab.Korean)
	p.SetTimeline(hostile().View(3000))
	p.SetSize(100, 24)
	for _, keys := range []string{"", "<", "[", "*", "g"} {
		press(p, 20, strings.Fields(keys)...)
		view := p.View(tuitest.At(20))
		panetest.RequireSize(t, view, 100, 24)
		if strings.Contains(view, "\x1b[2J") {
			t.Errorf("after %q an escape sequence gets through", keys)
		}
	}
}

// Any view at any size and any keys: what is drawn has exactly the size that was asked for.
func FuzzPane(f *testing.F) {
	f.Add(uint8(40), uint8(12), 43.0, "<[{*")
	f.Add(uint8(200), uint8(60), 1e9, "}}}gG]")
	f.Add(uint8(3), uint8(2), -100.0, "jk<>")
	stories := []*timeline.View{tuitest.Liveness().View(75), tuitest.Readiness().View(45), hostile().View(100), crowd(5, 60).View(60), {}}
	f.Fuzz(func(t *testing.T, w, h uint8, at float64, keys string) {
		p := New()
		p.SetStyle(theme.New(theme.Light, theme.Options{ASCII: w%2 == 0}), lab.Korean)
		p.SetSize(int(w), int(h))
		for i, k := range keys {
			if i > 20 {
				break
			}
			p.SetTimeline(stories[(i+int(h))%len(stories)])
			p.HandleKey(tea.KeyPressMsg{Code: k, Text: string(k)})
			p.Click(int(k)%256, 3)
			p.ScrollBy(int(k)%7 - 3)
			panetest.RequireSize(t, p.View(tuitest.Begun().Add(time.Duration(at*float64(time.Second)))), int(w), int(h))
		}
	})
}

// BenchmarkPane is a frame of an hour of thirty pods, on a screen of 200×60.
func BenchmarkPane(b *testing.B) {
	s := crowd(30, 3600)
	views := []*timeline.View{s.View(3598), s.View(3600)}
	for name, keys := range map[string]string{"chosen": "", "all": "*", "minute": "* { { { { {"} {
		p := New()
		p.SetStyle(theme.New(theme.Dark, theme.Options{}), lab.Korean)
		p.SetSize(200, 57)
		p.SetTimeline(views[0])
		press(p, 3600, strings.Fields(keys)...)
		b.Run(name+"/changed", func(b *testing.B) {
			i := 0
			for b.Loop() {
				p.SetTimeline(views[i%2])
				p.View(tuitest.At(3600))
				i++
			}
		})
		b.Run(name+"/unchanged", func(b *testing.B) {
			for b.Loop() {
				p.View(tuitest.At(3600))
			}
		})
	}
}

// However many pods there are, each can be scrolled to, and a frame shows no more lanes than it has lines.
func TestScrollsThroughACrowd(t *testing.T) {
	const pods = 100
	p := shown(crowd(pods, 12), "crowd-00", 12, 120, 20, lab.English, theme.Options{})
	press(p, 12, "*")
	seen := map[string]bool{}
	for range pods * 6 {
		view := ansi.Strip(p.View(tuitest.At(12)))
		panetest.RequireSize(t, view, 120, 20)
		for i := range pods {
			if name := fmt.Sprintf("crowd-%02d", i); strings.Contains(view, name) {
				seen[name] = true
			}
		}
		press(p, 12, "j")
	}
	if len(seen) != pods {
		t.Errorf("%d of %d pods come into sight", len(seen), pods)
	}
	if view := ansi.Strip(p.View(tuitest.At(12))); strings.Contains(view, "↓") || !strings.Contains(view, "crowd-99") {
		t.Errorf("at the end there is more, or the last pod is not seen:\n%s", view)
	}
	press(p, 12, "k")
	if view := ansi.Strip(p.View(tuitest.At(12))); !strings.Contains(view, "↓") {
		t.Errorf("above the end it is not told that there is more:\n%s", view)
	}
}
