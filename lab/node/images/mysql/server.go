package mysql

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"healthlab/lab/node/images/entrypoint"
	"healthlab/lab/node/sandbox"
)

// maxClients is max_connections.
const maxClients = 151

// server is a running mysqld.
type server struct {
	Flavor
	p       *sandbox.Process
	ctx     context.Context
	started time.Time
	port    int
	bind    string
	data    string

	mu        sync.Mutex
	clients   int
	ids       uint32
	questions int
}

// knownOptions are the beginnings of the options that are known; but for a few they change nothing here.
func knownOptions() []string {
	return strings.Fields("port bind-address datadir socket character-set collation default-authentication-plugin default-storage-engine default-time-zone " +
		"max log slow general sql-mode skip server-id relay binlog sync expire innodb lower-case-table-names explicit-defaults local-infile secure " +
		"authentication mysql-native-password performance gtid report read super wait interactive table thread tmp join sort key query event init user " +
		"transaction ssl tls require loose group plugin wsrep aria net open back lc-messages pid-file console daemonize restrict-fk")
}

// Server is the program mysqld or mariadbd.
func (f Flavor) Server(ctx context.Context, p *sandbox.Process) int {
	s := &server{Flavor: f, p: p, ctx: ctx, started: time.Now(), port: 3306, data: dataDir}
	if code := s.options(p.Args[1:]); code >= 0 {
		return code
	}
	version := f.version(p)
	if f.mariadb() {
		f.note(p, "Note", "", "Starting MariaDB %s as process %d", version, p.PID())
		f.note(p, "Note", "", "InnoDB: Completed initialization of buffer pool")
	} else {
		f.note(p, "System", "MY-010116", "/usr/sbin/mysqld (mysqld %s) starting as process %d", version, p.PID())
	}
	if _, err := p.FS().Stat(s.data + accountsFile); err != nil {
		f.note(p, "ERROR", "MY-010457", "--initialize specified but the data directory has no database: %s. Start it with the image's entrypoint.", s.data)
		f.note(p, "ERROR", "MY-010119", "Aborting")
		return 1
	}
	listener, err := p.Listen("tcp", net.JoinHostPort(s.bind, strconv.Itoa(s.port)))
	if err != nil {
		f.note(p, "ERROR", "MY-010262", "Can't start server: Bind on TCP/IP port: Address already in use")
		f.note(p, "ERROR", "MY-010257", "Do you already have another %s server running on port: %d ?", f.Daemon, s.port)
		f.note(p, "ERROR", "MY-010119", "Aborting")
		return 1
	}
	if err := p.FS().WriteFile(f.socket, nil, 0o777); err != nil {
		_ = listener.Close()
		f.note(p, "ERROR", "MY-010270", "Can't start server : Bind on unix socket: %v", entrypoint.Why(err))
		f.note(p, "ERROR", "MY-010119", "Aborting")
		return 1
	}
	defer func() { _ = p.FS().Remove(f.socket) }() // it may have been removed
	if f.mariadb() {
		f.note(p, "Note", "", "Server socket created on IP: '0.0.0.0', port: '%d'.", s.port)
		f.note(p, "Note", "", "mariadbd: ready for connections.")
		fmt.Fprintf(p.Stderr, "Version: '%s'  socket: '%s'  port: %d  %s\n", version, f.socket, s.port, f.edition)
	} else {
		f.note(p, "System", "MY-010931", "/usr/sbin/mysqld: ready for connections. Version: '%s'  socket: '%s'  port: %d  %s.", version, f.socket, s.port, f.edition)
	}
	// Before it answers anybody: PID 1 ignores a signal that it does not wait for.
	signals := p.Notify(sandbox.SIGTERM, sandbox.SIGQUIT, sandbox.SIGHUP)
	var serving sync.WaitGroup
	defer serving.Wait()
	var cancel context.CancelFunc
	s.ctx, cancel = context.WithCancel(ctx)
	defer cancel()
	serving.Go(func() { s.accept(listener, &serving) })
	for {
		select {
		case sig := <-signals:
			if sig == sandbox.SIGHUP { // it flushes its logs
				continue
			}
		case <-ctx.Done():
			return 0
		}
		if f.mariadb() {
			f.note(p, "Note", "", "mariadbd (initiated by: unknown): Normal shutdown")
			f.note(p, "Note", "", "InnoDB: Starting shutdown...")
			f.note(p, "Note", "", "mariadbd: Shutdown complete")
		} else {
			f.note(p, "System", "MY-013172", "Received SHUTDOWN from user <via user signal>. Shutting down mysqld (Version: %s).", version)
			f.note(p, "System", "MY-010910", "/usr/sbin/mysqld: Shutdown complete (mysqld %s)  %s.", version, f.edition)
		}
		return 0
	}
}

// options reads the command line; a code of -1 means that all is well.
func (s *server) options(args []string) int {
	for _, a := range args {
		if a == "--version" || a == "-V" {
			fmt.Fprintf(s.p.Stdout, "%s  Ver %s for Linux on healthlab (%s)\n", s.Daemon, s.version(s.p), s.edition)
			return 0
		}
		name, value, _ := strings.Cut(strings.TrimPrefix(a, "--"), "=")
		name = strings.ReplaceAll(name, "_", "-")
		known := strings.HasPrefix(a, "--")
		if known {
			known = false
			for _, beginning := range knownOptions() {
				known = known || name == beginning || strings.HasPrefix(name, beginning+"-")
			}
		}
		if !known {
			s.note(s.p, "ERROR", "MY-000067", "unknown variable '%s'.", strings.TrimPrefix(a, "--"))
			s.note(s.p, "ERROR", "MY-010119", "Aborting")
			return 7
		}
		switch name {
		case "port":
			n, err := strconv.Atoi(value)
			if err != nil || n < 1 || n > 65535 {
				s.note(s.p, "ERROR", "MY-000067", "Unknown suffix or value '%s' used for variable 'port'", value)
				return 1
			}
			s.port = n
		case "bind-address":
			if value != "*" && value != "0.0.0.0" && value != "::" {
				s.bind = value
			}
		case "datadir":
			s.data = s.p.Path(value)
		case "socket":
			s.socket = s.p.Path(value)
		}
	}
	return -1
}

// accept serves connections until the listener ends.
func (s *server) accept(listener net.Listener, serving *sync.WaitGroup) {
	stop := context.AfterFunc(s.ctx, func() { _ = listener.Close() })
	defer stop()
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		serving.Go(func() {
			defer conn.Close()
			stop := context.AfterFunc(s.ctx, func() { _ = conn.Close() })
			defer stop()
			id, ok := s.enter()
			defer s.leave()
			c := &session{s: s, conn: conn, wire: &wire{ReadWriter: conn}, id: id}
			if !ok {
				_ = c.wire.write((&fault{1040, "08004", "Too many connections"}).packet()) // a client that is gone needs no answer
				return
			}
			c.serve()
		})
	}
}

func (s *server) enter() (id uint32, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clients++
	s.ids++
	return s.ids, s.clients <= maxClients
}

func (s *server) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clients--
}

// statistics is the line of mysqladmin status.
func (s *server) statistics() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	up := max(1, int(time.Since(s.started).Seconds()))
	flush := "  Flush tables: 1"
	if s.mariadb() {
		flush = ""
	}
	return fmt.Sprintf("Uptime: %d  Threads: %d  Questions: %d  Slow queries: 0  Opens: 0%s  Open tables: 0  Queries per second avg: %.3f",
		up, s.clients, s.questions, flush, float64(s.questions)/float64(up))
}
