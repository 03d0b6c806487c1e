package nginx

import (
	"context"
	"slices"

	"healthlab/lab/node/sandbox"
)

// maxWorkers bounds the worker processes, which do nothing here but be there.
const maxWorkers = 8

// startWorkers starts the processes that ps shows as workers.
func (s *Server) startWorkers(ctx context.Context, cfg *config) {
	s.notice(s.p.PID(), "start worker processes")
	for range min(cfg.workers, maxWorkers) {
		s.startWorker(ctx)
	}
}

func (s *Server) startWorker(ctx context.Context) {
	w, err := s.p.Start(sandbox.Command{
		Path: "nginx", Args: []string{"nginx: worker process"},
		Program: func(ctx context.Context, p *sandbox.Process) int {
			p.Ignore(sandbox.SIGINT, sandbox.SIGHUP, sandbox.SIGPIPE)
			select {
			case <-p.Notify(sandbox.SIGTERM, sandbox.SIGQUIT):
			case <-ctx.Done():
			}
			return 0
		},
	})
	if err != nil {
		s.notice(s.p.PID(), "fork() failed while spawning \"worker process\" (11: %v)", err)
		return
	}
	s.notice(s.p.PID(), "start worker process %d", w.PID())
	s.workers[w] = false
	s.workerPID.Store(int64(w.PID()))
	s.watch.Go(func() {
		<-w.Done()
		select {
		case s.ended <- w:
		case <-ctx.Done():
		}
	})
}

// workerEnded starts another worker in place of one that was killed.
func (s *Server) workerEnded(ctx context.Context, w *sandbox.Process) {
	asked, known := s.workers[w]
	delete(s.workers, w)
	if asked || !known {
		return
	}
	s.notice(s.p.PID(), "signal 17 (SIGCHLD) received from %d", w.PID())
	if sig := w.ExitSignal(); sig != 0 {
		s.notice(s.p.PID(), "worker process %d exited on signal %d", w.PID(), int(sig))
	} else {
		s.notice(s.p.PID(), "worker process %d exited with code %d", w.PID(), w.ExitCode())
	}
	s.startWorker(ctx)
}

func (s *Server) sorted() []int {
	var pids []int
	for w := range s.workers {
		pids = append(pids, w.PID())
	}
	slices.Sort(pids)
	return pids
}

// stopWorkers ends the workers.
func (s *Server) stopWorkers(sig sandbox.Signal) {
	for w := range s.workers {
		s.workers[w] = true
		_ = s.p.Kill(w.PID(), sig) // it may be gone
		delete(s.workers, w)
	}
}
