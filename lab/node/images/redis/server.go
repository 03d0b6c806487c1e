package redis

import (
	"bufio"
	"context"
	"fmt"
	"net"
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
	commands map[string]command // about data
	own      map[string]command // about the connection and the server
	stops    chan struct{}      // SHUTDOWN
	ctx      context.Context

	mu        sync.Mutex // held by the command that runs
	databases [16]database
	clients   int
	processed int64
	watchers  map[watched]map[*client]bool
	channels  topics
	patterns  topics
}

// client is one connection. All but its outbox belongs to the server's mutex.
type client struct {
	s     *server
	index int
	known bool // it has given the password, or none is needed
	name  string

	tx       *transaction // nil: outside MULTI
	watches  []watch
	outdated bool // a watched key has changed

	channels, patterns map[string]bool
	subscriber         bool    // it has subscribed once: from then on its replies go through the outbox
	outbox             *outbox // nil: it has not
}

func (c *client) db() database { return c.s.databases[c.index] }

// log prints a line of the server's log.
func (s *server) log(role byte, mark, format string, args ...any) {
	fmt.Fprintf(s.p.Stdout, "%d:%c %s %s %s\n", s.p.PID(), role, time.Now().UTC().Format("02 Jan 2006 15:04:05.000"), mark, fmt.Sprintf(format, args...))
}

// Server is the program redis-server.
func Server(ctx context.Context, p *sandbox.Process) int {
	s := &server{
		p: p, started: time.Now(), port: 6379, config: defaults(), commands: commands(), own: own(), stops: make(chan struct{}, 1),
		watchers: map[watched]map[*client]bool{}, channels: topics{}, patterns: topics{},
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
	var cancel context.CancelFunc
	s.ctx, cancel = context.WithCancel(ctx)
	serving.Go(func() { s.accept(listener, &serving) })
	defer serving.Wait()
	defer cancel() // clients that only listen do not keep the server
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
	c := &client{s: s, known: s.password == "", channels: map[string]bool{}, patterns: map[string]bool{}}
	s.mu.Lock()
	s.clients++
	s.mu.Unlock()
	var delivering sync.WaitGroup
	quit := false
	defer func() {
		if !quit {
			_ = conn.Close() // nobody is there to read the outbox
		}
		c.leave()
		delivering.Wait()
	}()
	in, out := bufio.NewReader(conn), bufio.NewWriter(conn)
	for !quit {
		args, err := readCommand(in)
		var reply any
		if wrong, ok := err.(protocolError); ok { //nolint:errorlint // made here
			reply, quit = failure("ERR Protocol error: "+string(wrong)), true
		} else if err != nil {
			return
		}
		if len(args) == 0 && !quit {
			continue
		}
		had := c.outbox
		if !quit {
			reply, quit = c.run(args, func() { _ = conn.Close() })
		}
		if had != nil {
			if reply != nil {
				had.put(reply)
			}
			continue
		}
		write(out, reply)
		if in.Buffered() == 0 || quit || c.outbox != nil {
			if out.Flush() != nil {
				return
			}
		}
		if c.outbox != nil { // what went before is on its way
			delivering.Go(func() { c.outbox.deliver(conn) })
		}
	}
}

// leave takes the client out of everything that knows it.
func (c *client) leave() {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	c.s.clients--
	c.unwatch()
	for name := range c.channels {
		c.s.channels.remove(name, c)
	}
	for name := range c.patterns {
		c.s.patterns.remove(name, c)
	}
	if c.outbox != nil {
		close(c.outbox.wake)
	}
}

// command returns what a name means; without run it is unknown.
func (c *client) command(name string) command {
	if own, ok := c.s.own[name]; ok {
		return own
	}
	return c.s.commands[name]
}

// run runs a command; over says that the connection ends. The replies of subscribers are put into their outbox, in the order
// of what happens, and are nil here.
func (c *client) run(args []string, hangUp func()) (reply any, over bool) {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	c.s.processed++
	name := strings.ToLower(args[0])
	cmd := c.command(name)
	reply = c.refuse(name, cmd, args)
	if kept, ok := c.queued(name, args, reply); ok {
		reply = kept
	} else if reply == nil {
		over = name == "quit"
		reply = cmd.run(c, args[1:])
	}
	if c.subscriber && c.outbox == nil {
		c.outbox = &outbox{wake: make(chan struct{}, 1), full: hangUp}
	}
	if c.outbox != nil {
		c.outbox.put(reply)
		return nil, over
	}
	return reply, over
}

// refuse says why a command cannot be run; nil: it can.
func (c *client) refuse(name string, cmd command, args []string) any {
	n := len(args)
	switch {
	case cmd.run == nil:
		var b strings.Builder
		for _, a := range args[1:min(n, 20)] {
			fmt.Fprintf(&b, "'%.128s' ", a)
		}
		return failure(fmt.Sprintf("ERR unknown command '%.128s', with args beginning with: %s", args[0], b.String()))
	case cmd.arity > 0 && n != cmd.arity || cmd.arity < 0 && n < -cmd.arity:
		return wrongNumber(name)
	case !c.known && name != "auth" && name != "hello" && name != "quit":
		return failure("NOAUTH Authentication required.")
	}
	return c.busy(name)
}

// own are the commands about the connection and the server.
func own() map[string]command {
	ok := func(*client, []string) any { return status("OK") }
	return map[string]command{
		"ping": {-1, func(c *client, a []string) any {
			switch {
			case c.subscriptions() > 0 && len(a) < 2:
				return []string{"pong", strings.Join(a, "")}
			}
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
				return int64(len(c.s.commands) + len(c.s.own))
			}
			return []any{}
		}},
		"info": {-1, info}, "role": {1, func(*client, []string) any { return []any{"master", int64(0), []any{}} }},
		"time": {1, func(*client, []string) any {
			now := time.Now()
			return []string{strconv.FormatInt(now.Unix(), 10), strconv.Itoa(now.Nanosecond() / 1000)}
		}},
		"publish": {3, publish}, "pubsub": {-2, pubsub}, "subscribe": {-2, subscribe("subscribe", channelsOf)},
		"psubscribe": {-2, subscribe("psubscribe", patternsOf)}, "unsubscribe": {-1, unsubscribe("unsubscribe", channelsOf)},
		"punsubscribe": {-1, unsubscribe("punsubscribe", patternsOf)},
		"multi":        {1, multi}, "exec": {1, exec}, "discard": {1, discard}, "watch": {-2, watchKeys}, "unwatch": {1, unwatchKeys},
		"wait":  {3, func(*client, []string) any { return int64(0) }},
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
