package repaint_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"

	"healthlab/tui/repaint"
)

// drawing is a program that draws frames as Bubble Tea does, on two terminals: one directly, and one through a Writer.
type drawing struct {
	t                *testing.T
	renderer         *uv.TerminalRenderer
	buf              bytes.Buffer
	frame            uv.ScreenBuffer
	direct, indirect *vt.Emulator
	writer           io.Writer
	sent, passed     int // bytes of the last frame, from the program and to the terminal
}

type count struct {
	io.Writer
	n *int
}

func (c count) Write(p []byte) (int, error) {
	*c.n += len(p)
	return c.Writer.Write(p)
}

func newDrawing(t *testing.T, w, h int, graphemes bool) *drawing {
	t.Helper()
	d := &drawing{t: t, direct: vt.NewEmulator(w, h), indirect: vt.NewEmulator(w, h), frame: uv.NewScreenBuffer(w, h)}
	d.writer = repaint.New(count{d.indirect, &d.passed}, d.indirect.Height)
	d.renderer = uv.NewTerminalRenderer(&d.buf, []string{"TERM=xterm-256color", "COLORTERM=truecolor"})
	d.renderer.SetScrollOptim(true)
	d.renderer.SetTabStops(w)
	d.renderer.SetBackspace(true)
	d.renderer.SetGraphemeWidth(graphemes)
	if graphemes {
		d.frame.Method = ansi.GraphemeWidth
	}
	d.write(ansi.SetModeAltScreenSaveCursor)
	d.renderer.SetFullscreen(true)
	d.renderer.SetRelativeCursor(false)
	d.renderer.Erase()
	return d
}

func (d *drawing) resize(w, h int) {
	d.direct.Resize(w, h)
	d.indirect.Resize(w, h)
	d.renderer.Erase()
	d.renderer.Resize(w, h)
	d.frame.Touched = nil
	d.frame.Resize(w, h)
}

func (d *drawing) write(s string) {
	d.t.Helper()
	d.sent, d.passed = len(s), 0
	if _, err := d.direct.WriteString(s); err != nil {
		d.t.Fatal(err)
	}
	if n, err := io.WriteString(d.writer, s); err != nil || n != len(s) {
		d.t.Fatalf("wrote %d of %d bytes: %v", n, len(s), err)
	}
}

// draw draws a frame, and requires that both terminals look alike and write at the same place.
func (d *drawing) draw(content string, cursor *uv.Position) {
	d.t.Helper()
	d.frame.Clear()
	uv.NewStyledString(content).Draw(d.frame, d.frame.Bounds())
	d.renderer.Render(d.frame.RenderBuffer)
	if cursor != nil {
		d.renderer.MoveTo(cursor.X, cursor.Y)
	}
	if err := d.renderer.Flush(); err != nil {
		d.t.Fatal(err)
	}
	d.write(d.buf.String())
	d.buf.Reset()
	for y := range d.direct.Height() {
		for x := range d.direct.Width() {
			if want, got := d.direct.CellAt(x, y), d.indirect.CellAt(x, y); !same(want, got) {
				d.t.Fatalf("column %d of line %d shows %+v, want %+v\n%s\nwant\n%s", x, y, got, want, d.indirect.String(), d.direct.String())
			}
		}
	}
	if want, got := d.direct.CursorPosition(), d.indirect.CursorPosition(); want != got {
		d.t.Fatalf("the cursor is at %v, want %v", got, want)
	}
}

func same(a, b *uv.Cell) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Equal(b)
}

// words of every kind: ASCII, Korean, marks, and some that terminals do not agree on.
var words = []string{
	"liveness-app", "활성 프로브", "✓", "✗ 3/3", "│", "━━━━━━", "다음 시도 3초", "Running", "한", "░▒█", " ", "          ", "🟢", "⚠️", "e\u0301",
}

// page is a screen of random words, of which a few change from one frame to the next.
type page struct {
	rand  *rand.Rand
	lines [][]string
}

func (p *page) word() string {
	w := words[p.rand.IntN(len(words))]
	switch p.rand.IntN(5) {
	case 0:
		return "\x1b[1;38;2;227;231;237m" + w + "\x1b[m"
	case 1:
		return "\x1b[48;2;35;42;53m" + w + "\x1b[m"
	case 2:
		return "\x1b[7m" + w + "\x1b[27m"
	default:
		return w
	}
}

func (p *page) change() {
	switch p.rand.IntN(8) {
	case 0: // it scrolls
		p.lines = append(p.lines[1:], p.lines[0])
	case 1: // a line is empty
		p.lines[p.rand.IntN(len(p.lines))] = nil
	default:
		for range 1 + p.rand.IntN(4) {
			y := p.rand.IntN(len(p.lines))
			line := p.lines[y]
			if len(line) == 0 || p.rand.IntN(4) == 0 {
				p.lines[y] = append(line, p.word())
				continue
			}
			line[p.rand.IntN(len(line))] = p.word()
		}
	}
}

func (p *page) String() string {
	var lines []string
	for _, words := range p.lines {
		lines = append(lines, strings.Join(words, ""))
	}
	return strings.Join(lines, "\n")
}

// TestLooksTheSame draws long random courses of frames: after each, the terminal looks as it would without a Writer.
func TestLooksTheSame(t *testing.T) {
	for _, graphemes := range []bool{false, true} {
		for seed := range uint64(8) {
			t.Run(fmt.Sprintf("graphemes=%v/%d", graphemes, seed), func(t *testing.T) {
				course(t, seed, graphemes, 100)
			})
		}
	}
}

func course(t *testing.T, seed uint64, graphemes bool, frames int) {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 1))
	d := newDrawing(t, 60, 16, graphemes)
	p := &page{rand: random, lines: make([][]string, 16)}
	for range frames {
		p.change()
		var cursor *uv.Position
		if random.IntN(4) == 0 {
			cursor = &uv.Position{X: random.IntN(d.frame.Width()), Y: random.IntN(d.frame.Height())}
		}
		switch random.IntN(40) {
		case 0:
			d.resize(30+random.IntN(60), 10+random.IntN(20))
		case 1: // an editor has had the terminal
			d.write(ansi.ResetModeAltScreenSaveCursor)
			d.write("\x1b[31mwhatever\r\nit wrote\x1b[m")
			d.write(ansi.SetModeAltScreenSaveCursor)
			d.renderer.Erase()
		}
		d.draw(p.String(), cursor)
	}
}

// TestPassesOnWhatChanges: of a Korean screen on which a countdown goes on, little more than its digits is passed on.
func TestPassesOnWhatChanges(t *testing.T) {
	for _, graphemes := range []bool{false, true} {
		t.Run(fmt.Sprintf("graphemes=%v", graphemes), func(t *testing.T) {
			d := newDrawing(t, 120, 40, graphemes)
			frame := func(seconds int) string {
				lines := slices.Repeat([]string{strings.Repeat("\x1b[36m활성 프로브\x1b[m ", 8)}, 40)
				lines[7] += fmt.Sprintf("다음 시도 %d초", seconds)
				return strings.Join(lines, "\n")
			}
			d.draw(frame(5), nil)
			d.draw(frame(4), nil)
			if d.sent < 4000 {
				t.Errorf("the renderer wrote only %d bytes for a digit: the Writer is not needed any more", d.sent)
			}
			if most := 60; d.passed > most {
				t.Errorf("%d bytes were passed on for a digit, want %d at most", d.passed, most)
			}
		})
	}
}

// TestPassesOnInline: outside the alternate screen everything is passed on as it is.
func TestPassesOnInline(t *testing.T) {
	var out bytes.Buffer
	said := "\x1b]2;title\x07한글\r\n\x1b[Kplain \x1b[31mred\x1b[m\r\n\x1b[?25h"
	if _, err := repaint.New(&out, func() int { return 24 }).Write([]byte(said)); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); got != said {
		t.Errorf("passed on %q, want %q", got, said)
	}
}

// FuzzWriter: nothing that is written makes it panic, and it takes everything.
func FuzzWriter(f *testing.F) {
	f.Add([]byte("\x1b[?1049h\x1b[H\x1b[K한글\x1b[?7h\x1b[2;1H\x1b[K\x1b[1mx\x1b[m\r\n"))
	f.Add([]byte("\x1b[?1049h\x1b[999999;999999H\x1b[K\x1b[99999999999b\t\b\b\b\x1b[Z\x1b[38:2::1:2:3mx"))
	f.Fuzz(func(t *testing.T, p []byte) {
		w := repaint.New(io.Discard, func() int { return 24 })
		for _, part := range [][]byte{p, p, p[:len(p)/2], p[len(p)/2:]} {
			if n, err := w.Write(part); err != nil || n != len(part) {
				t.Fatalf("wrote %d of %d bytes: %v", n, len(part), err)
			}
		}
	})
}
