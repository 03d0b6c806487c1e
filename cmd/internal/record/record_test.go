package record

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// played is a recording as a player reads it.
type played struct {
	header castHeader
	events []castEvent
}

type castEvent struct {
	at         float64
	kind, data string
}

func parseCast(t *testing.T, recording string) played {
	t.Helper()
	var p played
	lines := bufio.NewScanner(strings.NewReader(recording))
	if !lines.Scan() {
		t.Fatal("the recording is empty")
	}
	if err := json.Unmarshal(lines.Bytes(), &p.header); err != nil {
		t.Fatalf("header: %v", err)
	}
	for lines.Scan() {
		var e castEvent
		if !utf8.Valid(lines.Bytes()) || bytes.Contains(lines.Bytes(), []byte(`\ufffd`)) {
			t.Errorf("not valid UTF-8: %q", lines.Text())
		}
		if err := json.Unmarshal(lines.Bytes(), &[]any{&e.at, &e.kind, &e.data}); err != nil {
			t.Fatalf("event %q: %v", lines.Text(), err)
		}
		p.events = append(p.events, e)
	}
	return p
}

func (p played) screen() string {
	var out strings.Builder
	for _, e := range p.events {
		if e.kind == "o" {
			out.WriteString(e.data)
		}
	}
	return out.String()
}

func TestRecordingPlaysBack(t *testing.T) {
	t.Setenv("TERM", "xterm-256color")
	var out bytes.Buffer
	start := time.Unix(1700000000, 0)
	c, err := newCast(&out, 120, 40, start)
	if err != nil {
		t.Fatal(err)
	}
	const text = "\x1b[1m프로브\x1b[0m\r\n한글 🙂 \"quoted\"\x00\n"
	for i := range len(text) { // byte by byte: every character comes in pieces
		c.output([]byte{text[i]}, start.Add(time.Duration(i)*time.Second/10))
	}
	c.resize(120, 40, start.Add(time.Minute)) // as a program is told at its start
	c.resize(80, 24, start.Add(time.Minute))
	if err := c.finish(start.Add(2 * time.Minute)); err != nil {
		t.Fatal(err)
	}
	got := parseCast(t, out.String())
	h := got.header
	if h.Version != 2 || h.Width != 120 || h.Height != 40 || h.Timestamp != 1700000000 || h.Env["TERM"] != "xterm-256color" {
		t.Errorf("header %+v", h)
	}
	if got.screen() != text {
		t.Errorf("plays back as %q, want %q", got.screen(), text)
	}
	last := got.events[len(got.events)-1]
	if last != (castEvent{60, "r", "80x24"}) {
		t.Errorf("last event %+v, want the new size", last)
	}
	if got.events[len(got.events)-2].kind == "r" {
		t.Error("a size that is not new was recorded")
	}
	for i, e := range got.events[1:] {
		if e.at < got.events[i].at {
			t.Errorf("event %d goes back in time", i+1)
		}
	}
}

// What never becomes a character is recorded at the end, as a player shows it.
func TestRecordingOfBrokenText(t *testing.T) {
	var out bytes.Buffer
	c, err := newCast(&out, 80, 24, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	c.output([]byte("a\xed\x95"), time.Now())
	before := out.Len()
	if err := c.finish(time.Now()); err != nil {
		t.Fatal(err)
	}
	if out.Len() == before {
		t.Error("the beginning of a character was lost")
	}
}

// fullDisk takes a few writes and then none.
type fullDisk struct{ left int }

var errFull = errors.New("no space left on device")

func (f *fullDisk) Write(p []byte) (int, error) {
	if f.left--; f.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestRecordingTellsItsErrorAtTheEnd(t *testing.T) {
	c, err := newCast(&fullDisk{left: 2}, 80, 24, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		c.output([]byte("x"), time.Now())
	}
	if err := c.finish(time.Now()); !errors.Is(err, errFull) {
		t.Errorf("error %v, want %v", err, errFull)
	}
}
