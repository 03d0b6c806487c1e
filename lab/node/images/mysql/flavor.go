package mysql

import (
	"fmt"
	"strings"
	"time"

	"healthlab/lab/node/sandbox"
)

// Flavor is what is different between MySQL and MariaDB.
type Flavor struct {
	Name       string // MySQL or MariaDB
	Daemon     string // the server's program
	versionEnv string
	latest     string // the version where the image's tag tells none
	socket     string
	edition    string
	required   string // what the entrypoint says without a password
	passwords  []string
}

// MySQL is that of docker.io/library/mysql.
func MySQL() Flavor {
	return Flavor{
		Name: "MySQL", Daemon: "mysqld", versionEnv: "MYSQL_VERSION", latest: "9.7.0", socket: "/var/run/mysqld/mysqld.sock", edition: "MySQL Community Server - GPL",
		required:  "Database is uninitialized and password option is not specified\n    You need to specify one of the following as an environment variable:\n    - MYSQL_ROOT_PASSWORD\n    - MYSQL_ALLOW_EMPTY_PASSWORD\n    - MYSQL_RANDOM_ROOT_PASSWORD",
		passwords: []string{"MYSQL_ALLOW_EMPTY_PASSWORD", "MYSQL_RANDOM_ROOT_PASSWORD"},
	}
}

// MariaDB is that of docker.io/library/mariadb.
func MariaDB() Flavor {
	return Flavor{
		Name: "MariaDB", Daemon: "mariadbd", versionEnv: "MARIADB_VERSION", latest: "12.2.2", socket: "/run/mysqld/mysqld.sock", edition: "mariadb.org binary distribution",
		required: "Database is uninitialized and password option is not specified\n\tYou need to specify one of MARIADB_ROOT_PASSWORD, MARIADB_ROOT_PASSWORD_HASH, MARIADB_ALLOW_EMPTY_ROOT_PASSWORD and MARIADB_RANDOM_ROOT_PASSWORD",
		passwords: []string{
			"MARIADB_ALLOW_EMPTY_ROOT_PASSWORD", "MARIADB_RANDOM_ROOT_PASSWORD", "MYSQL_ALLOW_EMPTY_PASSWORD", "MYSQL_RANDOM_ROOT_PASSWORD",
		},
	}
}

// mariadb reports whether it is MariaDB.
func (f Flavor) mariadb() bool { return f.Name == "MariaDB" }

// version is the server's version.
func (f Flavor) version(p *sandbox.Process) string {
	v, _, _ := strings.Cut(p.Getenv(f.versionEnv), "-")
	if v == "" {
		v = f.latest
	}
	if f.mariadb() {
		v += "-MariaDB"
	}
	return v
}

// where is the server in messages: MariaDB's name none.
func (f Flavor) where() string {
	if f.mariadb() {
		return "server"
	}
	return "MySQL server"
}

// note is a line of the server's log; the code is MySQL's.
func (f Flavor) note(p *sandbox.Process, level, code, format string, args ...any) {
	now, text := time.Now().UTC(), fmt.Sprintf(format, args...)
	if f.mariadb() {
		if level == "System" {
			level = "Note"
		}
		fmt.Fprintf(p.Stderr, "%s 0 [%s] %s\n", now.Format("2006-01-02 15:04:05"), level, text)
		return
	}
	fmt.Fprintf(p.Stderr, "%s 0 [%s] [%s] [Server] %s\n", now.Format("2006-01-02T15:04:05.000000Z"), level, code, text)
}
