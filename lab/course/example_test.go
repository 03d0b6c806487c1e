package course_test

import (
	"fmt"

	"healthlab/lab"
	"healthlab/lab/course"
)

// A line that says what a student should do next, from a snapshot alone: all that a further face needs.
func ExampleMoment_Next() {
	print := func(m course.Moment) {
		next := m.Next()
		line := ""
		switch next.Kind {
		case course.NextNothing, course.NextWatch:
			line = "there is nothing to do"
		case course.NextBusy:
			line = "wait for the commands"
		case course.NextWait:
			line = "wait for: " + next.Goal.Goal.Title.En + " (" + next.Goal.Why.En + ")"
		case course.NextGoOn:
			_, step := m.At(next.To)
			line = "go on to: " + step.Title.En
		case course.NextFinished:
			line = "that was all"
		case course.NextRun, course.NextRunAgain:
			line = "run:"
			for _, c := range m.Commands() {
				line += " " + c.Line + ";"
			}
		}
		if !next.Why.IsZero() {
			line += " - not yet: " + next.Why.Text.En
		}
		fmt.Println(line)
	}

	print(at(1, phase(lab.Starting)))
	print(at(1))
	print(at(1, ran("apply", 0, lab.TaskRunning, 1)))
	print(at(1, ran("apply", 0, lab.TaskDone, 1), ran("apply", 1, lab.TaskDone, 2)))
	print(at(1, met(2, 3)))
	print(at(2, pods(pod("lonely", "other"))))
	print(at(3, pods(pod("web-1", "web")), ran("look", 0, lab.TaskDone, 1)))
	// Output:
	// run: kubectl apply -f ~/'my lab'/web.yaml; kubectl describe deploy web | grep Replicas:; - not yet: The cluster is still starting.
	// run: kubectl apply -f ~/'my lab'/web.yaml; kubectl describe deploy web | grep Replicas:;
	// wait for the commands
	// wait for: ready (not yet)
	// go on to: Break it
	// run: kubectl exec lonely -- rm -r /tmp; - not yet: No running pod matches app=web. Deploy it first.
	// that was all
}
