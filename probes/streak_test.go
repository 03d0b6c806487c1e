package probes

import "testing"

func TestStreak(t *testing.T) {
	tests := []struct {
		name             string
		success, failure int
		outcomes         string // s or f
		// want has, for each outcome, P or F for a verdict and - for none.
		want string
	}{
		{name: "thresholds of one", success: 1, failure: 1, outcomes: "sffs", want: "PFFP"},
		{name: "failure threshold", success: 1, failure: 3, outcomes: "fffff", want: "--FFF"},
		{name: "a success breaks the row", success: 1, failure: 3, outcomes: "ffsfff", want: "--P--F"},
		{name: "success threshold", success: 2, failure: 1, outcomes: "fssfsfss", want: "F-PF-F-P"},
		{name: "both", success: 2, failure: 2, outcomes: "sfsfssffss", want: "-----P-F-P"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			spec := Spec{SuccessThreshold: test.success, FailureThreshold: test.failure}
			var s streak
			var got []byte
			for _, o := range test.outcomes {
				s.add(map[rune]Outcome{'s': Success, 'f': Failure}[o])
				verdict, ok := s.verdict(spec)
				switch {
				case !ok:
					got = append(got, '-')
				case verdict == Passing:
					got = append(got, 'P')
				case verdict == Failing:
					got = append(got, 'F')
				}
			}
			if string(got) != test.want {
				t.Errorf("verdicts after %s = %s, want %s", test.outcomes, got, test.want)
			}
		})
	}
}

func TestStreakAtLimit(t *testing.T) {
	spec := Spec{SuccessThreshold: 1, FailureThreshold: 1000}
	var s streak
	for i := 1; i <= 1000; i++ {
		s.add(Failure)
		if _, ok := s.verdict(spec); ok != (i == 1000) {
			t.Fatalf("verdict after %d failures = %v", i, ok)
		}
	}
}
