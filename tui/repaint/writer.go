package repaint

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"unicode/utf8"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"
)

// Writer passes on to a terminal what a program writes to it, without what is there already.
type Writer struct {
	out    io.Writer
	height func() int // lines of the terminal
	parser *ansi.Parser
	buf    bytes.Buffer // what is passed on of one Write

	full    bool         // the alternate screen is on: rows are known by their numbers
	margins bool         // only a part of the screen scrolls
	rows    map[int]*row // what is known to be shown
	told    state        // where the program has brought the terminal
	really  state        // where the terminal is
	paint   *row         // that is being written on the line told.y; nil for none
}

// state is where a terminal writes, and how.
type state struct {
	x, y         int
	column, line bool // x is known, and y
	pen          uv.Style
	wrap         bool // a character behind the last column goes to the next line
}

// known reports whether it is known where the terminal writes.
func (s state) known() bool { return s.column && s.line }

// New returns a Writer to a terminal on which nothing is known to be shown. Height tells how many lines it has now.
func New(out io.Writer, height func() int) *Writer {
	p := ansi.NewParser()
	p.SetParamsSize(64)
	p.SetDataSize(1 << 16)
	return &Writer{out: out, height: height, parser: p, rows: map[int]*row{}, told: state{wrap: true}, really: state{wrap: true}}
}

// Write passes on what changes the terminal. It takes all of p, or returns the error of the terminal.
func (w *Writer) Write(p []byte) (int, error) {
	w.buf.Reset()
	for rest := p; len(rest) > 0; {
		seq, width, n, rests := ansi.DecodeSequence(rest, 0, w.parser)
		rest = rest[n:]
		if rests != 0 { // it goes on in the next Write
			w.unknown(seq)
			continue
		}
		w.token(seq, width)
	}
	w.finish()
	w.sync()
	if w.buf.Len() == 0 {
		return len(p), nil
	}
	if _, err := w.out.Write(w.buf.Bytes()); err != nil {
		return 0, fmt.Errorf("write to the terminal: %w", err)
	}
	return len(p), nil
}

// token takes a character, a control character or a sequence.
func (w *Writer) token(seq []byte, width int) {
	switch {
	case ansi.HasCsiPrefix(seq):
		w.control(seq, ansi.Cmd(w.parser.Command()), w.parser.Params())
	case ansi.HasOscPrefix(seq), ansi.HasDcsPrefix(seq), ansi.HasApcPrefix(seq): // colours, titles, questions: not on the screen
		w.finish()
		w.buf.Write(seq)
	case width > 0 || combining(seq):
		w.character(string(seq), width)
	case string(seq) == "\r" && w.told.line:
		w.finish()
		w.told.x, w.told.column = 0, true
	case string(seq) == "\n" && w.told.line && w.told.y < w.bottom():
		w.down(seq)
	case string(seq) == "\b":
		w.pass(seq)
		w.told.x--
		w.really = w.told
	case string(seq) == "\t":
		w.pass(seq)
		w.told.x = (w.told.x/tab + 1) * tab
		w.really = w.told
	case string(seq) == ansi.ReverseIndex:
		w.pass(seq)
		w.told.y--
		w.really = w.told
	default:
		w.unknown(seq)
	}
}

// combining reports whether seq is a character that has no column of its own.
func combining(seq []byte) bool {
	const last = 0x9f // of the control characters
	r, _ := utf8.DecodeRune(seq)
	return r > last && r != utf8.RuneError
}

// down takes a line feed on a line that is not the last one.
func (w *Writer) down(seq []byte) {
	if w.told.column && w.told.x == 0 {
		w.finish()
		w.told.y++
		return
	}
	w.pass(seq)
	w.told.y++
	w.told.column = false // whether the terminal goes to the first one depends on its settings
	w.really = w.told
}

// bottom is the last line of the screen, on which a line feed scrolls; -1 if only a part of the screen scrolls, or none is known.
func (w *Writer) bottom() int {
	if w.margins {
		return -1
	}
	return w.height() - 1
}

// tab is how many columns a tab stop is from the next.
const tab = 8

// control takes a control sequence.
func (w *Writer) control(seq []byte, cmd ansi.Cmd, params ansi.Params) {
	param := func(i, def int) int { n, _, _ := params.Param(i, def); return n }
	if cmd.Prefix() != 0 || cmd.Intermediate() != 0 {
		w.mode(seq, cmd, params)
		return
	}
	final := cmd.Final()
	switch {
	case final == 'm':
		uv.ReadStyle(params, &w.told.pen)
		return
	case final == 'H' && w.full:
		w.finish()
		w.told.x, w.told.y = max(param(1, 1), 1)-1, max(param(0, 1), 1)-1
		w.told.column, w.told.line = true, true
		return
	case final == 'K' && param(0, 0) == 0 && w.full && w.told.known() && w.told.x == 0:
		w.finish()
		w.paint = &row{ground: w.told.pen}
		return
	}
	w.pass(seq)
	n := max(param(0, 1), 1)
	switch final {
	case 'A':
		w.told.y -= n
	case 'B':
		w.told.y += n
	case 'C':
		w.told.x += n
	case 'D':
		w.told.x -= n
	case 'Z':
		w.told.x = max((w.told.x-1)/tab-n+1, 0) * tab
	case 'G', '`':
		w.told.x, w.told.column = n-1, true
	case 'd':
		w.told.y, w.told.line = n-1, true
	case 'K', 'X', 'P', '@':
		w.touched()
	case 'b':
		w.touched()
		w.told.x += n
	case 'J':
		clear(w.rows)
	case 'r':
		w.margins = param(0, 1) > 1 || param(1, w.height()) < w.height()
		w.forget()
	case 'c', 'n', 'p', 'q', 't': // these ask
	default:
		w.forget()
	}
	w.really = w.told
}

// mode takes a control sequence that sets or asks something and draws nothing.
func (w *Writer) mode(seq []byte, cmd ansi.Cmd, params ansi.Params) {
	set := cmd.Final() == 'h'
	if cmd.Prefix() == '?' && (set || cmd.Final() == 'l') && len(params) == 1 {
		switch n, _, _ := params.Param(0, 0); n {
		case ansi.ModeAutoWrap.Mode():
			w.finish()
			w.told.wrap = set
			return
		case ansi.ModeAltScreenSaveCursor.Mode():
			w.finish()
			w.sync()
			w.buf.Write(seq)
			w.full = set
			w.forget()
			return
		}
	}
	w.finish()
	w.buf.Write(seq)
}

// character takes a character of so many columns.
func (w *Writer) character(text string, width int) {
	if w.paint != nil {
		w.paint.put(text, width, w.told.pen)
		return
	}
	w.sync()
	w.buf.WriteString(text)
	w.touched()
	w.told.x += width
	w.really = w.told
}

// pass passes on what has an effect where the terminal writes.
func (w *Writer) pass(seq []byte) {
	w.finish()
	w.sync()
	w.buf.Write(seq)
}

// unknown passes on what has an effect that is not known here.
func (w *Writer) unknown(seq []byte) {
	w.pass(seq)
	w.forget()
}

// touched forgets what the line shows that the terminal writes on.
func (w *Writer) touched() {
	if !w.told.line {
		clear(w.rows)
		return
	}
	delete(w.rows, w.told.y)
}

// forget forgets what the terminal shows, and where it writes.
func (w *Writer) forget() {
	clear(w.rows)
	w.told.column, w.told.line = false, false
	w.really = w.told
}

// finish ends the row that is being painted: what of it is not shown yet is written.
func (w *Writer) finish() {
	painted := w.paint
	if painted == nil {
		return
	}
	w.paint = nil
	after := w.told // with the pen and the wrapping that the row has ended with
	after.x = len(painted.cells)
	if spans, ok := painted.over(w.rows[w.told.y]); ok {
		for _, s := range spans {
			w.write(painted, s)
		}
	} else {
		w.told.x, w.told.pen = 0, painted.ground
		w.sync()
		w.buf.WriteString(ansi.EraseLineRight)
		w.write(painted, span{0, len(painted.cells)})
	}
	w.rows[w.told.y] = painted
	w.told = after
	w.really.column = false // behind the last one, terminals differ
}

// write writes columns of a row.
func (w *Writer) write(r *row, s span) {
	w.told.x = s.from
	for x := s.from; x < s.to; x++ {
		c := r.at(x)
		if c.tail {
			continue
		}
		w.told.pen = c.style
		w.sync()
		w.buf.WriteString(c.text)
		for w.told.x = x + 1; w.told.x < s.to && r.at(w.told.x).tail; {
			w.told.x++
		}
		w.really.x = w.told.x
	}
}

// sync brings the terminal to where the program has.
func (w *Writer) sync() {
	if w.told.known() && (!w.really.known() || w.really.x != w.told.x || w.really.y != w.told.y) {
		w.buf.WriteString(ansi.CursorPosition(w.told.x+1, w.told.y+1))
	}
	if !w.really.pen.Equal(&w.told.pen) {
		if w.told.pen.IsZero() {
			w.buf.WriteString(ansi.ResetStyle)
		} else {
			w.buf.WriteString(w.told.pen.Diff(&w.really.pen))
		}
	}
	if w.really.wrap != w.told.wrap {
		mode := ansi.ResetModeAutoWrap
		if w.told.wrap {
			mode = ansi.SetModeAutoWrap
		}
		w.buf.WriteString(mode)
	}
	w.really = w.told
}

// Terminal is a terminal that is written to by a Writer. It embeds the file, so that Bubble Tea finds a terminal.
type Terminal struct {
	*os.File
	writer *Writer
}

// NewTerminal returns file written to through out, which is file or something that passes on to it.
func NewTerminal(file *os.File, out io.Writer) *Terminal {
	height := func() int {
		_, h, err := term.GetSize(file.Fd())
		if err != nil {
			return 0
		}
		return h
	}
	return &Terminal{file, New(out, height)}
}

// Terminal returns the terminal, for a program that draws on it by itself meanwhile.
func (t *Terminal) Terminal() *os.File { return t.File }

// Write writes what is not shown yet.
func (t *Terminal) Write(p []byte) (int, error) { return t.writer.Write(p) }

// WriteString is Write for strings; without it the file's own would be called, past the Writer.
func (t *Terminal) WriteString(s string) (int, error) { return t.Write([]byte(s)) }

// ReadFrom hides the file's own, which would also write past the Writer.
func (t *Terminal) ReadFrom(from io.Reader) (int64, error) {
	return io.Copy(struct{ io.Writer }{t}, from)
}
