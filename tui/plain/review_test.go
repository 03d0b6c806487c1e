package plain

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"healthlab/lab"
	"healthlab/lab/cause"
	"healthlab/lab/course"
	"healthlab/probes"
	"healthlab/tui/rows"
	"healthlab/tui/tuitest"
)

// tell publishes what a story has up to a time, with the snapshot that goes with it.
func (u *user) tell(s *tuitest.Story, from, to float64, l, step int) {
	for _, e := range s.Entries {
		if e.At.After(tuitest.At(from)) && !e.At.After(tuitest.At(to)) {
			u.session.Append(e.At, e.Body)
		}
	}
	u.publish(s.Snapshot(to, l, step))
}

// The line mode says all that there is to say; the console's test asks the same of it.
func TestEverythingIsSaid(t *testing.T) {
	for _, l := range []lab.Lang{lab.Korean, lab.English} {
		for _, tt := range []struct {
			name      string
			story     *tuitest.Story
			lab, step int
			until     float64
		}{{"liveness", tuitest.Liveness(), 0, 2, 80}, {"readiness", tuitest.Readiness(), 1, 0, 35}} {
			t.Run(tt.name+"-"+string(l), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					labs := tuitest.QuestionLabs()
					u := startWith(t, l, labs, tt.story.Snapshot(15, tt.lab, tt.step))
					u.types("x", "1", "40-42")
					u.tell(tt.story, -10, tt.until, tt.lab, tt.step)
					u.said()
					e := tt.story.View(tt.until).Episodes[0]
					snapshot := tt.story.Snapshot(tt.until, tt.lab, tt.step)
					pod, causes := cause.Subject(snapshot, time.Now())
					review, why := tuitest.Said(e.Review(rows.Guess(labs, u.answers, e)), pod, causes)
					hears := func(line string, all []lab.Text) {
						t.Helper()
						u.types(line)
						var want []string
						for _, text := range all {
							want = append(want, text.In(l))
						}
						u.hears(want...)
					}
					hears("0", review)
					hears("!", why)
				})
			})
		}
	}
}

func TestReviewsAreChosenByNumber(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := tuitest.Liveness()
		s.Fault(110, 110.2, "hang", "liveness-app")
		u := startWith(t, lab.English, tuitest.QuestionLabs(), s.Snapshot(1, 0, 1))
		u.types("debrief")
		u.hears("There has been no fault to look back at yet.\n")
		u.types("why")
		u.hears("There are no pods yet.") // why not is what course says
		u.tell(s, -10, 60, 0, 1)
		u.said()
		u.tell(s, 60, 111, 0, 1)
		u.hears("the container is ready again.\n", "Type 0 to hear more.\n")
		u.types("0 1")
		u.hears("Debrief 1/2: liveness-app, liveness probe. 14:05:27, Hang the app.\n", "Restart after 43.8-44.3 s: within the predicted 41-46 s.\n")
		u.types("돌아보기")
		u.hears("Debrief 2/2: ", "- Killing: predicted 11-16 s, still to come.\n")
		u.types("debrief 3")
		u.hears("There is no such number: it is from 1 to 2.\n")
		u.types("why nobody")
		u.hears("There is no pod nobody. There are: liveness-app.\n")
		u.types("왜 liveness-app")
		u.hears("Pod liveness-app:\n", "Why restarted: ", "- Evidence 1: 14:05:41, event Killing: ")
	})
}

func TestATimeIsAskedFor(t *testing.T) {
	for _, tt := range []struct {
		name  string
		typed []string
		hears []string
		want  *course.Answer // nil: nothing is done, and it is asked again
	}{
		{"a range", []string{"2", "41~46초"}, nil, &course.Answer{Option: 1, Time: &probes.Range{Least: 41 * time.Second, Most: 46 * time.Second}}},
		{"skipped", []string{"2", ""}, nil, &course.Answer{Option: 1}},
		{"all of it skipped", []string{""}, nil, &course.Answer{Option: course.Skipped}},
		{
			"wrong first",
			[]string{"1", "soon", "44"},
			[]string{"This is no time: give seconds, such as 44 or 41-46.\n"},
			&course.Answer{Time: &probes.Range{Least: 44 * time.Second, Most: 44 * time.Second}},
		},
		{"a command instead", []string{"1", "goals"}, nil, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				u := startWith(t, lab.English, tuitest.QuestionLabs(), at(tuitest.Running(1), 1, 0, 2))
				u.types("x")
				u.types(tt.typed...)
				u.hears(append(tt.hears, "")...)
				if tt.want == nil {
					u.did()
					if len(u.answers) > 0 {
						t.Errorf("kept %v", u.answers)
					}
					return
				}
				u.did(lab.Inject{Fault: "hang"})
				if diff := cmp.Diff(course.Answers{"liveness/hang": *tt.want}, u.answers); diff != "" {
					t.Errorf("answers kept (-want +got):\n%s", diff)
				}
			})
		})
	}
}
