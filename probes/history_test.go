package probes_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"healthlab/probes"
)

func TestHistory(t *testing.T) {
	attempts := func(letters string) []probes.Attempt {
		var as []probes.Attempt
		for i, letter := range letters {
			a := probes.Attempt{Streak: i}
			switch letter {
			case 's':
				a.Outcome = probes.Success
			case 'w':
				a.Outcome, a.Warning = probes.Success, true
			case 'f':
				a.Outcome = probes.Failure
			case 'u':
				a.Outcome = probes.Unknown
			}
			as = append(as, a)
		}
		return as
	}
	tests := []struct {
		name             string
		recent, failures int
		added            string
		want             []int // positions in added
	}{
		{name: "nothing", recent: 3, failures: 2},
		{name: "all fit", recent: 3, failures: 2, added: "sfs", want: []int{0, 1, 2}},
		{name: "successes go", recent: 2, failures: 2, added: "sssss", want: []int{3, 4}},
		{name: "failure outlives successes", recent: 2, failures: 2, added: "fssss", want: []int{0, 3, 4}},
		{name: "warning and unknown outlive successes", recent: 1, failures: 2, added: "wusss", want: []int{0, 1, 4}},
		{name: "oldest failures go", recent: 2, failures: 2, added: "ffffff", want: []int{2, 3, 4, 5}},
		{name: "no failures kept", recent: 2, failures: 0, added: "ffs", want: []int{1, 2}},
		{name: "nothing kept", recent: 0, failures: 0, added: "fs", want: nil},
		{name: "limits below zero", recent: -1, failures: -1, added: "fs", want: nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			h := probes.NewHistory(test.recent, test.failures)
			for _, a := range attempts(test.added) {
				h.Add(a)
			}
			var got []int
			for _, a := range h.Attempts() {
				got = append(got, a.Streak)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("kept attempts (-want +got):\n%s", diff)
			}
		})
	}
}

func TestHistoryShortensMessages(t *testing.T) {
	h := probes.NewHistory(1, 0)
	h.Add(probes.Attempt{Message: "a" + strings.Repeat("한", 4000)})
	got := h.Attempts()[0].Message
	if len(got) > 1024 || len(got) < 1000 || !utf8.ValidString(got) {
		t.Errorf("message has %d bytes, valid %v; want about 1024, valid", len(got), utf8.ValidString(got))
	}
}

func TestHistoryHandsOutCopies(t *testing.T) {
	h := probes.NewHistory(2, 0)
	h.Add(probes.Attempt{Streak: 1})
	h.Attempts()[0].Streak = 7
	if got := h.Attempts()[0].Streak; got != 1 {
		t.Errorf("Streak = %d after a change to the copy, want 1", got)
	}
}
