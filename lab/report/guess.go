package report

import (
	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/lab/timeline"
	"healthlab/probes"
)

// guessOf is what was answered to the time that a step's question asks for, beside what came of it in an episode; nil if it asks
// for none. e is nil if there was no such episode.
func guessOf(given course.Answers, labID string, step lab.Step, e *timeline.Episode) *Guess {
	if step.Question == nil || step.Question.Time == nil {
		return nil
	}
	asked := timeline.Guess{Code: timeline.PointCode(step.Question.Time.Point)}
	out := &Guess{Question: step.Question.Time.Prompt, Point: asked.Code, Verdict: course.NoAnswer}
	measured, known := measuredOf(e, asked.Code)
	if known {
		out.Measured = &Range{Seconds(measured.Least), Seconds(measured.Most)}
	}
	when, answered := given.TimeOf(labID, step)
	if !answered {
		return out
	}
	asked.Time, out.Time = when, &Range{Seconds(when.Least), Seconds(when.Most)}
	if e != nil {
		out.Said = e.Review(&asked).Guess
	}
	if known {
		out.Verdict, out.Off = course.Wrong, Seconds(asked.Off(measured))
		if asked.Right(measured) {
			out.Verdict = course.Right
		}
	}
	return out
}

// measuredOf is how long a point of an episode has taken; ok is false if it has not come about.
func measuredOf(e *timeline.Episode, code timeline.PointCode) (took probes.Range, ok bool) {
	if e == nil {
		return took, false
	}
	for _, c := range e.Debrief() {
		if c.Code == code {
			return c.Measured, true
		}
	}
	return took, false
}

// askedIn is the episode that a step's question asks the time of: the first, as the question is asked before the fault, or the
// first in which that came about; nil if there is none.
func askedIn(view *timeline.View, known []lab.Lab, labID string, step lab.Step) (first *timeline.Episode) {
	for _, e := range view.Episodes {
		l, s := e.Asked(known)
		if s == nil || l.ID != labID || s.ID != step.ID {
			continue
		}
		if _, ok := measuredOf(e, timeline.PointCode(s.Question.Time.Point)); ok {
			return e
		}
		if first == nil {
			first = e
		}
	}
	return first
}

// cell tells a range, or a dash if it is nil.
func cell(r *Range) lab.Text {
	if r == nil {
		return lab.Same("—")
	}
	return between(*r)
}

// Words tells how the guess was, short enough for a cell.
func (g Guess) Words() lab.Text {
	if g.Time != nil && g.Measured == nil {
		return Point{Verdict: Missing}.Words()
	}
	return answerWords(g.Verdict)
}
