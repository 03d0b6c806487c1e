package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"healthlab/lab/node/images/getopt"
	"healthlab/lab/node/sandbox"
)

// target is where a client connects to, and as whom.
type target struct {
	p                                    *sandbox.Process
	host, port, user, database, password string
	timeout                              time.Duration // zero: none
}

func newTarget(p *sandbox.Process) *target {
	t := &target{p: p, host: p.Getenv("PGHOST"), port: p.Getenv("PGPORT"), user: p.Getenv("PGUSER"), database: p.Getenv("PGDATABASE"), password: p.Getenv("PGPASSWORD")}
	if t.host == "" {
		t.host = socketDir
	}
	if t.port == "" {
		t.port = "5432"
	}
	if t.user == "" {
		t.user = "root"
	}
	return t
}

// local reports whether the host is the directory of a socket.
func (t *target) local() bool { return strings.HasPrefix(t.host, "/") }

// dial connects. The error is for said.
func (t *target) dial(ctx context.Context) (net.Conn, error) {
	address := net.JoinHostPort(t.host, t.port)
	if t.local() {
		if _, err := t.p.FS().Stat(path.Join(t.host, ".s.PGSQL."+t.port)); err != nil {
			return nil, err
		}
		address = net.JoinHostPort("127.0.0.1", t.port)
	}
	return t.p.Dial(ctx, "tcp", address)
}

// said is libpq's text about a connection that failed.
func (t *target) said(ctx context.Context, err error) string {
	var name *net.DNSError
	if errors.As(err, &name) {
		return fmt.Sprintf("could not translate host name %q to address: Name or service not known", t.host)
	}
	why, hint := "No such file or directory", "\n\tIs the server running locally and accepting connections on that socket?"
	where := fmt.Sprintf("connection to server on socket %q failed: ", path.Join(t.host, ".s.PGSQL."+t.port))
	if !t.local() {
		where, hint = t.where(ctx), "\n\tIs the server running on that host and accepting TCP/IP connections?"
	}
	switch {
	case errors.Is(err, os.ErrNotExist):
	case errors.Is(err, syscall.ECONNREFUSED):
		why = "Connection refused"
	case errors.Is(err, syscall.EHOSTUNREACH):
		why = "No route to host"
	default:
		return where + "timeout expired"
	}
	return where + why + hint
}

func (t *target) where(ctx context.Context) string {
	if t.local() {
		return fmt.Sprintf("connection to server on socket %q failed: ", path.Join(t.host, ".s.PGSQL."+t.port))
	}
	ip := ""
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	if addrs, err := t.p.LookupHost(ctx, t.host); err == nil && len(addrs) > 0 && addrs[0].String() != t.host {
		ip = fmt.Sprintf(" (%s)", addrs[0])
	}
	return fmt.Sprintf("connection to server at %q%s, port %s failed: ", t.host, ip, t.port)
}

// setting takes what -d gives when it is more than a name, such as host=db port=5433. wrong is what is wrong.
func (t *target) setting(text string) (wrong string) {
	if strings.HasPrefix(text, "postgres://") || strings.HasPrefix(text, "postgresql://") {
		return t.url(text)
	}
	if !strings.Contains(text, "=") {
		t.database = text
		return ""
	}
	for field := range strings.FieldsSeq(text) {
		name, value, _ := strings.Cut(field, "=")
		value = strings.Trim(value, "'")
		switch name {
		case "host", "hostaddr":
			t.host = value
		case "port":
			t.port = value
		case "user":
			t.user = value
		case "dbname":
			t.database = value
		case "password":
			t.password = value
		case "sslmode", "application_name", "client_encoding", "target_session_attrs":
		case "connect_timeout":
			n, err := strconv.Atoi(value)
			if err != nil {
				return fmt.Sprintf("invalid integer value %q for connection option \"connect_timeout\"", value)
			}
			t.timeout = time.Duration(n) * time.Second
		default:
			return fmt.Sprintf("invalid connection option %q", name)
		}
	}
	return ""
}

// option takes an option that all clients have; ok is whether it is one.
func (t *target) option(name, value string) (ok bool) {
	switch name {
	case "-h", "--host":
		t.host = value
	case "-p", "--port":
		t.port = value
	case "-U", "--username":
		t.user = value
	default:
		return false
	}
	return true
}

// The exit codes of pg_isready.
const (
	accepting  = 0
	rejecting  = 1
	noResponse = 2
	noAttempt  = 3
)

// IsReady is the program pg_isready.
func IsReady(ctx context.Context, p *sandbox.Process) int {
	t := newTarget(p)
	t.timeout = 3 * time.Second
	quiet := false
	fail := func(format string, args ...any) int {
		fmt.Fprintf(p.Stderr, format+"\npg_isready: hint: Try \"pg_isready --help\" for more information.\n", args...)
		return noAttempt
	}
	rest, wrong := getopt.Parse(p.Args[1:], "dhptU", "dbname host port timeout username", func(name, value string) string {
		switch name {
		case "-q", "--quiet":
			quiet = true
		case "-d", "--dbname":
			return t.setting(value)
		case "-t", "--timeout":
			n, err := strconv.Atoi(value)
			if err != nil {
				n = 0 // as atoi has it
			}
			t.timeout = time.Duration(n) * time.Second
		case "-V", "--version", "-?", "--help":
			return name
		default:
			if !t.option(name, value) {
				return getopt.Unknown
			}
		}
		return ""
	})
	switch {
	case wrong == "-V" || wrong == "--version":
		fmt.Fprintf(p.Stdout, "pg_isready (PostgreSQL) %s\n", version(p))
		return accepting
	case wrong == "-?" || wrong == "--help":
		fmt.Fprint(p.Stdout, "pg_isready issues a connection check to a PostgreSQL database.\n\nUsage:\n  pg_isready [OPTION]...\n\n"+
			"Options: -d, --dbname  -q, --quiet  -V, --version  -?, --help  -h, --host  -p, --port  -t, --timeout  -U, --username\n")
		return accepting
	case wrong != "":
		return fail("pg_isready: %s", wrong)
	case len(rest) > 0:
		return fail("pg_isready: error: too many command-line arguments (first is %q)", rest[0])
	}
	if t.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, t.timeout)
		defer cancel()
	}
	code := t.ask(ctx)
	if !quiet {
		says := []string{"accepting connections", "rejecting connections", "no response", "no attempt"}[code]
		fmt.Fprintf(p.Stdout, "%s:%s - %s\n", t.host, t.port, says)
	}
	return code
}

// ask says hello and looks at what comes back, as PQping does: any answer but "not now" is a server that accepts.
func (t *target) ask(ctx context.Context) int {
	if n, err := strconv.Atoi(t.port); err != nil || n < 1 || n > 65535 {
		return noAttempt
	}
	conn, err := t.dial(ctx)
	if err != nil {
		return noResponse
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	wire := pgproto3.NewFrontend(conn, conn)
	wire.SetMaxBodyLen(maxMessage)
	message, err := t.hello(wire)
	if err != nil {
		return noResponse
	}
	if wrong, ok := message.(*pgproto3.ErrorResponse); ok && (wrong.Code == "57P03" || wrong.Code == "53300") {
		return rejecting
	}
	return accepting
}

func (t *target) hello(wire *pgproto3.Frontend) (pgproto3.BackendMessage, error) {
	parameters := map[string]string{"user": t.user}
	if t.database != "" {
		parameters["database"] = t.database
	}
	wire.Send(&pgproto3.StartupMessage{ProtocolVersion: pgproto3.ProtocolVersion30, Parameters: parameters})
	if err := wire.Flush(); err != nil {
		return nil, err
	}
	message, err := wire.Receive()
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		err = fmt.Errorf("server closed the connection unexpectedly")
	}
	return message, err
}

// url takes a connection URI.
func (t *target) url(text string) (wrong string) {
	u, err := url.Parse(text)
	if err != nil {
		return fmt.Sprintf("invalid URI: %q", text)
	}
	if u.Hostname() != "" {
		t.host = u.Hostname()
	}
	if u.Port() != "" {
		t.port = u.Port()
	}
	if name := u.User.Username(); name != "" {
		t.user = name
	}
	if password, given := u.User.Password(); given {
		t.password = password
	}
	if name := strings.TrimPrefix(u.Path, "/"); name != "" {
		t.database = name
	}
	return ""
}
