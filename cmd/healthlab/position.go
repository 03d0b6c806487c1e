package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/lab/session"
)

// position is where a running console is, for the speaker notes in another process.
type position struct {
	Lab   string    `json:"lab"`
	Step  string    `json:"step"`
	Since time.Time `json:"since"` // when the step was entered
	PID   int       `json:"pid"`
	Lang  lab.Lang  `json:"lang"` // the console's
}

// positionFile is where the console leaves its position while it runs.
func (o *options) positionFile() string { return filepath.Join(o.state, "position.json") }

// announced is a session that leaves its position in a file while it runs.
type announced struct {
	*session.Session
	snapshots chan *lab.Snapshot
	langs     chan lab.Lang // holds the newest that was not noticed yet
	ended     chan struct{}
}

// announce passes the snapshots of se on, and each new position to path, with the console's language. The goroutine that
// does so ends after se's Run; wait waits for it.
func announce(se *session.Session, labs []lab.Lab, lang lab.Lang, path string, log *slog.Logger) *announced {
	a := &announced{
		Session: se, snapshots: make(chan *lab.Snapshot, 1), langs: make(chan lab.Lang, 1), ended: make(chan struct{}),
	}
	go func() {
		defer close(a.ended)
		defer close(a.snapshots)
		a.follow(labs, position{PID: os.Getpid(), Lang: lang}, path, log)
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
func (a *announced) follow(labs []lab.Lab, at position, path string, log *slog.Logger) {
	written := position{}
	for {
		select {
		case s, ok := <-a.Session.Snapshots():
			if !ok {
				return
			}
			at = at.moved(s, labs)
			select {
			case <-a.snapshots: // the newest one is what counts
			default:
			}
			a.snapshots <- s
		case at.Lang = <-a.langs:
		}
		if at == written || at.Since.IsZero() { // there is no snapshot yet
			continue
		}
		written = at
		if err := writePosition(path, at); err != nil {
			log.Warn("leave the position for the notes", "err", err)
		}
	}
}

// speak tells which language the console has gone over to. One goroutine calls it, and never waits.
func (a *announced) speak(lang lab.Lang) {
	select {
	case <-a.langs:
	default:
	}
	a.langs <- lang
}

// Snapshots delivers the session's.
func (a *announced) Snapshots() <-chan *lab.Snapshot { return a.snapshots }

func (a *announced) wait() { <-a.ended }

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

// writePosition replaces the file in one go: a reader sees the old one or the new one.
func writePosition(path string, p position) error {
	content, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("encode the position: %w", err)
	}
	draft := fmt.Sprintf("%s.%d", path, p.PID)
	if err := os.WriteFile(draft, content, 0o600); err != nil {
		return fmt.Errorf("write the position: %w", err)
	}
	if err := os.Rename(draft, path); err != nil {
		return fmt.Errorf("write the position: %w", err)
	}
	return nil
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
