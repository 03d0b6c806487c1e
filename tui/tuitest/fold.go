package tuitest

import (
	"slices"
	"strings"

	"healthlab/lab"
	"healthlab/lab/cause"
	"healthlab/lab/journal"
	"healthlab/lab/timeline"
)

// Snapshot is how everything stood in a story at a time, at a step of a lab.
func (s *Story) Snapshot(until float64, l, step int) *lab.Snapshot {
	out := Running(uint64(until*10) + 1)
	out.At, out.Pods, out.Events, out.Attempts, out.Log, out.Tasks = At(until), nil, nil, nil, nil, nil
	out.Position = lab.Position{Lab: l, Step: step, Since: Begun(), Done: [][]bool{{true, true, false}, {false, false}}}
	out.Cluster.Since = Begun()
	pods := map[string]lab.Pod{}
	for _, e := range s.Entries {
		if e.At.After(At(until)) {
			break
		}
		switch body := e.Body.(type) {
		case journal.Changed:
			switch change := body.Change.(type) {
			case lab.PodChanged:
				pods[change.Pod.Name] = change.Pod
			case lab.EventChanged:
				out.Events = slices.DeleteFunc(out.Events, func(one lab.Event) bool { return one.UID == change.Event.UID })
				change.Event.Seq = e.Seq
				out.Events = append(out.Events, change.Event)
			case lab.DeploymentChanged:
				out.Deployments = []lab.Deployment{change.Deployment}
			case lab.EndpointsChanged:
				out.Endpoints = change.Endpoints
			default:
			}
		case journal.Attempted:
			out.Attempts = append(out.Attempts, body.Attempt)
		case journal.PodChosen:
			out.ChosenPod = body.Pod
		default:
		}
	}
	for _, p := range pods {
		p.TotalContainers, p.ReadyContainers = len(p.Containers), 0
		if p.Status = p.Phase; p.Ready {
			p.ReadyContainers = len(p.Containers)
		}
		out.Pods = append(out.Pods, p)
	}
	slices.SortFunc(out.Pods, func(a, b lab.Pod) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// QuestionLabs are Labs whose steps about a fault ask for a time as well, with what their faults do to probes.
func QuestionLabs() []lab.Lab {
	labs := FaultyLabs()
	asked := *labs[0].Steps[2].Question
	asked.Time = &lab.TimeQuestion{Prompt: text("장애를 낸 지 몇 초 뒤일까요?", "How many seconds after the fault?"), Point: lab.TimedRestart}
	labs[0].Steps[2].Question = &asked
	labs[1].Steps[0].Question = &lab.Question{
		Prompt:  text("무엇이 바뀔까요?", "What changes?"),
		Options: []lab.Text{text("READY", "READY"), text("RESTARTS", "RESTARTS")}, Because: text("준비성 프로브입니다.", "It is a readiness probe."),
		Time: &lab.TimeQuestion{Prompt: text("READY는 몇 초 뒤에 0/1이 될까요?", "How many seconds until READY is 0/1?"), Point: lab.TimedVerdict},
	}
	return labs
}

// Said is everything that a review and causes say of a pod, each of which both the console and the line mode tell.
func Said(r timeline.Review, pod lab.Pod, causes []cause.Cause) (review, why []lab.Text) {
	add := func(to *[]lab.Text, all ...lab.Text) {
		for _, t := range all {
			if !t.IsZero() {
				*to = append(*to, t)
			}
		}
	}
	add(&review, r.Subject, r.Fault, r.Headline, r.Settings, r.Guess, r.Made)
	for _, p := range r.Points {
		add(&review, p.Said, p.Terms)
	}
	add(&review, r.End)
	for _, c := range causes {
		add(&why, c.Line(pod))
		for _, e := range c.Evidence {
			add(&why, e.Text)
		}
		add(&why, c.Known...)
		add(&why, c.Unknown...)
	}
	return review, why
}
