package output

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"healthlab/lab"
	"healthlab/tui/widget"
)

// Typing reports whether keys are text of a search, and so must reach HandleKey as they were typed.
func (p *Pane) Typing() bool { return p.typing }

// HandleKey scrolls, searches and goes to other tasks.
func (p *Pane) HandleKey(msg tea.KeyPressMsg) (lab.Action, bool) {
	p.Frame.Invalidate()
	if p.typing {
		p.typeKey(msg)
		return nil, true
	}
	switch msg.String() {
	case "/":
		p.typing, p.word = true, ""
	case "n":
		return nil, p.jump(1)
	case "N":
		return nil, p.jump(-1)
	case "esc":
		if p.word == "" {
			return nil, false
		}
		p.word = ""
	case "[":
		p.other(-1)
	case "]":
		p.other(1)
	case "<":
		p.column = max(p.column-sideways, wrapped)
	case ">":
		p.column = min(p.column+sideways, p.widest())
	default:
		return nil, p.Scroll.HandleKey(msg)
	}
	return nil, true
}

func (p *Pane) typeKey(msg tea.KeyPressMsg) {
	switch msg.String() {
	case "enter":
		p.typing = false
		p.jump(1)
	case "esc":
		p.typing, p.word = false, ""
	case "backspace":
		if r := []rune(p.word); len(r) > 0 {
			p.word = string(r[:len(r)-1])
		}
	default:
		p.word += widget.Clean(msg.Text)
	}
}

// jump scrolls to the next (or, with -1, the previous) line that matches, going round at the end.
func (p *Pane) jump(direction int) bool {
	w, _ := p.Frame.Size()
	lines := p.lines
	if p.column == wrapped {
		lines = fold(lines, w)
	}
	hits := find(lines, p.word)
	if len(hits) == 0 {
		return p.word != ""
	}
	from, _ := p.Scroll.Window()
	target := hits[0]
	if direction > 0 {
		for _, hit := range hits {
			if hit > from {
				target = hit
				break
			}
		}
	} else {
		target = hits[len(hits)-1]
		for _, hit := range hits {
			if hit < from {
				target = hit
			}
		}
	}
	p.Scroll.By(target - from)
	return true
}

func (p *Pane) other(direction int) {
	if i := p.index() + direction; i >= 0 && i < len(p.tasks) {
		p.chosen = p.tasks[i].ID
		p.load()
	}
}

// widest is the last column to which one can go sideways.
func (p *Pane) widest() int {
	most := 0
	for _, line := range p.lines {
		most = max(most, widget.Width(line)-1)
	}
	return most
}

// Keys returns the pane's own keys.
func (p *Pane) Keys() []key.Binding {
	return append(widget.ScrollKeys(lab.T("스크롤", "scroll").In(p.lang), lab.T("처음/끝", "start/end").In(p.lang)),
		key.NewBinding(key.WithKeys("/"), key.WithHelp("/", lab.T("찾기", "search").In(p.lang))),
		key.NewBinding(key.WithKeys("n", "N"), key.WithHelp("n/N", lab.T("다음/이전 찾기", "next/previous match").In(p.lang))),
		key.NewBinding(key.WithKeys("[", "]"), key.WithHelp("[/]", lab.T("이전/다음 명령", "earlier/later command").In(p.lang))),
		key.NewBinding(key.WithKeys("<", ">"), key.WithHelp("</>", lab.T("줄바꿈 없이 옆으로", "scroll sideways, no wrapping").In(p.lang))))
}
