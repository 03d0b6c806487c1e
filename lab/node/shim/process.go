package shim

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/yamux"

	"healthlab/lab/node/network"
	"healthlab/lab/node/sandbox"
)

// How long a process may take to answer its first call; a machine that is busy starting a whole class takes seconds.
const startTime = time.Minute

// drainTime is how long the streams of clients may take to end after the container has.
const drainTime = 2 * time.Second

// end is why a process has ended, as far as healthlab had a part in it.
type end int32

const (
	ownEnd    end = iota // by itself
	killedEnd            // nobody needs it any more, or SIGKILL
	memoryEnd            // it held too much
)

// process is a process that runs containers.
type process struct {
	runtime *Runtime
	title   string // namespace/pod/container, for ps and the log
	ofPod   bool   // of a pod that shares its process namespace: it lives as long as the pod
	dir     string
	cmd     *exec.Cmd
	session *yamux.Session
	stderr  tailBuffer
	held    atomic.Int64
	base    atomic.Int64 // what it had before any container did something
	reason  atomic.Int32
	streams sync.WaitGroup // of exec and attach
	gone    chan struct{}  // closed when the process is

	mu         sync.Mutex
	containers map[string]*Container // those that have not ended
	live       int                   // how many there are or will be; at zero the process ends
	bound      int64
	servers    map[network.Socket]func()
	closing    bool
}

// begin starts a process with one container in it.
func (r *Runtime) begin(ctx context.Context, title string, limit int64) (*process, error) {
	id := strconv.FormatUint(r.remotes.Add(1), 10)
	p := &process{
		runtime: r, title: title, dir: filepath.Join(r.cfg.Dir, id), gone: make(chan struct{}),
		containers: map[string]*Container{}, live: 1, servers: map[network.Socket]func(){},
	}
	// It gets nothing of the user's: no environment, no files but its pipes.
	p.cmd = exec.Command(r.cfg.Program, Argument, title)
	p.cmd.Env = environment()
	p.cmd.Dir = r.cfg.Dir
	p.cmd.Stderr = &p.stderr
	p.cmd.SysProcAttr = attributes()
	// A child that a container left behind cannot exist; a stuck pipe of stderr must not hold up the end all the same.
	p.cmd.WaitDelay = time.Second
	in, err := p.cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start a process for container %s: %w", title, err)
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start a process for container %s: %w", title, errors.Join(err, in.Close()))
	}
	started := make(chan error, 1)
	select {
	case r.starting <- startRequest{p.cmd, started}:
	case <-ctx.Done():
		return nil, errors.Join(ctx.Err(), in.Close(), out.Close())
	}
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start a process for container %s: %w", title, errors.Join(err, in.Close(), out.Close()))
	}
	lowPriority(p.cmd.Process.Pid)
	p.session, err = yamux.Client(pipes{out, in, func() error { return errors.Join(in.Close(), out.Close()) }}, sessionConfig())
	if err != nil {
		_ = p.cmd.Process.Kill()
		return nil, errors.Join(err, p.cmd.Wait())
	}
	r.mu.Lock()
	closed := r.closed
	r.processes[p] = struct{}{}
	r.mu.Unlock()
	served := make(chan struct{})
	go func() {
		p.serve()
		close(served)
	}()
	go p.wait(served)
	if closed {
		p.kill()
	}
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	err = call(ctx, p.session, callSetup, setup{Dir: p.dir, HostIP: r.net.Host().String()}, nil)
	p.base.Store(residentBytes(p.cmd.Process.Pid))
	if err == nil {
		err = p.addBound(limit)
	}
	if err != nil {
		p.kill()
		<-p.gone
		return nil, fmt.Errorf("start a process for container %s: %w%s", title, err, p.stderr.note())
	}
	return p, nil
}

// join makes the process expect one more container, unless it is about to end.
func (p *process) join(limit int64) bool {
	p.mu.Lock()
	if p.closing || p.live == 0 && !p.ofPod {
		p.mu.Unlock()
		return false
	}
	p.live++
	p.mu.Unlock()
	return p.addBound(limit) == nil
}

// How many files may be open: for each container as many as a login shell has (RLIMIT_NOFILE), and what the process itself
// needs.
const filesEach, ownFiles = 1024, 32

// addBound changes what the process may hold.
func (p *process) addBound(bytes int64) error {
	p.mu.Lock()
	p.bound += bytes
	now := bound{Bytes: p.bound, Files: ownFiles + filesEach*max(p.live, 1)}
	p.mu.Unlock()
	return call(context.Background(), p.session, callBound, now, nil)
}

// hold keeps the process while a client has a stream to it. It reports whether there still is a process.
func (p *process) hold() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closing {
		return false
	}
	p.streams.Add(1)
	return true
}

func (p *process) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.live
}

// leave is called when a container has ended or could not be made. The process ends with the last of them.
func (p *process) leave(limit int64) {
	p.mu.Lock()
	p.live--
	last := p.live == 0 && !p.ofPod
	if last {
		p.closing = true
	}
	p.mu.Unlock()
	if !last {
		go func() { _ = p.addBound(-limit) }() // it fails only where the process has ended
		return
	}
	go func() {
		drained := make(chan struct{})
		go func() {
			p.streams.Wait()
			close(drained)
		}()
		timer := time.NewTimer(drainTime)
		defer timer.Stop()
		select {
		case <-drained:
		case <-timer.C:
		case <-p.gone:
		}
		p.kill()
	}()
}

// kill ends the process at once.
func (p *process) kill() { p.endFor(killedEnd) }

func (p *process) endFor(why end) {
	p.reason.CompareAndSwap(int32(ownEnd), int32(why))
	_ = p.cmd.Process.Kill() // fails only when it has ended
}

// wait owns the end of the process.
func (p *process) wait(served <-chan struct{}) {
	// The pipes must be read to their end before Wait closes them: a container that has just ended said so there.
	<-served
	_ = p.cmd.Process.Kill()
	err := p.cmd.Wait()
	_ = p.session.Close()
	p.mu.Lock()
	p.closing = true
	left := p.containers
	p.containers = map[string]*Container{}
	withdraw := p.servers
	p.servers = map[network.Socket]func(){}
	p.mu.Unlock()
	for _, f := range withdraw {
		f()
	}
	why := p.verdict(err)
	if len(left) > 0 && end(p.reason.Load()) != killedEnd {
		p.runtime.cfg.Log.Warn("a container's process has ended", "container", p.title, "reason", why.Reason,
			"code", why.Code, "err", err, "output", p.stderr.String())
	}
	for _, c := range left {
		c.ended(why)
	}
	p.runtime.throttle.remove(p)
	if err := sandbox.RemoveAll(p.dir); err != nil {
		p.runtime.cfg.Log.Error("remove what a container has written", "container", p.title, "err", err)
	}
	r := p.runtime
	r.mu.Lock()
	delete(r.processes, p)
	r.mu.Unlock()
	close(p.gone)
}

// verdict is how containers ended that could not say it themselves any more.
func (p *process) verdict(err error) sandbox.Exit {
	x := sandbox.Exit{Code: 137, Signal: sandbox.SIGKILL, Reason: sandbox.ReasonError, FinishedAt: time.Now()}
	var status *exec.ExitError
	errors.As(err, &status)
	said := p.stderr.String()
	switch {
	case end(p.reason.Load()) == memoryEnd,
		status != nil && status.ExitCode() == exitMemory,
		strings.Contains(said, "out of memory"), strings.Contains(said, "cannot allocate memory"),
		strings.Contains(said, "failed to create new OS thread"), strings.Contains(said, "pthread_create failed"):
		x.Reason = sandbox.ReasonOOMKilled
	case strings.Contains(said, "goroutine stack exceeds"), strings.Contains(said, "stack overflow"):
		x.Code, x.Signal = 139, sandbox.SIGSEGV
	case strings.Contains(said, "fatal error"), strings.Contains(said, "panic:"):
		x.Code, x.Signal = 134, sandbox.SIGABRT
	}
	return x
}

// serve answers the process's calls until its streams end.
func (p *process) serve() {
	for {
		stream, err := p.session.AcceptStream()
		if err != nil {
			return
		}
		go func() {
			defer stream.Close()
			k, payload, err := readFrame(stream)
			if err != nil {
				return
			}
			value, err := p.answer(k, payload)
			_ = writeAnswer(stream, value, err)
		}()
	}
}

func (p *process) answer(k kind, payload []byte) (any, error) {
	decode := func(to any) error { return json.Unmarshal(payload, to) }
	sw := p.runtime.net
	switch k {
	case callAnnounce:
		var a announce
		if err := decode(&a); err != nil {
			return nil, err
		}
		return p.announce(a)
	case callWithdraw:
		var key network.Socket
		if err := decode(&key); err != nil {
			return nil, err
		}
		p.mu.Lock()
		withdraw := p.servers[key]
		delete(p.servers, key)
		p.mu.Unlock()
		if withdraw != nil {
			withdraw()
		}
		return nil, nil
	case callRoute:
		var r route
		if err := decode(&r); err != nil {
			return nil, err
		}
		return sw.Route(context.Background(), r.From, r.Inside, r.To)
	case callClaim:
		var c claim
		if err := decode(&c); err != nil {
			return nil, err
		}
		sw.Claim(c.Route, c.Dialed)
		return nil, nil
	case callUsage:
		var u usage
		if err := decode(&u); err != nil {
			return nil, err
		}
		p.held.Store(u.Bytes)
		p.runtime.account()
		return nil, nil
	case callExit:
		var x exit
		if err := decode(&x); err != nil {
			return nil, err
		}
		p.mu.Lock()
		c := p.containers[x.ID]
		delete(p.containers, x.ID)
		p.mu.Unlock()
		if c != nil {
			c.ended(x.Exit)
		}
		return nil, nil
	default:
		return nil, fmt.Errorf("unknown call %d", k)
	}
}

// announce makes a listener of the process known to the pod network.
func (p *process) announce(a announce) (uint16, error) {
	server := network.Server{
		Pod: a.Pod, Proto: a.Proto, Port: a.Port, Bound: a.Bound, Local: a.Local, Real: a.Real, Key: a.Key,
	}
	var key atomic.Pointer[network.Socket]
	server.Admit = func(c network.Claim) {
		at := key.Load()
		if at == nil {
			return
		}
		go func() { _ = call(context.Background(), p.session, callAdmit, admit{*at, c}, nil) }()
	}
	port, withdraw, err := p.runtime.net.Announce(context.Background(), server)
	if err != nil {
		return 0, err
	}
	at := network.Socket{Addr: netip.AddrPortFrom(a.Pod, port), Proto: a.Proto}
	key.Store(&at)
	p.mu.Lock()
	closing := p.closing
	if !closing {
		p.servers[at] = withdraw
	}
	p.mu.Unlock()
	if closing {
		withdraw()
	}
	return port, nil
}

// tailBuffer keeps the first and last of what a process says before it dies.
type tailBuffer struct {
	mu   sync.Mutex
	head []byte
	tail []byte
}

const tailBytes = 4 << 10

func (b *tailBuffer) Write(data []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := len(data)
	if room := tailBytes - len(b.head); room > 0 {
		take := min(room, len(data))
		b.head = append(b.head, data[:take]...)
		data = data[take:]
	}
	b.tail = append(b.tail, data...)
	if len(b.tail) > tailBytes {
		b.tail = bytes.Clone(b.tail[len(b.tail)-tailBytes:])
	}
	return n, nil
}

func (b *tailBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.tail) == 0 {
		return string(b.head)
	}
	return string(b.head) + "\n…\n" + string(b.tail)
}

// note is the first line that was said, for an error's end.
func (b *tailBuffer) note() string {
	line, _, _ := strings.Cut(strings.TrimSpace(b.String()), "\n")
	if line == "" {
		return ""
	}
	return " (" + line + ")"
}
