package rows

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"healthlab/lab/course"
	"healthlab/tui/widget"
)

// Command breaks a command line behind a prompt into pieces of at most w cells as a shell allows it: each but the last one ends
// with a backslash, and what follows a break between words is indented, if there is room. A word that is longer than a line is
// broken behind a slash, or anywhere, and goes on at the very start of the next line.
func Command(prompt, line string, w int) []string {
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
