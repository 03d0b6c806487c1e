package postgres

import (
	"context"
	"fmt"
	"net"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"healthlab/lab/node/images/entrypoint"
	"healthlab/lab/node/sandbox"
)

// latest is the version of a server whose image's tag tells none.
const latest = "18.1"

// version is the server's version, without what a distribution adds to it.
func version(p *sandbox.Process) string {
	v, _, _ := strings.Cut(p.Getenv("PG_VERSION"), "-")
	if v == "" {
		return latest
	}
	return v
}

// full is what version() tells.
func full(p *sandbox.Process) string {
	cpu := map[string]string{"amd64": "x86_64", "arm64": "aarch64"}[runtime.GOARCH]
	return fmt.Sprintf("PostgreSQL %s (healthlab) on %s-pc-linux-gnu, 64-bit", version(p), cpu)
}

// socketDir is where the socket is that local clients look for.
const socketDir = "/var/run/postgresql"

func socketOf(dir string, port int) string { return fmt.Sprintf("%s/.s.PGSQL.%d", dir, port) }

// maxClients is max_connections.
const maxClients = 100

// server is a running postgres.
type server struct {
	p         *sandbox.Process
	ctx       context.Context
	cancel    context.CancelFunc // ends the connections
	data      string
	port      int
	addresses string
	maximum   int

	mu      sync.Mutex
	clients int
	ending  bool // it takes no more
	idle    chan struct{}
}

// log prints a line of the server's log.
func (s *server) log(level, format string, args ...any) {
	fmt.Fprintf(s.p.Stderr, "%s [%d] %s:  %s\n", time.Now().UTC().Format("2006-01-02 15:04:05.000 UTC"), s.p.PID(), level, fmt.Sprintf(format, args...))
}

// Server is the program postgres.
func Server(ctx context.Context, p *sandbox.Process) int {
	s := &server{p: p, data: dataDir(p), port: 5432, addresses: "*", maximum: maxClients, idle: make(chan struct{}, 1)}
	s.ctx, s.cancel = context.WithCancel(ctx)
	defer s.cancel()
	if code := s.options(p.Args[1:]); code >= 0 {
		return code
	}
	if _, err := p.FS().Stat(s.data + "/PG_VERSION"); err != nil {
		fmt.Fprintf(p.Stderr, "postgres: could not access directory %q: No such file or directory\nRun initdb or pg_basebackup to initialize a PostgreSQL data directory.\n", s.data)
		return 2
	}
	s.log("LOG", "starting %s", full(p))
	// Before it answers anybody: PID 1 ignores a signal that it does not wait for.
	signals := p.Notify(sandbox.SIGTERM, sandbox.SIGINT, sandbox.SIGQUIT, sandbox.SIGHUP)
	listeners, code := s.listen()
	for _, listener := range listeners {
		defer listener.Close()
	}
	if code != 0 {
		return code
	}
	socket := socketOf(socketDir, s.port)
	s.log("LOG", "listening on Unix socket %q", socket)
	_ = p.FS().WriteFile(s.data+"/postmaster.pid", fmt.Appendf(nil, "%d\n%s\n", p.PID(), s.data), 0o600) // nobody here depends on it
	defer func() { _ = p.FS().Remove(s.data + "/postmaster.pid") }()
	if err := p.FS().WriteFile(socket, nil, 0o777); err != nil {
		s.log("FATAL", "could not create lock file \"%s.lock\": %v", socket, entrypoint.Why(err))
		return 1
	}
	defer func() { _ = p.FS().Remove(socket) }() // it may have been removed
	var serving sync.WaitGroup
	defer serving.Wait()
	for _, listener := range listeners {
		serving.Go(func() { s.accept(listener, &serving) })
	}
	s.log("LOG", "database system was shut down at %s", time.Now().UTC().Format("2006-01-02 15:04:05 UTC"))
	s.log("LOG", "database system is ready to accept connections")
	s.live(signals)
	s.cancel()
	return 0
}

// listen binds the server's addresses; the caller closes them, also where it failed, which the code tells.
func (s *server) listen() (listeners []net.Listener, code int) {
	for address := range strings.SplitSeq(s.addresses, ",") {
		address = strings.TrimSpace(address)
		if address == "" {
			continue
		}
		host, said := address, fmt.Sprintf("address %q", address)
		if address == "*" || address == "0.0.0.0" {
			host, said = "", `IPv4 address "0.0.0.0"`
		}
		listener, err := s.p.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(s.port)))
		if err != nil {
			s.log("LOG", "could not bind IPv4 address %q: Address already in use", address)
			s.log("HINT", "Is another postmaster already running on port %d? If not, wait a few seconds and retry.", s.port)
			s.log("FATAL", "could not create any TCP/IP sockets")
			return listeners, 1
		}
		listeners = append(listeners, listener)
		s.log("LOG", "listening on %s, port %d", said, s.port)
	}
	return listeners, 0
}

// live waits for what ends the server: SIGTERM waits for the clients, SIGINT sends them away, SIGQUIT does not even say so.
func (s *server) live(signals <-chan sandbox.Signal) {
	for {
		select {
		case sig := <-signals:
			if sig == sandbox.SIGHUP {
				s.log("LOG", "received SIGHUP, reloading configuration files")
				continue
			}
			if sig == sandbox.SIGQUIT {
				s.log("LOG", "received immediate shutdown request")
				s.log("LOG", "database system is shut down")
				return
			}
			if sig == sandbox.SIGINT {
				s.log("LOG", "received fast shutdown request")
				s.log("LOG", "aborting any active transactions")
				break
			}
			s.log("LOG", "received smart shutdown request")
			if s.end() > 0 {
				continue
			}
		case <-s.idle: // after SIGTERM the last client has left
		case <-s.ctx.Done():
			return
		}
		s.log("LOG", "shutting down")
		s.log("LOG", "checkpoint starting: shutdown immediate")
		s.log("LOG", "database system is shut down")
		return
	}
}

// end takes no more clients and returns how many there are.
func (s *server) end() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ending = true
	return s.clients
}

// enter counts a client; the text is why it may not stay.
func (s *server) enter() (code, refusal string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.ending:
		return "57P03", "the database system is shutting down"
	case s.clients >= s.maximum:
		return "53300", "sorry, too many clients already"
	}
	s.clients++
	return "", ""
}

func (s *server) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clients--
	if s.ending && s.clients == 0 {
		s.idle <- struct{}{}
	}
}

// accept serves connections until the listener ends.
func (s *server) accept(listener net.Listener, serving *sync.WaitGroup) {
	stop := context.AfterFunc(s.ctx, func() { _ = listener.Close() })
	defer stop()
	const waiting = 2 * maxClients // those that have not said who they are
	places := make(chan struct{}, waiting)
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		select {
		case places <- struct{}{}:
		default:
			_ = conn.Close()
			continue
		}
		serving.Go(func() {
			defer func() { <-places }()
			defer conn.Close()
			stop := context.AfterFunc(s.ctx, func() { _ = conn.Close() })
			defer stop()
			(&session{s: s, conn: conn}).serve()
		})
	}
}
