package session

import (
	"context"
	"time"

	"healthlab/lab"
)

// maxLog is how many lines of the chosen pod's log are kept.
const maxLog = 500

// applog is the log of the chosen pod. Lines of an earlier run of its container stay.
type applog struct {
	lines []lab.LogLine
	pod   string // UID of the pod that lines are from
	run   string // the container's ID that is being followed
	stop  context.CancelFunc
}

// followLog follows the chosen pod's first container, and again each time that it has been restarted.
func (s *Session) followLog() {
	p := s.pods[s.chosen]
	if p == nil || s.link == nil || len(p.seen.Containers) == 0 {
		return
	}
	c := p.seen.Containers[0]
	if s.applog.pod != p.seen.UID {
		if s.applog.stop != nil {
			s.applog.stop()
		}
		s.applog = applog{pod: p.seen.UID}
		s.dirty.any = true
	}
	if c.State != lab.Running || c.ID == "" || c.ID == s.applog.run {
		return
	}
	if s.applog.stop != nil {
		s.applog.stop()
	}
	ctx, stop := context.WithCancel(s.ctx)
	s.applog.run, s.applog.stop = c.ID, stop
	run, name, link := c.ID, p.seen.Name, s.link
	s.work.Go(func() {
		defer stop()
		s.readLog(ctx, link, name, c.Name, run)
	})
}

// readLog reads one run's log to its end, and goes on where it was when the connection breaks.
func (s *Session) readLog(ctx context.Context, link Cluster, pod, container, run string) {
	var last time.Time
	pause := time.Second
	for {
		told := last
		err := link.Logs(ctx, pod, container, told, func(line lab.LogLine) {
			if !told.IsZero() && !line.At.After(told) {
				return // told before the connection broke
			}
			last, pause = line.At, time.Second
			s.inbox.put(func() {
				if s.applog.run == run {
					s.applog.lines = push(s.applog.lines, line, maxLog)
					s.dirty.any = true
				}
			})
		})
		if err == nil || ctx.Err() != nil {
			return
		}
		s.log.Debug("follow the log", "pod", pod, "err", err)
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
		pause = min(2*pause, 15*time.Second)
	}
}
