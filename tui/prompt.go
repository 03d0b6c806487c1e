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
	"healthlab/tui/theme"
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
	open    bool
	input   textinput.Model
	history []string // oldest first
	at      int      // index into history while going through it; len(history) is the line being typed
	draft   string   // that line
}

func newPrompt() prompt {
	input := textinput.New()
	input.Prompt = ""
	input.CharLimit = maxPrompt
	input.SetVirtualCursor(false)
	return prompt{input: input}
}

func (m *Model) openPrompt() tea.Cmd {
	m.prompt.open = true
	m.prompt.at, m.prompt.draft = len(m.prompt.history), ""
	m.prompt.input.SetValue("")
	m.tabChosen = false // who types a command wants to see what it says
	m.bringForward(Output)
	return m.prompt.input.Focus()
}

func (m *Model) promptKey(msg tea.KeyPressMsg) tea.Cmd {
	p := &m.prompt
	switch msg.String() {
	case "esc", "ctrl+c", "ctrl+ㅊ":
		p.close()
		return nil
	case "enter":
		return m.runPrompt()
	case "up", "ctrl+p":
		p.recall(-1)
		return nil
	case "down", "ctrl+n":
		p.recall(1)
		return nil
	case "tab":
		if several := p.complete(m.snap); len(several) > 1 {
			list := strings.Join(several, "  ")
			m.tell(lab.Text{Ko: list, En: list}, toneInfo)
		}
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
	p.input.Blur()
}

// paste takes what was pasted as one line.
func (p *prompt) paste(msg tea.PasteMsg) {
	p.input, _ = p.input.Update(tea.PasteMsg{Content: widget.Clean(msg.Content)})
}

func (m *Model) runPrompt() tea.Cmd {
	p := &m.prompt
	line := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(p.input.Value()), "kubectl "))
	p.close()
	if line == "" {
		return nil
	}
	args, err := splitLine(line)
	if err != nil {
		m.fail(errorText(err))
		return nil
	}
	p.history = append(slices.DeleteFunc(p.history, func(s string) bool { return s == line }), line)
	if len(p.history) > maxHistory {
		p.history = p.history[len(p.history)-maxHistory:]
	}
	return tea.Batch(m.do(lab.Kubectl{Args: m.athome(args)}), m.writeHistory(line))
}

// athome expands ~ at the start of words, as a shell does.
func (m *Model) athome(words []string) []string {
	for i, w := range words {
		if rest, ok := strings.CutPrefix(w, "~/"); ok && m.cfg.Home != "" {
			words[i] = filepath.Join(m.cfg.Home, rest)
		}
	}
	return words
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

// complete extends the last word by what all words that begin with it have in common, and returns those words.
func (p *prompt) complete(s *lab.Snapshot) []string {
	value := p.input.Value()
	start := strings.LastIndexByte(value, ' ') + 1
	stem := value[start:]
	var hits []string
	for _, w := range promptWords(s) {
		if strings.HasPrefix(w, stem) && !slices.Contains(hits, w) {
			hits = append(hits, w)
		}
	}
	if len(hits) == 0 || stem == "" {
		return nil
	}
	common := hits[0]
	for _, h := range hits[1:] {
		for !strings.HasPrefix(h, common) {
			common = common[:len(common)-1]
		}
	}
	if len(hits) == 1 {
		common += " "
	}
	p.input.SetValue(value[:start] + common)
	p.input.CursorEnd()
	return hits
}

// promptWords are what completion knows: verbs, kinds and flags that the labs need, and the names of what there is.
func promptWords(s *lab.Snapshot) []string {
	words := strings.Fields(`apply create delete describe edit exec explain get label logs patch port-forward rollout scale
		set top version wait deployment deployments endpoints endpointslices events namespace namespaces nodes pod pods
		replicaset replicasets service services --all-namespaces --filename --follow --namespace --output --previous
		--selector --tail --timestamps --watch wide yaml json`)
	for _, p := range s.Pods {
		words = append(words, p.Name)
	}
	for _, d := range s.Deployments {
		words = append(words, d.Name)
	}
	for _, e := range s.Endpoints {
		words = append(words, e.Service)
	}
	if s.Cluster.Namespace != "" {
		words = append(words, s.Cluster.Namespace)
	}
	return words
}

// draw returns the prompt as a line of w cells; while nothing has been typed, help stands at its end.
func (p *prompt) draw(w int, s *theme.Style, help string) string {
	lead := s.Key.Render(":") + s.Muted.Render(promptLead)
	p.input.SetWidth(max(w-1-len(promptLead)-1, 1))
	if p.input.Value() == "" {
		return widget.Fit(widget.Fit(lead, w-ansi.StringWidth(help)-1, "")+s.Muted.Render(help), w, "")
	}
	return widget.Fit(lead+p.input.View(), w, "")
}

// cursor returns where the terminal's cursor belongs, which is also where an input method shows what it composes. The
// input's own answer counts characters, not cells.
func (p *prompt) cursor(footer rect) *tea.Cursor {
	before := []rune(p.input.Value())[:p.input.Position()]
	x := 1 + len(promptLead) + ansi.StringWidth(string(before))
	return tea.NewCursor(min(x, max(footer.W-1, 0)), footer.Y)
}

// readHistory reads the lines typed in earlier runs. That there is no such file is no failure.
func (m *Model) readHistory() tea.Cmd {
	path, failed := m.cfg.History, m.texts.HistoryFailed
	if path == "" {
		return nil
	}
	return func() tea.Msg {
		data, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return noticeMsg{textf(failed, err.Error()), true}
		}
		lines := strings.Split(strings.TrimRight(string(data), "\n"), "\n")
		return historyMsg{lines[max(len(lines)-maxHistory, 0):]}
	}
}

// writeHistory adds a line to the history's file, readable by the user alone.
func (m *Model) writeHistory(line string) tea.Cmd {
	path, failed := m.cfg.History, m.texts.HistoryFailed
	if path == "" {
		return nil
	}
	return func() tea.Msg {
		if err := appendLine(path, line); err != nil {
			return noticeMsg{textf(failed, err.Error()), true}
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

// splitLine splits a command line into words as a shell does with quotes and backslashes.
func splitLine(line string) ([]string, error) {
	var words []string
	var word strings.Builder
	var quote rune
	started, escaped := false, false
	for _, r := range line {
		switch {
		case escaped:
			word.WriteRune(r)
			escaped = false
		case r == '\\' && quote != '\'':
			started, escaped = true, true
		case quote != 0:
			if r == quote {
				quote = 0
			} else {
				word.WriteRune(r)
			}
		case r == '\'' || r == '"':
			started, quote = true, r
		case r == ' ' || r == '\t':
			if started {
				words = append(words, word.String())
				word.Reset()
				started = false
			}
		default:
			started = true
			word.WriteRune(r)
		}
	}
	if quote != 0 || escaped {
		return nil, &lab.Error{Msg: lab.Text{
			Ko: "명령의 따옴표가 닫히지 않았습니다: " + line,
			En: "a quote in the command is not closed: " + line,
		}}
	}
	if started {
		words = append(words, word.String())
	}
	return words, nil
}
