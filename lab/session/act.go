package session

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"healthlab/lab"
	"healthlab/lab/journal"
	"healthlab/lab/script"
)

// act records that an action was asked for, and carries it out or says why it cannot be done now.
func (s *Session) act(action lab.Action) error {
	s.record(journal.Asked{Action: action})
	err := s.perform(action)
	if err != nil {
		s.record(journal.Refused{Why: inFull(err)})
	}
	return err
}

func (s *Session) perform(action lab.Action) error {
	switch a := action.(type) {
	case lab.GoTo:
		return s.goTo(a)
	case lab.RunStep:
		return s.runStep(a)
	case lab.Inject:
		return s.inject(a)
	case lab.ChoosePod:
		if s.state.pods[a.Pod] == nil {
			return refuse("%s 파드가 없습니다", "there is no pod %s", a.Pod)
		}
		s.choosePod(a.Pod, true)
		return nil
	case lab.Kubectl:
		return s.runKubectl(a)
	case lab.ResetLab:
		return s.resetLab()
	case lab.ResetStep:
		return s.resetStep()
	case lab.Cancel:
		cancel, ok := s.cancels[a.Task]
		if !ok {
			return refuse("실행 중인 작업이 아닙니다", "that task is not running")
		}
		cancel()
		return nil
	case lab.Adopt:
		return s.adopt(a)
	}
	return refuse("할 수 없는 동작입니다: %T", "unknown action: %T", action)
}

func (s *Session) goTo(a lab.GoTo) error {
	if a.Lab < 0 || a.Lab >= len(s.config.Labs) || a.Step < 0 || a.Step >= len(s.config.Labs[a.Lab].Steps) {
		return refuse("그런 단계가 없습니다", "there is no such step")
	}
	if a.Lab == s.progress.lab && a.Step == s.progress.step {
		return nil
	}
	if _, step := s.progress.current(); len(step.Goals) == 0 {
		s.finish(s.progress.lab, s.progress.step)
	}
	s.enter(a.Lab, a.Step)
	return nil
}

// enter makes a step the current one. The last step of a lab, if it is one to read, has none to go on to and is done at
// once.
func (s *Session) enter(l, step int) {
	s.choosePod(s.state.chosen, s.state.picked && l == s.progress.lab)
	s.progress.lab, s.progress.step, s.progress.since = l, step, time.Now()
	theLab, theStep := s.progress.current()
	if theStep.ID == "" {
		return
	}
	s.tell(lab.Fact{Kind: lab.FactStepEntered, Lab: theLab.ID, Step: theStep.ID, Text: lab.Text{
		Ko: theLab.Title.Ko + " › " + theStep.Title.Ko, En: theLab.Title.En + " › " + theStep.Title.En,
	}})
	for _, goal := range theStep.Goals {
		if goal.Check.Log != nil && s.state.pods[goal.Check.Log.Pod] != nil {
			s.choosePod(goal.Check.Log.Pod, s.state.picked)
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
	theStep := theLab.Steps[step]
	s.tell(lab.Fact{Kind: lab.FactStepDone, Lab: theLab.ID, Step: theStep.ID, Text: lab.Text{
		Ko: "단계 완료: " + theStep.Title.Ko, En: "step done: " + theStep.Title.En,
	}})
	if !slices.Contains(s.progress.done[l], false) {
		s.tell(lab.Fact{Kind: lab.FactLabDone, Lab: theLab.ID, Text: lab.Text{
			Ko: "실습 완료: " + theLab.Title.Ko, En: "lab done: " + theLab.Title.En,
		}})
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
					s.tell(lab.Fact{Kind: lab.FactGoalMet, Lab: theLab.ID, Step: step.ID, Goal: goal.ID, Text: lab.Text{
						Ko: "목표 달성: " + goal.Title.Ko, En: "goal met: " + goal.Title.En,
					}})
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
				return lab.Text{Ko: "먼저 이루어야 할 목표: " + goal.Title.Ko, En: "this comes first: " + goal.Title.En}
			}
		}
	}
	return lab.Text{}
}

// view puts the state together for goals.
func (s *Session) view(now time.Time) view {
	return view{
		Snapshot: s.state.Snapshot(now), home: s.config.Home, namespace: s.state.namespacePhase(), hasFile: s.hasFile,
	}
}

// dress is what manifests have to be like for the cluster.
func (s *Session) dress() dress {
	d := dress{namespace: s.config.Cluster.Namespace, registry: s.config.Registry, marked: s.state.cluster.Real, owner: s.config.Owner}
	d.restricted = s.state.cluster.Preflight != nil && s.state.cluster.Preflight.Restricted
	return d
}

// hasFile reports whether the working directory has a file of that name.
func (s *Session) hasFile(name string) bool {
	info, err := os.Stat(filepath.Join(s.config.Dir, name))
	return err == nil && info.Mode().IsRegular()
}

// due reports whether something has to be looked at again although nothing told that it changed: a file of the working
// directory, or a probe that rested.
func (s *Session) due(now time.Time) bool {
	for _, goal := range s.progress.goals {
		if file := goal.Goal.Check.File; file != nil && !goal.Met && s.hasFile(file.Name) {
			return true
		}
	}
	for _, at := range s.seats {
		if !at.observed && !at.retry.IsZero() && !now.Before(at.retry) {
			return true
		}
	}
	return false
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
	if p := s.state.pods[s.state.chosen]; p != nil {
		if s.state.picked || len(faults) == 0 || slices.ContainsFunc(faults, func(f lab.Fault) bool { return matches(p.seen, f.Pod, f.Selector) }) {
			return
		}
	}
	names := slices.Sorted(maps.Keys(s.state.pods))
	for _, fault := range faults {
		for _, name := range names {
			p := s.state.pods[name].seen
			if p.Deleting.IsZero() && matches(p, fault.Pod, fault.Selector) {
				s.choosePod(name, false)
				return
			}
		}
	}
	if len(faults) == 0 && len(names) > 0 {
		s.choosePod(names[0], false)
		return
	}
	s.choosePod("", false)
}

// choosePod records which pod is chosen, if that is news.
func (s *Session) choosePod(name string, byUser bool) {
	if name != s.state.chosen || byUser != s.state.picked {
		s.record(journal.PodChosen{Pod: name, ByUser: byUser})
	}
}

// ready says why nothing can be done on the cluster now, or nil.
func (s *Session) ready() error {
	switch {
	case s.state.cluster.Phase == lab.Failed:
		return &lab.Error{Msg: lab.Text{
			Ko: "클러스터를 쓸 수 없습니다: " + s.state.cluster.Problem.Ko, En: "there is no cluster: " + s.state.cluster.Problem.En,
		}}
	case s.state.cluster.Phase == lab.Lost:
		return &lab.Error{Msg: lab.Text{
			Ko: "클러스터와 연결이 끊겨 있습니다: " + s.state.cluster.Problem.Ko, En: "the cluster is not connected: " + s.state.cluster.Problem.En,
		}}
	case s.link == nil || s.state.cluster.Phase != lab.Up:
		return refuse("클러스터가 아직 시작하는 중입니다", "the cluster is still starting")
	case s.state.cluster.Real && s.state.cluster.Preflight == nil:
		return refuse("클러스터에서 무엇을 할 수 있는지 먼저 살펴보는 중입니다", "what can be done on the cluster is being looked at first")
	}
	return nil
}

func (s *Session) vars(pod string) script.Vars {
	return script.Vars{Namespace: s.state.cluster.Namespace, Dir: s.config.Dir, Pod: pod}
}

func (s *Session) runStep(a lab.RunStep) error {
	_, step := s.progress.current()
	if len(step.Commands) == 0 {
		if step.Fault == "" {
			return refuse("이 단계에는 실행할 명령이 없습니다", "this step has no commands to run")
		}
		return s.inject(lab.Inject{Fault: step.Fault})
	}
	if s.stepping {
		return refuse("이 단계의 명령을 실행하는 중입니다", "the step's commands are being run")
	}
	jobs, err := plan(step, s.vars(s.state.chosen), a.Confirmed)
	if err != nil {
		return err
	}
	if s.state.namespacePhase() == "Active" {
		allowNamespace(jobs)
	}
	for i := range jobs {
		jobs[i].dress = s.dress()
	}
	// What a real cluster takes decides on how manifests are written.
	if s.state.cluster.Real || slices.ContainsFunc(jobs, func(j job) bool { return j.write == "" }) {
		if err := s.ready(); err != nil {
			return err
		}
	}
	s.stepping = true
	return s.start(jobs, func() { s.stepping = false })
}

func (s *Session) inject(a lab.Inject) error {
	theLab, _ := s.progress.current()
	i := slices.IndexFunc(theLab.Faults, func(f lab.Fault) bool { return f.ID == a.Fault })
	if i < 0 {
		return refuse("이 실습에는 %q 장애가 없습니다", "this lab has no fault %q", a.Fault)
	}
	if err := s.ready(); err != nil {
		return err
	}
	fault, name := theLab.Faults[i], a.Pod
	if name == "" {
		s.choose()
		name = s.state.chosen
	}
	p := s.state.pods[name]
	switch {
	case name == "" || p == nil:
		return refuse("대상 %s 파드가 없습니다. 먼저 배포하십시오", "there is no pod %s to do it to; deploy it first",
			fault.Pod+fault.Selector)
	case !matches(p.seen, fault.Pod, fault.Selector):
		return refuse("%s 파드에는 할 수 없습니다", "this cannot be done to pod %s", name)
	case !p.seen.Deleting.IsZero():
		return refuse("%s 파드는 삭제되는 중입니다", "pod %s is being deleted", name)
	}
	j, err := kubectl(fault.Title, fault.Line, s.vars(name))
	if err != nil {
		return err
	}
	return s.start([]job{j}, func() {})
}

func (s *Session) runKubectl(a lab.Kubectl) error {
	if err := s.ready(); err != nil {
		return err
	}
	if len(a.Args) == 0 {
		return refuse("kubectl 명령을 입력하십시오", "type a kubectl command")
	}
	line := "kubectl " + strings.Join(a.Args, " ")
	return s.start([]job{{title: lab.Text{Ko: line, En: line}, line: line, args: a.Args, typed: true}}, func() {})
}

func (s *Session) adopt(a lab.Adopt) error {
	if err := s.ready(); err != nil {
		return err
	}
	t := s.state.task(a.Task)
	if t == nil || t.Foreign == nil {
		return refuse("넘겨받을 것이 없습니다. 단계를 다시 실행하십시오", "there is nothing to adopt; run the step again")
	}
	var names []string
	for _, o := range t.Foreign.Objects {
		names = append(names, o.Name)
	}
	title := lab.Textf("%s 넘겨받기", "adopt %s", strings.Join(names, ", "))
	return s.start([]job{{title: title, adopt: t.Foreign.Objects}}, func() {})
}

// resetLab deletes what the lab's manifests make, as they are in the program, whatever became of the files, and forgets
// what was reached.
func (s *Session) resetLab() error {
	theLab, _ := s.progress.current()
	l := s.progress.lab
	return s.reset(lab.Text{Ko: "실습 초기화", En: "reset the lab"}, theLab.Manifests, func() {
		s.progress.forget(l)
	}, func() { s.enter(l, 0) })
}

// resetStep does the same for what the current step's commands make.
func (s *Session) resetStep() error {
	theLab, theStep := s.progress.current()
	l, step := s.progress.lab, s.progress.step
	return s.reset(lab.Text{Ko: "단계 초기화", En: "reset the step"}, applied(theLab, theStep), func() {
		s.progress.forgetStep(l, step)
	}, func() { s.checkGoals(time.Now()) })
}

// reset deletes what manifests make, and forgets what was reached before and after that: what is still there while it is
// being deleted may meet goals again.
func (s *Session) reset(title lab.Text, manifests []string, forget, then func()) error {
	if err := s.ready(); err != nil {
		return err
	}
	args := []string{"--namespace", s.state.cluster.Namespace, "delete", "--ignore-not-found", "--grace-period=1"}
	plain := len(args)
	for _, name := range manifests {
		manifest, err := fs.ReadFile(s.config.Manifests, name)
		var made []string
		if err == nil {
			made, err = objects(manifest)
		}
		if err != nil {
			return &lab.Error{Msg: lab.Textf("%s 매니페스트를 읽을 수 없습니다", "cannot read manifest %s", name), Cause: err}
		}
		args = append(args, made...)
	}
	forget()
	if len(args) == plain {
		then()
		return nil
	}
	return s.start([]job{{title: title, line: "kubectl " + strings.Join(args, " "), args: args}}, func() {
		forget()
		then()
	})
}
