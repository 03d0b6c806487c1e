package mysql

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

	"healthlab/lab/node/images/getopt"
	"healthlab/lab/node/sandbox"
)

// client is a call of one of the clients.
type client struct {
	Flavor
	p                              *sandbox.Process
	name                           string // the program's
	host, port, user, password, db string
	protocol                       string
	asks                           bool // -p without a password
	insecure                       bool // the password is on the command line
	timeout                        time.Duration
	conn                           net.Conn
	wire                           *wire
	server                         string // its version
}

// Options that take a value, and those that change nothing here.
const (
	shortWithValue = "hPuSDe"
	longWithValue  = "host port user socket protocol connect-timeout connect_timeout database execute"
	longIgnored    = "no-defaults skip-ssl ssl skip-ssl-verify-server-cert ssl-mode default-character-set defaults-file defaults-extra-file no-beep silent " +
		"force verbose compress no-auto-rehash get-server-public-key disable-ssl"
)

func (f Flavor) newClient(p *sandbox.Process, name string) *client {
	return &client{Flavor: f, p: p, name: name, host: "localhost", port: "3306", user: "root", password: p.Getenv("MYSQL_PWD")}
}

// option takes an option that all clients have; ok is whether it is one.
func (c *client) option(name, value string) (ok bool) {
	switch name {
	case "-h", "--host":
		c.host = value
	case "-P", "--port":
		c.port = value
	case "-u", "--user":
		c.user = value
	case "-S", "--socket":
		c.socket = c.p.Path(value)
	case "--protocol":
		c.protocol = strings.ToLower(value)
	case "--connect-timeout", "--connect_timeout":
		n, err := strconv.Atoi(value)
		if err != nil {
			return false
		}
		c.timeout = time.Duration(n) * time.Second
	default:
		for ignored := range strings.FieldsSeq(longIgnored) {
			if name == "--"+ignored {
				return true
			}
		}
		return strings.Contains("-s -f -v -b -A -C", name)
	}
	return true
}

// parse reads a command line. -p and --password take their value only where it is attached; handle is for the program's own.
func (c *client) parse(handle func(name, value string) (ok bool)) (rest []string, wrong string) {
	var args []string
	for i, a := range c.p.Args[1:] {
		before := ""
		if i > 0 {
			before = c.p.Args[i]
		}
		attached, short := strings.CutPrefix(a, "-p")
		long := strings.HasPrefix(a, "--password")
		switch {
		case len(before) == 2 && strings.Contains(shortWithValue, before[1:]) && before[0] == '-', a == "--protocol": // a value
			args = append(args, a)
		case a == "-p" || a == "--password":
			c.asks = true
		case long:
			c.password, c.insecure = strings.TrimPrefix(a, "--password="), true
		case short && !strings.HasPrefix(a, "--"):
			c.password, c.insecure = attached, true
		default:
			args = append(args, a)
		}
	}
	return getopt.Parse(args, shortWithValue, longWithValue, func(name, value string) string {
		if handle(name, value) || c.option(name, value) {
			return ""
		}
		return getopt.Unknown
	})
}

// warn does what a client does about passwords before it connects.
func (c *client) warn() {
	if c.insecure && !c.mariadb() {
		fmt.Fprintf(c.p.Stderr, "%s: [Warning] Using a password on the command line interface can be insecure.\n", c.name)
	}
	if c.asks {
		fmt.Fprint(c.p.Stdout, "Enter password: ")
		line, _ := bufio.NewReader(io.LimitReader(c.p.Stdin, maxFile)).ReadString('\n') // the end is an empty password
		c.password = strings.TrimRight(line, "\r\n")
	}
}

// local reports whether it takes the socket.
func (c *client) local() bool {
	return c.protocol == "socket" || c.host == "localhost" && c.protocol != "tcp"
}

// Errors of the client itself (include/errmsg.h).
const (
	errSocket      = 2002
	errHost        = 2003
	errUnknownHost = 2005
	errLost        = 2013
	firstOwn       = 2000
	lastOwn        = 2999
)

// connect gets as far as the server's having let it in. The connection ends with the process.
func (c *client) connect(ctx context.Context) *fault {
	if c.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.timeout)
		defer cancel()
	}
	address := net.JoinHostPort(c.host, c.port)
	if c.local() {
		if _, err := c.p.FS().Stat(c.socket); err != nil {
			return &fault{errSocket, "HY000", fmt.Sprintf("Can't connect to local %s through socket '%s' (2)", c.where(), c.socket)}
		}
		address = net.JoinHostPort("127.0.0.1", c.port)
	}
	conn, err := c.p.Dial(ctx, "tcp", address)
	if err != nil {
		return c.refused(err)
	}
	c.conn, c.wire = conn, &wire{ReadWriter: conn}
	packet, err := c.wire.read()
	if err != nil {
		return c.lost("reading initial communication packet")
	}
	if wrong := faultOf(packet); wrong != nil {
		return wrong
	}
	version, salt, err := greeted(packet)
	if err != nil {
		return &fault{2007, "HY000", "Protocol mismatch; server version is not one that " + c.name + " knows"}
	}
	c.server = version
	if c.wire.write(login{user: c.user, database: c.db, answer: scramble(c.password, salt), plugin: nativePassword}.packet()) != nil {
		return c.lost("sending authentication information")
	}
	packet, err = c.wire.read()
	if err != nil {
		return c.lost("reading authorization packet")
	}
	return faultOf(packet)
}

func (c *client) refused(err error) *fault {
	var name *net.DNSError
	number := 110
	switch {
	case errors.As(err, &name):
		kind := "MySQL server host"
		if c.mariadb() {
			kind = "server host"
		}
		return &fault{errUnknownHost, "HY000", fmt.Sprintf("Unknown %s '%s' (-2)", kind, c.host)}
	case errors.Is(err, syscall.ECONNREFUSED):
		number = 111
	case errors.Is(err, syscall.EHOSTUNREACH):
		number = 113
	}
	if c.mariadb() {
		if number == 111 {
			number = 115 // it does not wait for the answer, and tells that it has none
		}
		return &fault{errSocket, "HY000", fmt.Sprintf("Can't connect to server on '%s' (%d)", c.host, number)}
	}
	return &fault{errHost, "HY000", fmt.Sprintf("Can't connect to MySQL server on '%s:%s' (%d)", c.host, c.port, number)}
}

func (c *client) lost(while string) *fault {
	to := "MySQL server"
	if c.mariadb() {
		to = "server"
	}
	return &fault{errLost, "HY000", fmt.Sprintf("Lost connection to %s at '%s', system error: 104", to, while)}
}

// ask sends a command and returns the first packet of the answer.
func (c *client) ask(command byte, text string) ([]byte, *fault) {
	c.wire.next = 0
	if c.wire.write(append([]byte{command}, text...)) != nil {
		return nil, c.lost("sending a command")
	}
	packet, err := c.wire.read()
	if err != nil {
		return nil, c.lost("reading an answer")
	}
	return packet, faultOf(packet)
}

// table is the result of a statement.
type table struct {
	names   []string
	rows    [][]string
	numbers []bool
}

// query runs a statement; a statement without a result has no names.
func (c *client) query(statement string) (t table, wrong *fault) {
	packet, wrong := c.ask(commandQuery, statement)
	if wrong != nil || len(packet) == 0 || packet[0] == packetOK {
		return t, wrong
	}
	malformed := &fault{2027, "HY000", "Malformed packet"}
	for range int(packet[0]) {
		definition, err := c.wire.read()
		if err != nil {
			return t, c.lost("reading a result")
		}
		const nameAt = 4
		text, rest := "", definition
		for range nameAt + 1 {
			if text, _, rest, err = uncounted(rest); err != nil {
				return t, malformed
			}
		}
		const typeAt = 8
		if _, _, rest, err = uncounted(rest); err != nil || len(rest) < typeAt {
			return t, malformed
		}
		t.names = append(t.names, text)
		t.numbers = append(t.numbers, rest[typeAt-1] == 8)
	}
	for ends := 0; ends < 2; {
		packet, err := c.wire.read()
		if err != nil {
			return t, c.lost("reading a result")
		}
		if len(packet) < 9 && len(packet) > 0 && packet[0] == packetEOF {
			ends++
			continue
		}
		var row []string
		for range t.names {
			text, null, rest, err := uncounted(packet)
			if err != nil {
				return t, malformed
			}
			if null {
				text = "NULL"
			}
			row, packet = append(row, text), rest
		}
		t.rows = append(t.rows, row)
	}
	return t, nil
}
