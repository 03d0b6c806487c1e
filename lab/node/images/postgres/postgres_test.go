package postgres_test

import (
	"os"
	"path/filepath"
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
	imagetest.Try(t, c, []imagetest.Step{
		{Name: "socket", Script: "pg_isready", Out: "/var/run/postgresql:5432 - accepting connections\n"},
		{Name: "address", Script: "pg_isready -h 127.0.0.1 -p 5432", Out: "127.0.0.1:5432 - accepting connections\n"},
		{Name: "pod's address", Script: "pg_isready -h 10.244.0.7", Out: "10.244.0.7:5432 - accepting connections\n"},
		{Name: "user and database do not matter", Script: "pg_isready -U nobody -d none", Out: "/var/run/postgresql:5432 - accepting connections\n"},
		{Name: "connection string", Script: "pg_isready -d 'host=localhost port=5432'", Out: "localhost:5432 - accepting connections\n"},
		{Name: "nobody listens", Script: "pg_isready -h localhost -p 18995", Out: "localhost:18995 - no response\n", Code: 2},
		{Name: "no socket", Script: "pg_isready -p 18995", Out: "/var/run/postgresql:18995 - no response\n", Code: 2},
		{Name: "no such host", Script: "pg_isready -h nosuch.invalid", Out: "nosuch.invalid:5432 - no response\n", Code: 2},
		{Name: "quiet", Script: "pg_isready -q -p 18995", Code: 2},
		{Name: "unknown option", Script: "pg_isready -x", Errs: "pg_isready: invalid option -- 'x'\npg_isready: hint: Try \"pg_isready --help\" for more information.\n", Code: 3},
		{Name: "argument", Script: "pg_isready extra arg", Errs: "pg_isready: error: too many command-line arguments (first is \"extra\")\npg_isready: hint: Try \"pg_isready --help\" for more information.\n", Code: 3},
		{Name: "version", Script: "pg_isready -V; psql --version; postgres -V", Out: "pg_isready (PostgreSQL) 15.18\npsql (PostgreSQL) 15.18\npostgres (PostgreSQL) 15.18\n"},
		{Name: "select", Script: "psql -U postgres -c 'SELECT 1'", Out: one},
		{Name: "as probes write it", Script: "psql -U postgres -w postgres -c 'SELECT 1'", Out: one},
		{Name: "tuples", Script: "psql -U postgres -tc 'SELECT 1;'; psql -U postgres -tAc 'SELECT 1'; psql -U postgres -d shop -qtAX -c 'select 1'", Out: "        1\n\n1\n1\n"},
		{Name: "columns", Script: `psql -U postgres -c "select 1 as a, 'x' as bcd, 2"`, Out: " a | bcd | ?column? \n---+-----+----------\n 1 | x   |        2\n(1 row)\n\n"},
		{Name: "lines", Script: `printf 'select 1;\nselect current_database();\n\\q\n' | psql -U postgres -At`, Out: "1\npostgres\n"},
		{Name: "connection URI", Script: "psql -tA postgresql://postgres:pw@10.244.0.7:5432/shop -c 'select current_database()'", Out: "shop\n"},
		{Name: "from outside with the password", Script: "PGPASSWORD=pw psql -h 10.244.0.7 -U postgres -tAc 'SELECT 1'", Out: "1\n"},
		{Name: "wrong password", Script: "PGPASSWORD=x psql -h 10.244.0.7 -U postgres -c 'SELECT 1'", Errs: "psql: error: connection to server at \"10.244.0.7\", port 5432 failed: FATAL:  password authentication failed for user \"postgres\"\n", Code: 2},
		{Name: "no password", Script: "psql -w -h 10.244.0.7 -U postgres -c 'SELECT 1'", Errs: "psql: error: connection to server at \"10.244.0.7\", port 5432 failed: fe_sendauth: no password supplied\n", Code: 2},
		{Name: "no such database", Script: "psql -h localhost -U postgres -d nodb -c 'SELECT 1'", Errs: "psql: error: connection to server at \"localhost\" (127.0.0.1), port 5432 failed: FATAL:  database \"nodb\" does not exist\n", Code: 2},
		{Name: "no such role", Script: "psql -c 'SELECT 1'", Errs: "psql: error: connection to server on socket \"/var/run/postgresql/.s.PGSQL.5432\" failed: FATAL:  role \"root\" does not exist\n", Code: 2},
		{Name: "refused", Script: "psql -h localhost -p 18995 -c 'select 1'", Errs: "psql: error: connection to server at \"localhost\" (127.0.0.1), port 18995 failed: Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?\n", Code: 2},
		{Name: "no tables", Script: "psql -U postgres -c 'CREATE TABLE t (i int)'", Errs: "ERROR:  healthlab's postgres has no tables: it knows SELECT of constants, version(), current_database(), current_user, pg_is_in_recovery() and now()\n", Code: 1},
		{Name: "no commands", Script: `psql -U postgres -c '\l'`, Errs: "invalid command \\l: healthlab's psql has no commands with a backslash but \\q\n", Code: 1},
		{Name: "unknown parameter", Script: "postgres -p 5433 -c foo=1 2>&1 | sed 's/.*FATAL/FATAL/'", Out: "FATAL:  unrecognized configuration parameter \"foo\"\n"},
		{Name: "port is taken", Script: "postgres 2>&1 | tail -n 1 | sed 's/.*FATAL/FATAL/'", Out: "FATAL:  could not create any TCP/IP sockets\n"},
		{Name: "no data", Script: "postgres -D /none", Errs: "postgres: could not access directory \"/none\": No such file or directory\nRun initdb or pg_basebackup to initialize a PostgreSQL data directory.\n", Code: 2},
	})
}

// TestLives is from the first line of the log to the last.
func TestLives(t *testing.T) {
	imagetest.Live(t, ready, []imagetest.Life{
		{Name: "no password", Image: "postgres", Code: 1, Log: `Error: Database is uninitialized and superuser password is not specified\.`},
		{Name: "both", Image: "postgres", Env: []string{"POSTGRES_PASSWORD=a", "POSTGRES_PASSWORD_FILE=/b"}, Code: 1, Log: `error: both POSTGRES_PASSWORD and POSTGRES_PASSWORD_FILE are set \(but are exclusive\)`},
		{Name: "directory is not empty", Image: "postgres", Env: []string{"POSTGRES_PASSWORD=a", "PGDATA=/etc"}, Code: 1, Log: `initdb: error: directory "/etc" exists but is not empty`},
		{Name: "no such program", Image: "postgres", Args: []string{"nothing"}, Code: 127, Log: `exec: nothing: not found`},
		{Name: "unknown option", Image: "postgres", Env: []string{"POSTGRES_PASSWORD=a"}, Args: []string{"-c", "foo=1"}, Code: 1, Log: `FATAL:  unrecognized configuration parameter "foo"`},
		{Name: "fast", Image: "postgres", Env: []string{"POSTGRES_PASSWORD=a"}, Stop: sandbox.SIGINT, Log: `PostgreSQL init process complete; ready for start up\.(?s:.*)LOG:  starting PostgreSQL 18\.(?s:.*)` +
			`LOG:  listening on IPv4 address "0\.0\.0\.0", port 5432\n(?s:.*)LOG:  database system is ready to accept connections\n(?s:.*)\S+ stderr F [-0-9]+ [:.0-9]+ UTC \[1\] LOG:  received fast shutdown request(?s:.*)database system is shut down\n$`},
		{Name: "smart", Image: "postgres", Env: []string{"POSTGRES_HOST_AUTH_METHOD=trust"}, Args: []string{"-c", "max_connections=10"}, Stop: sandbox.SIGTERM, Log: `received smart shutdown request\n(?s:.*)database system is shut down\n$`},
		{Name: "immediate", Image: "postgres", Env: []string{"POSTGRES_PASSWORD=a"}, Args: []string{"postgres", "-N", "20"}, Stop: sandbox.SIGQUIT, Log: `received immediate shutdown request\n`},
	})
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
	imagetest.Garbage(t, b, "127.0.0.1:5432", map[string]string{
		"HTTP": "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "zeros": strings.Repeat("\x00", 1000), "long": "\x7f\xff\xff\xff" + strings.Repeat("a", 100),
		"old protocol": "\x00\x00\x00\x08\x00\x02\x00\x00", "half": "\x00\x00\x00", "TLS": "\x16\x03\x01\x02\x00", "no end": "\x00\x00\x00\x0e\x00\x03\x00\x00user\x00a",
		"unknown message": hello + "!\x00\x00\x00\x04", "long message": hello + "Q\x7f\xff\xff\xff", "extended": hello + "P\x00\x00\x00\x08\x00\x00\x00\x00S\x00\x00\x00\x04X\x00\x00\x00\x04",
	}, func() { ready(t, c) })
}
