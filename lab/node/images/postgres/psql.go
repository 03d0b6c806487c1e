package postgres

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/jackc/pgx/v5/pgproto3"

	"healthlab/lab/node/images/getopt"
	"healthlab/lab/node/images/sql"
	"healthlab/lab/node/sandbox"
)

// psql is a call of psql.
type psql struct {
	t                     *target
	wire                  *pgproto3.Frontend
	commands              []string
	tuplesOnly, unaligned bool
	quiet                 bool
}

// The exit codes of psql: an error of its own, a bad connection, an error in what it ran.
const (
	psqlFailed  = 1
	psqlNoServe = 2
)

// Psql is the program psql, for what the server knows.
func Psql(ctx context.Context, p *sandbox.Process) int {
	c := &psql{t: newTarget(p)}
	rest, wrong := getopt.Parse(p.Args[1:], "dhpUcv", "dbname host port username command set variable", func(name, value string) string {
		switch name {
		case "-c", "--command":
			c.commands = append(c.commands, value)
		case "-d", "--dbname":
			return c.t.setting(value)
		case "-t", "--tuples-only":
			c.tuplesOnly = true
		case "-A", "--no-align":
			c.unaligned = true
		case "-q", "--quiet":
			c.quiet = true
		case "-X", "--no-psqlrc", "-v", "--set", "--variable", "-1", "--single-transaction", "-w", "--no-password":
		case "-V", "--version":
			return name
		default:
			if !c.t.option(name, value) {
				return getopt.Unknown
			}
		}
		return ""
	})
	switch {
	case wrong == "-V" || wrong == "--version":
		fmt.Fprintf(p.Stdout, "psql (PostgreSQL) %s\n", version(p))
		return 0
	case wrong != "":
		fmt.Fprintf(p.Stderr, "psql: %s\npsql: hint: healthlab's psql knows -c -d -h -p -U -t -A -q -v -w -X -1 -V\n", wrong)
		return psqlFailed
	}
	if len(rest) > 0 && c.t.database == "" {
		if wrong := c.t.setting(rest[0]); wrong != "" {
			fmt.Fprintf(p.Stderr, "psql: error: %s\n", wrong)
			return psqlNoServe
		}
		rest = rest[1:]
	}
	if len(rest) > 0 {
		c.t.user = rest[0]
	}
	if err := c.connect(ctx); err != nil {
		fmt.Fprintf(p.Stderr, "psql: error: %v\n", err)
		return psqlNoServe
	}
	if len(c.commands) == 0 {
		return c.lines(ctx)
	}
	for _, text := range c.commands {
		if code := c.run(text); code != 0 {
			return code
		}
	}
	return 0
}

// connect gets as far as the server's being ready. The connection ends with the process.
func (c *psql) connect(ctx context.Context) error {
	if c.t.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.t.timeout)
		defer cancel()
	}
	conn, err := c.t.dial(ctx)
	if err != nil {
		return errors.New(c.t.said(ctx, err))
	}
	c.wire = pgproto3.NewFrontend(conn, conn)
	c.wire.SetMaxBodyLen(maxMessage)
	message, err := c.t.hello(c.wire)
	for {
		if err != nil {
			return fmt.Errorf("%s%w", c.t.where(ctx), err)
		}
		switch m := message.(type) {
		case *pgproto3.AuthenticationCleartextPassword:
			if c.t.password == "" {
				return errors.New(c.t.where(ctx) + "fe_sendauth: no password supplied")
			}
			c.wire.Send(&pgproto3.PasswordMessage{Password: c.t.password})
			if err := c.wire.Flush(); err != nil {
				return fmt.Errorf("%s%w", c.t.where(ctx), err)
			}
		case *pgproto3.AuthenticationOk, *pgproto3.ParameterStatus, *pgproto3.BackendKeyData:
		case *pgproto3.ReadyForQuery:
			return nil
		case *pgproto3.ErrorResponse:
			return fmt.Errorf("%s%s:  %s", c.t.where(ctx), m.Severity, m.Message)
		default:
			return fmt.Errorf("%sthe server asks for what healthlab's psql does not know: %T", c.t.where(ctx), message)
		}
		message, err = c.wire.Receive()
	}
}

// run sends a text and shows the answers.
func (c *psql) run(text string) int {
	if strings.HasPrefix(strings.TrimSpace(text), `\`) {
		fmt.Fprintf(c.t.p.Stderr, "invalid command %s: healthlab's psql has no commands with a backslash but \\q\n", strings.Fields(text)[0])
		return psqlFailed
	}
	c.wire.Send(&pgproto3.Query{String: text})
	if err := c.wire.Flush(); err != nil {
		return c.lost()
	}
	var head []pgproto3.FieldDescription
	var rows [][]string
	code := 0
	for {
		message, err := c.wire.Receive()
		if err != nil {
			return c.lost()
		}
		switch m := message.(type) {
		case *pgproto3.RowDescription:
			head, rows = append(head[:0], m.Fields...), nil
			for i := range head {
				head[i].Name = []byte(string(head[i].Name)) // the message is overwritten by the next
			}
		case *pgproto3.DataRow:
			var row []string
			for _, v := range m.Values {
				row = append(row, string(v))
			}
			rows = append(rows, row)
		case *pgproto3.CommandComplete:
			c.show(head, rows)
		case *pgproto3.ErrorResponse:
			fmt.Fprintf(c.t.p.Stderr, "%s:  %s\n", m.Severity, m.Message)
			code = psqlFailed
		case *pgproto3.ReadyForQuery:
			return code
		}
	}
}

func (c *psql) lost() int {
	fmt.Fprintln(c.t.p.Stderr, "server closed the connection unexpectedly\n\tThis probably means the server terminated abnormally\n\tbefore or while processing the request.\nconnection to server was lost")
	return psqlNoServe
}

// show prints rows as psql does.
func (c *psql) show(head []pgproto3.FieldDescription, rows [][]string) {
	out := c.t.p.Stdout
	names := make([]string, len(head))
	for i, f := range head {
		names[i] = string(f.Name)
	}
	footer := fmt.Sprintf("(%d row%s)", len(rows), map[bool]string{false: "s"}[len(rows) == 1])
	if c.unaligned {
		lines := rows
		if !c.tuplesOnly {
			lines = append([][]string{names}, rows...)
		}
		for _, line := range lines {
			fmt.Fprintln(out, strings.Join(line, "|"))
		}
		if !c.tuplesOnly {
			fmt.Fprintln(out, footer)
		}
		return
	}
	widths := make([]int, len(head))
	for i := range head {
		widths[i] = len([]rune(names[i]))
		for _, row := range rows {
			widths[i] = max(widths[i], len([]rune(row[i])))
		}
	}
	if !c.tuplesOnly {
		var titles, rules []string
		for i, name := range names {
			left := (widths[i] - len([]rune(name))) / 2
			titles = append(titles, fmt.Sprintf(" %*s%-*s ", left, "", widths[i]-left, name))
			rules = append(rules, strings.Repeat("-", widths[i]+2))
		}
		fmt.Fprintf(out, "%s\n%s\n", strings.Join(titles, "|"), strings.Join(rules, "+"))
	}
	for _, row := range rows {
		var cells []string
		for i, v := range row {
			if head[i].DataTypeOID == typeInteger || head[i].DataTypeOID == typeNumeric {
				cells = append(cells, fmt.Sprintf(" %*s ", widths[i], v))
			} else {
				cells = append(cells, fmt.Sprintf(" %-*s ", widths[i], v))
			}
		}
		fmt.Fprintln(out, strings.TrimRight(strings.Join(cells, "|"), " "))
	}
	if !c.tuplesOnly {
		fmt.Fprintln(out, footer)
	}
	fmt.Fprintln(out)
}

// lines runs the statements of standard input, or of a prompt.
func (c *psql) lines(ctx context.Context) int {
	p := c.t.p
	input := bufio.NewReader(io.LimitReader(p.Stdin, maxMessage))
	asks := p.Terminal() != nil
	if asks && !c.quiet {
		fmt.Fprintf(p.Stdout, "psql (%s)\nType \"help\" for help.\n\n", version(p))
	}
	database := c.t.database
	if database == "" {
		database = c.t.user
	}
	pending, code := "", 0
	for ctx.Err() == nil {
		if asks {
			fmt.Fprintf(p.Stdout, "%s=# ", database)
		}
		line, err := input.ReadString('\n')
		trimmed := strings.TrimSpace(line)
		switch {
		case pending == "" && (trimmed == `\q` || trimmed == "exit" || trimmed == "quit"):
			return code
		case pending == "" && strings.HasPrefix(trimmed, `\`):
			_ = c.run(trimmed) // as psql, it goes on after an error of a line
		default:
			pending += line
		}
		if strings.HasSuffix(trimmed, ";") || err != nil {
			for _, statement := range sql.Split(pending) {
				if done := c.run(statement); done == psqlNoServe {
					return done
				}
			}
			pending = ""
		}
		if err != nil {
			if asks {
				fmt.Fprintln(p.Stdout, `\q`)
			}
			return code
		}
	}
	return psqlFailed
}
