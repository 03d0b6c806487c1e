package session

import (
	"strings"
	"time"

	"healthlab/lab"
	"healthlab/lab/fold"
	"healthlab/probes"
)

// rests says why healthlab does not make a probe of its own; rest is false if it does. The text is zero where the kubelet's own
// attempts are shown in their place, as long as nobody has asked for both.
func (s *Session) rests(p lab.Pod, c lab.Container, pr *fold.Probe) (why lab.Text, rest bool) {
	told := pr.Witness == lab.Kubelet
	defer func() {
		if told && s.state.Probing() != lab.ProbingOn && p.Probing != lab.ProbingOn {
			why = lab.Text{}
		}
	}()
	seems := s.alone[probes.Key{Pod: p.UID, Container: c.Name}]
	switch {
	case p.Probing == lab.ProbingOff:
		return lab.Textf("파드의 주석 %s=off에 따라 healthlab은 실행하지 않습니다", "the pod's annotation %s=off keeps healthlab from running it", lab.ProbingAnnotation), true
	case s.state.Probing() == lab.ProbingOff:
		return lab.T("healthlab의 프로브를 꺼 두었습니다", "healthlab's own probes are switched off"), true
	case p.Probing == lab.ProbingOn:
		return lab.Text{}, false
	case s.state.Probing() == lab.ProbingAuto && (told || s.listeners.awaited(p.Node)):
		return lab.Text{}, true
	case pr.Changes != "":
		return lab.Textf("명령이 컨테이너를 바꾸므로(%s) healthlab은 실행하지 않습니다", "its command changes something (%s), so healthlab does not run it", pr.Changes), true
	case c.OneByOne != "" && pr.Spec.Exec == nil:
		return lab.Textf("앱이 연결을 한 번에 하나만 받으므로(%s) healthlab은 연결하지 않습니다",
			"the app takes one connection at a time (%s), so healthlab does not connect", c.OneByOne), true
	case pr.Spec.Exec == nil && !seems.IsZero():
		return seems, true
	}
	return lab.Text{}, false
}

// beside looks, at an attempt of healthlab's own, for signs that the app takes one connection at a time, so that one prober
// makes the other fail: either is refused while the other gets through.
func (s *Session) beside(p lab.Pod, pr *fold.Probe, at *seat, a probes.Attempt) {
	before := at.success
	if a.Outcome == probes.Success {
		at.success, at.successes = a.Start, at.successes+1
	}
	if pr.Spec.Exec != nil {
		return
	}
	kubelet := strings.Contains(pr.KubeletMessage, refusedMessage) && pr.Reported.After(before) && !before.IsZero() &&
		a.Outcome == probes.Success && pr.KubeletFailures*4 <= at.successes
	row := time.Duration(a.Streak) * (pr.Spec.Period + pr.Spec.Timeout)
	own := a.Outcome == probes.Failure && strings.Contains(a.Message, refusedMessage) && a.Streak >= 2 && a.Streak == a.Threshold &&
		p.Ready && (pr.Reported.IsZero() || a.Start.Sub(pr.Reported) > row)
	if kubelet || own {
		s.alone[probes.Key{Pod: a.Key.Pod, Container: a.Key.Container}] = lab.T(
			"kubelet과 healthlab 가운데 한쪽의 연결이 거부되므로 앱이 연결을 한 번에 하나만 받는 듯합니다. healthlab은 연결하지 않습니다",
			"the kubelet or healthlab is refused while the other gets through: the app seems to take one connection at a time, so healthlab does not connect")
	}
}

// refusedMessage is what an attempt says that nobody took.
const refusedMessage = "connection refused"

// shownFine ends the hold of healthlab's own probe on a container, as the kubelet has shown at a time that it is fine.
func (s *Session) shownFine(key probes.Key, containerID string, when time.Time) {
	at := s.seats[key]
	if at == nil || !at.observed || at.held.IsZero() || when.Before(at.held) || !s.engine.Release(key, containerID) {
		return
	}
	at.held, at.outlived, at.fine = time.Time{}, time.Time{}, true
}

// readyAgain is shownFine for all probes of the containers that are ready again without a restart.
func (s *Session) readyAgain(before *lab.Pod, now lab.Pod) {
	if before == nil || before.UID != now.UID {
		return
	}
	was := map[string]bool{} // by ID
	for _, c := range before.Containers {
		was[c.ID] = c.Ready
	}
	for _, c := range now.Containers {
		if ready, same := was[c.ID]; !same || ready || !c.Ready {
			continue
		}
		for _, pr := range c.Probes {
			s.shownFine(probes.Key{Pod: now.UID, Container: c.Name, Kind: pr.Spec.Kind}, c.ID, time.Now())
		}
	}
}

// outlived is when a container, for which healthlab's own probe has failed for good, has run on for longer than a kubelet of the
// same opinion would have let it.
func outlived(p lab.Pod, spec probes.Spec, held time.Time) time.Time {
	grace := p.GracePeriod
	if spec.GracePeriod != nil {
		grace = *spec.GracePeriod
	}
	return held.Add(time.Duration(spec.FailureThreshold+1)*(spec.Period+spec.Timeout) + grace + 5*time.Second)
}
