package tui

import (
	tea "charm.land/bubbletea/v2"
)

const wheelLines = 3

func (m *Model) onClick(at tea.Mouse) tea.Cmd {
	if !m.mouse || at.Button != tea.MouseLeft || m.layout.TooSmall {
		return nil
	}
	m.dirty = true
	switch {
	case m.dialog != nil:
		inside := m.box
		return m.closeIf(m.dialog.click(at.X-inside.X, at.Y-inside.Y))
	case m.prompt.open:
		m.prompt.clickProposal(at.X, at.Y, m.layout.Footer)
		return nil
	case m.layout.Footer.contains(at.X, at.Y):
		return m.clickFooter(at.X)
	case m.layout.News.contains(at.X, at.Y) && len(m.fails) > 0:
		return m.showError()
	}
	p, ok := m.layout.placeAt(at.X, at.Y)
	if b, onBorder := m.layout.borderAt(at.X, at.Y); onBorder {
		m.drag = &dragging{border: b, x: at.X, y: at.Y}
	}
	if !ok {
		return nil
	}
	id := p.Front
	if at.Y == p.Y {
		id = m.tabAt(p, at.X)
	}
	m.setFocus(id)
	if c, ok := m.panes[id].(Clicker); ok && at.Y > p.Y {
		return m.do(c.Click(at.X-p.X-1, at.Y-p.Y-1))
	}
	return nil
}

// clickFooter does what the key at column x of the footer does.
func (m *Model) clickFooter(x int) tea.Cmd {
	for _, item := range m.footerItems(m.layout.Footer.W) {
		if x >= item.x && x < item.x+item.w {
			return m.act(item.Binding)
		}
	}
	return nil
}

// tabAt returns the pane whose title is at column x of the screen.
func (sc *screen) tabAt(p place, x int) PaneID {
	for _, t := range sc.tabs(p) {
		if x >= p.X+t.x && x < p.X+t.x+t.w {
			return t.id
		}
	}
	return p.Front
}

func (m *Model) onWheel(at tea.Mouse) {
	if !m.mouse {
		return
	}
	n := 0
	switch at.Button {
	case tea.MouseWheelUp:
		n = -wheelLines
	case tea.MouseWheelDown:
		n = wheelLines
	default:
		return
	}
	m.dirty = true
	if m.dialog != nil {
		key := "down"
		if n < 0 {
			key = "up"
		}
		m.dialog.key(key)
		return
	}
	if p, ok := m.layout.placeAt(at.X, at.Y); ok {
		if s, ok := m.panes[p.Front].(Scroller); ok {
			s.ScrollBy(n)
		}
	}
}
