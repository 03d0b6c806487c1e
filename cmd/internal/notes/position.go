package notes

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"runtime"
	"syscall"
	"time"

	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/lab/journal"
	"healthlab/lab/session"
	"healthlab/lab/statefile"
)

// position is where a running console is, for the speaker notes in another process.
type position struct {
	Lab   string    `json:"lab"`
	Step  string    `json:"step"`
	Since time.Time `json:"since"` // when the step was entered
	PID   int       `json:"pid"`
	Lang  lab.Lang  `json:"lang"` // the console's
}

// Announced leaves the position of a session in a file while it runs.
type Announced struct {
	langs chan lab.Lang // holds the newest that was not noticed yet
	ended chan struct{}
}

// Announce keeps each new position of se in path, with the console's language. The goroutine that does so ends after se's
// Run; Wait waits for it.
func Announce(se *session.Session, labs []lab.Lab, lang lab.Lang, path string, log *slog.Logger) *Announced {
	a := &Announced{langs: make(chan lab.Lang, 1), ended: make(chan struct{})}
	news := se.Subscribe()
	go func() {
		defer close(a.ended)
		a.follow(news, labs, position{PID: os.Getpid(), Lang: lang}, path, log)
		// Another console may have put its own there meanwhile.
		if p, err := readPosition(path); err == nil && p.PID == os.Getpid() {
			if err := os.Remove(path); err != nil {
				log.Warn("take the position back", "err", err)
			}
		}
	}()
	return a
}

// follow keeps the position in path up to date until the session's Run has ended.
func (a *Announced) follow(news *journal.Reader, labs []lab.Lab, at position, path string, log *slog.Logger) {
	written := position{}
	for {
		select {
		case <-news.Ready():
			batch, ok := news.Take()
			if !ok {
				return
			}
			if batch.Snapshot != nil {
				at = at.moved(batch.Snapshot, labs)
			}
		case at.Lang = <-a.langs:
		}
		if at == written || at.Since.IsZero() { // there is no snapshot yet
			continue
		}
		written = at
		if err := statefile.WriteJSON(path, at); err != nil {
			log.Warn("leave the position for the notes", "err", err)
		}
	}
}

// Speak tells which language the console has gone over to. One goroutine calls it, and never waits.
func (a *Announced) Speak(lang lab.Lang) {
	select {
	case <-a.langs:
	default:
	}
	a.langs <- lang
}

// Wait waits until the session's Run has ended and the file is gone.
func (a *Announced) Wait() { <-a.ended }

// moved returns the position of a snapshot.
func (p position) moved(s *lab.Snapshot, labs []lab.Lab) position {
	p.Lab, p.Step, p.Since = "", "", s.Position.Since
	m := course.Moment{Labs: labs, Snapshot: s}
	if l := m.Lab(); l != nil {
		p.Lab = l.ID
	}
	if step := m.Step(); step != nil {
		p.Step = step.ID
	}
	return p
}

// readPosition returns where a console is. The error is fs.ErrNotExist if none is running, also where one was killed and
// has left its file behind.
func readPosition(path string) (position, error) {
	var p position
	content, err := os.ReadFile(path)
	if err != nil {
		return p, err
	}
	if err := json.Unmarshal(content, &p); err != nil {
		return p, fmt.Errorf("position in %s: %w", path, err)
	}
	if !alive(p.PID) {
		return p, fmt.Errorf("position in %s: its console has ended: %w", path, fs.ErrNotExist)
	}
	return p, nil
}

// alive reports whether there is such a process.
func alive(pid int) bool {
	if pid <= 0 {
		return false
	}
	process, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	if runtime.GOOS == "windows" { // finding it has opened it
		return process.Release() == nil
	}
	err = process.Signal(syscall.Signal(0))
	return err == nil || errors.Is(err, syscall.EPERM)
}
