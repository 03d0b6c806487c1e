package nginx

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"path"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"healthlab/lab/node/sandbox"
)

// Server is a running nginx: its master process.
type Server struct {
	p       *sandbox.Process
	version string
	options options
	own     map[string]func(*exchange) string
	logs    *logs

	current                    atomic.Pointer[config]
	requests, accepted, active atomic.Int64
	workerPID                  atomic.Int64

	// Of Run's goroutine.
	sites   []*site
	workers map[*sandbox.Process]bool // true: it may end
	ended   chan *sandbox.Process
	watch   sync.WaitGroup
}

// site is one socket that is listened on.
type site struct {
	host   string
	port   int
	tls    bool
	h2     bool
	server *http.Server
	done   sync.WaitGroup
}

func newServer(p *sandbox.Process, version string, o options) *Server {
	return &Server{
		p: p, version: version, options: o, own: variables(), logs: &logs{p: p, files: map[string]io.WriteCloser{}},
		workers: map[*sandbox.Process]bool{}, ended: make(chan *sandbox.Process),
	}
}

// load reads the configuration.
func (s *Server) load(ctx context.Context) (*config, error) {
	parse := &parser{fs: s.p.FS(), prefix: s.options.prefix}
	global, err := parse.parseText(s.options.global)
	if err != nil {
		return nil, err
	}
	tree, err := parse.parseFile(s.options.file, inMain, 0)
	if err != nil {
		return nil, err
	}
	cfg, err := compile(ctx, s.p, s.options.prefix, append(global, tree...), func(text string) {
		s.logs.write("/var/log/nginx/error.log", stamp(4, s.p.PID())+text)
		fmt.Fprintf(s.p.Stderr, "nginx: [warn] %s\n", text)
	})
	if err != nil {
		return nil, err
	}
	cfg.dump = parse.read
	return cfg, nil
}

// prepare does what nginx does between reading its configuration and listening: certificates, directories, logs.
func (s *Server) prepare(cfg *config) error {
	cfg.certs = map[*server]*tls.Certificate{}
	for _, sock := range cfg.sockets {
		for _, srv := range sock.servers {
			if !sock.tls || cfg.certs[srv] != nil {
				continue
			}
			cert, err := s.certificate(srv)
			if err != nil {
				return err
			}
			cfg.certs[srv] = cert
		}
	}
	for _, dir := range []string{"client_temp", "proxy_temp", "fastcgi_temp", "uwsgi_temp", "scgi_temp"} {
		name := "/var/cache/nginx/" + dir
		if err := s.p.FS().Mkdir(name, 0o700); err != nil && !errors.Is(err, sandbox.EEXIST) {
			return configError(fmt.Sprintf("mkdir() %q failed (%s)", name, errno(err)))
		}
	}
	return s.openLogs(cfg)
}

// openLogs fails where a log file cannot be opened.
func (s *Server) openLogs(cfg *config) error {
	names := []string{cfg.log.file}
	var each func(sc *scope, ls *locations)
	each = func(sc *scope, ls *locations) {
		names = append(names, sc.errorLog.file)
		for _, l := range sc.accessLogs {
			names = append(names, l.file)
		}
		for _, m := range []map[string]*location{ls.exact, ls.prefix, ls.named} {
			for _, l := range m {
				each(l.scope, l.locations)
			}
		}
		for _, l := range ls.regex {
			each(l.scope, l.locations)
		}
	}
	for _, sock := range cfg.sockets {
		for _, srv := range sock.servers {
			each(srv.scope, srv.locations)
		}
	}
	slices.Sort(names)
	s.logs.mu.Lock()
	defer s.logs.mu.Unlock()
	for _, name := range slices.Compact(names) {
		if _, err := s.logs.open(name); err != nil {
			return configError(fmt.Sprintf("open() %q failed (%s)", name, errno(err)))
		}
	}
	return nil
}

// maxPEM is how large a certificate or key may be.
const maxPEM = 256 << 10

func (s *Server) certificate(srv *server) (*tls.Certificate, error) {
	var pem [2][]byte
	for i, name := range []string{srv.cert, srv.key} {
		data, err := s.p.FS().ReadFile(name, maxPEM)
		if err != nil {
			what := []string{"certificate", "certificate key"}[i]
			return nil, configError(fmt.Sprintf("cannot load %s %q: BIO_new_file() failed (SSL: error:80000002:system library::"+
				"No such file or directory:calling fopen(%s, r) error:10000080:BIO routines::no such file)", what, name, name))
		}
		pem[i] = data
	}
	cert, err := tls.X509KeyPair(pem[0], pem[1])
	if err != nil {
		return nil, configError(fmt.Sprintf("cannot load certificate %q: %v", srv.cert, err))
	}
	return &cert, nil
}

func (s *Server) notice(pid int, format string, args ...any) {
	cfg := s.current.Load()
	if cfg != nil && cfg.log.level >= levelNotice {
		s.logs.write(cfg.log.file, stamp(levelNotice, pid)+fmt.Sprintf(format, args...))
	}
}

// worker is the ID of a worker process, which requests' messages have.
func (s *Server) worker() int { return int(s.workerPID.Load()) }

// live is the master process. It calls listens once it does.
func (s *Server) live(ctx context.Context, cfg *config, listens func()) int {
	signals := s.p.Notify(sandbox.SIGTERM, sandbox.SIGINT, sandbox.SIGQUIT, sandbox.SIGHUP, sandbox.SIGUSR1, sandbox.SIGUSR2, sandbox.SIGWINCH)
	ctx, cancel := context.WithCancel(ctx)
	defer s.logs.close()
	defer s.watch.Wait()
	defer cancel()
	defer s.closeSites(nil)
	defer s.stopWorkers(sandbox.SIGKILL)
	s.current.Store(cfg)
	err := s.prepare(cfg)
	if err == nil {
		err = s.listen(ctx, cfg)
	}
	if err == nil {
		if err = s.p.FS().WriteFile(cfg.pidFile, []byte(strconv.Itoa(s.p.PID())+"\n"), 0o644); err != nil {
			err = configError(fmt.Sprintf("open() %q failed (%s)", cfg.pidFile, errno(err)))
		}
	}
	if err != nil {
		s.emergency(err)
		return 1
	}
	name := "nginx: master process " + path.Base(s.p.Args[0])
	for _, a := range s.p.Args[1:] {
		name += " " + a
	}
	s.p.SetName(name)
	s.notice(s.p.PID(), `using the "epoll" event method`)
	s.notice(s.p.PID(), "nginx/%s", s.version)
	s.notice(s.p.PID(), "OS: Linux (healthlab)")
	s.startWorkers(ctx, cfg)
	listens()
	for {
		select {
		case sig := <-signals:
			if over := s.handle(ctx, sig, signals); over {
				return 0
			}
		case w := <-s.ended:
			s.workerEnded(ctx, w)
		case <-ctx.Done():
			return 0
		}
	}
}

// handle does what a signal asks for, and reports whether the server is to end.
func (s *Server) handle(ctx context.Context, sig sandbox.Signal, signals <-chan sandbox.Signal) (over bool) {
	pid, what := s.p.PID(), fmt.Sprintf("signal %d (%s) received", int(sig), sig)
	switch sig { //nolint:exhaustive // the others are not asked for
	case sandbox.SIGHUP:
		s.notice(pid, "%s, reconfiguring", what)
		s.notice(pid, "reconfiguring")
		s.reload(ctx)
	case sandbox.SIGUSR1:
		s.notice(pid, "%s, reopening logs", what)
		s.notice(pid, "reopening logs")
		s.logs.close()
	case sandbox.SIGQUIT:
		s.notice(pid, "%s, shutting down", what)
		s.notice(s.worker(), "gracefully shutting down")
		s.drain(ctx, signals)
		s.exit()
		return true
	case sandbox.SIGTERM, sandbox.SIGINT:
		s.notice(pid, "%s, exiting", what)
		s.closeSites(nil)
		s.exit()
		return true
	case sandbox.SIGWINCH:
		s.notice(pid, "%s, ignoring", what) // as without a daemon
	}
	return false
}

// exit ends the workers and says goodbye.
func (s *Server) exit() {
	s.notice(s.worker(), "exiting")
	s.notice(s.worker(), "exit")
	workers := s.sorted()
	s.stopWorkers(sandbox.SIGTERM)
	for _, w := range workers {
		s.notice(s.p.PID(), "signal 17 (SIGCHLD) received from %d", w)
		s.notice(s.p.PID(), "worker process %d exited with code 0", w)
	}
	if cfg := s.current.Load(); cfg != nil {
		_ = s.p.FS().Remove(cfg.pidFile) // it may be gone
	}
	s.notice(s.p.PID(), "exit")
}

// reload takes a new configuration, or keeps the old one when that cannot be had.
func (s *Server) reload(ctx context.Context) {
	cfg, err := s.load(ctx)
	if err == nil {
		err = s.prepare(cfg)
	}
	if err == nil {
		err = s.listen(ctx, cfg)
	}
	if err != nil {
		s.logs.write(s.current.Load().log.file, stamp(0, s.p.PID())+err.Error())
		return
	}
	old := s.sorted()
	s.stopWorkers(sandbox.SIGTERM)
	s.current.Store(cfg)
	s.closeSites(cfg)
	s.notice(s.p.PID(), `using the "epoll" event method`)
	s.startWorkers(ctx, cfg)
	for _, w := range old {
		s.notice(w, "gracefully shutting down")
		s.notice(w, "exiting")
		s.notice(w, "exit")
		s.notice(s.p.PID(), "signal 17 (SIGCHLD) received from %d", w)
		s.notice(s.p.PID(), "worker process %d exited with code 0", w)
	}
}

// bindTries is how often nginx tries to have an address, half a second apart.
const bindTries = 5

// listen opens the sockets of a configuration that are not open yet.
func (s *Server) listen(ctx context.Context, cfg *config) error {
	var opened []*site
	for _, sock := range cfg.sockets {
		if slices.ContainsFunc(s.sites, func(o *site) bool { return o.is(sock) }) {
			continue
		}
		var l net.Listener
		var err error
		for try := range bindTries {
			if l, err = s.p.Listen("tcp", net.JoinHostPort(sock.host, strconv.Itoa(sock.port))); err == nil {
				break
			}
			why := "98: Address already in use"
			if try == 0 && sock.host != "" {
				if ip := net.ParseIP(sock.host); ip != nil && !ip.IsLoopback() && sock.host != s.p.PodIP() {
					why = "99: Cannot assign requested address"
				}
			}
			text := fmt.Sprintf("bind() to %s failed (%s)", sock.address, why)
			if why[:2] == "99" {
				closeAll(opened)
				return configError(text)
			}
			s.emergency(configError(text))
			if !wait(ctx, 500*time.Millisecond) {
				break
			}
		}
		if err != nil {
			closeAll(opened)
			return configError("still could not bind()")
		}
		o := &site{host: sock.host, port: sock.port, tls: sock.tls, h2: sock.h2}
		s.open(ctx, o, l)
		opened = append(opened, o)
	}
	s.sites = append(s.sites, opened...)
	return nil
}

func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func (o *site) is(sock *socket) bool {
	return o.host == sock.host && o.port == sock.port && o.tls == sock.tls && o.h2 == sock.h2
}

// open begins to serve a socket. Which configuration answers is decided at each request.
func (s *Server) open(ctx context.Context, o *site, l net.Listener) {
	find := func() (*config, *socket) {
		cfg := s.current.Load()
		for _, sock := range cfg.sockets {
			if o.is(sock) {
				return cfg, sock
			}
		}
		return cfg, nil
	}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(o.h2)
	protocols.SetUnencryptedHTTP2(o.h2)
	o.server = &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			cfg, sock := find()
			if sock == nil { // a reload has closed it
				panic(http.ErrAbortHandler)
			}
			s.serve(w, r, sock, cfg)
		}),
		BaseContext: func(net.Listener) context.Context { return ctx },
		ErrorLog:    log.New(io.Discard, "", 0),
		Protocols:   protocols,
		ConnState: func(_ net.Conn, state http.ConnState) {
			switch state { //nolint:exhaustive // between the ends nothing changes
			case http.StateNew:
				s.accepted.Add(1)
				s.active.Add(1)
			case http.StateClosed, http.StateHijacked:
				s.active.Add(-1)
			}
		},
		TLSConfig: &tls.Config{GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			cfg, sock := find()
			if sock == nil {
				return nil, errors.New("no server")
			}
			return cfg.certs[sock.find(hello.ServerName)], nil
		}},
	}
	o.done.Go(func() {
		if o.tls {
			_ = o.server.ServeTLS(l, "", "") // ends with the listener
		} else {
			_ = o.server.Serve(l)
		}
	})
}

// closeSites closes the sockets that a configuration does not have; nil has none.
func (s *Server) closeSites(cfg *config) {
	var stay, leave []*site
	for _, o := range s.sites {
		if cfg != nil && slices.ContainsFunc(cfg.sockets, o.is) {
			stay = append(stay, o)
		} else {
			leave = append(leave, o)
		}
	}
	closeAll(leave)
	s.sites = stay
}

func closeAll(sites []*site) {
	for _, o := range sites {
		_ = o.server.Close()
		o.done.Wait()
	}
}

// drain stops listening and lets requests under way finish, or until a signal asks for a fast end.
func (s *Server) drain(ctx context.Context, signals <-chan sandbox.Signal) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var finishing sync.WaitGroup
	for _, o := range s.sites {
		finishing.Go(func() { _ = o.server.Shutdown(ctx) })
	}
	finished := make(chan struct{})
	go func() {
		finishing.Wait()
		close(finished)
	}()
	for over := false; !over; {
		select {
		case <-finished:
			over = true
		case sig := <-signals:
			if sig == sandbox.SIGTERM || sig == sandbox.SIGINT {
				cancel()
			}
		}
	}
	s.closeSites(nil)
}
