package sandbox

import (
	"bytes"
	"context"
	"errors"
	"io"
	"sync"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// Terminal is what the kernel's tty is to processes: a line discipline with echo, erase, kill, end of file and
// interrupt, between a client's bytes and the processes' reads and writes. For shells it also edits a line with a
// history, which in Linux a shell does itself in raw mode.
//
// feed is called by the one goroutine that reads the client; reads and writes come from any process.
type Terminal struct {
	out io.Writer // to the client

	writing sync.Mutex // keeps echo and output in order

	mu      sync.Mutex
	changed chan struct{} // closed and replaced at each change
	ready   []record
	fresh   []record // not echoed yet
	line    []rune
	cursor  int
	partial []byte // an unfinished UTF-8 sequence or escape sequence
	prompt  string
	editing bool // a shell waits in ReadLine
	history []string
	recall  int // index into history while editing; len(history): the new line
	draft   []rune
	size    Size
	closed  bool
}

// record is a line for a read, or an event.
type record struct {
	text []byte
	err  error // io.EOF: Ctrl-D; ErrInterrupt: Ctrl-C while a shell edits
}

// ErrInterrupt is what ReadLine returns when Ctrl-C was typed.
var ErrInterrupt = errors.New("interrupted")

// maxLine bounds a line, as a tty does.
const maxLine = 4096

// maxHistory bounds what a shell remembers.
const maxHistory = 256

func newTerminal(out io.Writer) *Terminal {
	return &Terminal{out: out, changed: make(chan struct{}), size: Size{80, 24}}
}

// notify wakes readers; t.mu is held.
func (t *Terminal) notify() {
	close(t.changed)
	t.changed = make(chan struct{})
}

// Size returns the terminal's size.
func (t *Terminal) Size() Size {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.size
}

func (t *Terminal) resize(size Size) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if size.Columns > 0 && size.Rows > 0 {
		t.size = size
	}
}

// close ends all reads.
func (t *Terminal) close() { t.hangup() }

func (t *Terminal) hangup() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	t.notify()
}

// Write sends output to the client, with \n as \r\n.
func (t *Terminal) Write(b []byte) (int, error) { return t.writeContext(context.Background(), b) }

func (t *Terminal) writeContext(ctx context.Context, b []byte) (int, error) {
	t.writing.Lock()
	defer t.writing.Unlock()
	if err := t.emit(ctx, bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n"))); err != nil {
		return 0, err
	}
	return len(b), nil
}

// emit writes bytes as they are; t.writing is held.
func (t *Terminal) emit(ctx context.Context, b []byte) (err error) {
	if len(b) == 0 {
		return nil
	}
	if w, ok := t.out.(contextWriter); ok {
		_, err = w.writeContext(ctx, b)
	} else {
		_, err = t.out.Write(b)
	}
	return err
}

func (t *Terminal) Read(b []byte) (int, error) { return t.readContext(context.Background(), b) }

func (t *Terminal) readContext(ctx context.Context, b []byte) (int, error) {
	for {
		t.mu.Lock()
		if len(t.ready) > 0 {
			r := &t.ready[0]
			n := copy(b, r.text)
			r.text = r.text[n:]
			err := r.err
			if len(r.text) == 0 {
				t.ready = t.ready[1:]
			}
			t.mu.Unlock()
			if n > 0 || errors.Is(err, io.EOF) {
				return n, err
			}
			continue
		}
		closed, changed := t.closed, t.changed
		t.mu.Unlock()
		if closed {
			return 0, io.EOF
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

// ReadLine shows the prompt and returns the next line without its end. It returns io.EOF after Ctrl-D on an empty
// line or when the client is gone, and ErrInterrupt after Ctrl-C.
func (t *Terminal) ReadLine(ctx context.Context, prompt string) (string, error) {
	t.writing.Lock()
	t.mu.Lock()
	t.editing, t.prompt, t.recall = true, prompt, len(t.history)
	text := prompt
	if len(t.ready) == 0 { // typed ahead of the prompt
		text += string(t.line)
	}
	t.mu.Unlock()
	err := t.emit(ctx, []byte(text))
	t.writing.Unlock()
	if err != nil {
		return "", err
	}
	defer func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.editing = false
	}()
	for {
		t.mu.Lock()
		if len(t.ready) > 0 {
			r := t.ready[0]
			t.ready = t.ready[1:]
			t.editing = false // from here on Ctrl-C is a signal
			t.mu.Unlock()
			return string(bytes.TrimSuffix(r.text, []byte("\n"))), r.err
		}
		closed, changed := t.closed, t.changed
		t.mu.Unlock()
		if closed {
			return "", io.EOF
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
}

// feed takes bytes that the client typed. Signals go to the processes of the table that have this terminal.
func (t *Terminal) feed(processes *table, b []byte) {
	for _, c := range b {
		t.writing.Lock()
		t.mu.Lock()
		echo, sig := t.take(c)
		t.mu.Unlock()
		if sig != 0 {
			for _, p := range processes.all(nil) {
				if p.terminal == t {
					p.deliver(sig, nil)
				}
			}
		}
		_ = t.emit(context.Background(), []byte(echo))
		t.mu.Lock()
		if len(t.fresh) > 0 { // only once it was echoed: a line can end the process that reads it
			t.ready, t.fresh = append(t.ready, t.fresh...), nil
			t.notify()
		}
		t.mu.Unlock()
		t.writing.Unlock()
	}
}

// The control characters that the line discipline knows.
const (
	ctrlA     = 1
	ctrlC     = 3
	ctrlD     = 4
	ctrlE     = 5
	ctrlH     = 8
	ctrlL     = 12
	ctrlU     = 21
	ctrlW     = 23
	escape    = 27
	ctrlSlash = 28
	del       = 127
)

// take handles one byte; t.mu is held. It returns what to echo and the signal to send.
func (t *Terminal) take(c byte) (echo string, sig Signal) {
	if len(t.partial) > 0 && t.partial[0] == escape {
		return t.takeEscape(c), 0
	}
	if c >= utf8.RuneSelf || len(t.partial) > 0 {
		t.partial = append(t.partial, c)
		if !utf8.FullRune(t.partial) {
			return "", 0
		}
		r, _ := utf8.DecodeRune(t.partial)
		t.partial = nil
		return t.insert(r), 0
	}
	switch c {
	case '\r', '\n':
		return t.enter(), 0
	case ctrlC, ctrlSlash:
		t.line, t.cursor = nil, 0
		sig, shown := SIGINT, "^C"
		if c == ctrlSlash {
			sig, shown = SIGQUIT, "^\\"
		}
		if t.editing {
			t.ready = nil // as the kernel does: what was not read yet is dropped
			t.push(record{err: ErrInterrupt})
			return shown + "\r\n", 0
		}
		return shown, sig
	case ctrlD:
		if len(t.line) == 0 {
			t.push(record{err: io.EOF})
		} else if !t.editing {
			t.push(record{text: []byte(string(t.line))})
			t.line, t.cursor = nil, 0
		}
		return "", 0
	case ctrlH, del:
		return t.erase(1), 0
	case ctrlU:
		return t.erase(t.cursor), 0
	case ctrlW:
		n := t.cursor
		for n > 0 && t.line[n-1] == ' ' {
			n--
		}
		for n > 0 && t.line[n-1] != ' ' {
			n--
		}
		return t.erase(t.cursor - n), 0
	case escape:
		t.partial = []byte{c}
		return "", 0
	case '\t':
		if t.editing {
			return "", 0
		}
		return t.insert('\t'), 0
	}
	if !t.editing && c < ' ' {
		return t.insert(rune(c)), 0
	}
	switch c {
	case ctrlA:
		return t.move(-len(t.line)), 0
	case ctrlE:
		return t.move(len(t.line)), 0
	case ctrlL:
		return "\x1b[H\x1b[2J" + t.redraw(), 0
	}
	if c < ' ' {
		return "", 0
	}
	return t.insert(rune(c)), 0
}

// takeEscape handles the bytes of a cursor key.
func (t *Terminal) takeEscape(c byte) string {
	t.partial = append(t.partial, c)
	if len(t.partial) == 2 && (c == '[' || c == 'O') {
		return ""
	}
	if (c >= '0' && c <= '9' || c == ';') && len(t.partial) < 16 {
		return ""
	}
	sequence := string(t.partial[2:])
	t.partial = nil
	if !t.editing {
		return ""
	}
	switch sequence {
	case "A":
		return t.fromHistory(t.recall - 1)
	case "B":
		return t.fromHistory(t.recall + 1)
	case "C":
		return t.move(1)
	case "D":
		return t.move(-1)
	case "H", "1~":
		return t.move(-len(t.line))
	case "F", "4~":
		return t.move(len(t.line))
	case "3~":
		if t.cursor < len(t.line) {
			t.cursor++
			return t.erase(1)
		}
	}
	return ""
}

func (t *Terminal) push(r record) {
	t.fresh = append(t.fresh, r)
}

func (t *Terminal) enter() string {
	text := string(t.line)
	t.line, t.cursor = nil, 0
	if t.editing && text != "" && (len(t.history) == 0 || t.history[len(t.history)-1] != text) {
		t.history = append(t.history, text)
		if len(t.history) > maxHistory {
			t.history = t.history[1:]
		}
	}
	t.recall = len(t.history)
	t.push(record{text: []byte(text + "\n")})
	return "\r\n"
}

func (t *Terminal) insert(r rune) string {
	if len(t.line) >= maxLine {
		return "\a"
	}
	atEnd := t.cursor == len(t.line)
	t.line = append(t.line[:t.cursor], append([]rune{r}, t.line[t.cursor:]...)...)
	t.cursor++
	if atEnd {
		return string(r)
	}
	return t.redraw()
}

// erase removes n characters before the cursor.
func (t *Terminal) erase(n int) string {
	if n = min(n, t.cursor); n == 0 {
		return ""
	}
	atEnd := t.cursor == len(t.line)
	width := ansi.StringWidth(string(t.line[t.cursor-n : t.cursor]))
	t.line = append(t.line[:t.cursor-n], t.line[t.cursor:]...)
	t.cursor -= n
	if !atEnd {
		return t.redraw()
	}
	return string(bytes.Repeat([]byte("\b \b"), width))
}

func (t *Terminal) move(n int) string {
	if !t.editing {
		return ""
	}
	t.cursor = max(0, min(len(t.line), t.cursor+n))
	return t.redraw()
}

func (t *Terminal) fromHistory(i int) string {
	if i < 0 || i > len(t.history) {
		return ""
	}
	if t.recall == len(t.history) {
		t.draft = t.line
	}
	t.recall = i
	if i == len(t.history) {
		t.line = t.draft
	} else {
		t.line = []rune(t.history[i])
	}
	t.cursor = len(t.line)
	return t.redraw()
}

// redraw draws the edited line anew.
func (t *Terminal) redraw() string {
	prompt := ""
	if t.editing {
		prompt = t.prompt
	}
	text := "\r\x1b[K" + prompt + string(t.line)
	if back := ansi.StringWidth(string(t.line[t.cursor:])); back > 0 {
		text += ansi.CursorBackward(back)
	}
	return text
}

// OnTerminal reports whether the process's standard output is its terminal.
func (p *Process) OnTerminal() bool {
	return p.terminal != nil && unwrapWriter(p.Stdout) == io.Writer(p.terminal)
}
