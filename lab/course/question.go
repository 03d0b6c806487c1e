package course

import (
	"maps"

	"healthlab/lab"
	"healthlab/probes"
)

// Skipped is the option of somebody who was asked and did not want to answer.
const Skipped = -1

// Answers are the answers to the labs' questions, by [Key]. A question without one was not asked. Answers are not changed: With
// and Without make new ones.
type Answers map[string]Answer

// Key names a step's question.
func Key(labID, stepID string) string { return labID + "/" + stepID }

// To is the answer to a step's question: an index of its options or, without such an answer, Skipped. asked is false as long as
// it was not asked.
func (a Answers) To(labID string, step lab.Step) (answer int, asked bool) {
	given, asked := a[Key(labID, step.ID)]
	answer = given.Option
	if !asked || step.Question == nil || answer < 0 || answer >= len(step.Question.Options) {
		answer = Skipped
	}
	return answer, asked
}

// TimeOf is when something is expected that a step's question asks the time of; ok is false if that was not asked or answered.
func (a Answers) TimeOf(labID string, step lab.Step) (when probes.Range, ok bool) {
	given := a[Key(labID, step.ID)]
	if step.Question == nil || step.Question.Time == nil || given.Time == nil {
		return probes.Range{}, false
	}
	return *given.Time, true
}

// With are the answers with one more.
func (a Answers) With(key string, answer Answer) Answers {
	out := maps.Clone(a)
	if out == nil {
		out = Answers{}
	}
	out[key] = answer
	return out
}

// Without are the answers as if the questions of these steps had not been asked.
func (a Answers) Without(labID string, steps ...lab.Step) Answers {
	out := maps.Clone(a)
	for _, s := range steps {
		delete(out, Key(labID, s.ID))
	}
	return out
}

// Ask is the question that has to be put before the current step is done, with the key of its answer; nil if there is none or
// it was put before.
func (m Moment) Ask() (q *lab.Question, key string) {
	l, step := m.Lab(), m.Step()
	if step == nil || step.Question == nil {
		return nil, ""
	}
	if _, asked := m.Answers.To(l.ID, *step); asked {
		return nil, ""
	}
	return step.Question, Key(l.ID, step.ID)
}

// Comparison is an answer beside what has happened.
type Comparison struct {
	Verdict Verdict
	// Expected is the option that was answered; zero if none was.
	Expected lab.Text
	// Happened is the right option, and Because why.
	Happened, Because lab.Text
}

// Verdict says how an answer was.
type Verdict string

// The verdicts.
const (
	Right    Verdict = "right"
	Wrong    Verdict = "wrong"
	NoAnswer Verdict = "none" // skipped, or not asked
)

// Compare says how the answer to a step's question compares with what has happened. ok is false if the step has no question
// with a right answer.
func Compare(a Answers, labID string, step lab.Step) (c Comparison, ok bool) {
	q := step.Question
	if q == nil || q.Correct < 0 || q.Correct >= len(q.Options) {
		return c, false
	}
	c = Comparison{Verdict: NoAnswer, Happened: q.Options[q.Correct], Because: q.Because}
	answer, _ := a.To(labID, step)
	switch answer {
	case Skipped:
		return c, true
	case q.Correct:
		c.Verdict = Right
	default:
		c.Verdict = Wrong
	}
	c.Expected = q.Options[answer]
	return c, true
}
