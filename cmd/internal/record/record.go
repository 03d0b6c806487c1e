package record

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
	"time"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
	"golang.org/x/term"

	"healthlab/cmd/internal/usage"
	"healthlab/lab"
)

// cast writes an asciicast of version 2 (https://docs.asciinema.org/manual/asciicast/v2/): a line with the header, then
// one line for each event. Its methods may be called from any goroutine.
type cast struct {
	start time.Time

	mu   sync.Mutex
	out  io.Writer // guarded by mu
	size string    // guarded by mu; the last one told
	rest []byte    // guarded by mu; the beginning of a character whose end was not written yet
	err  error     // guarded by mu; the first one, after which nothing is written any more
}

// castHeader is the first line.
type castHeader struct {
	Version   int               `json:"version"`
	Width     int               `json:"width"`
	Height    int               `json:"height"`
	Timestamp int64             `json:"timestamp"` // seconds since 1970
	Title     string            `json:"title"`
	Env       map[string]string `json:"env"`
}

func newCast(out io.Writer, width, height int, now time.Time) (*cast, error) {
	header, err := json.Marshal(castHeader{
		Version: 2, Width: width, Height: height, Timestamp: now.Unix(), Title: "healthlab",
		Env: map[string]string{"TERM": os.Getenv("TERM")},
	})
	if err != nil {
		return nil, fmt.Errorf("encode the recording's header: %w", err)
	}
	if _, err := out.Write(append(header, '\n')); err != nil {
		return nil, fmt.Errorf("write the recording's header: %w", err)
	}
	return &cast{start: now, out: out, size: size(width, height)}, nil
}

// output records what was written to the terminal. A character that comes in pieces is recorded with its last one.
func (c *cast) output(p []byte, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	text := append(c.rest, p...)
	whole := len(text) - unfinished(text)
	c.rest = append([]byte(nil), text[whole:]...)
	c.event(now, "o", string(text[:whole]))
}

func size(width, height int) string { return fmt.Sprintf("%dx%d", width, height) }

// resize records a new size of the terminal.
func (c *cast) resize(width, height int, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if next := size(width, height); next != c.size {
		c.size = next
		c.event(now, "r", next)
	}
}

// finish records what is left and returns the first error there was.
func (c *cast) finish(now time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.event(now, "o", string(c.rest))
	c.rest = nil
	return c.err
}

// event writes one line; the caller holds mu. An error ends the recording but not what is recorded.
func (c *cast) event(now time.Time, kind, data string) {
	if c.err != nil || data == "" {
		return
	}
	line, err := json.Marshal([]any{now.Sub(c.start).Seconds(), kind, data})
	if err == nil {
		_, err = c.out.Write(append(line, '\n'))
	}
	c.err = err
}

// unfinished returns how many bytes at the end of p begin a character that is not complete.
func unfinished(p []byte) int {
	for n := 1; n <= min(len(p), utf8.UTFMax-1); n++ {
		if tail := p[len(p)-n:]; utf8.RuneStart(tail[0]) {
			if utf8.FullRune(tail) {
				return 0
			}
			return n
		}
	}
	return 0
}

// Recorder is a terminal whose output is recorded too. It embeds the file, so that Bubble Tea still finds a terminal.
type Recorder struct {
	*os.File
	cast *cast
	file *os.File
}

// New starts a recording of terminal in a new file.
func New(terminal *os.File, path string) (*Recorder, error) {
	width, height, err := term.GetSize(int(terminal.Fd()))
	if err != nil {
		return nil, fmt.Errorf("record to %s: ask for the terminal's size: %w", path, err)
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, usage.Error{Err: lab.Errorf(nil, "--record: %s 파일이 이미 있습니다. 다른 이름을 쓰거나 그 파일을 지우십시오",
			"--record: %s already exists: choose another name or remove the file", path)}
	}
	if err != nil {
		return nil, usage.Error{Err: lab.Errorf(err, "--record: %s 파일을 만들 수 없습니다", "--record: cannot create %s", path)}
	}
	c, err := newCast(file, width, height, time.Now())
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &Recorder{File: terminal, cast: c, file: file}, nil
}

// Write writes to the terminal and records what got there.
func (r *Recorder) Write(p []byte) (int, error) {
	n, err := r.File.Write(p)
	r.cast.output(p[:n], time.Now())
	return n, err
}

// WriteString is Write for strings; without it the file's own would be called, past the recording.
func (r *Recorder) WriteString(s string) (int, error) { return r.Write([]byte(s)) }

// ReadFrom hides the file's own, which would also write past the recording.
func (r *Recorder) ReadFrom(from io.Reader) (int64, error) {
	return io.Copy(struct{ io.Writer }{r}, from)
}

// Options make a program draw on the Recorder and tell it new sizes.
func (r *Recorder) Options() []tea.ProgramOption {
	return []tea.ProgramOption{
		tea.WithOutput(r),
		tea.WithFilter(func(_ tea.Model, msg tea.Msg) tea.Msg {
			if size, ok := msg.(tea.WindowSizeMsg); ok {
				r.cast.resize(size.Width, size.Height, time.Now())
			}
			return msg
		}),
	}
}

// End finishes the recording and says what went wrong with it.
func (r *Recorder) End() error {
	if err := errors.Join(r.cast.finish(time.Now()), r.file.Close()); err != nil {
		return lab.Errorf(err, "%s 녹화 파일이 완전하지 않습니다", "the recording %s is not complete", r.file.Name())
	}
	return nil
}
