package tui

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/tui/widget"
)

const (
	promptLead = "kubectl "
	// maxPrompt and maxHistory bound what a paste or a long life can bring.
	maxPrompt  = 2000
	maxHistory = 500
)

// prompt is the line that kubectl commands are typed into, in place of the footer.
type prompt struct {
	flow
	open    bool
	input   textinput.Model
	history []string // oldest first
	at      int      // index into history while going through it; len(history) is the line being typed
	draft   string   // that line
	completion
}

// historyMsg is the prompt's history as it was read from its file.
type historyMsg struct{ Lines []string }

func newPrompt(f flow) prompt {
	input := textinput.New()
	input.Prompt = ""
	input.CharLimit = maxPrompt
	input.SetVirtualCursor(false)
	return prompt{flow: f, input: input}
}

func (p *prompt) start() tea.Cmd {
	p.open = true
	p.at, p.draft = len(p.history), ""
	p.input.SetValue("")
	return p.input.Focus()
}

func (p *prompt) onKey(msg tea.KeyPressMsg) tea.Cmd {
	key := msg.String()
	switch proposed := len(p.Candidates) > 0; {
	case key == "tab":
		return p.complete(1)
	case key == "shift+tab" && proposed:
		return p.complete(-1)
	case key == "esc" && proposed:
		p.fill(p.before, p.after)
		p.drop()
		return nil
	case (key == "up" || key == "down") && proposed:
		p.propose(map[string]int{"up": -1, "down": 1}[key])
		return nil
	}
	p.drop()
	switch key {
	case "esc", "ctrl+c", "ctrl+ㅊ":
		p.close()
		return nil
	case "enter":
		return p.run()
	case "up", "ctrl+p":
		p.recall(-1)
		return nil
	case "down", "ctrl+n":
		p.recall(1)
		return nil
	case "ctrl+v":
		// The terminal pastes; reading the clipboard would wait in the middle of Update.
		return nil
	}
	var cmd tea.Cmd
	p.input, cmd = p.input.Update(msg)
	return cmd
}

func (p *prompt) close() {
	p.open = false
	p.drop()
	p.input.Blur()
}

// paste takes what was pasted as one line.
func (p *prompt) paste(msg tea.PasteMsg) {
	p.drop()
	p.input, _ = p.input.Update(tea.PasteMsg{Content: widget.Clean(msg.Content)})
}

func (p *prompt) run() tea.Cmd {
	line := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(p.input.Value()), "kubectl "))
	p.close()
	if line == "" {
		return nil
	}
	command, err := course.Typed(line, p.cfg.Home)
	if err != nil {
		p.fail(lab.InFull(err))
		return nil
	}
	p.history = append(slices.DeleteFunc(p.history, func(s string) bool { return s == line }), line)
	if len(p.history) > maxHistory {
		p.history = p.history[len(p.history)-maxHistory:]
	}
	return tea.Batch(p.do(command), p.writeHistory(line))
}

// recall goes through the history.
func (p *prompt) recall(n int) {
	if p.at >= len(p.history) {
		p.draft = p.input.Value()
	}
	p.at = max(min(p.at+n, len(p.history)), 0)
	if p.at == len(p.history) {
		p.input.SetValue(p.draft)
	} else {
		p.input.SetValue(p.history[p.at])
	}
	p.input.CursorEnd()
}

// draw returns the prompt as a line of w cells. While nothing has been typed, help stands at its end; while kubectl is
// asked, the end says so.
func (p *prompt) draw(w int) string {
	s := &p.style
	lead := s.Key.Render(":") + s.Muted.Render(promptLead)
	text, _ := p.window(w)
	end := ""
	switch {
	case p.cancel != nil:
		end = p.say(lab.T("완성할 말을 찾는 중", "looking for completions"))
	case p.input.Value() == "":
		end = p.say(lab.T("Enter 실행 · ↑↓ 기록 · Tab 완성 · Esc 닫기", "Enter run · ↑↓ history · Tab complete · Esc close"))
	}
	return widget.Fit(widget.Fit(lead+s.Text.Render(text), w-ansi.StringWidth(end)-1, "")+" "+s.Muted.Render(end), w, "")
}

// window returns what of the line has room on a screen of w cells, moved to the left as far as the cursor needs, and
// where in it the cursor is.
func (p *prompt) window(w int) (text string, cursor int) {
	line, at := p.input.Value(), p.input.Position()
	before := string([]rune(line)[:at])
	hidden := max(ansi.StringWidth(before)-max(w-len(promptLead)-3, 1), 0)
	return ansi.TruncateLeft(line, hidden, ""), ansi.StringWidth(ansi.TruncateLeft(before, hidden, ""))
}

// cursor returns where the terminal's cursor belongs, which is also where an input method shows what it composes. The
// input's own answer counts characters, not cells.
func (p *prompt) cursor(footer rect) *tea.Cursor {
	_, x := p.window(footer.W)
	return tea.NewCursor(min(1+len(promptLead)+x, max(footer.W-1, 0)), footer.Y)
}

// readHistory reads the lines typed in earlier runs. That there is no such file is no failure.
func (p *prompt) readHistory() tea.Cmd {
	path := p.cfg.History
	if path == "" {
		return nil
	}
	return func() tea.Msg {
		data, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return noticeMsg{lab.Textf("명령 기록을 읽지 못했습니다: %s", "Could not read the command history: %s", lab.InFull(err)), true}
		}
		lines := strings.Split(strings.TrimRight(string(data), "\n"), "\n")
		return historyMsg{lines[max(len(lines)-maxHistory, 0):]}
	}
}

// writeHistory adds a line to the history's file, readable by the user alone.
func (p *prompt) writeHistory(line string) tea.Cmd {
	path := p.cfg.History
	if path == "" {
		return nil
	}
	return func() tea.Msg {
		if err := appendLine(path, line); err != nil {
			return noticeMsg{lab.Textf("명령 기록을 저장하지 못했습니다: %s", "Could not save the command history: %s", lab.InFull(err)), true}
		}
		return nil
	}
}

func appendLine(path, line string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("keep the command history: %w", err)
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("keep the command history: %w", err)
	}
	_, err = f.WriteString(line + "\n")
	return errors.Join(err, f.Close())
}
