package probes

import (
	"slices"
	"strings"
)

// maxKept is how many bytes of a message a History keeps: what a person reads, not a whole response body.
const maxKept = 1 << 10

// History keeps the last attempts of one probe or of many. Attempts that did not plainly succeed outlive those that
// did: a single failure is still to be seen after a long run of successes. A History belongs to one goroutine.
type History struct {
	recent, older           []Attempt // oldest first; older has no plain successes
	recentLimit, olderLimit int
}

// NewHistory returns a History of the last recent attempts, of whatever outcome, and of the last failures ones before
// these that did not plainly succeed. Limits below 0 count as 0.
func NewHistory(recent, failures int) *History {
	return &History{recentLimit: max(recent, 0), olderLimit: max(failures, 0)}
}

// Add keeps the attempt, with at most 1 KiB of its message, and lets go of what exceeds the limits.
func (h *History) Add(a Attempt) {
	if len(a.Message) > maxKept {
		// A copy, so that the rest can be freed.
		a.Message = strings.Clone(strings.ToValidUTF8(a.Message[:maxKept], ""))
	}
	h.recent = append(h.recent, a)
	if len(h.recent) <= h.recentLimit {
		return
	}
	if oldest := h.recent[0]; oldest.Outcome != Success || oldest.Warning {
		h.older = append(h.older, oldest)
		h.older = slices.Delete(h.older, 0, max(0, len(h.older)-h.olderLimit))
	}
	h.recent = slices.Delete(h.recent, 0, 1)
}

// Attempts returns a copy of what is kept, oldest first.
func (h *History) Attempts() []Attempt { return slices.Concat(h.older, h.recent) }
