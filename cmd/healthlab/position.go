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
	"healthlab/lab/session"
)

// position is where a running console is, for the speaker notes in another process.
type position struct {
	Lab   string    `json:"lab"`
	Step  string    `json:"step"`
	Since time.Time `json:"since"` // when the step was entered
	PID   int       `json:"pid"`
}

// positionFile is where the console leaves its position while it runs.
func (o *options) positionFile() string { return filepath.Join(o.state, "position.json") }

// announced is a session that leaves its position in a file while it runs.
type announced struct {
	*session.Session
	snapshots chan *lab.Snapshot
	ended     chan struct{}
}

// announce passes the snapshots of se on, and each new position to path. The goroutine that does so ends after se's Run;
// wait waits for it.
func announce(se *session.Session, labs []lab.Lab, path string, log *slog.Logger) *announced {
	a := &announced{Session: se, snapshots: make(chan *lab.Snapshot, 1), ended: make(chan struct{})}
	go func() {
		defer close(a.ended)
		defer close(a.snapshots)
		var last position
		for s := range se.Snapshots() {
			if p := positionOf(s, labs); p != last {
				last = p
				if err := writePosition(path, p); err != nil {
					log.Warn("leave the position for the notes", "err", err)
				}
			}
			select {
			case <-a.snapshots: // the newest one is what counts
			default:
			}
			a.snapshots <- s
		}
		// Another console may have put its own there meanwhile.
		if p, err := readPosition(path); err == nil && p.PID == os.Getpid() {
			if err := os.Remove(path); err != nil {
				log.Warn("take the position back", "err", err)
			}
		}
	}()
	return a
}

// Snapshots delivers the session's.
func (a *announced) Snapshots() <-chan *lab.Snapshot { return a.snapshots }

func (a *announced) wait() { <-a.ended }

func positionOf(s *lab.Snapshot, labs []lab.Lab) position {
	p := position{Since: s.Position.Since, PID: os.Getpid()}
	if l := s.Position.Lab; l >= 0 && l < len(labs) {
		p.Lab = labs[l].ID
		if i := s.Position.Step; i >= 0 && i < len(labs[l].Steps) {
			p.Step = labs[l].Steps[i].ID
		}
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
