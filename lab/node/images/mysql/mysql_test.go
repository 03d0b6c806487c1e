package mysql_test

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"healthlab/lab/node/images/imagetest"
	"healthlab/lab/node/sandbox"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// ready waits until the server takes TCP connections.
func ready(t testing.TB, c *sandbox.Container) {
	t.Helper()
	if out, errs, code := imagetest.Exec(t, c, "", "sh", "-c", "until mysqladmin -s -h 127.0.0.1 ping >/dev/null; do :; done"); code != 0 {
		t.Fatal(out, errs)
	}
}

type step struct {
	name, script, out, errs string
	code                    int
}

func try(t *testing.T, c *sandbox.Container, steps []step) {
	for _, tt := range steps {
		t.Run(tt.name, func(t *testing.T) {
			out, errs, code := imagetest.Exec(t, c, "", "sh", "-c", tt.script)
			if out != tt.out || errs != tt.errs || code != tt.code {
				t.Errorf("got %q, %q, %d\nwant %q, %q, %d", out, errs, code, tt.out, tt.errs, tt.code)
			}
		})
	}
}

// TestMariaDB has the answers of mariadb-admin and mariadb 10.11.19 about a server of the same version, but for the paths.
func TestMariaDB(t *testing.T) {
	b := imagetest.New(t)
	c := b.Start(t, "mariadb:10.11", sandbox.ContainerConfig{Env: []string{"MARIADB_ROOT_PASSWORD=pw", "MYSQL_DATABASE=shop", "MARIADB_USER=joe", "MARIADB_PASSWORD=doe"}})
	ready(t, c)
	const denied = "Access denied for user 'root'@'localhost' (using password: "
	try(t, c, []step{
		{name: "ping", script: "mysqladmin ping -uroot -ppw", out: "mysqld is alive\n"},
		{name: "ping an address", script: "mariadb-admin -h127.0.0.1 -P3306 -u root --password=pw ping", out: "mysqld is alive\n"},
		{name: "ping of a stranger", script: "mariadb-admin ping", errs: "mariadb-admin: connect to server at 'localhost' failed\nerror: '" + denied + "NO)'\n"},
		{name: "ping with another's password", script: "mariadb-admin -px ping", errs: "mariadb-admin: connect to server at 'localhost' failed\nerror: '" + denied + "YES)'\n"},
		{name: "status of a stranger", script: "mariadb-admin status", errs: "mariadb-admin: connect to server at 'localhost' failed\nerror: '" + denied + "NO)'\n", code: 1},
		{name: "silent", script: "mariadb-admin -s ping"},
		{name: "no socket", script: "mariadb-admin -S /none ping", errs: "mariadb-admin: connect to server at 'localhost' failed\nerror: 'Can't connect to local server through socket '/none' (2)'\nCheck that mariadbd is running and that the socket: '/none' exists!\n", code: 1},
		{name: "refused", script: "mariadb-admin -h127.0.0.1 -P18981 ping", errs: "mariadb-admin: connect to server at '127.0.0.1' failed\nerror: 'Can't connect to server on '127.0.0.1' (115)'\nCheck that mariadbd is running and that the socket: '/run/mysqld/mysqld.sock' exists!\n", code: 1},
		{name: "no such host", script: "mariadb-admin -hnosuch.invalid ping", errs: "mariadb-admin: connect to server at 'nosuch.invalid' failed\nerror: 'Unknown server host 'nosuch.invalid' (-2)'\nCheck that mariadbd is running on nosuch.invalid and that the port is 3306.\nYou can check this by doing 'telnet nosuch.invalid 3306'\n", code: 1},
		{name: "unknown option", script: "mariadb-admin --foo ping", errs: "mariadb-admin: unknown option '--foo'\n", code: 2},
		{name: "unknown command", script: "mariadb-admin -ppw foo", errs: "mariadb-admin: Unknown command: 'foo' (healthlab's knows ping, status and version)\n", code: 1},
		{name: "status", script: "mariadb-admin -ppw status | sed 's/[0-9.]*[0-9]/N/g'", out: "Uptime: N  Threads: N  Questions: N  Slow queries: N  Opens: N  Open tables: N  Queries per second avg: N\n"},
		{name: "select", script: "mariadb -uroot -ppw -e 'select 1'", out: "1\n1\n"},
		{name: "without names", script: "mariadb -uroot -ppw -N -e \"select 1, 'x'\"", out: "1\tx\n"},
		{name: "table", script: "mariadb -ppw -t -e 'select 1, version() as v'", out: "+---+------------------+\n| 1 | v                |\n+---+------------------+\n| 1 | 10.11.19-MariaDB |\n+---+------------------+\n"},
		{name: "another user", script: "MYSQL_PWD=doe mariadb -ujoe shop -e 'select user(), database(); select @@skip_networking'", out: "user()\tdatabase()\njoe@localhost\tshop\n@@skip_networking\n0\n"},
		{name: "no database", script: "mariadb -ppw -e 'select database()'", out: "database()\nNULL\n"},
		{name: "databases", script: "mariadb -ppw -e 'show databases'", out: "Database\ninformation_schema\nmysql\nperformance_schema\nshop\nsys\n"},
		{name: "statements from a pipe", script: "echo 'select 1; select 2' | mariadb -ppw", out: "1\n1\n2\n2\n"},
		{name: "wrong password", script: "mariadb -uroot -px -e 'select 1'", errs: "ERROR 1045 (28000): " + denied + "YES)\n", code: 1},
		{name: "from outside", script: "mariadb -h 10.244.0.7 -ppw -N -e 'select user()'", out: "root@10.244.0.7\n"},
		{name: "unknown database", script: "mariadb -uroot -ppw nodb -e 'select 1'", errs: "ERROR 1049 (42000): Unknown database 'nodb'\n", code: 1},
		{name: "no tables", script: "mariadb -ppw -e 'create table t (i int)' 2>&1 | sed '$s/:.*//'", out: "--------------\ncreate table t (i int)\n--------------\n\nERROR 1235 (42000) at line 1\n"},
		{name: "healthcheck", script: "healthcheck.sh --connect --innodb_initialized"},
		{name: "healthcheck of a cluster", script: "healthcheck.sh --galera_online", errs: "healthcheck galera_online failed\n", code: 1},
		{name: "healthcheck of nothing", script: "healthcheck.sh; healthcheck.sh --foo", errs: "At least one argument required\nhealthcheck unknown option or test 'foo'\n", code: 1},
		{name: "healthcheck without a server", script: "rm /run/mysqld/mysqld.sock; healthcheck.sh --connect", errs: "ERROR 2002 (HY000): Can't connect to local server through socket '/run/mysqld/mysqld.sock' (2)\nhealthcheck connect failed\n", code: 1},
	})
}

func TestMySQL(t *testing.T) {
	b := imagetest.New(t)
	c := b.Start(t, "mysql:8.0", sandbox.ContainerConfig{Env: []string{"MYSQL_ROOT_PASSWORD=pw"}})
	ready(t, c)
	const warning = "[Warning] Using a password on the command line interface can be insecure.\n"
	try(t, c, []step{
		{name: "ping", script: "mysqladmin ping -h localhost -u root -ppw", out: "mysqld is alive\n", errs: "mysqladmin: " + warning},
		{name: "password in the environment", script: "MYSQL_PWD=pw mysqladmin ping", out: "mysqld is alive\n"},
		{name: "password that is asked for", script: "echo pw | mysqladmin -p ping", out: "Enter password: mysqld is alive\n"},
		{name: "refused", script: "mysqladmin -h127.0.0.1 -P18981 ping", errs: "mysqladmin: connect to server at '127.0.0.1' failed\nerror: 'Can't connect to MySQL server on '127.0.0.1:18981' (111)'\nCheck that mysqld is running on 127.0.0.1 and that the port is 18981.\nYou can check this by doing 'telnet 127.0.0.1 18981'\n", code: 1},
		{name: "no socket", script: "mysql --socket=/none -e 'SELECT 1'", errs: "ERROR 2002 (HY000): Can't connect to local MySQL server through socket '/none' (2)\n", code: 1},
		{name: "select", script: "mysql -h 127.0.0.1 -uroot -ppw -e 'SELECT 1'", out: "1\n1\n", errs: "mysql: " + warning},
		{name: "version", script: "MYSQL_PWD=pw mysql -N -e 'select @@version'; mysqladmin -V", out: "8.0.46\nmysqladmin  Ver 8.0.46 for Linux on healthlab\n"},
		{name: "no bash in the way", script: "bash -c 'MYSQL_PWD=pw mysqladmin ping'", out: "mysqld is alive\n"},
	})
}

// TestLives is from the first line of the log to the last.
func TestLives(t *testing.T) {
	tests := []struct {
		name, image string
		env, args   []string
		stop        sandbox.Signal
		code        int
		log         string
	}{
		{name: "no password", image: "mysql", code: 1, log: `\+00:00 \[ERROR\] \[Entrypoint\]: Database is uninitialized and password option is not specified\n`},
		{name: "no password for MariaDB", image: "mariadb", code: 1, log: `You need to specify one of MARIADB_ROOT_PASSWORD, `},
		{name: "root twice", image: "mysql", env: []string{"MYSQL_ROOT_PASSWORD=a", "MYSQL_USER=root"}, code: 1, log: `\[ERROR\] \[Entrypoint\]: MYSQL_USER="root", `},
		{name: "unknown option", image: "mysql", env: []string{"MYSQL_ROOT_PASSWORD=a"}, args: []string{"--foo=1"}, code: 7, log: `\[ERROR\] \[MY-000067\] \[Server\] unknown variable 'foo=1'\.\n`},
		{name: "MySQL", image: "mysql:8.4", env: []string{"MYSQL_ALLOW_EMPTY_PASSWORD=yes"}, args: []string{"--character-set-server=utf8mb4", "--max_connections=10"}, stop: sandbox.SIGTERM, log: `Entrypoint script for MySQL Server 8\.4\.9 started\.(?s:.*)MySQL init process done\. Ready for start up\.(?s:.*)` +
			`/usr/sbin/mysqld: ready for connections\. Version: '8\.4\.9'  socket: '/var/run/mysqld/mysqld\.sock'  port: 3306(?s:.*)Received SHUTDOWN from user <via user signal>\.(?s:.*)Shutdown complete`},
		{name: "MariaDB", image: "mariadb:11", env: []string{"MARIADB_RANDOM_ROOT_PASSWORD=1"}, stop: sandbox.SIGTERM, log: `GENERATED ROOT PASSWORD: [A-Z0-9]+\n(?s:.*)mariadbd: ready for connections\.\n(?s:.*)Version: '11\.8\.6-MariaDB'(?s:.*)` +
			`\[Note\] mariadbd \(initiated by: unknown\): Normal shutdown\n`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := imagetest.New(t)
			log := filepath.Join(t.TempDir(), "0.log")
			c := b.Start(t, tt.image, sandbox.ContainerConfig{LogPath: log, Env: tt.env, Args: tt.args})
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

// TestGarbage gets an error or a closed connection, and the server lives on.
func TestGarbage(t *testing.T) {
	b := imagetest.New(t)
	log := filepath.Join(t.TempDir(), "0.log")
	c := b.Start(t, "mariadb", sandbox.ContainerConfig{LogPath: log, Env: []string{"MARIADB_ALLOW_EMPTY_ROOT_PASSWORD=1"}})
	ready(t, c)
	hello := "\x2d\x00\x00\x01\x00\x82\x00\x00\x00\x00\x10\x00\x21" + strings.Repeat("\x00", 23) + "root\x00\x00" + strings.Repeat("\x00", 7)
	for name, text := range map[string]string{
		"nothing": "", "HTTP": "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "zeros": strings.Repeat("\x00", 1000), "long": "\xff\xff\xff\x01" + strings.Repeat("a", 100),
		"short login": "\x04\x00\x00\x01abcd", "old login": "\x20\x00\x00\x01" + strings.Repeat("\x00", 32), "no end": "\x22\x00\x00\x01\x00\x82" + strings.Repeat("\x00", 30) + "ab",
		"unknown command": hello + "\x01\x00\x00\x00\x99", "empty query": hello + "\x02\x00\x00\x00\x03;", "many columns": hello + "\xe9\x03\x00\x00\x03select 1" + strings.Repeat(",1", 496),
	} {
		t.Run(name, func(t *testing.T) {
			conn, err := b.Dial(imagetest.Context(t), "tcp", "127.0.0.1:3306")
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
	imagetest.Logged(t, log, `Aborted connection \d+ to db: 'unconnected' user: 'unauthenticated' host: 'localhost' \(This connection closed normally without authentication\)`)
}
