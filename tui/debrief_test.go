package tui

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/exp/golden"
	"github.com/google/go-cmp/cmp"

	"healthlab/lab"
	"healthlab/lab/cause"
	"healthlab/lab/course"
	"healthlab/probes"
	"healthlab/tui/rows"
	"healthlab/tui/tuitest"
)

// story is a console that has seen a story so far.
type told struct {
	*console
	story *tuitest.Story
	clock *clock
	lab   int
	step  int
}

func tell(t *testing.T, w, h int, story *tuitest.Story, l, step int, change ...func(*Config)) *told {
	t.Helper()
	watch := &clock{now: tuitest.Begun()}
	change = append(change, func(cfg *Config) { cfg.Labs, cfg.Now = tuitest.QuestionLabs(), watch.Now })
	return &told{newConsole(t, w, h, change...), story, watch, l, step}
}

// until goes on to a second of the story.
func (s *told) until(second float64) {
	s.clock.now = tuitest.At(second)
	s.send(feedMsg{Snapshot: s.story.Snapshot(second, s.lab, s.step), Timeline: s.story.View(second)})
	s.onTick()
}

func english(cfg *Config) { cfg.Lang = lab.English }

func guessed(key string, least, most int) func(*Config) {
	return func(cfg *Config) {
		cfg.Answers = course.Answers{key: {Time: &probes.Range{
			Least: time.Duration(least) * time.Second, Most: time.Duration(most) * time.Second,
		}}}
	}
}

func TestDebriefScreens(t *testing.T) {
	for _, size := range []struct {
		name string
		w, h int
	}{{"80x24", 80, 24}, {"120x40", 120, 40}} {
		for _, l := range []lab.Lang{lab.Korean, lab.English} {
			language := func(cfg *Config) { cfg.Lang = l }
			for _, tt := range []struct {
				name string
				make func(t *testing.T) *told
			}{
				{"news", func(t *testing.T) *told {
					s := tell(t, size.w, size.h, tuitest.Liveness(), 0, 2, language, guessed("liveness/hang", 40, 40))
					s.until(60)
					s.until(72)
					return s
				}},
				{"liveness", func(t *testing.T) *told {
					s := tell(t, size.w, size.h, tuitest.Liveness(), 0, 2, language, guessed("liveness/hang", 41, 46))
					s.until(80)
					s.press("0")
					return s
				}},
				{"readiness", func(t *testing.T) *told {
					s := tell(t, size.w, size.h, tuitest.Readiness(), 1, 0, language, guessed("readiness/break", 3, 3))
					s.until(50)
					s.press("0")
					return s
				}},
				{"going on", func(t *testing.T) *told {
					s := tell(t, size.w, size.h, tuitest.Liveness(), 0, 2, language)
					s.until(45)
					s.press("0")
					return s
				}},
				{"why", func(t *testing.T) *told {
					s := tell(t, size.w, size.h, tuitest.Liveness(), 0, 2, language)
					s.until(80)
					s.press("!")
					return s
				}},
				{"evidence", func(t *testing.T) *told {
					s := tell(t, size.w, size.h, tuitest.Liveness(), 0, 2, language)
					s.until(80)
					s.press("!", "enter")
					return s
				}},
				{"time", func(t *testing.T) *told {
					s := tell(t, size.w, size.h, tuitest.Liveness(), 0, 2, language)
					s.until(20)
					s.press("x", "2")
					s.typeText("46-41")
					s.press("enter")
					return s
				}},
			} {
				t.Run(strings.Join([]string{tt.name, size.name, string(l)}, "-"), func(t *testing.T) {
					golden.RequireEqual(t, []byte(tt.make(t).screen()))
				})
			}
		}
	}
}

// follow has the console see a story to its end.
func (c *console) follow(story *tuitest.Story) {
	c.t.Helper()
	for _, until := range []float64{60, 80} {
		c.send(feedMsg{Snapshot: story.Snapshot(until, 0, 2), Timeline: story.View(until)})
	}
}

// An episode that had ended before the console saw anything is not news; one that ends is told once.
func TestDebriefIsToldOnce(t *testing.T) {
	s := tell(t, 120, 40, tuitest.Liveness(), 0, 2, english)
	s.until(80)
	s.lacks("Restart after")
	s = tell(t, 120, 40, tuitest.Liveness(), 0, 2, english)
	s.until(60)
	s.lacks("Restart after")
	s.until(72)
	s.wants("Restart after 43.8-44.3 s: within the predicted 41-46 s (more: press 0)")
	s.clock.now = tuitest.At(90)
	s.onTick()
	s.until(91)
	s.lacks("Restart after")
}

func TestNothingToDebriefYet(t *testing.T) {
	s := tell(t, 120, 40, tuitest.Liveness(), 0, 2, english)
	s.until(20)
	s.press("0")
	s.wants("There has been no fault to look back at yet.")
	s.press("!")
	s.wants("The pod liveness-app is well: Ready, and never restarted.")
}

// The page goes to other faults, and follows one that goes on.
func TestDebriefPages(t *testing.T) {
	story := tuitest.Liveness()
	story.Fault(110, 110.2, "hang", "liveness-app")
	s := tell(t, 120, 40, story, 0, 2, english)
	s.until(60)
	s.press("0")
	s.wants("Debrief 1/1", "RESTARTS +1: predicted 41-46 s, still to come")
	s.until(80)
	s.wants("Restart after 43.8-44.3 s: within the predicted 41-46 s")
	s.until(111)
	s.wants("Debrief 1/2")
	s.press("right", "right")
	s.wants("Debrief 2/2", "Killing: predicted 11-16 s, still to come")
	s.press("left")
	s.wants("Debrief 1/2", "End: the container is ready again")
	s.press("0")
	s.lacks("Debrief")
}

// The time that was answered is kept, compared, and stands on the axis.
func TestATimeIsAskedFor(t *testing.T) {
	kept := course.Answers{}
	s := tell(t, 120, 40, tuitest.Liveness(), 0, 2, english, func(cfg *Config) {
		cfg.OnAnswer = func(key string, a course.Answer) error { kept[key] = a; return nil }
	})
	s.until(20)
	s.press("x")
	s.wants("When will RESTARTS become 1?")
	s.press("2")
	s.wants("How many seconds after the fault?", "Seconds, such as 44 or 41-46")
	s.typeText("soon")
	s.press("enter")
	s.wants("this is no time: give seconds, such as 44 or 41-46")
	for range 4 {
		s.press("backspace")
	}
	s.lacks("this is no time")
	s.typeText("41~43초")
	s.press("enter")
	if got := s.perform(); len(got) != 1 || got[0] != (lab.Inject{Fault: "hang"}) {
		t.Errorf("did %v", got)
	}
	want := course.Answers{"liveness/hang": {Option: 1, Time: &probes.Range{Least: 41 * time.Second, Most: 43 * time.Second}}}
	if diff := cmp.Diff(want, kept); diff != "" {
		t.Errorf("answers kept (-want +got):\n%s", diff)
	}
	s.until(60)
	s.wants("my guess")
	s.until(72)
	s.press("0")
	s.wants("My guess: RESTARTS +1 41-43 s, 0.8 s earlier than measured. It lies within what")
}

func TestATimeIsLeftOpen(t *testing.T) {
	s := tell(t, 120, 40, tuitest.Liveness(), 0, 2, english)
	s.until(20)
	s.press("x", "2", "esc")
	if got := s.perform(); len(got) != 0 {
		t.Errorf("left, but did %v", got)
	}
	s.press("x", "1", "enter")
	if got := s.perform(); len(got) != 1 {
		t.Errorf("did %v", got)
	}
	if a := s.question.answers["liveness/hang"]; a.Time != nil || a.Option != 0 {
		t.Errorf("answered %+v", a)
	}
}

// The console says all that there is to say; the line mode's test asks the same of it.
func TestEverythingIsSaid(t *testing.T) {
	for _, l := range []lab.Lang{lab.Korean, lab.English} {
		for _, tt := range []struct {
			story *tuitest.Story
			lab   int
			key   string
			until float64
		}{{tuitest.Liveness(), 0, "liveness/hang", 80}, {tuitest.Readiness(), 1, "readiness/break", 35}} {
			s := tell(t, 200, 60, tt.story, tt.lab, 2-2*tt.lab, func(cfg *Config) { cfg.Lang = l }, guessed(tt.key, 40, 42))
			s.until(tt.until)
			e := s.view.Episodes[0]
			pod, causes := cause.Subject(s.snap, s.now())
			review, why := tuitest.Said(e.Review(rows.Guess(s.cfg.Labs, s.question.answers, e)), pod, causes)
			has := func(what string, all []lab.Text) {
				t.Helper()
				// Lines are broken anywhere, within the frame of the dialog.
				shown := strings.Join(strings.FieldsFunc(s.screen(), func(r rune) bool { return strings.ContainsRune(" \n┃│─━", r) }), "")
				for _, text := range all {
					want := strings.Join(strings.FieldsFunc(text.In(l), func(r rune) bool { return strings.ContainsRune(" │─━┃", r) }), "")
					if !strings.Contains(shown, want) {
						t.Errorf("%s in %s lacks %q:\n%s", what, l, text.In(l), s.screen())
					}
				}
			}
			s.zoomed = true // nothing is beside the dialog but blanks
			s.setFocus(Output)
			s.press("0")
			has("the debrief", review)
			s.press("esc", "!")
			has("the page of causes", why)
		}
	}
}

// Every piece of evidence leads somewhere: to the pane that shows it, where it is marked until Esc.
func TestEvidenceLeadsToPanes(t *testing.T) {
	s := tell(t, 120, 40, tuitest.Liveness(), 0, 2, english)
	s.until(80)
	want := map[string]PaneID{"1": Events, "2": Pods, "3": Events, "4": Pods}
	for key, pane := range want {
		s.press("!", key)
		if s.focus != pane || s.dialog != nil {
			t.Errorf("%s leads to %s, want %s", key, s.focus, pane)
		}
		s.wants("What is marked is the evidence.")
		before := s.screen()
		s.press("esc")
		if s.screen() == before {
			t.Errorf("%s: the mark stays", key)
		}
	}
	s.press("!", "1")
	s.step = 1
	s.until(81)
	if events := s.panes[Events].(Evidence); events.Unmark() {
		t.Error("the mark stays in a step that is about something else")
	}
	s.press("!", "9")
	s.wants("Why: liveness-app")
	s.press("down", "down", "up", "end", "home", "esc")
	s.lacks("Why: liveness-app")
}
