package guide

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/tui/widget"
)

// Broken breaks a command line behind a prompt into pieces of at most w cells as a shell allows it: each but the last one ends
// with a backslash, and what follows a break between words is indented, if there is room. A word that is longer than a line is
// broken behind a slash, or anywhere, and goes on at the very start of the next line.
func Broken(prompt, line string, w int) []string {
	const indent = "    "
	w = max(w, 4)
	var out []string
	piece := ""
	words := course.Unbroken(line)
	for i, word := range words {
		room := w // the last line has no backslash
		if i < len(words)-1 {
			room -= len(` \`)
		}
		switch {
		case i == 0: // the prompt stays with the command
			piece = prompt + word
		case widget.Width(piece)+1+widget.Width(word) <= room:
			piece += " " + word
		default:
			out = append(out, piece+` \`)
			piece = indent + word
			if widget.Width(piece) > room {
				piece = word
			}
		}
		for widget.Width(piece) > room {
			head, rest := broken(piece, w)
			out = append(out, head)
			piece = rest
		}
	}
	return append(out, piece)
}

// broken cuts a piece that is too long. Between single quotes a backslash is nothing but a backslash, so that they are closed
// before a break and opened again after it.
func broken(piece string, w int) (head, rest string) {
	cut := func(room int) (head string, single bool) {
		head = ansi.Truncate(piece, room, "")
		if slash := strings.LastIndexByte(head, '/'); slash > 0 {
			head = head[:slash+1]
		}
		begun, ok := course.Begun(head, "")
		return head, ok && begun.Quote == "'"
	}
	head, single := cut(w - len(`\`))
	if single {
		if head, single = cut(w - len(`'\`)); single && !strings.HasSuffix(head, "'") {
			return head + `'\`, "'" + piece[len(head):]
		}
	}
	if !single && strings.HasSuffix(head, `\`) && len(head) > 1 {
		head = head[:len(head)-1] // it belongs to what follows
	}
	return head + `\`, piece[len(head):]
}

// goal is a line of the checklist.
type goal struct {
	title lab.Text
	met   bool
	why   lab.Text
	next  bool // the first that is not met: what to work on
}

func goals(states []lab.GoalState) []goal {
	out := make([]goal, len(states))
	found := false
	for i, g := range states {
		out[i] = goal{title: g.Goal.Title, met: g.Met, why: g.Why, next: !g.Met && !found}
		found = found || !g.Met
	}
	return out
}

// guard is a punctuation mark that no text uses. Put around bold text before rendering and taken out after it, it makes
// Markdown see the end of a word there: without it, in Korean, "**준비성(readiness)**은" would show its asterisks.
const guard = "\u2e4f"

func guarded(markdown string) string {
	parts := strings.Split(markdown, "**")
	if len(parts) < 3 {
		return markdown
	}
	var out strings.Builder
	for i, part := range parts {
		switch {
		case i == 0:
		case i == len(parts)-1 && i%2 == 1: // an asterisk pair without a partner
			out.WriteString("**")
		case i%2 == 1:
			out.WriteString(guard + "**")
		default:
			out.WriteString("**" + guard)
		}
		out.WriteString(part)
	}
	return out.String()
}
