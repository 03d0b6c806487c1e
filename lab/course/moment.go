package course

import (
	"slices"

	"healthlab/lab"
)

// Moment is the labs and how everything stood at one moment. Its methods change nothing of it.
type Moment struct {
	Labs     []lab.Lab
	Snapshot *lab.Snapshot // never nil
	Answers  Answers
	// Home is the user's home directory: command lines are shown with ~ for it. Empty: paths are shown in full.
	Home string
}

// Lab is where the student is; nil if the snapshot's position fits none of the labs.
func (m Moment) Lab() *lab.Lab {
	if i := m.Snapshot.Position.Lab; i >= 0 && i < len(m.Labs) {
		return &m.Labs[i]
	}
	return nil
}

// Step is where the student is in the lab; nil if the snapshot's position fits none.
func (m Moment) Step() *lab.Step {
	l := m.Lab()
	if i := m.Snapshot.Position.Step; l != nil && i >= 0 && i < len(l.Steps) {
		return &l.Steps[i]
	}
	return nil
}

// Here is the student's place.
func (m Moment) Here() lab.GoTo {
	return lab.GoTo{Lab: m.Snapshot.Position.Lab, Step: m.Snapshot.Position.Step}
}

// By is the place n steps on, or back, across labs. From a position that fits no lab it is the first step. ok is false if
// there is none.
func (m Moment) By(n int) (to lab.GoTo, ok bool) {
	var all []lab.GoTo
	for i, l := range m.Labs {
		for j := range l.Steps {
			all = append(all, lab.GoTo{Lab: i, Step: j})
		}
	}
	at := 0
	if m.Step() != nil {
		at = slices.Index(all, m.Here()) + n
	}
	if at < 0 || at >= len(all) {
		return lab.GoTo{}, false
	}
	return all[at], true
}

// At is the lab and the step of a place; both are nil if there is none.
func (m Moment) At(place lab.GoTo) (*lab.Lab, *lab.Step) {
	if place.Lab < 0 || place.Lab >= len(m.Labs) || place.Step < 0 || place.Step >= len(m.Labs[place.Lab].Steps) {
		return nil, nil
	}
	return &m.Labs[place.Lab], &m.Labs[place.Lab].Steps[place.Step]
}

// Done reports whether the step at a place is complete.
func (m Moment) Done(place lab.GoTo) bool {
	done := m.Snapshot.Position.Done
	return place.Lab >= 0 && place.Lab < len(done) && place.Step >= 0 && place.Step < len(done[place.Lab]) && done[place.Lab][place.Step]
}

// Find returns the lab and the step with these IDs; nil where there is none.
func Find(labs []lab.Lab, labID, stepID string) (*lab.Lab, *lab.Step) {
	i := slices.IndexFunc(labs, func(l lab.Lab) bool { return l.ID == labID })
	if i < 0 {
		return nil, nil
	}
	j := slices.IndexFunc(labs[i].Steps, func(s lab.Step) bool { return s.ID == stepID })
	if j < 0 {
		return &labs[i], nil
	}
	return &labs[i], &labs[i].Steps[j]
}

// Vars are the values for command lines and texts that are shown.
func (m Moment) Vars() Vars {
	s := m.Snapshot
	return Vars{Namespace: s.Cluster.Namespace, Dir: lab.Homely(s.Dir, m.Home), Pod: lab.Printable(s.ChosenPod)}
}

// commandVars are the values for the commands of the step: a fault that names its pod is done to that one, whichever is chosen.
func (m Moment) commandVars() Vars {
	vars := m.Vars()
	if f, ok := m.StepFault(); ok && len(m.Step().Commands) == 0 && f.Pod != "" {
		vars.Pod = f.Pod
	}
	return vars
}

// Command is a command of the step, or of the fault that it is about.
type Command struct {
	// Line is the command as it can be typed: see [Shown]. That of a manifest to write is one that reads it from what is typed
	// next: see [Heredoc].
	Line string
	// Write names that manifest; empty for other commands.
	Write string
	// State is how far it has been carried out since the step was entered: empty as long as it was not run.
	State lab.TaskState
}

// Commands are what is to be run in the step.
func (m Moment) Commands() []Command {
	templates := m.templates()
	out := make([]Command, len(templates))
	states, vars := m.states(len(templates)), m.commandVars()
	for i, c := range templates {
		out[i] = Command{Line: ShownCommand(c, vars), Write: c.Write, State: states[i]}
	}
	return out
}

// Ahead reports whether a step comes after the one where the student is.
func (m Moment) Ahead(labID, stepID string) bool {
	here := m.Here()
	for i, l := range m.Labs {
		for j, step := range l.Steps {
			if l.ID == labID && step.ID == stepID {
				return i > here.Lab || i == here.Lab && j > here.Step
			}
		}
	}
	return false
}

// templates are the commands of the step as the lab has them.
func (m Moment) templates() []lab.Command {
	step := m.Step()
	if step == nil {
		return nil
	}
	if f, ok := m.Fault(step.Fault); ok && len(step.Commands) == 0 {
		return []lab.Command{{Line: f.Line}}
	}
	return step.Commands
}

// Fill puts the session's values into a text of the labs.
func (m Moment) Fill(text string) string { return Shown(text, m.Vars()) }
