package redis

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"

	"healthlab/lab/node/sandbox"
)

// version is what the server says it is.
const version = "7.0.15"

// server is a running redis-server.
type server struct {
	p        *sandbox.Process
	started  time.Time
	port     int
	password string
	config   map[string]string
	commands map[string]command
	stops    chan struct{} // SHUTDOWN
	ctx      context.Context

	mu        sync.Mutex // held by the command that runs
	databases [16]database
	clients   int
	processed int64
}

// client is one connection.
type client struct {
	s     *server
	index int
	known bool // it has given the password, or none is needed
	name  string
}

func (c *client) db() database { return c.s.databases[c.index] }

// log prints a line of the server's log.
func (s *server) log(role byte, mark, format string, args ...any) {
	fmt.Fprintf(s.p.Stdout, "%d:%c %s %s %s\n", s.p.PID(), role, time.Now().UTC().Format("02 Jan 2006 15:04:05.000"), mark, fmt.Sprintf(format, args...))
}

// Server is the program redis-server.
func Server(ctx context.Context, p *sandbox.Process) int {
	s := &server{
		p: p, started: time.Now(), port: 6379, config: defaults(), commands: commands(), stops: make(chan struct{}, 1), ctx: ctx,
	}
	for i := range s.databases {
		s.databases[i] = database{}
	}
	args := p.Args[1:]
	if len(args) > 0 && (args[0] == "--version" || args[0] == "-v") {
		fmt.Fprintf(p.Stdout, "Redis server v=%s sha=00000000:0 malloc=jemalloc-5.2.1 bits=64 build=healthlab\n", version)
		return 0
	}
	if err := s.configure(args); err != "" {
		fmt.Fprintln(p.Stderr, err)
		return 1
	}
	s.log('C', "#", "oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo")
	s.log('C', "#", "Redis version=%s, bits=64, commit=00000000, modified=0, pid=%d, just started", version, p.PID())
	if len(args) == 0 {
		s.log('C', "#", "Warning: no config file specified, using the default config. In order to specify a config file use redis-server /path/to/redis.conf")
	} else {
		s.log('C', "#", "Configuration loaded")
	}
	listener, err := p.Listen("tcp", fmt.Sprintf(":%d", s.port))
	if err != nil {
		s.log('M', "#", "Warning: Could not create server TCP listening socket *:%d: bind: Address already in use", s.port)
		s.log('M', "#", "Failed listening on port %d (TCP), aborting.", s.port)
		return 1
	}
	p.SetName("redis-server *:" + strconv.Itoa(s.port))
	s.log('M', "*", "Running mode=standalone, port=%d.", s.port)
	s.log('M', "#", "Server initialized")
	s.log('M', "*", "Ready to accept connections")
	// Before it answers anybody: PID 1 ignores a signal that it does not wait for.
	signals := p.Notify(sandbox.SIGTERM, sandbox.SIGINT)
	var serving sync.WaitGroup
	serving.Go(func() { s.accept(listener, &serving) })
	defer serving.Wait()
	select {
	case sig := <-signals:
		if sig == sandbox.SIGTERM {
			s.log('M', "#", "Received SIGTERM scheduling shutdown...")
		} else {
			s.log('M', "#", "Received SIGINT scheduling shutdown...")
		}
	case <-s.stops:
	case <-ctx.Done():
		_ = listener.Close()
		return 0
	}
	s.mu.Lock() // a command that hangs keeps the server, as it keeps a real one
	defer s.mu.Unlock()
	s.log('M', "#", "User requested shutdown...")
	s.log('M', "#", "Redis is now ready to exit, bye bye...")
	_ = listener.Close()
	return 0
}

// accept serves connections until the listener ends. The connections end with the process.
func (s *server) accept(listener net.Listener, serving *sync.WaitGroup) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		serving.Go(func() {
			stop := context.AfterFunc(s.ctx, func() { _ = conn.Close() })
			defer stop()
			s.serve(conn)
		})
	}
}

func (s *server) serve(conn net.Conn) {
	defer conn.Close()
	c := &client{s: s, known: s.password == ""}
	s.mu.Lock()
	s.clients++
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.clients--
		s.mu.Unlock()
	}()
	in, out := bufio.NewReader(conn), bufio.NewWriter(conn)
	for {
		args, err := readCommand(in)
		if wrong, ok := err.(protocolError); ok { //nolint:errorlint // made here
			write(out, failure("ERR Protocol error: "+string(wrong)))
			_ = out.Flush()
			return
		}
		if err != nil {
			return
		}
		if len(args) == 0 {
			continue
		}
		reply, over := c.run(args)
		write(out, reply)
		if in.Buffered() == 0 || over {
			if out.Flush() != nil || over {
				return
			}
		}
	}
}

// run runs a command; over says that the connection ends.
func (c *client) run(args []string) (reply any, over bool) {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	c.s.processed++
	name := strings.ToLower(args[0])
	own, isOwn := c.own()[name]
	cmd, known := c.s.commands[name]
	if isOwn {
		cmd, known = own, true
	}
	n := len(args)
	switch {
	case !known:
		var b strings.Builder
		for _, a := range args[1:min(n, 20)] {
			fmt.Fprintf(&b, "'%.128s' ", a)
		}
		return failure(fmt.Sprintf("ERR unknown command '%.128s', with args beginning with: %s", args[0], b.String())), false
	case cmd.arity > 0 && n != cmd.arity || cmd.arity < 0 && n < -cmd.arity:
		return wrongNumber(name), false
	case !c.known && name != "auth" && name != "hello" && name != "quit":
		return failure("NOAUTH Authentication required."), false
	}
	return cmd.run(c, args[1:]), name == "quit"
}

// own are the commands about the connection and the server.
func (c *client) own() map[string]command {
	ok := func(*client, []string) any { return status("OK") }
	return map[string]command{
		"ping": {-1, func(_ *client, a []string) any {
			switch len(a) {
			case 0:
				return status("PONG")
			case 1:
				return a[0]
			}
			return wrongNumber("ping")
		}},
		"echo": {2, func(_ *client, a []string) any { return a[0] }}, "quit": {-1, ok}, "auth": {-2, auth},
		"select": {2, func(c *client, a []string) any {
			n, err := strconv.Atoi(a[0])
			switch {
			case err != nil:
				return notInteger
			case n < 0 || n >= len(c.s.databases):
				return failure("ERR DB index is out of range")
			}
			c.index = n
			return status("OK")
		}},
		"client": {-2, clientCommand}, "config": {-2, configCommand}, "command": {-1, func(c *client, a []string) any {
			if len(a) > 0 && strings.EqualFold(a[0], "count") {
				return int64(len(c.s.commands))
			}
			return []any{}
		}},
		"info": {-1, info}, "role": {1, func(*client, []string) any { return []any{"master", int64(0), []any{}} }},
		"time": {1, func(*client, []string) any {
			now := time.Now()
			return []string{strconv.FormatInt(now.Unix(), 10), strconv.Itoa(now.Nanosecond() / 1000)}
		}},
		"publish": {3, func(*client, []string) any { return int64(0) }}, "wait": {3, func(*client, []string) any { return int64(0) }},
		"debug": {-2, debug}, "shutdown": {-1, shutdown},
	}
}

func auth(c *client, a []string) any {
	switch {
	case c.s.password == "":
		return failure("ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?")
	case a[len(a)-1] != c.s.password || len(a) == 2 && a[0] != "default":
		return failure("WRONGPASS invalid username-password pair or user is disabled.")
	}
	c.known = true
	return status("OK")
}

func clientCommand(c *client, a []string) any {
	switch strings.ToLower(a[0]) {
	case "setname":
		if len(a) == 2 {
			c.name = a[1]
			return status("OK")
		}
	case "getname":
		return c.name
	case "setinfo", "no-evict":
		return status("OK")
	}
	return failure(fmt.Sprintf("ERR unknown subcommand '%.128s'. Try CLIENT HELP.", a[0]))
}

func configCommand(c *client, a []string) any {
	switch sub := strings.ToLower(a[0]); {
	case sub == "get" && len(a) > 1:
		list := []string{}
		for k, v := range c.s.config {
			for _, pattern := range a[1:] {
				if ok, err := path.Match(strings.ToLower(pattern), k); ok && err == nil {
					list = append(list, k, v)
				}
			}
		}
		return list
	case sub == "set" && len(a) == 3:
		key := strings.ToLower(a[1])
		if _, known := c.s.config[key]; !known {
			return failure(fmt.Sprintf("ERR Unknown option or number of arguments for CONFIG SET - '%s'", a[1]))
		}
		c.s.config[key] = a[2]
		if key == "requirepass" {
			c.s.password = a[2]
		}
		return status("OK")
	case sub == "resetstat", sub == "rewrite":
		return status("OK")
	}
	return failure(fmt.Sprintf("ERR unknown subcommand '%.128s'. Try CONFIG HELP.", a[0]))
}

func info(c *client, _ []string) any {
	s := c.s
	text := fmt.Sprintf("# Server\r\nredis_version:%s\r\nredis_mode:standalone\r\nos:Linux (healthlab)\r\narch_bits:64\r\nprocess_id:%d\r\ntcp_port:%d\r\nuptime_in_seconds:%d\r\n\r\n"+
		"# Clients\r\nconnected_clients:%d\r\n\r\n# Persistence\r\nloading:0\r\n\r\n# Stats\r\ntotal_commands_processed:%d\r\n\r\n# Replication\r\nrole:master\r\nconnected_slaves:0\r\n\r\n# Keyspace\r\n",
		version, s.p.PID(), s.port, int(time.Since(s.started).Seconds()), s.clients, s.processed)
	for i, d := range s.databases {
		if len(d) > 0 {
			text += fmt.Sprintf("db%d:keys=%d,expires=0,avg_ttl=0\r\n", i, len(d))
		}
	}
	return text
}

// debug is DEBUG SLEEP, which keeps the whole server from answering.
func debug(c *client, a []string) any {
	if allowed := c.s.config["enable-debug-command"]; allowed != "yes" && allowed != "local" {
		return failure("ERR DEBUG command not allowed. If the enable-debug-command option is set to \"local\", you can run it from a local connection, " +
			"otherwise you need to set this option in the configuration file, and then restart the server.")
	}
	if strings.ToLower(a[0]) != "sleep" || len(a) != 2 {
		return failure(fmt.Sprintf("ERR unknown subcommand or wrong number of arguments for '%.128s'. Try DEBUG HELP.", a[0]))
	}
	f, err := strconv.ParseFloat(a[1], 64)
	if err != nil || f < 0 || f > 1e6 {
		return notFloat
	}
	timer := time.NewTimer(time.Duration(f * float64(time.Second)))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-c.s.ctx.Done():
	}
	return status("OK")
}

func shutdown(c *client, a []string) any {
	for _, o := range a {
		switch strings.ToUpper(o) {
		case "NOSAVE", "SAVE", "NOW", "FORCE":
		default:
			return syntax
		}
	}
	select {
	case c.s.stops <- struct{}{}:
	default:
	}
	return status("OK")
}

// defaults are the directives that are known.
func defaults() map[string]string {
	all := map[string]string{"port": "6379", "bind": "* -::*", "maxmemory": "0", "maxmemory-policy": "noeviction", "appendonly": "no", "save": "3600 1 300 100 60 10000", "databases": "16", "dir": "/data", "timeout": "0", "tcp-keepalive": "300", "loglevel": "notice", "enable-debug-command": "no"}
	for name := range strings.FieldsSeq("requirepass masterauth protected-mode tcp-backlog daemonize supervised pidfile logfile dbfilename appendfilename appendfsync appenddirname " +
		"stop-writes-on-bgsave-error rdbcompression rdbchecksum lazyfree-lazy-eviction maxclients always-show-logo slowlog-log-slower-than slowlog-max-len latency-monitor-threshold " +
		"notify-keyspace-events hz no-appendfsync-on-rewrite auto-aof-rewrite-percentage auto-aof-rewrite-min-size aof-load-truncated lua-time-limit activerehashing") {
		all[name] = ""
	}
	return all
}

// maxConfig is how long a configuration file may be.
const maxConfig = 1 << 20

// configure reads the file and the options of the command line; the text says what is wrong.
func (s *server) configure(args []string) string {
	var lines []string
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		data, err := s.p.FS().ReadFile(s.p.Path(args[0]), maxConfig)
		if err != nil {
			return fmt.Sprintf("*** FATAL CONFIG FILE ERROR (Redis %s) ***\nCan't open config file '%s'", version, args[0])
		}
		lines = strings.Split(string(data), "\n")
		args = args[1:]
	}
	if len(args) > 0 && args[0] == "-" {
		data, _ := io.ReadAll(io.LimitReader(s.p.Stdin, maxConfig)) // what cannot be read is not there
		lines, args = append(lines, strings.Split(string(data), "\n")...), args[1:]
	}
	for _, a := range args {
		if name, ok := strings.CutPrefix(a, "--"); ok {
			lines = append(lines, name)
		} else if len(lines) > 0 {
			lines[len(lines)-1] += " " + strconv.Quote(a)
		}
	}
	for i, line := range lines {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		list, err := words(line)
		if err != nil || len(list) == 0 || !s.directive(strings.ToLower(list[0]), list[1:]) {
			return fmt.Sprintf("\n*** FATAL CONFIG FILE ERROR (Redis %s) ***\nReading the configuration file, at line %d\n>>> '%s'\nBad directive or wrong number of arguments", version, i+1, line)
		}
	}
	return ""
}

func (s *server) directive(name string, values []string) bool {
	if _, known := s.config[name]; !known || len(values) == 0 {
		return false
	}
	s.config[name] = strings.Join(values, " ")
	switch name {
	case "port":
		n, err := strconv.Atoi(values[0])
		if err != nil || n < 0 || n > 65535 {
			return false
		}
		s.port = n
	case "requirepass":
		s.password = values[0]
	}
	return true
}
