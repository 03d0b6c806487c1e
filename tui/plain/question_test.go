package plain

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/tui/tuitest"
)

func TestQuestion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := start(t, lab.English, at(tuitest.Running(1), 1, 0, 2))
		u.types("")
		u.hears("A question first. When will RESTARTS become 1?\n", "Number 1: Within a second\n",
			"Number 2: After about 45 seconds\n", "Type a number from 1 to 2 and Enter. Enter alone skips the question.\n")
		u.types("7")
		u.hears("There is no such number: 7\n", "Type a number from 1 to 2 and Enter.")
		u.did()
		u.types("1")
		u.hears("Running: Hang the app. The app stops answering.\n")
		u.did(lab.Inject{Fault: "hang"})
		if diff := cmp.Diff(course.Answers{"liveness/hang": {Option: 0}}, u.answers); diff != "" {
			t.Errorf("answers kept (-want +got):\n%s", diff)
		}
		u.session.Tell(lab.Fact{At: time.Now(), Kind: lab.FactStepDone, Lab: "liveness", Step: "hang"})
		synctest.Wait()
		u.hears("You expected 'Within a second', but it was 'After about 45 seconds'. The grace period is 30 seconds.\n")
		u.types("x")
		u.hears("Running: Hang the app.") // it is asked once
	})
}

func TestSkippedQuestion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := start(t, lab.Korean, at(tuitest.Running(1), 1, 0, 2))
		u.types("x", "")
		u.did(lab.Inject{Fault: "hang"})
		if diff := cmp.Diff(course.Answers{"liveness/hang": {Option: course.Skipped}}, u.answers); diff != "" {
			t.Errorf("answers kept (-want +got):\n%s", diff)
		}
	})
}

func TestConfirmations(t *testing.T) {
	cleanup := at(tuitest.Breaking(1), 1, 1, 1)
	cleanup.Tasks = nil
	for _, tt := range []struct {
		name  string
		typed []string
		ask   string
		want  []lab.Action
	}{
		{"nothing is no", []string{"r", ""}, "Delete the deployment? Type y and Enter for yes, or Enter alone for no.\n", nil},
		{"anything but yes is no", []string{"r", "sure"}, "Delete the deployment?", nil},
		{"y", []string{"r", "y"}, "Delete the deployment?", []lab.Action{lab.RunStep{Confirmed: true}}},
		{"y with the Korean input method on", []string{"r", "ㅛ"}, "Delete the deployment?", []lab.Action{lab.RunStep{Confirmed: true}}},
		{"no reset without consent", []string{"R", "n"}, "start again at its first step?", nil},
		{"reset", []string{"R", "네"}, "start again at its first step?", []lab.Action{lab.ResetLab{}}},
		{"reset with the Korean input method on", []string{"ㄲ", "ㅛ"}, "start again at its first step?", []lab.Action{lab.ResetLab{}}},
		{"no reset of the step without consent", []string{"t", ""}, "delete what its commands created?", nil},
		{"reset of the step", []string{"다시", "y"}, "delete what its commands created?", []lab.Action{lab.ResetStep{}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				u := start(t, lab.English, cleanup)
				u.types(tt.typed...)
				u.hears(tt.ask)
				u.did(tt.want...)
			})
		})
	}
}

// Whoever types a command instead of an answer has changed their mind.
func TestACommandInsteadOfAnAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := start(t, lab.English, at(tuitest.Running(1), 1, 0, 2))
		u.types("x", "g")
		u.hears("A question first.", "Not met yet: RESTARTS is 1 or more.", "Press Enter to do this")
		u.did()
		u.types("x")
		u.hears("A question first.")
	})
}
