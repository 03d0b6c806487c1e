package tui

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"healthlab/lab"
	"healthlab/lab/journal"
	"healthlab/lab/timeline"
)

// follow sends what the session publishes to the program, until ctx ends or the session has. The session publishes at most
// ten times a second. A program that takes its time gets the newest snapshot then, and all facts, in one message.
func follow(ctx context.Context, l Lab, labs []lab.Lab, send func(tea.Msg)) {
	feed := newFeeder(labs)
	for batch := range l.Subscribe(journal.WithEntries()).Batches(ctx) {
		if msg, ok := feed.take(batch); ok {
			send(msg)
		}
	}
}

// feeder makes messages of what was published, and the timeline of the journal's entries.
type feeder struct {
	labs     []lab.Lab
	timeline *timeline.Builder
}

func newFeeder(labs []lab.Lab) *feeder { return &feeder{labs, timeline.New(labs)} }

// take returns what is to be sent of a batch; ok is false if there is more to come before anything is.
func (f *feeder) take(batch journal.Batch) (msg feedMsg, ok bool) {
	if batch.Anew {
		f.timeline = timeline.New(f.labs)
	}
	f.timeline.Lost(batch.LostEntries)
	for _, entry := range batch.Entries {
		f.timeline.Add(entry)
	}
	msg = feedMsg{Anew: batch.Anew, Snapshot: batch.Snapshot, Facts: batch.Facts, Lost: batch.LostFacts}
	if msg.Snapshot != nil {
		msg.Timeline = f.timeline.View()
	}
	return msg, msg.Anew || msg.Snapshot != nil || len(msg.Facts) > 0 || msg.Lost > 0
}
