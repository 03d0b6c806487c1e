package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"healthlab/lab"
)

// newsFor is how long a heavy piece of news is safe from lighter ones.
const newsFor = 4 * time.Second

func (m *Model) onFeed(msg feedMsg) tea.Cmd {
	if msg.Lost > 0 {
		m.onFact(lab.Fact{At: m.cfg.Now(), Kind: lab.FactWarning, Text: lab.Textf(
			"화면이 너무 오래 멈춰 있어 소식 %d건을 놓쳤습니다", "the screen stood still for too long: %d pieces of news are lost", msg.Lost)})
	}
	for _, f := range msg.Facts {
		m.onFact(f)
	}
	if s := msg.Snapshot; s != nil && (s.Revision > m.snap.Revision || m.snap.Revision == 0) {
		before := m.snap
		m.snap = s
		if s.Position.Lab != before.Position.Lab || s.Position.Step != before.Position.Step {
			m.hints, m.tabChosen = 0, false
		}
		m.arrange()
		m.handOut()
		m.dirty = true
		m.announcePreflight()
		m.offerChoice()
	}
	return m.arrive(false)
}

func (m *Model) onFact(f lab.Fact) {
	m.dirty = true
	if f.Kind == lab.FactCommandFailed {
		m.fail(f.Text) // stays until it is dismissed
		return
	}
	n := note{At: f.At, Text: f.Text, Tone: factTone(f.Kind), Weight: factWeight(f.Kind)}
	m.remember(n)
	// How long it is shown is by this clock, whatever the session's says.
	n.At = m.cfg.Now()
	if n.Weight >= m.news.Weight || n.At.Sub(m.news.At) >= newsFor || n.At.Before(m.news.At) {
		m.news = n
	}
	if f.Kind == lab.FactStepDone {
		m.tellAnswer(f.Lab, f.Step)
	}
}

func factTone(k lab.FactKind) tone {
	switch k {
	case lab.FactClusterUp, lab.FactPodReady, lab.FactProbeRecovered, lab.FactGoalMet, lab.FactStepDone,
		lab.FactLabDone, lab.FactCommand, lab.FactRestarted:
		return toneGood
	case lab.FactClusterLost, lab.FactPodNotReady, lab.FactProbeFailed, lab.FactKilling, lab.FactCommandFailed,
		lab.FactCommandCut, lab.FactWarning:
		return toneBad
	case lab.FactPodAdded, lab.FactPodRunning, lab.FactPodDeleted, lab.FactReplicas,
		lab.FactEndpoints, lab.FactStepEntered:
		return toneInfo
	}
	return toneInfo
}

func factWeight(k lab.FactKind) int {
	switch k {
	case lab.FactLabDone, lab.FactClusterLost, lab.FactRestarted, lab.FactProbeRecovered:
		return 4 // that the step is done shows in the guide, too
	case lab.FactGoalMet, lab.FactStepDone, lab.FactCommandFailed, lab.FactCommandCut, lab.FactWarning:
		return 3
	case lab.FactKilling, lab.FactProbeFailed, lab.FactPodReady, lab.FactPodNotReady:
		return 2
	default:
		return 1
	}
}

// tellAnswer compares what the user expected with what has happened, once.
func (m *Model) tellAnswer(labID, stepID string) {
	k := labID + "/" + stepID
	answer, given := m.answers[k]
	if !given || answer < 0 || m.told[k] || !m.asked[k] {
		return
	}
	for _, l := range m.cfg.Labs {
		for _, s := range l.Steps {
			if l.ID != labID || s.ID != stepID || s.Question == nil || answer >= len(s.Question.Options) {
				continue
			}
			m.told[k] = true
			m.tellOutcome(*s.Question, answer)
		}
	}
}

// current returns the lab and step that the student is at; both are nil if the session's position fits no lab.
func (m *Model) current() (*lab.Lab, *lab.Step) {
	p := m.snap.Position
	if p.Lab < 0 || p.Lab >= len(m.cfg.Labs) {
		return nil, nil
	}
	l := &m.cfg.Labs[p.Lab]
	if p.Step < 0 || p.Step >= len(l.Steps) {
		return l, nil
	}
	return l, &l.Steps[p.Step]
}

// goalsMet reports whether the step has goals and all are met.
func (m *Model) goalsMet() bool {
	goals := m.snap.Position.Goals
	for _, g := range goals {
		if !g.Met {
			return false
		}
	}
	return len(goals) > 0
}

// running returns the tasks under way.
func (m *Model) running() []lab.Task {
	var out []lab.Task
	for _, t := range m.snap.Tasks {
		if t.State == lab.TaskRunning {
			out = append(out, t)
		}
	}
	return out
}
