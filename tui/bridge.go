package tui

import (
	"context"

	tea "charm.land/bubbletea/v2"
)

// follow sends what the session publishes to the program, until ctx ends or the session has. The session publishes at most
// ten times a second. A program that takes its time gets the newest snapshot then, and all facts, in one message.
func follow(ctx context.Context, l Lab, send func(tea.Msg)) {
	for batch := range l.Subscribe().Batches(ctx) {
		send(feedMsg{Anew: batch.Anew, Snapshot: batch.Snapshot, Facts: batch.Facts, Lost: batch.LostFacts})
	}
}
