package plain

import (
	"bufio"
	"context"
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// maxLine is how many characters a line may have; what is typed beyond them is not taken.
const maxLine = 2000

// typing turns what comes from the keyboard into lines.
type typing struct {
	ctx   context.Context
	in    *bufio.Reader
	echo  io.Writer // nil if a line is seen as it is typed without this
	lines chan string
	begun chan bool
	line  []rune
	fed   bool // the last key was a carriage return, of which a line feed may be a part
}

// Read delivers the lines of in, without their ends. If echo is not nil, in is a terminal that hands over each key as it
// is pressed and shows none: what is typed is then shown on echo, Backspace, Ctrl+W and Ctrl+U take back a character, a
// word and everything, and Ctrl+D ends the input.
//
// begun tells true when a line has been begun, and false when there is none (any more). After a line, nothing is read
// before that false was received, so that whoever received the line can lend the terminal to another program. lines is
// closed at the end of in and when ctx ends; a read that is under way then cannot be called off, and its goroutine may
// live as long as the process.
func Read(ctx context.Context, in io.Reader, echo io.Writer) (lines <-chan string, begun <-chan bool) {
	if echo != nil {
		in = keyByKey{in}
	}
	t := &typing{ctx: ctx, in: bufio.NewReader(in), echo: echo, lines: make(chan string), begun: make(chan bool)}
	go t.run()
	return t.lines, t.begun
}

// keyByKey reads no byte ahead: what is typed after a line may be meant for another program.
type keyByKey struct{ io.Reader }

func (k keyByKey) Read(p []byte) (int, error) { return k.Reader.Read(p[:min(1, len(p))]) }

func (t *typing) run() {
	defer close(t.lines)
	for {
		r, _, err := t.in.ReadRune()
		if err != nil {
			if len(t.line) > 0 {
				t.send()
			}
			return
		}
		ok, half := true, t.fed && r == '\n'
		t.fed = r == '\r' && t.echo != nil
		switch {
		case half:
		case r == '\n' || r == '\r' && t.echo != nil:
			t.show("\n")
			ok = t.send()
		case t.echo == nil:
			t.line = append(t.line, r)
		case r == 0x04 && len(t.line) == 0: // Ctrl+D
			return
		case r == 0x1b:
			t.skipSequence()
		case r >= ' ' && r != 0x7f:
			ok = t.add(r)
		default:
			ok = t.control(r)
		}
		if !ok {
			return
		}
	}
}

// add takes a character. It is shown only once nothing else is about to be said.
func (t *typing) add(r rune) bool {
	if len(t.line) == 0 && !t.tell(true) {
		return false
	}
	if len(t.line) < maxLine {
		t.line = append(t.line, r)
		t.show(string(r))
	}
	return true
}

// control does what a control key does to the line.
func (t *typing) control(r rune) bool {
	n := 0
	switch r {
	case 0x7f, '\b':
		n = 1
	case 0x15: // Ctrl+U
		n = len(t.line)
	case 0x17: // Ctrl+W
		text := strings.TrimRight(string(t.line), " ")
		n = len(t.line) - len([]rune(text[:strings.LastIndexByte(text, ' ')+1]))
	}
	if n == 0 || len(t.line) == 0 {
		return true
	}
	t.erase(n)
	return len(t.line) > 0 || t.tell(false)
}

// erase takes back the last n characters, each with as many cells as it takes.
func (t *typing) erase(n int) {
	for ; n > 0 && len(t.line) > 0; n-- {
		last := len(t.line) - 1
		width := ansi.StringWidth(string(t.line[last]))
		t.line = t.line[:last]
		t.show(strings.Repeat("\b", width) + strings.Repeat(" ", width) + strings.Repeat("\b", width))
	}
}

// skipSequence drops what a key such as an arrow sends after Escape.
func (t *typing) skipSequence() {
	next, err := t.in.Peek(1)
	if err != nil || next[0] != '[' && next[0] != 'O' {
		return
	}
	_, _ = t.in.Discard(1) // it was seen
	for {
		b, err := t.in.ReadByte()
		if err != nil || b >= 0x40 && b <= 0x7e {
			return
		}
	}
}

// show writes to the terminal. Whoever reads the lines finds out by writing themselves that it takes nothing more.
func (t *typing) show(text string) {
	if t.echo != nil {
		_, _ = io.WriteString(t.echo, text)
	}
}

// send hands the line over and waits until the next one is wanted.
func (t *typing) send() bool {
	line := strings.TrimSuffix(string(t.line), "\r")
	t.line = nil
	select {
	case t.lines <- line:
		return t.tell(false)
	case <-t.ctx.Done():
		return false
	}
}

func (t *typing) tell(begun bool) bool {
	select {
	case t.begun <- begun:
		return true
	case <-t.ctx.Done():
		return false
	}
}
