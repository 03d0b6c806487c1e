package tui

import (
	"strings"

	"healthlab/lab"
)

// What the fault keys stand for. A lab's fault takes a role by its ID; a repair is any fault that says so.
const (
	roleHang    = "hang"
	roleUnready = "break"
	roleRepair  = "repair"
)

// The why methods tell why something is not possible now, or return a zero text.

func (m *Model) whyNoCluster() lab.Text {
	c := m.snap.Cluster
	if c.Phase == lab.Up {
		return lab.Text{}
	}
	if !c.Problem.IsZero() {
		return c.Problem
	}
	return m.texts.NoCluster
}

// whyNotRun does not ask for a cluster: the first steps of a lab only write files.
func (m *Model) whyNotRun() lab.Text {
	_, s := m.current()
	switch {
	case s == nil || len(s.Commands) == 0 && s.Fault == "":
		return m.texts.NothingToRun
	case len(s.Commands) == 0:
		return m.whyNoFaultIn(s.Fault)
	}
	for _, c := range s.Commands {
		if c.Write == "" {
			return m.whyNoCluster()
		}
	}
	return lab.Text{}
}

func (m *Model) whyNoNext() lab.Text {
	if _, _, ok := m.stepBy(1); !ok {
		return m.texts.NoStepAfter
	}
	return lab.Text{}
}

func (m *Model) whyNoPrevious() lab.Text {
	if _, _, ok := m.stepBy(-1); !ok {
		return m.texts.NoStepBefore
	}
	return lab.Text{}
}

// stepBy returns the step before or after the current one, across labs.
func (m *Model) stepBy(n int) (labIndex, stepIndex int, ok bool) {
	p := m.snap.Position
	if p.Lab < 0 || p.Lab >= len(m.cfg.Labs) {
		return 0, 0, len(m.cfg.Labs[0].Steps) > 0
	}
	labIndex, stepIndex = p.Lab, p.Step+n
	switch {
	case stepIndex < 0:
		labIndex--
		if labIndex < 0 {
			return 0, 0, false
		}
		stepIndex = len(m.cfg.Labs[labIndex].Steps) - 1
	case stepIndex >= len(m.cfg.Labs[labIndex].Steps):
		labIndex++
		stepIndex = 0
	}
	if labIndex >= len(m.cfg.Labs) || stepIndex < 0 || stepIndex >= len(m.cfg.Labs[labIndex].Steps) {
		return 0, 0, false
	}
	return labIndex, stepIndex, true
}

// faultOf returns the current lab's fault for a role.
func (m *Model) faultOf(role string) (lab.Fault, bool) {
	l, s := m.current()
	if l == nil {
		return lab.Fault{}, false
	}
	// The fault that the step is about goes first, where a lab has several of a kind.
	if s != nil {
		if f, ok := faultByID(l, s.Fault); ok && roleOf(f) == role {
			return f, true
		}
	}
	for _, f := range l.Faults {
		if roleOf(f) == role {
			return f, true
		}
	}
	return lab.Fault{}, false
}

func roleOf(f lab.Fault) string {
	switch {
	case f.Repair:
		return roleRepair
	case f.ID == roleHang || strings.HasPrefix(f.ID, roleHang+"-"):
		return roleHang
	case f.ID == roleUnready || strings.HasPrefix(f.ID, roleUnready+"-"):
		return roleUnready
	}
	return ""
}

func (m *Model) whyNoRole(role string) lab.Text {
	f, ok := m.faultOf(role)
	if !ok {
		if role == roleRepair {
			return m.texts.NoRepair
		}
		return m.texts.NoFault
	}
	return m.whyNotInject(f)
}

func (m *Model) whyNoFaultIn(id string) lab.Text {
	l, _ := m.current()
	if l == nil {
		return m.texts.NoFault
	}
	f, ok := faultByID(l, id)
	if !ok {
		return m.texts.NoFault
	}
	return m.whyNotInject(f)
}

func (m *Model) whyNotInject(f lab.Fault) lab.Text {
	if why := m.whyNoCluster(); !why.IsZero() {
		return why
	}
	for _, p := range m.snap.Pods {
		if f.Pod != "" && p.Name != f.Pod {
			continue
		}
		if p.Deleting.IsZero() && p.Phase == "Running" {
			return lab.Text{}
		}
	}
	return m.texts.NoPodForFault
}

// roleMatters reports whether the footer shows the key of a role: while the step is about it, or it could be repaired.
func (m *Model) roleMatters(role string) bool {
	_, s := m.current()
	f, ok := m.faultOf(role)
	return ok && s != nil && s.Fault == f.ID && m.whyNotInject(f).IsZero()
}

func (m *Model) otherFaultMatters() bool {
	l, s := m.current()
	if l == nil || s == nil {
		return false
	}
	f, ok := faultByID(l, s.Fault)
	return ok && roleOf(f) == ""
}

func (m *Model) whyNoFaults() lab.Text {
	if l, _ := m.current(); l == nil || len(l.Faults) == 0 {
		return m.texts.NoFaults
	}
	return m.whyNoCluster()
}

func (m *Model) whyNoPods() lab.Text {
	if len(m.snap.Pods) == 0 {
		return m.texts.NoPods
	}
	return lab.Text{}
}

func (m *Model) whyNoReplicas() lab.Text {
	if !m.replicas() {
		return m.texts.NoReplicas
	}
	return lab.Text{}
}

func (m *Model) whyNoHint() lab.Text {
	if _, s := m.current(); s == nil || len(s.Hints) == 0 {
		return m.texts.NoHint
	}
	return lab.Text{}
}

func (m *Model) whyNoSolution() lab.Text {
	if _, s := m.current(); s == nil || s.Solution.IsZero() {
		return m.texts.NoSolution
	}
	return lab.Text{}
}

func (m *Model) whyNothingToCopy() lab.Text {
	if m.stepLines() == "" {
		return m.texts.NothingToCopy
	}
	return lab.Text{}
}

func (m *Model) whyNoExport() lab.Text {
	if m.export() == "" {
		return m.texts.NoExport
	}
	return lab.Text{}
}

func (m *Model) whyNoEdit() lab.Text {
	if l, _ := m.current(); l == nil || len(l.Manifests) == 0 {
		return m.texts.NoManifest
	}
	if m.cfg.Editor == "" {
		return m.texts.NoEditor
	}
	return m.whyNoCluster()
}

func (m *Model) whyNoTasks() lab.Text {
	if len(m.snap.Tasks) == 0 {
		return m.texts.NoTask
	}
	return lab.Text{}
}

func (m *Model) whyNoError() lab.Text {
	if len(m.fails) == 0 {
		return m.texts.NoError
	}
	return lab.Text{}
}

// stepLines returns the commands of the current step as they can be typed, one a line.
func (m *Model) stepLines() string {
	l, s := m.current()
	if s == nil {
		return ""
	}
	var lines []string
	for _, c := range s.Commands {
		lines = append(lines, m.fill(c.Line))
	}
	if f, ok := faultByID(l, s.Fault); ok && len(lines) == 0 {
		lines = append(lines, m.fill(f.Line))
	}
	return strings.Join(lines, "\n")
}

func faultByID(l *lab.Lab, id string) (lab.Fault, bool) {
	for _, f := range l.Faults {
		if f.ID == id && id != "" {
			return f, true
		}
	}
	return lab.Fault{}, false
}
