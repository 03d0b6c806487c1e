package mysql

import (
	"context"
	"fmt"
	"io"
	"path"
	"strings"

	"healthlab/lab/node/images/sql"
	"healthlab/lab/node/sandbox"
)

// Client is the program mysql, for what the server knows. Without -e it reads statements from standard input.
func (f Flavor) Client(ctx context.Context, p *sandbox.Process) int {
	c := f.newClient(p, path.Base(p.Args[0]))
	statements, given, names, boxed, version := "", false, true, p.OnTerminal(), false
	rest, wrong := c.parse(func(name, value string) bool {
		switch name {
		case "-e", "--execute":
			statements, given = value, true
		case "-D", "--database":
			c.db = value
		case "-N", "--skip-column-names":
			names = false
		case "-B", "--batch":
			boxed = false
		case "-t", "--table":
			boxed = true
		case "-V", "--version":
			version = true
		default:
			return false
		}
		return true
	})
	switch {
	case wrong != "":
		fmt.Fprintf(p.Stderr, "%s: %s\n", c.name, strings.Replace(strings.Replace(wrong, "unrecognized option", "unknown option", 1), "invalid option -- ", "unknown option ", 1))
		return 2
	case version:
		fmt.Fprintf(p.Stdout, "%s  Ver %s for Linux on healthlab\n", c.name, f.version(p))
		return 0
	case len(rest) > 0:
		c.db = rest[0]
	}
	c.warn()
	if wrong := c.connect(ctx); wrong != nil {
		fmt.Fprintln(p.Stderr, wrong)
		return 1
	}
	defer c.conn.Close()
	if !given {
		if p.Terminal() != nil {
			return c.prompt(ctx)
		}
		data, _ := io.ReadAll(io.LimitReader(p.Stdin, maxPacket)) // what cannot be read is not there
		statements = string(data)
	}
	for _, statement := range sql.Split(statements) {
		if wrong := c.run(statement, names, boxed); wrong != nil {
			if f.mariadb() && given {
				fmt.Fprintf(p.Stderr, "--------------\n%s\n--------------\n\n", statement)
			}
			fmt.Fprintf(p.Stderr, "ERROR %d (%s) at line 1: %s\n", wrong.code, wrong.state, wrong.message)
			return 1
		}
	}
	return 0
}

// run runs a statement and shows its result.
func (c *client) run(statement string, names, boxed bool) *fault {
	t, wrong := c.query(statement)
	if wrong != nil || t.names == nil {
		return wrong
	}
	if boxed {
		c.box(t)
		return nil
	}
	if names {
		fmt.Fprintln(c.p.Stdout, strings.Join(t.names, "\t"))
	}
	for _, row := range t.rows {
		fmt.Fprintln(c.p.Stdout, strings.Join(row, "\t"))
	}
	return nil
}

// box prints a result with lines around it.
func (c *client) box(t table) {
	widths := make([]int, len(t.names))
	for i, name := range t.names {
		widths[i] = len([]rune(name))
		for _, row := range t.rows {
			widths[i] = max(widths[i], len([]rune(row[i])))
		}
	}
	rule := "+"
	for _, w := range widths {
		rule += strings.Repeat("-", w+2) + "+"
	}
	line := func(cells []string, head bool) {
		text := "|"
		for i, cell := range cells {
			if t.numbers[i] && !head {
				text += fmt.Sprintf(" %*s |", widths[i], cell)
			} else {
				text += fmt.Sprintf(" %-*s |", widths[i], cell)
			}
		}
		fmt.Fprintln(c.p.Stdout, text)
	}
	fmt.Fprintln(c.p.Stdout, rule)
	line(t.names, true)
	fmt.Fprintln(c.p.Stdout, rule)
	for _, row := range t.rows {
		line(row, false)
	}
	fmt.Fprintln(c.p.Stdout, rule)
}

// prompt runs the statements that are typed.
func (c *client) prompt(ctx context.Context) int {
	p := c.p
	mark := "mysql> "
	if c.mariadb() {
		mark = "MariaDB [(none)]> "
	}
	fmt.Fprintf(p.Stdout, "Welcome to healthlab's %s monitor.  Commands end with ;\nServer version: %s %s\n\n", c.Name, c.server, c.edition)
	pending := ""
	for {
		line, err := p.Terminal().ReadLine(ctx, mark)
		if err != nil {
			fmt.Fprintln(p.Stdout, "Bye")
			return 0
		}
		switch strings.TrimSuffix(strings.TrimSpace(line), ";") {
		case "exit", "quit", `\q`:
			fmt.Fprintln(p.Stdout, "Bye")
			return 0
		}
		pending += line + "\n"
		if len(pending) > maxPacket {
			return 1
		}
		if !strings.HasSuffix(strings.TrimSpace(line), ";") {
			continue
		}
		for _, statement := range sql.Split(pending) {
			if wrong := c.run(statement, true, true); wrong != nil {
				fmt.Fprintln(p.Stdout, wrong)
			}
		}
		pending = ""
	}
}
