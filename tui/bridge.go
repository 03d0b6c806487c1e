package tui

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"healthlab/lab"
	"healthlab/lab/journal"
	"healthlab/lab/timeline"
)

// follow sends what the session publishes to the program, with the timeline that its journal makes, until ctx ends or the
// session has. The session publishes at most ten times a second. A program that takes its time gets the newest snapshot then,
// and all facts, in one message.
func follow(ctx context.Context, l Lab, labs []lab.Lab, send func(tea.Msg)) {
	builder := timeline.New(labs)
	for batch := range l.Subscribe(journal.WithEntries()).Batches(ctx) {
		builder.Lost(batch.LostEntries)
		for _, entry := range batch.Entries {
			builder.Add(entry)
		}
		msg := feedMsg{Snapshot: batch.Snapshot, Facts: batch.Facts, Lost: batch.LostFacts}
		if msg.Snapshot == nil && len(msg.Facts) == 0 && msg.Lost == 0 {
			continue // there is more, and the snapshot comes with it
		}
		if msg.Snapshot != nil {
			msg.Timeline = builder.View()
		}
		send(msg)
	}
}
