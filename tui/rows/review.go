package rows

import (
	"time"

	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/lab/timeline"
)

// Guess is when the user expected a point of an episode; nil if that was not asked or answered.
func Guess(labs []lab.Lab, answers course.Answers, e *timeline.Episode) *timeline.Guess {
	return e.Guess(labs, answers.TimeOf)
}

// GuessedAt is a guess on the axis of a view: from when to when its point was expected.
func GuessedAt(e *timeline.Episode, g timeline.Guess) (from, to time.Time) {
	return e.Begun.At.Add(g.Time.Least), e.Begun.At.Add(g.Time.Most)
}
