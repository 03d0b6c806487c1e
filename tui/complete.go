package tui

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/tui/widget"
)

// completeWithin is how long kubectl may take to answer.
const completeWithin = 5 * time.Second

// completion is what kubectl proposes for the word before the prompt's cursor. Whatever is filled in comes after what was
// typed, which is never changed.
type completion struct {
	asked  uint64             // questions so far; the answer to an earlier one is not wanted any more
	cancel context.CancelFunc // of the question under way; nil if there is none

	begun         course.Unfinished // what was before the cursor
	before, after string            // the line around the cursor, with the beginning that all proposals share
	lab.Completion
	at     int // the proposal that is filled in; -1 for none
	scroll widget.Scroll
}

// completedMsg is kubectl's answer to what a word could become.
type completedMsg struct {
	Asked  uint64
	Answer lab.Completion
	Err    error
}

// complete asks kubectl what the word before the cursor could become or, once that is known, goes to the next proposal.
func (p *prompt) complete(n int) tea.Cmd {
	c := &p.completion
	switch {
	case len(c.Candidates) > 0:
		p.propose(n)
		return nil
	case c.cancel != nil:
		return nil // the answer is on its way
	case p.cfg.Complete == nil:
		p.tell(nothingToComplete(), toneInfo)
		return nil
	}
	line, at := []rune(p.input.Value()), p.input.Position()
	c.before, c.after = string(line[:at]), string(line[at:])
	begun, ok := course.Begun(c.before, p.cfg.Home)
	if !ok {
		p.tell(nothingToComplete(), toneInfo)
		return nil
	}
	c.begun = begun
	args := append(slices.Clone(begun.Whole), begun.Last)
	ctx, cancel := context.WithTimeout(context.Background(), completeWithin)
	c.asked++
	c.cancel = cancel
	asked, ask := c.asked, p.cfg.Complete
	return p.during(func(running context.Context) tea.Msg {
		defer cancel()
		defer context.AfterFunc(running, cancel)()
		answer, err := ask(ctx, args)
		return completedMsg{asked, answer, err}
	})
}

func nothingToComplete() lab.Text {
	return lab.T("완성할 말이 없습니다.", "There is nothing to complete here.")
}

// drop forgets what was proposed, and the question under way.
func (c *completion) drop() {
	if c.cancel != nil {
		c.cancel()
	}
	*c = completion{asked: c.asked}
}

func (p *prompt) onCompleted(msg completedMsg) {
	c := &p.completion
	if c.cancel == nil || msg.Asked != c.asked {
		return
	}
	p.dirty = true
	c.cancel = nil
	stem := c.begun.Last
	found := slices.DeleteFunc(slices.Clone(msg.Answer.Candidates), func(w lab.Candidate) bool {
		return !strings.HasPrefix(w.Word, stem)
	})
	switch {
	case errors.Is(msg.Err, context.DeadlineExceeded):
		p.tell(lab.T("kubectl이 제때 답하지 않아 완성하지 못했습니다.", "Not completed: kubectl did not answer in time."), toneBad)
	case msg.Err != nil:
		p.tell(lab.InFull(msg.Err), toneBad)
	case len(found) == 0:
		p.tell(nothingToComplete(), toneInfo)
	case len(found) == 1:
		word := found[0].Word
		end := ""
		if !msg.Answer.NoSpace && !strings.HasSuffix(word, "/") {
			end = c.begun.End()
		}
		p.fill(c.before+c.begun.Continued(word[len(stem):])+end, c.after)
		c.drop()
	default:
		// Proposals go on from what they have in common.
		common := commonStart(found)
		c.before += c.begun.Continued(common[len(stem):])
		c.begun.Last = common
		c.Candidates, c.at = found, -1
		p.fill(c.before, c.after)
	}
}

// commonStart returns the beginning that all words share, in whole characters.
func commonStart(all []lab.Candidate) string {
	common := all[0].Word
	for _, c := range all[1:] {
		for !strings.HasPrefix(c.Word, common) {
			_, n := utf8.DecodeLastRuneInString(common)
			common = common[:len(common)-n]
		}
	}
	return common
}

// propose fills in the proposal n places on.
func (p *prompt) propose(n int) {
	c := &p.completion
	if c.at < 0 && n < 0 {
		c.at = 0
	}
	c.at = (c.at + n + len(c.Candidates)) % len(c.Candidates)
	p.fill(c.before+c.begun.Continued(c.Candidates[c.at].Word[len(c.begun.Last):]), c.after)
}

// fill makes before and after the line, with the cursor between them.
func (p *prompt) fill(before, after string) {
	p.input.SetValue(before + after)
	p.input.SetCursor(len([]rune(before)))
}

// proposals draws what is proposed over the last of lines, above the prompt.
func (p *prompt) proposals(lines []string, footer rect) []string {
	c, s := &p.completion, &p.style
	if len(c.Candidates) == 0 {
		return lines
	}
	box := p.proposalBox(footer)
	c.scroll.Fit(len(c.Candidates), box.H)
	c.scroll.Show(max(c.at, 0))
	width := 0
	for _, one := range c.Candidates {
		width = max(width, ansi.StringWidth(one.Word))
	}
	width = min(width, box.W*2/3)
	head := " " + p.say(lab.Textf("완성 후보 %d/%d · Tab 다음 · Shift+Tab 이전 · Esc 되돌리기",
		"Proposal %d of %d · Tab next · Shift+Tab back · Esc undo", max(c.at, 0)+1, len(c.Candidates)))
	if c.at < 0 {
		head = " " + p.say(lab.Textf("완성 후보 %d개 · Tab 고르기 · Esc 닫기", "%d proposals · Tab choose · Esc close", len(c.Candidates)))
	}
	lines[box.Y-1] = s.Bar.Render(widget.Fit(head, box.W, s.Glyphs.Ellipsis))
	from, to := c.scroll.Window()
	for i := from; i < to; i++ {
		mark, style := "   ", s.Text
		if i == c.at {
			mark, style = " "+s.Glyphs.Chosen+" ", s.Selected
		}
		one := c.Candidates[i]
		word := style.Render(mark + widget.Fit(widget.Clean(one.Word), width, s.Glyphs.Ellipsis))
		about := s.Muted.Render("  " + widget.Clean(one.About))
		lines[box.Y+i-from] = widget.Fit(word+about, box.W, s.Glyphs.Ellipsis)
	}
	return lines
}

// proposalBox is where proposals are drawn, below a line that tells how many there are.
func (p *prompt) proposalBox(footer rect) rect {
	h := min(len(p.Candidates), max((footer.Y+1)/3, 6))
	return rect{0, footer.Y - h, footer.W, h}
}

// clickProposal fills in the proposal at a cell of the screen.
func (p *prompt) clickProposal(x, y int, footer rect) {
	c := &p.completion
	if box := p.proposalBox(footer); len(c.Candidates) > 0 && box.contains(x, y) {
		from, _ := c.scroll.Window()
		p.propose(from + y - box.Y - c.at)
	}
}
