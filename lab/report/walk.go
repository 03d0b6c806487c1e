package report

import (
	"slices"
	"time"

	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/lab/timeline"
)

// place is a step, or a goal of one, by IDs.
type place struct{ lab, step, goal string }

// walk is how somebody went through the labs, as facts tell it.
type walk struct {
	entered map[place]time.Time // first
	spent   map[place]time.Duration
	done    map[place]time.Time
	met     map[place]time.Time
	here    place
	since   time.Time
}

// maxPlaces bounds how many steps and goals are remembered, and maxSteps how many steps that no lab has are told.
const maxPlaces, maxSteps = 5000, 100

const maxID = 200 // bytes

func (w *walk) add(f lab.Fact) {
	if w.entered == nil {
		w.entered, w.spent = map[place]time.Time{}, map[place]time.Duration{}
		w.done, w.met = map[place]time.Time{}, map[place]time.Time{}
	}
	if len(w.entered)+len(w.met) > maxPlaces {
		return
	}
	f.Lab, f.Step, f.Goal = cut(f.Lab, maxID), cut(f.Step, maxID), cut(f.Goal, maxID)
	step := place{lab: f.Lab, step: f.Step}
	switch f.Kind {
	case lab.FactStepEntered:
		w.leave(f.At)
		if _, ok := w.entered[step]; !ok {
			w.entered[step] = f.At
		}
		w.here, w.since = step, f.At
	case lab.FactStepDone:
		w.done[step] = f.At
	case lab.FactGoalMet:
		w.met[place{f.Lab, f.Step, f.Goal}] = f.At
	default: // not about where one is
	}
}

// leave counts the time in the step so far.
func (w *walk) leave(at time.Time) {
	if !w.since.IsZero() {
		w.spent[w.here] += max(at.Sub(w.since), 0)
	}
	w.since = time.Time{}
}

// labs are the labs that were entered, in the order of known and then those that are not among them. before is how everything
// stood when the run began, counted in the labs of these IDs.
func (w *walk) labs(known []lab.Lab, before lab.Position, ids []string, end time.Time) []Lab {
	w.leave(end)
	out := []Lab{}
	for _, l := range known {
		if one, ok := w.lab(l, func(step int) bool { return doneBefore(before, slices.Index(ids, l.ID), step) }); ok {
			out = append(out, one)
		}
	}
	return append(out, w.others(known)...)
}

func doneBefore(p lab.Position, l, step int) bool {
	return l >= 0 && l < len(p.Done) && step < len(p.Done[l]) && p.Done[l][step]
}

// lab is what was done of a lab; ok is false if it was not entered.
func (w *walk) lab(l lab.Lab, before func(step int) bool) (out Lab, ok bool) {
	out = Lab{ID: l.ID, Title: l.Title, Total: len(l.Steps), Steps: []Step{}}
	for i, s := range l.Steps {
		at := place{lab: l.ID, step: s.ID}
		done, now := w.done[at]
		if now || before(i) {
			out.Complete++
		}
		entered, seen := w.entered[at]
		if !seen {
			continue
		}
		one := Step{
			ID: s.ID, Title: s.Title, Entered: entered, Spent: Seconds(w.spent[at]),
			Complete: now || before(i), Before: before(i) && !now, At: done, Goals: []Goal{},
		}
		for _, g := range s.Goals {
			one.Goals = append(one.Goals, Goal{Title: g.Title, Met: w.met[place{l.ID, s.ID, g.ID}]})
		}
		out.Steps = append(out.Steps, one)
	}
	return out, len(out.Steps) > 0
}

// others are the steps that no lab that is known has, by their IDs.
func (w *walk) others(known []lab.Lab) []Lab {
	var places []place
	for at := range w.entered {
		if _, step := course.Find(known, at.lab, at.step); step == nil {
			places = append(places, at)
		}
	}
	slices.SortFunc(places, func(a, b place) int { return w.entered[a].Compare(w.entered[b]) })
	var out []Lab
	for _, at := range places[:min(len(places), maxSteps)] {
		i := slices.IndexFunc(out, func(l Lab) bool { return l.ID == lab.Line(at.lab, maxName) })
		if i < 0 {
			i = len(out)
			out = append(out, Lab{ID: lab.Line(at.lab, maxName), Title: lab.Same(lab.Line(at.lab, maxName))})
		}
		done, complete := w.done[at]
		out[i].Steps = append(out[i].Steps, Step{
			ID: lab.Line(at.step, maxName), Title: lab.Same(lab.Line(at.step, maxName)), Entered: w.entered[at], Spent: Seconds(w.spent[at]),
			Complete: complete, At: done, Goals: []Goal{},
		})
		out[i].Total++
		if complete {
			out[i].Complete++
		}
	}
	return out
}

// answersTo are the answers to the questions of the steps that were entered.
func answersTo(view *timeline.View, known []lab.Lab, entered []Lab, given course.Answers) []Answer {
	out := []Answer{}
	for _, l := range entered {
		for _, s := range l.Steps {
			theLab, step := course.Find(known, l.ID, s.ID)
			if step == nil {
				continue
			}
			beside, ok := course.Compare(given, l.ID, *step)
			if !ok {
				continue
			}
			_, asked := given.To(l.ID, *step)
			out = append(out, Answer{
				Lab: theLab.Title, Step: step.Title, Question: step.Question.Prompt, Asked: asked, Verdict: beside.Verdict,
				Expected: beside.Expected, Happened: beside.Happened, Because: beside.Because,
				Guess: guessOf(given, l.ID, *step, askedIn(view, known, l.ID, *step)),
			})
		}
	}
	return out
}
