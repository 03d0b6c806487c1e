package chart

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"healthlab/lab"
	"healthlab/lab/timeline"
	"healthlab/probes"
	"healthlab/tui/theme"
	"healthlab/tui/tuitest"
)

func TestAxisFollows(t *testing.T) {
	begun := tuitest.Begun()
	for _, step := range Steps() {
		for _, cells := range []int{1, 7, 30, 63, 177} {
			a := Axis{Step: step, Cells: cells}
			for i := range 400 {
				now := begun.Add(time.Duration(i) * step)
				before := a.Left
				a = a.Following(begun, now, now.Add(time.Minute))
				if moved := a.Left.Sub(before); i > 0 && moved != 0 && moved != step {
					t.Fatalf("%v a cell, %d cells: after %d cells the axis moves by %s", step, cells, i, moved)
				}
				if x := a.Cell(now); !a.Has(x) {
					t.Fatalf("%v a cell, %d cells: after %d cells now is in cell %d", step, cells, i, x)
				}
				if !a.even().Left.Equal(a.Left) {
					t.Fatalf("%v a cell, %d cells: the axis begins within a cell", step, cells)
				}
			}
		}
	}
}

// What is to come is in sight as long as that leaves room for the past.
func TestAxisShowsWhatIsToCome(t *testing.T) {
	now := tuitest.Begun().Add(time.Hour)
	for _, c := range []struct {
		name  string
		until time.Duration
		seen  bool
	}{{"soon", 20 * time.Second, true}, {"as far as there is room", 58 * time.Second, true}, {"too far", 10 * time.Minute, false}, {"never", -time.Hour, false}} {
		t.Run(c.name, func(t *testing.T) {
			a := Axis{Step: time.Second, Cells: 100}.Following(tuitest.Begun(), now, now.Add(c.until))
			if got := a.Has(a.Cell(now.Add(c.until))); got != c.seen {
				t.Errorf("seen %v, want %v; now is in cell %d of 100", got, c.seen, a.Cell(now))
			}
			if x := a.Cell(now); x < 100-room(100)-1 {
				t.Errorf("now is in cell %d of 100: too little is left of the past", x)
			}
		})
	}
}

func TestCells(t *testing.T) {
	a := Axis{Left: tuitest.Begun(), Step: 2 * time.Second, Cells: 10}
	for _, c := range []struct {
		name string
		at   time.Time
		want int
	}{
		{"the first", tuitest.At(0), 0},
		{"still the first", tuitest.At(1.999), 0},
		{"the second", tuitest.At(2), 1},
		{"just before", tuitest.At(-0.001), -1},
		{"before", tuitest.At(-2), -1},
		{"never", time.Time{}, -1 << 30},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := a.Cell(c.at); got != c.want {
				t.Errorf("cell %d, want %d", got, c.want)
			}
		})
	}
	if (Axis{}).Cell(tuitest.Begun()) != 0 {
		t.Error("an axis without a step has another cell than the first")
	}
}

func TestSteps(t *testing.T) {
	for _, c := range []struct {
		name  string
		d     time.Duration
		cells int
		want  time.Duration
	}{
		{"fits", 45 * time.Second, 45, time.Second},
		{"does not quite", 46 * time.Second, 45, 2 * time.Second},
		{"no cells", time.Second, 0, time.Second},
		{"for ever", probes.Longest, 100, time.Minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Fitting(c.d, c.cells); got != c.want {
				t.Errorf("%v a cell, want %v", got, c.want)
			}
		})
	}
	if Finer(time.Second, 1) != time.Second || Finer(time.Minute, -1) != time.Minute || Finer(10*time.Second, 1) != 5*time.Second {
		t.Error("the steps do not end where they should, or leave one out")
	}
}

func chartOf(o theme.Options) *Chart {
	style := theme.New(theme.Dark, o)
	return New(&style, lab.English)
}

// story is a pod with one liveness probe whose attempts have these outcomes at these times.
func attempts(told map[float64]probes.Outcome) timeline.Attempts {
	s := &tuitest.Story{}
	s.Start(-1, "pod", "node", true, nil, tuitest.LivenessProbe())
	for at := 0.0; at < 100; at += 0.25 {
		if o, ok := told[at]; ok {
			s.Attempt(at, 0.001, "pod", probes.Liveness, o, 1, "")
		}
	}
	return s.View(1000).Pods[0].Containers[0].Probes[0].Engine
}

// A failure is seen, whatever else a cell has, and so is how many there are.
func TestFailuresAreNotHidden(t *testing.T) {
	good, bad, unknown := probes.Success, probes.Failure, probes.Unknown
	many := map[float64]probes.Outcome{}
	for i := range 39 {
		many[float64(i)/4] = bad
	}
	for _, c := range []struct {
		name string
		told map[float64]probes.Outcome
		want string
	}{
		{"nothing", nil, "  "},
		{"a success", map[float64]probes.Outcome{1: good}, "✓ "},
		{"successes", map[float64]probes.Outcome{1: good, 2: good, 11: good}, "✓✓"},
		{"a failure among successes", map[float64]probes.Outcome{1: good, 2: bad, 3: good, 11: good}, "✗✓"},
		{"two failures among successes", map[float64]probes.Outcome{1: bad, 2: good, 3: bad}, "2 "},
		{"a failure and what is not known", map[float64]probes.Outcome{1: bad, 2: unknown}, "✗ "},
		{"what is not known and a success", map[float64]probes.Outcome{1: good, 2: unknown}, "? "},
		{"more than a digit can tell", many, "█ "},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := make(row, 2)
			p := Picture{Axis: Axis{Left: tuitest.Begun(), Step: 10 * time.Second, Cells: 2}}
			ch := chartOf(theme.Options{})
			sum := make([]tally, len(r))
			tallies(sum, p.Axis, attempts(c.told))
			ch.attempts(r, sum)
			var out strings.Builder
			r.draw(&out, ch.pens)
			if got := ansi.Strip(out.String()); got != c.want {
				t.Errorf("drawn as %q, want %q", got, c.want)
			}
		})
	}
}

// Two witnesses that share a lane have not seen twice as much; but what only one of them saw is seen.
func TestWitnessesAreNotAddedUp(t *testing.T) {
	good, bad := probes.Success, probes.Failure
	for _, c := range []struct {
		name            string
		kubelet, engine map[float64]probes.Outcome
		want            string
	}{
		{"both have seen it", map[float64]probes.Outcome{12: bad}, map[float64]probes.Outcome{9: bad, 14: good}, "✗✓  "},
		{"only the kubelet", map[float64]probes.Outcome{12: bad}, map[float64]probes.Outcome{9: good, 14: good}, "✓✗  "},
		{"only the engine", nil, map[float64]probes.Outcome{9: bad, 14: good}, "✗✓  "},
		{"at another time", map[float64]probes.Outcome{32: bad}, map[float64]probes.Outcome{9: bad, 34: good}, "✗  ✗"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, sum := make(row, 4), make([]tally, 4)
			witnessed(sum, Axis{Left: tuitest.Begun(), Step: 10 * time.Second, Cells: 4}, &timeline.Probe{
				Spec: tuitest.LivenessProbe(), Kubelet: attempts(c.kubelet), Engine: attempts(c.engine),
			})
			ch := chartOf(theme.Options{})
			ch.attempts(r, sum)
			var out strings.Builder
			r.draw(&out, ch.pens)
			if got := ansi.Strip(out.String()); got != c.want {
				t.Errorf("drawn as %q, want %q", got, c.want)
			}
		})
	}
}

// In a cell that has several states, the worst is seen; each state has a glyph of its own, with symbols and without.
func TestStates(t *testing.T) {
	s := tuitest.Liveness()
	v := s.View(75)
	for _, c := range []struct {
		name  string
		step  time.Duration
		cells int
		ascii bool
		want  string
	}{
		{"seconds", 2 * time.Second, 39, false, " ○○━running━━━━━━━━━╍stopping╍╍╍╍╍╍┈━━ "},
		{"half a minute", 30 * time.Second, 3, false, "○╍┈"},
		{"without symbols", 2 * time.Second, 39, true, " oo=running=========-stopping------.== "},
	} {
		t.Run(c.name, func(t *testing.T) {
			ch := chartOf(theme.Options{ASCII: c.ascii})
			p := Picture{View: v, Now: tuitest.At(75), Axis: Axis{Left: tuitest.Begun(), Step: c.step, Cells: c.cells}}
			r := make(row, c.cells)
			states(ch, p, r, v.Pods[0].Containers[0].Runs, ch.run)
			var out strings.Builder
			r.draw(&out, ch.pens)
			if got := ansi.Strip(out.String()); got != c.want {
				t.Errorf("drawn as\n%q, want\n%q", got, c.want)
			}
		})
	}
}

func TestLabels(t *testing.T) {
	for _, c := range []struct {
		name, before string
		texts        []string
		left, right  int
		want         string
	}{
		{"to the right", "....◆.........", []string{"hello"}, 2, 6, "    ◆ hello   "},
		{"to the left", "........◆.....", []string{"hello"}, 6, 10, "  hello ◆     "},
		{"a shorter one", "....◆....◆....", []string{"hello", "hi"}, 2, 6, "    ◆ hi ◆    "},
		{"cut", "◆..........◆", []string{"0123456789abc"}, -2, 2, "◆ 01234567~◆"},
		{"not beside another one", "...◆...logs...", []string{"mkdir", "rm"}, 1, 5, "rm ◆   logs   "},
		{"no room", "◆....◆....◆", []string{"0123456789abc"}, 3, 7, "◆    ◆    ◆"},
		{"Korean", "....◆......", []string{"한글"}, 2, 6, "    ◆ 한글 "},
		{"Korean that would be cut in two", "....◆....", []string{"한글"}, 2, 6, "    ◆    "},
	} {
		t.Run(c.name, func(t *testing.T) {
			ch := chartOf(theme.Options{})
			var r row
			for _, g := range c.before {
				one := cell{}
				if g != '.' {
					one.glyph = string(g)
				}
				r = append(r, one)
			}
			r.label(c.texts, text, c.left, c.right, "~")
			var out strings.Builder
			r.draw(&out, ch.pens)
			if got := ansi.Strip(out.String()); got != c.want {
				t.Errorf("drawn as\n%q, want\n%q", got, c.want)
			}
		})
	}
}

// Where the clock was set back, the axis goes on, and tells the time of the clock.
func TestNow(t *testing.T) {
	s := tuitest.Liveness()
	v := s.View(75)
	if got := Now(v, tuitest.At(80)); !got.Equal(tuitest.At(80)) {
		t.Errorf("now is %v, want 80 s", got.Sub(tuitest.Begun()))
	}
	if got := Now(v, tuitest.At(-500)); !got.Equal(v.To) {
		t.Errorf("a clock that is behind makes it %v, want the time of the last entry", got.Sub(tuitest.Begun()))
	}
}

// A point that will not come says why.
func TestNever(t *testing.T) {
	s := &tuitest.Story{}
	spec := probes.Spec{Kind: probes.Liveness, TCP: &probes.TCPAction{Port: probes.Port{Number: 80}}}.Defaulted()
	s.Start(1, "pod", "node", true, nil, spec)
	s.Fault(20, 20.1, "hang", "pod")
	v := s.View(21)
	ch := chartOf(theme.Options{})
	p := Picture{View: v, Now: tuitest.At(21), Axis: Axis{Left: tuitest.Begun(), Step: time.Second}, Pods: v.Pods}
	lines, _ := ch.Lines(p, 140, 20)
	if all := ansi.Strip(strings.Join(lines, "\n")); !strings.Contains(all, "no Killing: a TCP probe only asks for a connection") {
		t.Errorf("not told why there is no Killing:\n%s", all)
	}
}

// A pod with several containers and probes has a lane for each, with names that tell them apart however narrow it is.
func TestManyLanes(t *testing.T) {
	s := &tuitest.Story{}
	startup := tuitest.LivenessProbe()
	startup.Kind = probes.Startup
	s.Start(1, "pod", "node", true, nil, startup, tuitest.ReadinessProbe(), tuitest.LivenessProbe())
	v := s.View(20)
	for _, c := range []struct {
		name string
		w, h int
		want []string
	}{
		{"wide", 120, 20, []string{"startup kubelet", "startup healthlab", "readiness kubelet", "readiness healthlab", "liveness kubelet", "container", "READY"}},
		{"narrow", 62, 20, []string{"S kubelet", "S healthlab", "R kubelet", "L kubelet", "L healthlab"}},
		{"low", 62, 7, []string{"startup", "readiness", "liveness", "container", "READY"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			ch := chartOf(theme.Options{})
			p := Picture{View: v, Now: tuitest.At(20), Axis: Axis{Left: tuitest.Begun(), Step: time.Second}, Pods: v.Pods}
			lines, lanes := ch.Lines(p, c.w, c.h)
			all := ansi.Strip(strings.Join(lines, "\n"))
			for _, want := range c.want {
				if !strings.Contains(all, want) {
					t.Errorf("no lane %q among %d:\n%s", want, lanes, all)
				}
			}
			if !utf8.ValidString(all) {
				t.Errorf("not UTF-8: %q", all)
			}
		})
	}
}

// What a lane is called stands beside what it shows: no forecast where there is no point, and no point named at the mark of what was done.
func TestNamesStandBesideWhatTheyName(t *testing.T) {
	v := tuitest.Readiness().View(45)
	pod := v.Named("readiness-deployment-7869b5d679-mxr2k")
	for _, tt := range []struct {
		name        string
		from        float64
		h           int
		want, never []string
	}{
		{"all points, little room", 0, 4, []string{"forecast", "◆░"}, []string{"first failure ▼"}},
		{"all points", 0, 20, []string{"done", "forecast", "first failure"}, nil},
		{"a short time not Ready", 0, 9, []string{"┈not┈"}, nil},
		{"no point is left, little room", 80, 4, []string{"done"}, []string{"forecast"}},
		{"no point is left", 80, 20, []string{"done"}, []string{"forecast"}},
		{"the first one is behind", 26, 20, []string{"done", "forecast", "not Ready"}, []string{"first failure"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ch := chartOf(theme.Options{})
			p := Picture{
				View: v, Now: tuitest.At(max(45, tt.from)), Axis: Axis{Left: tuitest.At(tt.from), Step: 2 * time.Second}, Pods: []*timeline.Pod{pod},
			}
			lines, _ := ch.Lines(p, 74, tt.h)
			all := ansi.Strip(strings.Join(lines, "\n"))
			for _, want := range tt.want {
				if !strings.Contains(all, want) {
					t.Errorf("nothing says %q:\n%s", want, all)
				}
			}
			for _, never := range tt.never {
				if strings.Contains(all, never) {
					t.Errorf("it says %q:\n%s", never, all)
				}
			}
		})
	}
}
