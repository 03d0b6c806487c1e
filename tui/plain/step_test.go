package plain

import (
	"testing"
	"testing/synctest"
	"time"

	"healthlab/lab"
	"healthlab/tui/tuitest"
)

func TestSteps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := tuitest.Running(1)
		s.Position.Done = [][]bool{{true, false, false}, {false, false}}
		u := start(t, lab.English, s)
		u.said()
		u.types("s")
		u.hears("Which step?\n", "Number 1: Liveness probe, step 1, ", ", done.\n", "Number 2: Liveness probe, step 2, Deploy the pod, you are here.\n",
			"Number 5: Readiness probe, step 2, ", "Type a number from 1 to 5 and Enter. Enter alone cancels.\n")
		u.types("")
		u.hears("Nothing was chosen.\n", "Press Enter")
		u.types("s", "2")
		u.hears("Liveness probe, step 2 of 3: Deploy the pod.\n")
		u.types("s", "5")
		u.did(lab.GoTo{Lab: 1, Step: 1})
	})
}

// A step whose goals somebody has met before it was entered is not passed over: its commands are there to be seen.
func TestAStepThatWasDoneBefore(t *testing.T) {
	for _, tt := range []struct {
		name string
		met  time.Duration // after the step was entered
		want string
	}{
		{"before it was entered", -time.Minute, "Press Enter to run its commands. Type n for the next step.\n"},
		{"since then", time.Second, "Step complete. Press Enter for the next step: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := met(tuitest.Running(1), 1)
				s.Position.Since = time.Now()
				for i := range s.Position.Goals {
					s.Position.Goals[i].MetAt = s.Position.Since.Add(tt.met)
				}
				u := start(t, lab.English, s)
				u.hears(tt.want)
			})
		})
	}
}

func TestChoosePod(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := tuitest.Breaking(1)
		u := start(t, lab.English, s)
		u.types("c")
		u.hears("Which pod?\n", "Number 1: Pod "+s.Pods[0].Name+": READY 1/1, STATUS Running, RESTARTS 0.\n",
			"Number 2: Pod "+s.Pods[1].Name+": READY 0/1, STATUS Running, RESTARTS 0, the chosen pod.\n")
		u.types("3", "c 1", "c", "")
		u.did(lab.ChoosePod{Pod: s.Pods[2].Name}, lab.ChoosePod{Pod: s.Pods[0].Name})
	})
}

func TestFaultsNeedAPod(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(s *lab.Snapshot)
		want   string
	}{
		{"no pods", func(s *lab.Snapshot) { s.Pods = nil }, "No running pod matches liveness-app. Deploy it first."},
		{
			"only another lab's pod", func(s *lab.Snapshot) { s.Position.Lab, s.Position.Step = 1, 0 },
			"No running pod matches app=readiness-deployment. Deploy it first.",
		},
		{"no cluster", func(s *lab.Snapshot) { s.Cluster.Phase = lab.Starting }, "The cluster is starting."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := at(tuitest.Running(1), 1, 0, 2)
				tt.change(s)
				u := start(t, lab.English, s)
				u.hears("This step cannot be run now. ")
				u.types("x")
				u.hears(tt.want)
				u.did()
				if len(u.answers) > 0 {
					t.Errorf("the question was asked in vain: %v", u.answers)
				}
			})
		})
	}
}

func TestCommandsAreToldAsTheyCanBeTyped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := start(t, lab.English, at(tuitest.Running(1), 1, 0, 0))
		u.hears("cat > ~/environment/healthchecks/liveness-app.yaml <<'EOF'\n",
			"Then type the content of liveness-app.yaml, and end it with the line EOF. Type y to hear the content, too.\n")
		u.types("y")
		u.hears("cat > ~/environment/healthchecks/liveness-app.yaml <<'EOF'\n# liveness-app.yaml\nmetadata:\n  namespace: healthchecks\nEOF\n")
	})
}
