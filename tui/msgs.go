package tui

import (
	"healthlab/lab"
	"healthlab/lab/timeline"
)

// feedMsg is what the session has published since the last one. Snapshot is nil if there is no newer one, and so is Timeline,
// which goes with it. Lost is how many facts before these were lost because the program took too long. Anew means that what was
// published before has not happened.
type feedMsg struct {
	Anew     bool
	Snapshot *lab.Snapshot
	Timeline *timeline.View
	Facts    []lab.Fact
	Lost     uint64
}

// tickMsg moves countdowns on.
type tickMsg struct{}

// actionFailedMsg is the answer of Lab.Do to an action that could not be carried out.
type actionFailedMsg struct {
	Action lab.Action
	Err    error
}

// noticeMsg is something that a command outside Update has to say.
type noticeMsg struct {
	Text  lab.Text
	Error bool
}
