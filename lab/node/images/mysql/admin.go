package mysql

import (
	"context"
	"fmt"
	"path"
	"strings"

	"healthlab/lab/node/sandbox"
)

// Admin is the program mysqladmin, for ping, status and version.
func (f Flavor) Admin(ctx context.Context, p *sandbox.Process) int {
	c := f.newClient(p, path.Base(p.Args[0]))
	silent, version := false, false
	commands, wrong := c.parse(func(name, _ string) bool {
		silent = silent || name == "-s" || name == "--silent"
		version = version || name == "-V" || name == "--version"
		return name == "-V" || name == "--version"
	})
	switch {
	case wrong != "":
		fmt.Fprintf(p.Stderr, "%s: %s\n", c.name, strings.Replace(strings.Replace(wrong, "unrecognized option", "unknown option", 1), "invalid option -- ", "unknown option ", 1))
		return 2
	case version:
		fmt.Fprintf(p.Stdout, "%s  Ver %s for Linux on healthlab\n", c.name, f.version(p))
		return 0
	case len(commands) == 0:
		fmt.Fprintf(p.Stdout, "Usage: %s [OPTIONS] command command....\n\nhealthlab's %[1]s knows the commands ping, status and version.\n", c.name)
		return 1
	}
	c.warn()
	pings := true
	for _, command := range commands {
		pings = pings && command == "ping"
	}
	if wrong := c.connect(ctx); wrong != nil {
		if !silent {
			c.tell(wrong)
		}
		// A server that refuses is a server that runs.
		if pings && (wrong.code < firstOwn || wrong.code > lastOwn) {
			return 0
		}
		return 1
	}
	defer c.conn.Close()
	for _, command := range commands {
		switch command {
		case "ping":
			if _, wrong := c.ask(commandPing, ""); wrong != nil {
				fmt.Fprintf(p.Stderr, "%s: ping failed; error: '%s'\n", c.name, wrong.message)
				return 1
			}
			fmt.Fprintln(p.Stdout, "mysqld is alive")
		case "status", "version":
			text, wrong := c.ask(commandStatistics, "")
			if wrong != nil {
				fmt.Fprintf(p.Stderr, "%s: %s failed; error: '%s'\n", c.name, command, wrong.message)
				return 1
			}
			if command == "version" {
				how := c.host + " via TCP/IP\nTCP port\t\t" + c.port
				if c.local() {
					how = "Localhost via UNIX socket\nUNIX socket\t\t" + c.socket
				}
				fmt.Fprintf(p.Stdout, "Server version\t\t%s\nProtocol version\t10\nConnection\t\t%s\n\n", c.server, how)
			}
			fmt.Fprintln(p.Stdout, string(text))
		default:
			fmt.Fprintf(p.Stderr, "%s: Unknown command: '%s' (healthlab's knows ping, status and version)\n", c.name, command)
			return 1
		}
	}
	return 0
}

// tell says why there is no connection.
func (c *client) tell(wrong *fault) {
	fmt.Fprintf(c.p.Stderr, "%s: connect to server at '%s' failed\nerror: '%s'\n", c.name, c.host, wrong.message)
	local := c.local() || c.mariadb() && wrong.code == errSocket && c.host == "127.0.0.1" // MariaDB's takes it for its own host
	switch {
	case wrong.code != errSocket && wrong.code != errHost && wrong.code != errUnknownHost:
	case local:
		fmt.Fprintf(c.p.Stderr, "Check that %s is running and that the socket: '%s' exists!\n", c.Daemon, c.socket)
	default:
		fmt.Fprintf(c.p.Stderr, "Check that %s is running on %s and that the port is %s.\nYou can check this by doing 'telnet %[2]s %[3]s'\n", c.Daemon, c.host, c.port)
	}
}

// Healthcheck is the image's healthcheck.sh, as far as it asks whether the server can be reached.
func (f Flavor) Healthcheck(ctx context.Context, p *sandbox.Process) int {
	if len(p.Args) < 2 {
		fmt.Fprintln(p.Stderr, "At least one argument required")
		return 1
	}
	for _, a := range p.Args[1:] {
		switch {
		case a == "--connect" || a == "--innodb_initialized" || a == "--innodb_buffer_pool_loaded" || a == "--mariadbupgrade":
			// A connection is all that there is to be asked for: there is no InnoDB that could not be ready.
			c := f.newClient(p, "mariadb")
			c.user, c.password = "healthcheck", c.healthPassword()
			if wrong := c.connect(ctx); wrong != nil && wrong.code >= firstOwn && wrong.code <= lastOwn {
				fmt.Fprintf(p.Stderr, "%v\nhealthcheck %s failed\n", wrong, strings.TrimPrefix(a, "--"))
				return 1
			}
			if c.conn != nil {
				_ = c.conn.Close()
			}
		case a == "--galera_online" || a == "--galera_ready" || a == "--replication":
			fmt.Fprintf(p.Stderr, "healthcheck %s failed\n", strings.TrimPrefix(a, "--"))
			return 1
		case a == "--no-defaults" || a == "--su-mysql" || strings.HasPrefix(a, "--su=") || strings.HasPrefix(a, "--defaults-") || strings.HasPrefix(a, "--replication_"):
		case strings.HasPrefix(a, "--"):
			fmt.Fprintf(p.Stderr, "healthcheck unknown option or test '%s'\n", strings.TrimPrefix(a, "--"))
			return 1
		default:
			fmt.Fprintf(p.Stderr, "Unknown healthcheck option %s\n", a)
			return 1
		}
	}
	return 0
}

// healthPassword is what the entrypoint has left for healthcheck.sh.
func (c *client) healthPassword() string {
	data, err := c.p.FS().ReadFile(dataDir+healthFile, maxFile)
	if err != nil {
		return "" // the server will tell
	}
	for line := range strings.Lines(string(data)) {
		if password, ok := strings.CutPrefix(strings.TrimSpace(line), healthPassword); ok {
			return password
		}
	}
	return ""
}
