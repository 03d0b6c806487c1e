package standin

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"healthlab/lab/node/sandbox"
)

// Certify makes a self-signed certificate for a name and an address.
type Certify func(name, ip string) (tls.Certificate, error)

// Run returns the program: the stand-in itself, its command, and the programs of exec probes, by the name it is called by.
func Run(certify Certify) sandbox.Program {
	return func(ctx context.Context, p *sandbox.Process) int {
		switch name := p.Args[0][strings.LastIndex(p.Args[0], "/")+1:]; {
		case name != "stand-in":
			return succeed(ctx, p)
		case len(p.Args) == 2 && p.Args[1] == "serve":
			return serve(ctx, p, certify)
		}
		return command(ctx, p)
	}
}

// server is the main program of a stand-in. The goroutine of serve owns it, but for state.
type server struct {
	p       *sandbox.Process
	plan    Plan
	certify Certify
	state   atomic.Pointer[state]
	sites   map[portID]site
	now     standing
}

// state is the fault of the moment for those who answer.
type state struct {
	fault fault
	over  chan struct{} // closed when there is another one
}

// portID is a port of one protocol.
type portID struct {
	number int
	udp    bool
}

// site answers on one port.
type site interface {
	// drain lets what is under way finish, until ctx ends; close does not.
	drain(ctx context.Context)
	close()
}

func serve(ctx context.Context, p *sandbox.Process, certify Certify) int {
	s := &server{p: p, certify: certify, sites: map[portID]site{}}
	if err := read(p, PlanFile, &s.plan); err != nil {
		fmt.Fprintf(p.Stderr, "stand-in: %s: %v\n", PlanFile, err)
		return 1
	}
	signals := p.Notify(sandbox.SIGTERM, sandbox.SIGINT, sandbox.SIGQUIT, sandbox.SIGUSR1)
	s.greet()
	s.state.Store(&state{over: make(chan struct{})})
	_ = p.FS().Remove(wishFile) // of the run before
	s.now = standing{PID: p.PID(), Since: time.Now(), Starts: time.Now().Add(s.plan.After)}
	if err := s.tell(); err != nil {
		fmt.Fprintf(p.Stderr, "stand-in: %s: %v\n", Dir, err)
		return 1
	}
	defer s.closeAll()
	begin := time.NewTimer(s.plan.After)
	defer begin.Stop()
	asked := false
	for {
		select {
		case <-ctx.Done():
			return 0
		case <-begin.C:
			if s.plan.Finish {
				s.log("done: it ends with code 0, as the spec wants it to end")
				return 0
			}
			s.now.Started = true
			s.listen(ctx)
			_ = s.tell()
			s.log("started")
		case sig := <-signals:
			asked = asked || sig != sandbox.SIGUSR1
			if sig == sandbox.SIGUSR1 && s.obey(ctx) {
				return s.now.Fault.Code
			}
		}
		if asked && !s.now.Fault.deaf() {
			s.log("asked to end: it finishes what is under way")
			s.drain(ctx)
			return 0
		}
	}
}

// greet is the first thing that the log has.
func (s *server) greet() {
	instead := ""
	if len(s.plan.Instead) > 0 {
		instead = fmt.Sprintf("It does not run: %s\n", clip(strings.Join(s.plan.Instead, " ")))
	}
	answers := s.plan.Answers()
	text := fmt.Sprintf("This is a stand-in of healthlab for the image %s, which healthlab does not have. Nothing of that image runs here.\n%s%s.\n",
		clip(s.plan.Image), instead, strings.ToUpper(answers[:1])+answers[1:])
	for _, remark := range s.plan.Remarks {
		text += clip(remark) + "\n"
	}
	if !s.plan.Finish {
		text += "To break it, kubectl exec: stand-in hang, slow 3s, fail 500, refuse, crash 1; to mend it: stand-in recover\n"
	}
	fmt.Fprint(s.p.Stdout, text)
}

// clip makes one bounded line of what comes from outside.
func clip(text string) string {
	const longest = 300
	text = strings.Map(func(r rune) rune {
		if !strconv.IsPrint(r) {
			return ' '
		}
		return r
	}, text)
	if r := []rune(text); len(r) > longest {
		return string(r[:longest]) + "…"
	}
	return text
}

// log writes a line about what happens.
func (s *server) log(format string, args ...any) {
	fmt.Fprintf(s.p.Stdout, "%s %s\n", time.Now().UTC().Format("2006-01-02T15:04:05.000Z"), clip(fmt.Sprintf(format, args...)))
}

// tell writes how it stands for the command.
func (s *server) tell() error { return write(s.p, standingFile, s.now) }

// obey carries out what the command wants, and reports whether that is to end.
func (s *server) obey(ctx context.Context) (crashed bool) {
	var w wish
	if err := read(s.p, wishFile, &w); err != nil || w.Serial == s.now.Serial {
		return false
	}
	s.now.Serial, s.now.Fault, s.now.Since = w.Serial, w.Fault, time.Now()
	s.log("stand-in: %s", w.Fault)
	old := s.state.Swap(&state{fault: w.Fault, over: make(chan struct{})})
	close(old.over)
	s.closeRefused()
	if s.now.Started {
		s.listen(ctx)
	}
	_ = s.tell()
	if w.Fault.Kind != crash {
		return false
	}
	s.awaitEnd(ctx, w.From)
	return true
}

// awaitEnd lets the command end that wanted the crash: it would be killed with the container.
func (s *server) awaitEnd(ctx context.Context, pid int) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	tick := time.NewTicker(patience)
	defer tick.Stop()
	for slices.ContainsFunc(s.p.Processes(), func(i sandbox.ProcessInfo) bool { return i.PID == pid }) {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// listen begins to answer on all ports that are not refused and not answered on yet.
func (s *server) listen(ctx context.Context) {
	s.now.Missing = nil
	for _, port := range s.plan.Ports {
		id := portID{port.Number, port.UDP}
		if s.sites[id] != nil || s.refused(port.Number) {
			continue
		}
		open := s.stream
		if port.UDP {
			open = s.packets
		}
		opened, err := open(ctx, port)
		if err != nil {
			why := err.Error()
			if op := new(net.OpError); errors.As(err, &op) {
				why = op.Err.Error()
			}
			s.now.Missing = append(s.now.Missing, fmt.Sprintf("port %d: %s", port.Number, why))
			s.log("port %d: %s; it goes on without this port", port.Number, why)
			continue
		}
		s.sites[id] = opened
	}
}

func (s *server) refused(port int) bool {
	return s.now.Fault.Kind == refuse && s.now.Fault.hits(":"+strconv.Itoa(port))
}

func (s *server) closeRefused() {
	for id, open := range s.sites {
		if s.refused(id.number) {
			open.close()
			delete(s.sites, id)
		}
	}
}

func (s *server) closeAll() {
	for _, open := range s.sites {
		open.close()
	}
}

func (s *server) drain(ctx context.Context) {
	var all sync.WaitGroup
	for _, open := range s.sites {
		all.Go(func() { open.drain(ctx) })
	}
	all.Wait()
}

// await returns once something may be answered, with the fault that the answer has, or ok false: whoever asked has gone.
// names are what the question is about.
func (s *server) await(ctx context.Context, names ...string) (f fault, ok bool) {
	for {
		now := s.state.Load()
		if !now.fault.hits(names...) {
			return fault{}, ctx.Err() == nil
		}
		var later <-chan time.Time
		switch now.fault.Kind {
		case hang:
		case slow:
			timer := time.NewTimer(now.fault.Delay)
			defer timer.Stop()
			later = timer.C
		default:
			return now.fault, ctx.Err() == nil
		}
		select {
		case <-later:
			return now.fault, true
		case <-now.over:
		case <-ctx.Done():
			return now.fault, false
		}
	}
}
