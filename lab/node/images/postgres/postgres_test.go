package postgres_test

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"
	"go.uber.org/goleak"

	"healthlab/lab/node/images/imagetest"
	"healthlab/lab/node/sandbox"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// ready waits until the server takes TCP connections.
func ready(t testing.TB, c *sandbox.Container) {
	t.Helper()
	if out, errs, code := imagetest.Exec(t, c, "", "sh", "-c", "until pg_isready -q -h 127.0.0.1; do :; done"); code != 0 {
		t.Fatal(out, errs)
	}
}

// TestClients has the answers of pg_isready and psql 15.18 about a server of the same version.
func TestClients(t *testing.T) {
	b := imagetest.New(t)
	c := b.Start(t, "postgres:15", sandbox.ContainerConfig{Env: []string{"POSTGRES_PASSWORD=pw", "POSTGRES_DB=shop"}})
	ready(t, c)
	const one = " ?column? \n----------\n        1\n(1 row)\n\n"
	tests := []struct {
		name, script, out, errs string
		code                    int
	}{
		{name: "socket", script: "pg_isready", out: "/var/run/postgresql:5432 - accepting connections\n"},
		{name: "address", script: "pg_isready -h 127.0.0.1 -p 5432", out: "127.0.0.1:5432 - accepting connections\n"},
		{name: "pod's address", script: "pg_isready -h 10.244.0.7", out: "10.244.0.7:5432 - accepting connections\n"},
		{name: "user and database do not matter", script: "pg_isready -U nobody -d none", out: "/var/run/postgresql:5432 - accepting connections\n"},
		{name: "connection string", script: "pg_isready -d 'host=localhost port=5432'", out: "localhost:5432 - accepting connections\n"},
		{name: "nobody listens", script: "pg_isready -h localhost -p 18995", out: "localhost:18995 - no response\n", code: 2},
		{name: "no socket", script: "pg_isready -p 18995", out: "/var/run/postgresql:18995 - no response\n", code: 2},
		{name: "no such host", script: "pg_isready -h nosuch.invalid", out: "nosuch.invalid:5432 - no response\n", code: 2},
		{name: "quiet", script: "pg_isready -q -p 18995", code: 2},
		{name: "unknown option", script: "pg_isready -x", errs: "pg_isready: invalid option -- 'x'\npg_isready: hint: Try \"pg_isready --help\" for more information.\n", code: 3},
		{name: "argument", script: "pg_isready extra arg", errs: "pg_isready: error: too many command-line arguments (first is \"extra\")\npg_isready: hint: Try \"pg_isready --help\" for more information.\n", code: 3},
		{name: "version", script: "pg_isready -V; psql --version; postgres -V", out: "pg_isready (PostgreSQL) 15.18\npsql (PostgreSQL) 15.18\npostgres (PostgreSQL) 15.18\n"},
		{name: "select", script: "psql -U postgres -c 'SELECT 1'", out: one},
		{name: "as probes write it", script: "psql -U postgres -w postgres -c 'SELECT 1'", out: one},
		{name: "tuples", script: "psql -U postgres -tc 'SELECT 1;'; psql -U postgres -tAc 'SELECT 1'; psql -U postgres -d shop -qtAX -c 'select 1'", out: "        1\n\n1\n1\n"},
		{name: "columns", script: `psql -U postgres -c "select 1 as a, 'x' as bcd, 2"`, out: " a | bcd | ?column? \n---+-----+----------\n 1 | x   |        2\n(1 row)\n\n"},
		{name: "lines", script: `printf 'select 1;\nselect current_database();\n\\q\n' | psql -U postgres -At`, out: "1\npostgres\n"},
		{name: "connection URI", script: "psql -tA postgresql://postgres:pw@10.244.0.7:5432/shop -c 'select current_database()'", out: "shop\n"},
		{name: "from outside with the password", script: "PGPASSWORD=pw psql -h 10.244.0.7 -U postgres -tAc 'SELECT 1'", out: "1\n"},
		{name: "wrong password", script: "PGPASSWORD=x psql -h 10.244.0.7 -U postgres -c 'SELECT 1'", errs: "psql: error: connection to server at \"10.244.0.7\", port 5432 failed: FATAL:  password authentication failed for user \"postgres\"\n", code: 2},
		{name: "no password", script: "psql -w -h 10.244.0.7 -U postgres -c 'SELECT 1'", errs: "psql: error: connection to server at \"10.244.0.7\", port 5432 failed: fe_sendauth: no password supplied\n", code: 2},
		{name: "no such database", script: "psql -h localhost -U postgres -d nodb -c 'SELECT 1'", errs: "psql: error: connection to server at \"localhost\" (127.0.0.1), port 5432 failed: FATAL:  database \"nodb\" does not exist\n", code: 2},
		{name: "no such role", script: "psql -c 'SELECT 1'", errs: "psql: error: connection to server on socket \"/var/run/postgresql/.s.PGSQL.5432\" failed: FATAL:  role \"root\" does not exist\n", code: 2},
		{name: "refused", script: "psql -h localhost -p 18995 -c 'select 1'", errs: "psql: error: connection to server at \"localhost\" (127.0.0.1), port 18995 failed: Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?\n", code: 2},
		{name: "no tables", script: "psql -U postgres -c 'CREATE TABLE t (i int)'", errs: "ERROR:  healthlab's postgres has no tables: it knows SELECT of constants, version(), current_database(), current_user, pg_is_in_recovery() and now()\n", code: 1},
		{name: "no commands", script: `psql -U postgres -c '\l'`, errs: "invalid command \\l: healthlab's psql has no commands with a backslash but \\q\n", code: 1},
		{name: "unknown parameter", script: "postgres -p 5433 -c foo=1 2>&1 | sed 's/.*FATAL/FATAL/'", out: "FATAL:  unrecognized configuration parameter \"foo\"\n"},
		{name: "port is taken", script: "postgres 2>&1 | tail -n 1 | sed 's/.*FATAL/FATAL/'", out: "FATAL:  could not create any TCP/IP sockets\n"},
		{name: "no data", script: "postgres -D /none", errs: "postgres: could not access directory \"/none\": No such file or directory\nRun initdb or pg_basebackup to initialize a PostgreSQL data directory.\n", code: 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out, errs, code := imagetest.Exec(t, c, "", "sh", "-c", tt.script)
			if out != tt.out || errs != tt.errs || code != tt.code {
				t.Errorf("got %q, %q, %d\nwant %q, %q, %d", out, errs, code, tt.out, tt.errs, tt.code)
			}
		})
	}
}

// TestLives is from the first line of the log to the last.
func TestLives(t *testing.T) {
	tests := []struct {
		name string
		env  []string
		args []string
		stop sandbox.Signal
		code int
		log  string
	}{
		{name: "no password", code: 1, log: `Error: Database is uninitialized and superuser password is not specified\.`},
		{name: "both", env: []string{"POSTGRES_PASSWORD=a", "POSTGRES_PASSWORD_FILE=/b"}, code: 1, log: `error: both POSTGRES_PASSWORD and POSTGRES_PASSWORD_FILE are set \(but are exclusive\)`},
		{name: "directory is not empty", env: []string{"POSTGRES_PASSWORD=a", "PGDATA=/etc"}, code: 1, log: `initdb: error: directory "/etc" exists but is not empty`},
		{name: "no such program", args: []string{"nothing"}, code: 127, log: `exec: nothing: not found`},
		{name: "unknown option", env: []string{"POSTGRES_PASSWORD=a"}, args: []string{"-c", "foo=1"}, code: 1, log: `FATAL:  unrecognized configuration parameter "foo"`},
		{name: "fast", env: []string{"POSTGRES_PASSWORD=a"}, stop: sandbox.SIGINT, log: `PostgreSQL init process complete; ready for start up\.(?s:.*)LOG:  starting PostgreSQL 18\.(?s:.*)` +
			`LOG:  listening on IPv4 address "0\.0\.0\.0", port 5432\n(?s:.*)LOG:  database system is ready to accept connections\n(?s:.*)\S+ stderr F [-0-9]+ [:.0-9]+ UTC \[1\] LOG:  received fast shutdown request(?s:.*)database system is shut down\n$`},
		{name: "smart", env: []string{"POSTGRES_HOST_AUTH_METHOD=trust"}, args: []string{"-c", "max_connections=10"}, stop: sandbox.SIGTERM, log: `received smart shutdown request\n(?s:.*)database system is shut down\n$`},
		{name: "immediate", env: []string{"POSTGRES_PASSWORD=a"}, args: []string{"postgres", "-N", "20"}, stop: sandbox.SIGQUIT, log: `received immediate shutdown request\n`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := imagetest.New(t)
			log := filepath.Join(t.TempDir(), "0.log")
			c := b.Start(t, "postgres", sandbox.ContainerConfig{LogPath: log, Env: tt.env, Args: tt.args})
			if tt.stop != 0 {
				ready(t, c)
				if err := c.Signal(tt.stop); err != nil {
					t.Fatal(err)
				}
			}
			if exit := imagetest.Ended(t, c); exit.Code != tt.code {
				t.Errorf("%+v", exit)
			}
			text, err := os.ReadFile(log)
			if err != nil || !regexp.MustCompile(tt.log).Match(text) {
				t.Errorf("%s %v", text, err)
			}
		})
	}
}

// TestSmartShutdown waits for the clients, and refuses further ones.
func TestSmartShutdown(t *testing.T) {
	b := imagetest.New(t)
	c := b.Start(t, "postgres:16.4", sandbox.ContainerConfig{Env: []string{"POSTGRES_PASSWORD=a"}})
	ready(t, c)
	conn, err := b.Dial(imagetest.Context(t), "tcp", "127.0.0.1:5432")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	wire := pgproto3.NewFrontend(conn, conn)
	wire.Send(&pgproto3.StartupMessage{ProtocolVersion: pgproto3.ProtocolVersion30, Parameters: map[string]string{"user": "postgres"}})
	if err := wire.Flush(); err != nil {
		t.Fatal(err)
	}
	for ready := false; !ready; {
		message, err := wire.Receive()
		if err != nil {
			t.Fatal(err)
		}
		_, ready = message.(*pgproto3.ReadyForQuery)
	}
	if err := c.Signal(sandbox.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if out, errs, code := imagetest.Exec(t, c, "", "sh", "-c", "while pg_isready -q; do :; done; pg_isready; echo $?"); out != "/var/run/postgresql:5432 - rejecting connections\n1\n" || code != 0 {
		t.Errorf("%q %q %d", out, errs, code)
	}
	_ = conn.Close() // the last client leaves
	if exit := imagetest.Ended(t, c); exit.Code != 0 {
		t.Errorf("%+v", exit)
	}
}

// TestScripts are run once, and SQL is said not to be.
func TestScripts(t *testing.T) {
	init, data := t.TempDir(), t.TempDir()
	for name, text := range map[string]string{"a.sh": "echo from a script of $POSTGRES_DB\n", "b.sql": "CREATE TABLE t (i int);\n", "c.txt": ""} {
		if err := os.WriteFile(filepath.Join(init, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	start := func() string {
		b := imagetest.New(t)
		log := filepath.Join(t.TempDir(), "0.log")
		c := b.Start(t, "postgres:16", sandbox.ContainerConfig{
			LogPath: log, Env: []string{"POSTGRES_PASSWORD=a", "POSTGRES_DB=shop", "PGDATA=/var/lib/postgresql/data/pgdata"},
			Mounts: []sandbox.Mount{{Source: init, Target: "/docker-entrypoint-initdb.d", ReadOnly: true}, {Source: data, Target: "/var/lib/postgresql/data"}},
		})
		ready(t, c)
		text, err := os.ReadFile(log)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	first := start()
	for _, want := range []string{"from a script of shop\n", "not running /docker-entrypoint-initdb.d/b.sql: healthlab's postgres has no tables\n", "ignoring /docker-entrypoint-initdb.d/c.txt\n"} {
		if !strings.Contains(first, want) {
			t.Errorf("no %q in\n%s", want, first)
		}
	}
	if second := start(); !strings.Contains(second, "appears to contain a database; Skipping initialization") {
		t.Errorf("once more:\n%s", second)
	}
}

// TestGarbage gets an error or a closed connection, and the server lives on.
func TestGarbage(t *testing.T) {
	b := imagetest.New(t)
	c := b.Start(t, "postgres", sandbox.ContainerConfig{Env: []string{"POSTGRES_PASSWORD=a"}})
	ready(t, c)
	const hello = "\x00\x00\x00\x29\x00\x03\x00\x00user\x00postgres\x00database\x00postgres\x00\x00"
	for name, text := range map[string]string{
		"HTTP": "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "zeros": strings.Repeat("\x00", 1000), "long": "\x7f\xff\xff\xff" + strings.Repeat("a", 100),
		"old protocol": "\x00\x00\x00\x08\x00\x02\x00\x00", "half": "\x00\x00\x00", "TLS": "\x16\x03\x01\x02\x00", "no end": "\x00\x00\x00\x0e\x00\x03\x00\x00user\x00a",
		"unknown message": hello + "!\x00\x00\x00\x04", "long message": hello + "Q\x7f\xff\xff\xff", "extended": hello + "P\x00\x00\x00\x08\x00\x00\x00\x00S\x00\x00\x00\x04X\x00\x00\x00\x04",
	} {
		t.Run(name, func(t *testing.T) {
			conn, err := b.Dial(imagetest.Context(t), "tcp", "127.0.0.1:5432")
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			_, _ = io.WriteString(conn, text) // the server may have closed it
			if half, ok := conn.(interface{ CloseWrite() error }); ok {
				_ = half.CloseWrite()
			}
			if _, err = io.Copy(io.Discard, conn); err != nil && !strings.Contains(err.Error(), "reset") {
				t.Error(err)
			}
			ready(t, c)
		})
	}
}
