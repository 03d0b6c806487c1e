package cause

import (
	"time"

	"healthlab/lab"
	"healthlab/probes"
)

// Evidence is something that a cause rests on. Its number is its place in Cause.Evidence, counted from 1.
type Evidence struct {
	Ref  Ref
	At   time.Time // zero if it is of no moment
	Text lab.Text  // one line
}

// Ref says what a piece of evidence is, so that a face can go there.
//
//sumtype:decl
type Ref interface{ ref() }

// EventRef is an event.
type EventRef struct{ UID string }

// AttemptRef is an attempt of healthlab's own engine, or one that the kubelet tells of.
type AttemptRef struct {
	Key   probes.Key
	Start time.Time
}

// ConditionRef is a condition of the pod.
type ConditionRef struct{ Type string }

// TerminationRef is how a run of a container ended.
type TerminationRef struct {
	Container  string
	FinishedAt time.Time
}

// StateRef is the state that a container is in.
type StateRef struct{ Container string }

// ProbeRef is how a probe is set.
type ProbeRef struct {
	Container string
	Kind      probes.Kind
}

// LogRef is a line that a container wrote.
type LogRef struct {
	Container string
	At        time.Time
}

// PodRef is the status of the pod as a whole, its phase, reason or deletion.
type PodRef struct{}

func (EventRef) ref()       {}
func (AttemptRef) ref()     {}
func (ConditionRef) ref()   {}
func (TerminationRef) ref() {}
func (StateRef) ref()       {}
func (ProbeRef) ref()       {}
func (LogRef) ref()         {}
func (PodRef) ref()         {}

// maxEvidence is how many pieces of evidence a cause has at most, and maxNotes how many sentences of each other kind.
const maxEvidence, maxNotes = 12, 6

func (c *Cause) add(ref Ref, at time.Time, text lab.Text) {
	if len(c.Evidence) < maxEvidence {
		c.Evidence = append(c.Evidence, Evidence{Ref: ref, At: at, Text: text})
	}
}

func (c *Cause) know(text lab.Text) {
	if len(c.Known) < maxNotes {
		c.Known = append(c.Known, text)
	}
}

func (c *Cause) miss(text lab.Text) {
	if len(c.Unknown) < maxNotes {
		c.Unknown = append(c.Unknown, text)
	}
}

// addEvent adds an event.
func (c *Cause) addEvent(e lab.Event) {
	text := lab.Textf("%s 이벤트: %s", "event %s: %s", lab.Line(e.Reason, maxName), lab.Line(e.Message, maxLine))
	if e.Count > 1 {
		text = lab.Textf("%s 이벤트(%d번): %s", "event %s (%d times): %s", lab.Line(e.Reason, maxName), e.Count, lab.Line(e.Message, maxLine))
	}
	c.add(EventRef{e.UID}, e.Last, text)
}

// addRunEvent adds an event about a run, which may be counted together with those of other runs.
func (c *Cause) addRunEvent(e lab.Event, s span) {
	if e.Count < 2 || !e.First.Before(s.start) && s.within(e.Last, s.start) {
		c.addEvent(e)
		return
	}
	c.add(EventRef{e.UID}, e.Last, lab.Textf("%s 이벤트(여러 실행에서 %d번): %s", "event %s (%d times, in several runs): %s",
		lab.Line(e.Reason, maxName), e.Count, lab.Line(e.Message, maxLine)))
}

func (c *Cause) addCondition(k lab.Condition) {
	text := lab.Textf("%s 컨디션: %s", "condition %s: %s", lab.Line(k.Type, maxName), lab.Line(k.Status, maxName))
	if why := reasoned(k.Reason, k.Message); why != "" {
		text = lab.Textf("%s, %s", "%s, %s", text, why)
	}
	c.add(ConditionRef{k.Type}, k.Since, text)
}

func (c *Cause) addTermination(container string, t *lab.Termination) {
	why := reasoned(t.Reason, t.Message)
	if why == "" {
		why = "?"
	}
	c.add(TerminationRef{container, t.FinishedAt}, t.FinishedAt,
		lab.Textf("컨테이너의 끝: 코드 %d, %s", "end of the container: code %d, %s", t.ExitCode, why))
}

func (c *Cause) addState(con *lab.Container) {
	text := lab.Textf("컨테이너의 상태: %s", "state of the container: %s", lab.Line(string(con.State), maxName))
	if why := reasoned(con.Reason, con.Message); why != "" {
		text = lab.Textf("%s, %s", "%s, %s", text, why)
	}
	at := time.Time{}
	if con.State == lab.Running {
		at = con.StartedAt
	}
	c.add(StateRef{con.Name}, at, text)
}

func (c *Cause) addPod(pod *lab.Pod) {
	text := lab.Textf("파드의 상태: %s", "state of the pod: %s", lab.Line(pod.Phase, maxName))
	if why := reasoned(pod.Reason, pod.Message); why != "" {
		text = lab.Textf("%s, %s", "%s, %s", text, why)
	}
	c.add(PodRef{}, time.Time{}, text)
}

func (c *Cause) addProbe(container string, spec probes.Spec) {
	c.add(ProbeRef{container, spec.Kind}, time.Time{}, lab.Textf(
		"%s 설정: failureThreshold %d, periodSeconds %d, initialDelaySeconds %d",
		"the %s: failureThreshold %d, periodSeconds %d, initialDelaySeconds %d",
		lab.ProbeName(spec.Kind), spec.FailureThreshold, int(spec.Period.Seconds()), int(spec.InitialDelay.Seconds())))
}

func (c *Cause) addAttempt(a lab.Attempt) {
	who := lab.T("healthlab의 시도", "healthlab's attempt")
	if a.Witness == lab.Kubelet {
		who = lab.T("kubelet의 시도", "the kubelet's attempt")
	}
	c.add(AttemptRef{a.Key, a.Start}, a.Start, lab.Textf("%s(%s): %s, %s", "%s (%s): %s, %s",
		who, lab.ProbeName(a.Key.Kind), lab.OutcomeWords(a.Outcome), orDash(lab.Line(a.Message, maxLine))))
}

func (c *Cause) addLog(container string, line lab.LogLine) {
	c.add(LogRef{container, line.At}, line.At, lab.Textf("로그: %s", "log: %s", lab.Line(line.Text, maxLine)))
}
