package session

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/lab/journal"
	"healthlab/lab/manifest"
)

// act records that an action was asked for, and carries it out or says why it cannot be done now.
func (s *Session) act(action lab.Action) error {
	s.record(journal.Asked{Action: action})
	err := s.perform(action)
	if err != nil {
		s.record(journal.Refused{Why: lab.InFull(err)})
	}
	return err
}

func (s *Session) perform(action lab.Action) error {
	s.choose()
	m := s.moment(time.Now())
	if err := m.WhyNot(action).Err(); err != nil {
		return err
	}
	switch a := action.(type) {
	case lab.GoTo:
		s.goTo(a)
	case lab.RunStep:
		return s.runStep(m, a)
	case lab.Inject:
		return s.inject(m, a)
	case lab.ChoosePod:
		s.choosePod(a.Pod, true)
	case lab.Kubectl:
		line := course.Line(a, s.config.Home)
		return s.start([]job{{
			action: a, of: m.CommandOf(a), title: lab.Same(line), line: line, args: a.Args, grep: a.Grep, typed: true,
		}}, func() {})
	case lab.ResetLab:
		return s.resetLab(a)
	case lab.ResetStep:
		return s.resetStep(a)
	case lab.Cancel:
		s.cancels[a.Task]()
	case lab.Compare:
		command := lab.Kubectl{Args: []string{"diff", "-f", s.state.Task(a.Task).Foreign.File}}
		line := course.Line(command, s.config.Home)
		return s.start([]job{{action: a, title: lab.Same(line), line: line, args: command.Args, typed: true}}, func() {})
	case lab.Adopt:
		return s.adopt(a)
	case lab.SetProbing:
		if a.Probing != s.state.Probing() {
			s.record(journal.ProbingSet(a))
		}
	case lab.StartTraffic:
		s.startTraffic(m, a)
	case lab.StopTraffic:
		s.stopTraffic()
	}
	return nil
}

// moment puts the state together for what is known about labs.
func (s *Session) moment(now time.Time) course.Moment {
	return course.Moment{Labs: s.config.Labs, Snapshot: s.view(now).Snapshot, Home: s.config.Home}
}

func (s *Session) goTo(a lab.GoTo) {
	if a.Lab == s.progress.lab && a.Step == s.progress.step {
		return
	}
	if _, step := s.progress.current(); len(step.Goals) == 0 {
		s.finish(s.progress.lab, s.progress.step)
	}
	s.enter(a.Lab, a.Step)
}

// enter makes a step the current one. The last step of a lab, if it is one to read, has none to go on to and is done at
// once.
func (s *Session) enter(l, step int) {
	chosen, byUser := s.state.Chosen()
	s.choosePod(chosen, byUser && l == s.progress.lab)
	s.progress.lab, s.progress.step, s.progress.since = l, step, time.Now()
	theLab, theStep := s.progress.current()
	if theStep.ID == "" {
		return
	}
	s.tell(lab.Fact{Kind: lab.FactStepEntered, Lab: theLab.ID, Step: theStep.ID})
	for _, goal := range theStep.Goals {
		if goal.Check.Log == nil {
			continue
		}
		if _, there := s.state.Pod(goal.Check.Log.Pod); there {
			_, byUser := s.state.Chosen()
			s.choosePod(goal.Check.Log.Pod, byUser)
		}
	}
	if len(theStep.Goals) == 0 && step == len(theLab.Steps)-1 {
		s.finish(l, step)
	}
	s.checkGoals(s.progress.since)
}

// finish marks a step as done, and tells so, and that the lab is done, if that is news.
func (s *Session) finish(l, step int) {
	if !s.progress.mark(l, step, true) {
		return
	}
	theLab := s.config.Labs[l]
	s.tell(lab.Fact{Kind: lab.FactStepDone, Lab: theLab.ID, Step: theLab.Steps[step].ID})
	if !slices.Contains(s.progress.done[l], false) {
		s.tell(lab.Fact{Kind: lab.FactLabDone, Lab: theLab.ID})
	}
	if err := s.progress.save(s.config); err != nil {
		s.log.Warn("save the progress", "err", err)
	}
}

// checkGoals brings the goals of the current lab up to date. Goals of later steps are looked at as soon as the goal that
// they come after was met, so that who goes ahead with kubectl is not held up.
func (s *Session) checkGoals(now time.Time) {
	theLab, _ := s.progress.current()
	met := s.progress.met[theLab.ID]
	v := s.view(now)
	for i, step := range theLab.Steps {
		all := len(step.Goals) > 0
		var states []lab.GoalState
		for _, goal := range step.Goals {
			at, ok := met[goal.ID]
			_, after := met[goal.After]
			var why lab.Text
			switch {
			case ok:
			case goal.After != "" && !after:
				why = waitsFor(theLab, goal.After)
			case i <= s.progress.step || goal.After != "":
				if ok, why = evaluate(goal.Check, v); ok {
					at = now
					met[goal.ID] = now
					s.tell(lab.Fact{Kind: lab.FactGoalMet, Lab: theLab.ID, Step: step.ID, Goal: goal.ID})
				}
			}
			all = all && ok
			if ok {
				why = lab.Text{}
			}
			states = append(states, lab.GoalState{Goal: goal, Met: ok, MetAt: at, Why: why})
		}
		if i == s.progress.step {
			s.progress.goals = states
		}
		if all {
			s.finish(s.progress.lab, i)
		}
	}
}

func waitsFor(theLab lab.Lab, id string) lab.Text {
	for _, step := range theLab.Steps {
		for _, goal := range step.Goals {
			if goal.ID == id {
				return lab.Textf("먼저 이루어야 할 목표: %s", "this comes first: %s", goal.Title)
			}
		}
	}
	return lab.Text{}
}

// view puts the state together for goals.
func (s *Session) view(now time.Time) view {
	snapshot := s.state.Snapshot(now)
	snapshot.Position = s.progress.position() // it may have moved since the last entry that says so
	return view{Snapshot: snapshot, home: s.config.Home, namespace: s.state.NamespacePhase(), hasFile: s.hasFile}
}

// variant is what manifests have to be like for the cluster.
func (s *Session) variant() variant { return s.config.variant(s.state.Cluster()) }

// hasFile reports whether the working directory has a file of that name.
func (s *Session) hasFile(name string) bool {
	info, err := os.Stat(filepath.Join(s.config.Dir, name))
	return err == nil && info.Mode().IsRegular()
}

// due reports whether something has to be looked at again although nothing told that it changed: a file of the working
// directory, a probe that rested or is on hold, or an attempt that was told too early.
func (s *Session) due(now time.Time) bool {
	for _, goal := range s.progress.goals {
		if file := goal.Goal.Check.File; file != nil && !goal.Met && s.hasFile(file.Name) {
			return true
		}
	}
	for _, at := range s.seats {
		if !at.observed && !at.retry.IsZero() && !now.Before(at.retry) || !at.outlived.IsZero() && now.After(at.outlived) {
			return true
		}
	}
	return len(s.listeners.early) > 0
}

// choose keeps a pod chosen: the one that was, as long as it is there and belongs to the lab, or else the first that the
// lab's faults can be done to.
func (s *Session) choose() {
	theLab, theStep := s.progress.current()
	faults := slices.Clone(theLab.Faults)
	slices.SortStableFunc(faults, func(a, b lab.Fault) int { // the step's own first
		switch {
		case a.ID == theStep.Fault:
			return -1
		case b.ID == theStep.Fault:
			return 1
		}
		return 0
	})
	chosen, byUser := s.state.Chosen()
	if p, there := s.state.Pod(chosen); there {
		if byUser || len(faults) == 0 || slices.ContainsFunc(faults, func(f lab.Fault) bool { return course.Fits(f, p) }) {
			return
		}
	}
	pods := s.state.Pods()
	for _, fault := range faults {
		for _, p := range pods {
			if p.Deleting.IsZero() && course.Fits(fault, p) {
				s.choosePod(p.Name, false)
				return
			}
		}
	}
	if len(faults) == 0 && len(pods) > 0 {
		s.choosePod(pods[0].Name, false)
		return
	}
	s.choosePod("", false)
}

// choosePod records which pod is chosen, if that is news.
func (s *Session) choosePod(name string, byUser bool) {
	if chosen, was := s.state.Chosen(); name != chosen || byUser != was {
		s.record(journal.PodChosen{Pod: name, ByUser: byUser})
	}
}

// vars are the values for command lines that speak of a pod.
func (s *Session) vars(m course.Moment, pod string) vars {
	v := vars{shown: m.Vars()}
	v.shown.Pod = pod
	v.real = v.shown
	v.real.Dir = s.config.Dir
	return v
}

func (s *Session) runStep(m course.Moment, a lab.RunStep) error {
	theLab, step := s.progress.current()
	if len(step.Commands) == 0 {
		return s.inject(m, lab.Inject{Fault: step.Fault})
	}
	chosen, _ := s.state.Chosen()
	jobs, err := stepJobs(theLab.ID, step, s.vars(m, chosen), a)
	if err != nil {
		return err
	}
	if s.state.NamespacePhase() == "Active" {
		allowNamespace(jobs)
	}
	for i := range jobs {
		jobs[i].variant = s.variant()
	}
	return s.start(jobs, func() {})
}

func (s *Session) inject(m course.Moment, a lab.Inject) error {
	theLab, step := s.progress.current()
	fault, _ := m.Fault(a.Fault)
	target, no := m.Target(fault, a.Pod)
	if err := no.Err(); err != nil {
		return err
	}
	j, err := kubectl(fault.Title, fault.Line, s.vars(m, target.Name))
	if err != nil {
		return err
	}
	j.action = lab.Inject{Fault: a.Fault, Pod: target.Name}
	if step.Fault == fault.ID {
		j.of = &lab.StepCommand{Lab: theLab.ID, Step: step.ID}
	}
	return s.start([]job{j}, func() {})
}

func (s *Session) adopt(a lab.Adopt) error {
	t := s.state.Task(a.Task)
	var names []string
	for _, o := range t.Foreign.Objects {
		names = append(names, o.Name)
	}
	title := lab.Textf("%s 넘겨받기", "adopt %s", strings.Join(names, ", "))
	return s.start([]job{{action: a, title: title, adopt: t.Foreign.Objects}}, func() {})
}

// resetLab deletes what the lab's manifests make, as they are in the program, whatever became of the files, and forgets
// what was reached.
func (s *Session) resetLab(a lab.ResetLab) error {
	theLab, _ := s.progress.current()
	l := s.progress.lab
	return s.reset(a, lab.T("실습 초기화", "reset the lab"), theLab.Manifests, func() {
		s.progress.forget(l)
	}, func() { s.enter(l, 0) })
}

// resetStep does the same for what the current step's commands make.
func (s *Session) resetStep(a lab.ResetStep) error {
	theLab, theStep := s.progress.current()
	l, step := s.progress.lab, s.progress.step
	return s.reset(a, lab.T("단계 초기화", "reset the step"), applied(theLab, theStep), func() {
		s.progress.forgetStep(l, step)
	}, func() { s.checkGoals(time.Now()) })
}

// reset deletes what manifests make, and forgets what was reached before and after that: what is still there while it is
// being deleted may meet goals again.
func (s *Session) reset(action lab.Action, title lab.Text, manifests []string, forget, then func()) error {
	args := []string{"--namespace", s.state.Cluster().Namespace, "delete", "--ignore-not-found", "--grace-period=1"}
	plain := len(args)
	for _, name := range manifests {
		content, err := fs.ReadFile(s.config.Manifests, name)
		var made []string
		if err == nil {
			made, err = manifest.Objects(bytes.NewReader(content))
		}
		if err != nil {
			return lab.Errorf(err, "%s 매니페스트를 읽을 수 없습니다", "cannot read manifest %s", name)
		}
		args = append(args, made...)
	}
	forget()
	if len(args) == plain {
		then()
		return nil
	}
	line := course.Line(lab.Kubectl{Args: args}, s.config.Home)
	return s.start([]job{{action: action, title: title, line: line, args: args}}, func() {
		forget()
		then()
	})
}
