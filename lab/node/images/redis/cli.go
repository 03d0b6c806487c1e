package redis

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"syscall"
	"time"

	"healthlab/lab/node/sandbox"
)

// cli is a call of redis-cli.
type cli struct {
	p              *sandbox.Process
	host, password string
	port, db       int
	timeout        time.Duration
	raw, readsLast bool
	failCode       bool // -e
	quiet          bool // --no-auth-warning
	inMulti        bool
	repeat         int
	interval       time.Duration
}

// CLI is the program redis-cli.
func CLI(ctx context.Context, p *sandbox.Process) int {
	c := &cli{p: p, host: "127.0.0.1", port: 6379, password: p.Getenv("REDISCLI_AUTH"), quiet: true, repeat: 1}
	c.raw = p.Terminal() == nil
	args, code := c.options(p.Args[1:])
	if code >= 0 {
		return code
	}
	conn, err := c.connect(ctx)
	if err != nil {
		return 1
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	in, out := bufio.NewReader(conn), bufio.NewWriter(conn)
	if c.readsLast {
		data, _ := io.ReadAll(io.LimitReader(p.Stdin, maxBulk)) // what cannot be read is not there
		args = append(args, string(data))
	}
	if len(args) == 0 {
		return c.lines(in, out)
	}
	for i := range max(1, c.repeat) {
		if i > 0 {
			timer := time.NewTimer(c.interval)
			select {
			case <-timer.C:
			case <-ctx.Done():
				timer.Stop()
				return 1
			}
		}
		if code := c.send(in, out, args); code != 0 {
			return code
		}
	}
	return 0
}

// options reads the command line; a code of -1 means that all is well.
func (c *cli) options(args []string) (rest []string, code int) {
	for len(args) > 0 && strings.HasPrefix(args[0], "-") && len(args[0]) > 1 {
		a := args[0]
		args = args[1:]
		said := a
		switch a {
		case "-v", "--version":
			fmt.Fprintln(c.p.Stdout, "redis-cli "+version)
			return nil, 0
		case "--raw":
			c.raw = true
			continue
		case "--no-raw":
			c.raw = false
			continue
		case "-x":
			c.readsLast = true
			continue
		case "-e":
			c.failCode = true
			continue
		case "--no-auth-warning":
			c.quiet = true
			continue
		}
		v := ""
		if len(args) > 0 {
			v = args[0]
		} else {
			a = "--" // nothing follows
		}
		n, bad := strconv.Atoi(v)
		switch a {
		case "-h":
			c.host = v
		case "-p":
			c.port = n
		case "-n":
			c.db = n
		case "-r":
			c.repeat = n
		case "-t":
			c.timeout = time.Duration(n) * time.Second
		case "-i":
			f, err := strconv.ParseFloat(v, 64)
			if bad = err; err == nil {
				c.interval = time.Duration(f * float64(time.Second))
			}
		case "-a", "--pass":
			c.password, c.quiet = v, false
		case "--user":
		default:
			fmt.Fprintf(c.p.Stderr, "Unrecognized option or bad number of args for: '%s'\n", said)
			return nil, 1
		}
		if bad != nil && strings.Contains("-p -n -r -t -i", a) {
			fmt.Fprintf(c.p.Stderr, "Unrecognized option or bad number of args for: '%s'\n", a)
			return nil, 1
		}
		args = args[1:]
	}
	return args, -1
}

func (c *cli) connect(ctx context.Context) (net.Conn, error) {
	if c.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.timeout)
		defer cancel()
	}
	host := c.host
	if host == c.p.Hostname() {
		host = c.p.PodIP()
	}
	conn, err := c.p.Dial(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(c.port)))
	if err != nil {
		why := "Connection timed out"
		var name *net.DNSError
		switch {
		case errors.As(err, &name):
			why = "Name or service not known"
		case errors.Is(err, syscall.ECONNREFUSED):
			why = "Connection refused"
		case errors.Is(err, syscall.EHOSTUNREACH):
			why = "No route to host"
		}
		fmt.Fprintf(c.p.Stderr, "Could not connect to Redis at %s:%d: %s\n", c.host, c.port, why)
		return nil, err
	}
	in, out := bufio.NewReader(conn), bufio.NewWriter(conn)
	if c.password != "" {
		if !c.quiet {
			fmt.Fprintln(c.p.Stderr, "Warning: Using a password with '-a' or '-u' option on the command line interface may not be safe.")
		}
		write(out, []string{"AUTH", c.password})
		_ = out.Flush() // reading tells
		if reply, err := readReply(in, 0); err == nil {
			if wrong, ok := reply.(failure); ok {
				fmt.Fprintf(c.p.Stderr, "AUTH failed: %s\n", wrong)
			}
		}
	}
	if c.db != 0 {
		write(out, []string{"SELECT", strconv.Itoa(c.db)})
		_ = out.Flush() // reading tells
		if reply, err := readReply(in, 0); err == nil {
			if wrong, ok := reply.(failure); ok {
				fmt.Fprintf(c.p.Stderr, "SELECT %d failed: %s\n", c.db, wrong)
			}
		}
	}
	return conn, nil
}

// lines runs the commands of standard input, or of a prompt.
func (c *cli) lines(in *bufio.Reader, out *bufio.Writer) int {
	input := bufio.NewReader(c.p.Stdin)
	for {
		if c.p.Terminal() != nil {
			mark := ""
			if c.inMulti {
				mark = "(TX)"
			}
			fmt.Fprintf(c.p.Stdout, "%s:%d%s> ", c.host, c.port, mark)
		}
		line, err := readLine(input)
		if err != nil && line == "" {
			return 0
		}
		args, err := words(line)
		if err != nil {
			fmt.Fprintln(c.p.Stdout, "Invalid argument(s)")
			continue
		}
		switch {
		case len(args) == 0:
		case args[0] == "quit" || args[0] == "exit":
			return 0
		default:
			if code := c.send(in, out, args); code != 0 {
				return code
			}
		}
	}
}

func (c *cli) send(in *bufio.Reader, out *bufio.Writer, args []string) int {
	write(out, args)
	name := strings.ToLower(args[0])
	err := out.Flush()
	if listens := name == "subscribe" || name == "psubscribe"; listens && err == nil && !c.inMulti {
		return c.listen(in)
	}
	var reply any
	if err == nil {
		reply, err = readReply(in, 0)
	}
	if err != nil {
		if name == "shutdown" {
			return 0
		}
		fmt.Fprintln(c.p.Stderr, "Error: Server closed the connection")
		return 1
	}
	wrong, bad := reply.(failure)
	switch {
	case name == "multi" && !bad:
		c.inMulti = true
	case name == "exec" && (!bad || strings.HasPrefix(string(wrong), "EXECABORT")), name == "discard" && !bad:
		c.inMulti = false
	}
	if bad && c.failCode {
		fmt.Fprintln(c.p.Stderr, string(wrong))
		return 1
	}
	c.print(reply)
	return 0
}

func (c *cli) print(reply any) {
	if c.raw {
		fmt.Fprintln(c.p.Stdout, rawReply(reply))
	} else {
		fmt.Fprint(c.p.Stdout, shown(reply, ""))
	}
}

// listen prints messages until the connection or the program ends.
func (c *cli) listen(in *bufio.Reader) int {
	if !c.raw {
		fmt.Fprintln(c.p.Stdout, "Reading messages... (press Ctrl-C to quit)")
	}
	for {
		reply, err := readReply(in, 0)
		if err != nil {
			fmt.Fprintln(c.p.Stderr, "Error: Server closed the connection")
			return 1
		}
		c.print(reply)
		if _, bad := reply.(failure); bad { // such as NOAUTH: nothing will come
			return 1
		}
	}
}

// rawReply is a reply as it is printed where nobody looks at it.
func rawReply(reply any) string {
	switch v := reply.(type) {
	case failure:
		return string(v) + "\n"
	case null:
		return ""
	case []any:
		list := make([]string, len(v))
		for i, e := range v {
			list[i] = rawReply(e)
		}
		return strings.Join(list, "\n")
	default:
		return fmt.Sprint(v)
	}
}

// shown is a reply as it is printed on a terminal.
func shown(reply any, indent string) string {
	switch v := reply.(type) {
	case status:
		return string(v) + "\n"
	case failure:
		return "(error) " + string(v) + "\n"
	case null:
		return "(nil)\n"
	case int64:
		return fmt.Sprintf("(integer) %d\n", v)
	case string:
		return strconv.Quote(v) + "\n"
	case []any:
		if len(v) == 0 {
			return "(empty array)\n"
		}
		width := len(strconv.Itoa(len(v)))
		var b strings.Builder
		for i, e := range v {
			head := fmt.Sprintf("%*d) ", width, i+1)
			if i > 0 {
				b.WriteString(indent)
			}
			b.WriteString(head + shown(e, indent+strings.Repeat(" ", len(head))))
		}
		return b.String()
	}
	return ""
}
