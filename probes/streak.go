package probes

// streak counts equal outcomes in a row.
type streak struct {
	outcome Outcome
	length  int
}

// add counts one outcome, which must not be Unknown: an attempt that could not be made breaks no streak.
func (s *streak) add(o Outcome) {
	if s.outcome != o {
		s.outcome, s.length = o, 0
	}
	s.length++
}

// verdict returns what the streak decides, and false while it is below its threshold. A streak that goes on past the
// threshold decides the same again.
func (s *streak) verdict(spec Spec) (Verdict, bool) {
	switch {
	case s.length < spec.threshold(s.outcome):
		return Undecided, false
	case s.outcome == Success:
		return Passing, true
	default:
		return Failing, true
	}
}

// threshold returns how many equal outcomes change the verdict; 0 while there is no outcome.
func (s Spec) threshold(o Outcome) int {
	switch o {
	case Success:
		return s.SuccessThreshold
	case Failure:
		return s.FailureThreshold
	default:
		return 0
	}
}
