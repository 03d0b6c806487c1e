package mysql_test

import (
	"path/filepath"
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

// TestMariaDB has the answers of mariadb-admin and mariadb 10.11.19 about a server of the same version, but for the paths.
func TestMariaDB(t *testing.T) {
	b := imagetest.New(t)
	c := b.Start(t, "mariadb:10.11", sandbox.ContainerConfig{Env: []string{"MARIADB_ROOT_PASSWORD=pw", "MYSQL_DATABASE=shop", "MARIADB_USER=joe", "MARIADB_PASSWORD=doe"}})
	ready(t, c)
	const denied = "Access denied for user 'root'@'localhost' (using password: "
	imagetest.Try(t, c, []imagetest.Step{
		{Name: "ping", Script: "mysqladmin ping -uroot -ppw", Out: "mysqld is alive\n"},
		{Name: "ping an address", Script: "mariadb-admin -h127.0.0.1 -P3306 -u root --password=pw ping", Out: "mysqld is alive\n"},
		{Name: "ping of a stranger", Script: "mariadb-admin ping", Errs: "mariadb-admin: connect to server at 'localhost' failed\nerror: '" + denied + "NO)'\n"},
		{Name: "ping with another's password", Script: "mariadb-admin -px ping", Errs: "mariadb-admin: connect to server at 'localhost' failed\nerror: '" + denied + "YES)'\n"},
		{Name: "status of a stranger", Script: "mariadb-admin status", Errs: "mariadb-admin: connect to server at 'localhost' failed\nerror: '" + denied + "NO)'\n", Code: 1},
		{Name: "silent", Script: "mariadb-admin -s ping"},
		{Name: "no socket", Script: "mariadb-admin -S /none ping", Errs: "mariadb-admin: connect to server at 'localhost' failed\nerror: 'Can't connect to local server through socket '/none' (2)'\nCheck that mariadbd is running and that the socket: '/none' exists!\n", Code: 1},
		{Name: "refused", Script: "mariadb-admin -h127.0.0.1 -P18981 ping", Errs: "mariadb-admin: connect to server at '127.0.0.1' failed\nerror: 'Can't connect to server on '127.0.0.1' (115)'\nCheck that mariadbd is running and that the socket: '/run/mysqld/mysqld.sock' exists!\n", Code: 1},
		{Name: "no such host", Script: "mariadb-admin -hnosuch.invalid ping", Errs: "mariadb-admin: connect to server at 'nosuch.invalid' failed\nerror: 'Unknown server host 'nosuch.invalid' (-2)'\nCheck that mariadbd is running on nosuch.invalid and that the port is 3306.\nYou can check this by doing 'telnet nosuch.invalid 3306'\n", Code: 1},
		{Name: "unknown option", Script: "mariadb-admin --foo ping", Errs: "mariadb-admin: unknown option '--foo'\n", Code: 2},
		{Name: "unknown command", Script: "mariadb-admin -ppw foo", Errs: "mariadb-admin: Unknown command: 'foo' (healthlab's knows ping, status and version)\n", Code: 1},
		{Name: "status", Script: "mariadb-admin -ppw status | sed 's/[0-9.]*[0-9]/N/g'", Out: "Uptime: N  Threads: N  Questions: N  Slow queries: N  Opens: N  Open tables: N  Queries per second avg: N\n"},
		{Name: "select", Script: "mariadb -uroot -ppw -e 'select 1'", Out: "1\n1\n"},
		{Name: "without names", Script: "mariadb -uroot -ppw -N -e \"select 1, 'x'\"", Out: "1\tx\n"},
		{Name: "table", Script: "mariadb -ppw -t -e 'select 1, version() as v'", Out: "+---+------------------+\n| 1 | v                |\n+---+------------------+\n| 1 | 10.11.19-MariaDB |\n+---+------------------+\n"},
		{Name: "another user", Script: "MYSQL_PWD=doe mariadb -ujoe shop -e 'select user(), database(); select @@skip_networking'", Out: "user()\tdatabase()\njoe@localhost\tshop\n@@skip_networking\n0\n"},
		{Name: "no database", Script: "mariadb -ppw -e 'select database()'", Out: "database()\nNULL\n"},
		{Name: "databases", Script: "mariadb -ppw -e 'show databases'", Out: "Database\ninformation_schema\nmysql\nperformance_schema\nshop\nsys\n"},
		{Name: "statements from a pipe", Script: "echo 'select 1; select 2' | mariadb -ppw", Out: "1\n1\n2\n2\n"},
		{Name: "wrong password", Script: "mariadb -uroot -px -e 'select 1'", Errs: "ERROR 1045 (28000): " + denied + "YES)\n", Code: 1},
		{Name: "from outside", Script: "mariadb -h 10.244.0.7 -ppw -N -e 'select user()'", Out: "root@10.244.0.7\n"},
		{Name: "unknown database", Script: "mariadb -uroot -ppw nodb -e 'select 1'", Errs: "ERROR 1049 (42000): Unknown database 'nodb'\n", Code: 1},
		{Name: "no tables", Script: "mariadb -ppw -e 'create table t (i int)' 2>&1 | sed '$s/:.*//'", Out: "--------------\ncreate table t (i int)\n--------------\n\nERROR 1235 (42000) at line 1\n"},
		{Name: "healthcheck", Script: "healthcheck.sh --connect --innodb_initialized"},
		{Name: "healthcheck of a cluster", Script: "healthcheck.sh --galera_online", Errs: "healthcheck galera_online failed\n", Code: 1},
		{Name: "healthcheck of nothing", Script: "healthcheck.sh; healthcheck.sh --foo", Errs: "At least one argument required\nhealthcheck unknown option or test 'foo'\n", Code: 1},
		{Name: "healthcheck without a server", Script: "rm /run/mysqld/mysqld.sock; healthcheck.sh --connect", Errs: "ERROR 2002 (HY000): Can't connect to local server through socket '/run/mysqld/mysqld.sock' (2)\nhealthcheck connect failed\n", Code: 1},
	})
}

func TestMySQL(t *testing.T) {
	b := imagetest.New(t)
	c := b.Start(t, "mysql:8.0", sandbox.ContainerConfig{Env: []string{"MYSQL_ROOT_PASSWORD=pw"}})
	ready(t, c)
	const warning = "[Warning] Using a password on the command line interface can be insecure.\n"
	imagetest.Try(t, c, []imagetest.Step{
		{Name: "ping", Script: "mysqladmin ping -h localhost -u root -ppw", Out: "mysqld is alive\n", Errs: "mysqladmin: " + warning},
		{Name: "password in the environment", Script: "MYSQL_PWD=pw mysqladmin ping", Out: "mysqld is alive\n"},
		{Name: "password that is asked for", Script: "echo pw | mysqladmin -p ping", Out: "Enter password: mysqld is alive\n"},
		{Name: "refused", Script: "mysqladmin -h127.0.0.1 -P18981 ping", Errs: "mysqladmin: connect to server at '127.0.0.1' failed\nerror: 'Can't connect to MySQL server on '127.0.0.1:18981' (111)'\nCheck that mysqld is running on 127.0.0.1 and that the port is 18981.\nYou can check this by doing 'telnet 127.0.0.1 18981'\n", Code: 1},
		{Name: "no socket", Script: "mysql --socket=/none -e 'SELECT 1'", Errs: "ERROR 2002 (HY000): Can't connect to local MySQL server through socket '/none' (2)\n", Code: 1},
		{Name: "select", Script: "mysql -h 127.0.0.1 -uroot -ppw -e 'SELECT 1'", Out: "1\n1\n", Errs: "mysql: " + warning},
		{Name: "version", Script: "MYSQL_PWD=pw mysql -N -e 'select @@version'; mysqladmin -V", Out: "8.0.46\nmysqladmin  Ver 8.0.46 for Linux on healthlab\n"},
		{Name: "no bash in the way", Script: "bash -c 'MYSQL_PWD=pw mysqladmin ping'", Out: "mysqld is alive\n"},
	})
}

// TestLives is from the first line of the log to the last.
func TestLives(t *testing.T) {
	imagetest.Live(t, ready, []imagetest.Life{
		{Name: "no password", Image: "mysql", Code: 1, Log: `\+00:00 \[ERROR\] \[Entrypoint\]: Database is uninitialized and password option is not specified\n`},
		{Name: "no password for MariaDB", Image: "mariadb", Code: 1, Log: `You need to specify one of MARIADB_ROOT_PASSWORD, `},
		{Name: "root twice", Image: "mysql", Env: []string{"MYSQL_ROOT_PASSWORD=a", "MYSQL_USER=root"}, Code: 1, Log: `\[ERROR\] \[Entrypoint\]: MYSQL_USER="root", `},
		{Name: "unknown option", Image: "mysql", Env: []string{"MYSQL_ROOT_PASSWORD=a"}, Args: []string{"--foo=1"}, Code: 7, Log: `\[ERROR\] \[MY-000067\] \[Server\] unknown variable 'foo=1'\.\n`},
		{Name: "MySQL", Image: "mysql:8.4", Env: []string{"MYSQL_ALLOW_EMPTY_PASSWORD=yes"}, Args: []string{"--character-set-server=utf8mb4", "--max_connections=10"}, Stop: sandbox.SIGTERM, Log: `Entrypoint script for MySQL Server 8\.4\.9 started\.(?s:.*)MySQL init process done\. Ready for start up\.(?s:.*)` +
			`/usr/sbin/mysqld: ready for connections\. Version: '8\.4\.9'  socket: '/var/run/mysqld/mysqld\.sock'  port: 3306(?s:.*)Received SHUTDOWN from user <via user signal>\.(?s:.*)Shutdown complete`},
		{Name: "MariaDB", Image: "mariadb:11", Env: []string{"MARIADB_RANDOM_ROOT_PASSWORD=1"}, Stop: sandbox.SIGTERM, Log: `GENERATED ROOT PASSWORD: [A-Z0-9]+\n(?s:.*)mariadbd: ready for connections\.\n(?s:.*)Version: '11\.8\.6-MariaDB'(?s:.*)` +
			`\[Note\] mariadbd \(initiated by: unknown\): Normal shutdown\n`},
	})
}

// TestGarbage gets an error or a closed connection, and the server lives on.
func TestGarbage(t *testing.T) {
	b := imagetest.New(t)
	log := filepath.Join(t.TempDir(), "0.log")
	c := b.Start(t, "mariadb", sandbox.ContainerConfig{LogPath: log, Env: []string{"MARIADB_ALLOW_EMPTY_ROOT_PASSWORD=1"}})
	ready(t, c)
	hello := "\x2d\x00\x00\x01\x00\x82\x00\x00\x00\x00\x10\x00\x21" + strings.Repeat("\x00", 23) + "root\x00\x00" + strings.Repeat("\x00", 7)
	imagetest.Garbage(t, b, "127.0.0.1:3306", map[string]string{
		"nothing": "", "HTTP": "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "zeros": strings.Repeat("\x00", 1000), "long": "\xff\xff\xff\x01" + strings.Repeat("a", 100),
		"short login": "\x04\x00\x00\x01abcd", "old login": "\x20\x00\x00\x01" + strings.Repeat("\x00", 32), "no end": "\x22\x00\x00\x01\x00\x82" + strings.Repeat("\x00", 30) + "ab",
		"unknown command": hello + "\x01\x00\x00\x00\x99", "empty query": hello + "\x02\x00\x00\x00\x03;", "many columns": hello + "\xe9\x03\x00\x00\x03select 1" + strings.Repeat(",1", 496),
	}, func() { ready(t, c) })
	imagetest.Logged(t, log, `Aborted connection \d+ to db: 'unconnected' user: 'unauthenticated' host: 'localhost' \(This connection closed normally without authentication\)`)
}
