package tui

import (
	tea "charm.land/bubbletea/v2"

	"healthlab/lab"
	"healthlab/lab/course"
)

func (m *Model) onFeed(msg feedMsg) tea.Cmd {
	if msg.Lost > 0 {
		m.hear(note{At: m.now(), Tone: toneBad, Weight: factWeight(lab.FactWarning), Text: lab.Textf(
			"화면이 밀려 알림 %d건을 놓쳤습니다", "the screen fell behind: %d updates were lost", msg.Lost)})
	}
	if msg.Anew {
		m.beginAnew()
	}
	for _, f := range msg.Facts {
		m.onFact(f)
	}
	if s := msg.Snapshot; s != nil && (s.Revision > m.snap.Revision || m.snap.Revision == 0) {
		before := m.snap
		m.snap, m.view = s, msg.Timeline
		if s.Position.Lab != before.Position.Lab || s.Position.Step != before.Position.Step {
			m.steps.hints, m.tabChosen = 0, false
			m.why.forget()
		}
		m.handOut()
		m.why.onSnapshot()
		m.debrief.onTimeline()
		m.arrange()
		m.dirty = true
		m.preflight.announce()
		m.adopt.offer()
	}
	m.replay.heed()
	return m.pending.arrive(false)
}

// beginAnew forgets what has not happened (yet), now that a replay has gone back.
func (m *Model) beginAnew() {
	before := *m.snap
	before.Revision = 0 // whatever comes is newer
	m.snap = &before
	m.forget()
	m.debrief.over = nil // what had ended where it goes on is no news
	m.replay.beginAnew()
}

func (m *Model) onFact(f lab.Fact) {
	m.dirty = true
	text := course.Tell(m.cfg.Labs, f).Line()
	if f.Kind == lab.FactCommandFailed && m.cfg.Replay == nil {
		m.failed(failure{text: text, task: f.Command.ID}) // stays until it is dismissed
		return
	}
	one := note{At: f.At, Text: text, Tone: factTone(f.Kind), Weight: factWeight(f.Kind)}
	switch f.Kind {
	case lab.FactStepEntered: // what was told is about the step before, and the guide shows the new one
		m.remember(one)
		m.clear()
		return
	case lab.FactGoalMet, lab.FactStepDone:
		if m.moment().Ahead(f.Lab, f.Step) { // the guide shows it as done once the student is there
			m.remember(one)
			return
		}
	default:
	}
	m.hear(one)
	if f.Kind == lab.FactStepDone {
		m.question.compare(f.Lab, f.Step)
	}
}

func factTone(k lab.FactKind) tone {
	switch k {
	case lab.FactClusterUp, lab.FactPodReady, lab.FactProbeRecovered, lab.FactGoalMet, lab.FactStepDone,
		lab.FactLabDone, lab.FactCommand, lab.FactRestarted:
		return toneGood
	case lab.FactClusterLost, lab.FactClusterFailed, lab.FactClusterEnded, lab.FactPodNotReady, lab.FactProbeFailed, lab.FactKilling,
		lab.FactCommandFailed, lab.FactCommandCut, lab.FactWarning, lab.FactDenied, lab.FactFinding:
		return toneBad
	case lab.FactPodAdded, lab.FactPodRunning, lab.FactPodDeleting, lab.FactPodDeleted, lab.FactReplicas,
		lab.FactEndpointJoined, lab.FactEndpointLeft, lab.FactStepEntered, lab.FactProbing, lab.FactTraffic, lab.FactUntold:
		return toneInfo
	}
	return toneInfo
}

func factWeight(k lab.FactKind) int {
	switch k {
	case lab.FactLabDone, lab.FactClusterLost, lab.FactClusterFailed, lab.FactClusterEnded, lab.FactRestarted, lab.FactProbeRecovered:
		return 4 // that the step is done shows in the guide, too
	case lab.FactGoalMet, lab.FactStepDone, lab.FactCommandFailed, lab.FactCommandCut, lab.FactWarning, lab.FactDenied,
		lab.FactFinding, lab.FactProbing, lab.FactTraffic, lab.FactUntold:
		return 3
	case lab.FactKilling, lab.FactProbeFailed, lab.FactPodReady, lab.FactPodNotReady:
		return 2
	default:
		return 1
	}
}
