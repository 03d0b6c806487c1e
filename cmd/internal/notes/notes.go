package notes

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"charm.land/glamour/v2"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
	"golang.org/x/term"

	"healthlab/lab"
	"healthlab/tui/theme"
)

// notesEvery is how often the position is looked at.
const notesEvery = 500 * time.Millisecond

// Followed says how a console is followed.
type Followed struct {
	Labs []lab.Lab
	Lang lab.Lang
	// SameLang makes the language follow the console's.
	SameLang bool
	// Out is drawn on if it is a terminal. Elsewhere each step is printed once, as plain text.
	Out io.Writer
}

// Follow shows the notes of the step where the console is that leaves its position in path, until ctx ends. The error is
// that of Out, or of a position that cannot be read.
func Follow(ctx context.Context, path string, f Followed) error {
	n := &notes{labs: f.Labs, lang: f.Lang, sameLang: f.SameLang, out: f.Out}
	if file, ok := f.Out.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		n.onTerminal(file)
	}
	return n.follow(ctx, path)
}

// All prints what a speaker wants on paper, as Markdown.
func All(out io.Writer, labs []lab.Lab, id string, lang lab.Lang) error {
	var text strings.Builder
	for _, l := range labs {
		if l.ID != id {
			continue
		}
		fmt.Fprintf(&text, "# %s\n", l.Title.In(lang))
		for i, step := range l.Steps {
			fmt.Fprintf(&text, "\n## %d. %s%s\n\n%s\n", i+1, step.Title.In(lang), planned(step, lang, " (", ")"), noteOf(step, lang))
		}
	}
	if _, err := io.WriteString(out, text.String()); err != nil {
		return fmt.Errorf("print the notes: %w", err)
	}
	return nil
}

func noteOf(step lab.Step, lang lab.Lang) string {
	if step.Notes.IsZero() {
		return lab.T("이 단계에는 노트가 없습니다.", "There are no notes for this step.").In(lang)
	}
	return strings.TrimSpace(step.Notes.In(lang))
}

func planned(step lab.Step, lang lab.Lang, before, after string) string {
	if step.Minutes == 0 {
		return ""
	}
	return before + lab.Textf("예정 %d분", "%d min planned", step.Minutes).In(lang) + after
}

// notes follows a console. One goroutine uses it.
type notes struct {
	labs []lab.Lab
	lang lab.Lang
	// sameLang makes lang follow the console's.
	sameLang bool
	out      io.Writer
	// width is that of the terminal; nil if out is none: then each step is printed once, as plain text.
	width func() int
	style theme.Style

	shown position
	drawn int  // the width it was drawn for
	begun bool // something was shown
}

// onTerminal makes n draw: Markdown in colour, one step at a time, a clock.
func (n *notes) onTerminal(f *os.File) {
	name := theme.Light
	if lipgloss.HasDarkBackground(os.Stdin, f) {
		name = theme.Dark
	}
	n.style = theme.New(name, theme.Options{})
	n.out = colorprofile.NewWriter(f, os.Environ())
	n.width = func() int {
		w, _, err := term.GetSize(int(f.Fd()))
		if err != nil {
			return 80
		}
		return w
	}
}

// follow shows the notes until ctx ends.
func (n *notes) follow(ctx context.Context, path string) error {
	look := time.NewTicker(notesEvery)
	defer look.Stop()
	for {
		p, err := readPosition(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err != nil {
			p = position{}
		}
		if err := n.show(p, time.Now()); err != nil {
			return fmt.Errorf("print the notes: %w", err)
		}
		select {
		case <-ctx.Done():
			if n.width != nil {
				fmt.Fprintln(n.out)
			}
			return nil
		case <-look.C:
		}
	}
}

// show shows the notes for p, the zero position while no console runs, if they are not shown already.
func (n *notes) show(p position, now time.Time) error {
	width := 0
	if n.width != nil {
		width = n.width()
	}
	if n.sameLang && (p.Lang == lab.Korean || p.Lang == lab.English) {
		n.lang = p.Lang
	}
	if !n.begun || p != n.shown || width != n.drawn {
		n.begun, n.shown, n.drawn = true, p, width
		if _, err := io.WriteString(n.out, n.page(p, width)); err != nil {
			return err
		}
	}
	if width == 0 || p == (position{}) {
		return nil
	}
	_, err := io.WriteString(n.out, "\r"+ansi.Truncate(n.clock(p, now), width-1, "")+ansi.EraseLineRight)
	return err
}

func (n *notes) find(p position) (l lab.Lab, i int, ok bool) {
	for _, l := range n.labs {
		for i, step := range l.Steps {
			if l.ID == p.Lab && step.ID == p.Step {
				return l, i, true
			}
		}
	}
	return lab.Lab{}, 0, false
}

// page is everything but the clock.
func (n *notes) page(p position, width int) string {
	var out strings.Builder
	if width > 0 {
		out.WriteString(ansi.EraseEntireScreen + ansi.CursorHomePosition)
	} else if p != (position{}) {
		out.WriteString("\n")
	}
	l, i, ok := n.find(p)
	switch {
	case p == position{}:
		out.WriteString(lab.T("실행 중인 콘솔을 기다립니다. 다른 터미널에서 healthlab을 여십시오. Ctrl-C로 마칩니다.\n",
			"Waiting for a console: open healthlab in another terminal. Ctrl-C ends this.\n").In(n.lang))
		return out.String()
	case !ok:
		fmt.Fprint(&out, lab.Textf("콘솔이 여기에 없는 단계에 있습니다: %s/%s. 콘솔과 같은 --labs를 쓰십시오.\n",
			"The console is on a step that is unknown here: %s/%s. Use the same --labs as the console.\n", p.Lab, p.Step).In(n.lang))
		return out.String()
	}
	step := l.Steps[i]
	head := fmt.Sprintf("%s %d/%d: %s", l.Title.In(n.lang), i+1, len(l.Steps), step.Title.In(n.lang))
	note, next := noteOf(step, n.lang), n.next(l, i)
	if width == 0 {
		fmt.Fprintf(&out, "%s%s\n\n%s\n\n%s\n", head, planned(step, n.lang, " (", ")"), note, next)
		return out.String()
	}
	fmt.Fprintf(&out, "%s\n\n%s\n\n%s\n\n", n.style.Heading.Render(head), n.markdown(note, width), n.style.Muted.Render(next))
	return out.String()
}

func (n *notes) markdown(text string, width int) string {
	r, err := glamour.NewTermRenderer(glamour.WithStyles(n.style.Markdown()), glamour.WithWordWrap(width))
	if err != nil {
		return text // it can be read as it is
	}
	rendered, err := r.Render(text)
	if err != nil {
		return text
	}
	return strings.Trim(rendered, "\n")
}

// next is the title of what comes after a step.
func (n *notes) next(l lab.Lab, i int) string {
	lead := lab.T("다음: ", "Next: ").In(n.lang)
	if i+1 < len(l.Steps) {
		return lead + l.Steps[i+1].Title.In(n.lang)
	}
	for j, other := range n.labs {
		if other.ID == l.ID && j+1 < len(n.labs) {
			return lead + n.labs[j+1].Title.In(n.lang)
		}
	}
	return lab.T("마지막 단계입니다.", "This is the last step.").In(n.lang)
}

// clock is the time on the step beside the planned one.
func (n *notes) clock(p position, now time.Time) string {
	l, i, ok := n.find(p)
	if !ok {
		return ""
	}
	on := max(now.Sub(p.Since), 0)
	text := fmt.Sprintf("%d:%02d", int(on.Minutes()), int(on.Seconds())%60) + planned(l.Steps[i], n.lang, " / ", "")
	if minutes := l.Steps[i].Minutes; minutes > 0 && on > time.Duration(minutes)*time.Minute {
		return n.style.Warn.Render(text + lab.T(", 예정보다 늦음", ", over time").In(n.lang))
	}
	return n.style.Text.Render(text)
}
