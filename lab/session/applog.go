package session

import (
	"context"
	"time"

	"healthlab/lab"
	"healthlab/lab/journal"
)

// following is the log that is being followed.
type following struct {
	run  string // the container's ID
	stop context.CancelFunc
}

// followLog follows the chosen pod's first container, and again each time that it has been restarted. Lines of an earlier
// run of its container stay.
func (s *Session) followLog() {
	chosen, _ := s.state.Chosen()
	p, there := s.state.Pod(chosen)
	if !there || s.link == nil || len(p.Containers) == 0 {
		return
	}
	c := p.Containers[0]
	if s.state.LogPod() != p.UID {
		if s.following.stop != nil {
			s.following.stop()
		}
		s.following = following{}
		s.record(journal.LogFollowed{Pod: p.UID})
	}
	if c.State != lab.Running || c.ID == "" || c.ID == s.following.run {
		return
	}
	if s.following.stop != nil {
		s.following.stop()
	}
	ctx, stop := context.WithCancel(s.ctx)
	s.following = following{run: c.ID, stop: stop}
	s.record(journal.LogFollowed{Pod: p.UID, Run: c.ID})
	run, name, link := c.ID, p.Name, s.link
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
				if s.following.run == run {
					s.record(journal.Logged{Line: line})
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
