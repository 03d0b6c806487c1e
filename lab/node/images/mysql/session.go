package mysql

import (
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"healthlab/lab/node/images/sql"
)

// authentication is how long a client may take to say who it is.
const authentication = 10 * time.Second

// session is one connection.
type session struct {
	s              *server
	conn           net.Conn
	wire           *wire
	id             uint32
	user, database string
}

func (c *session) serve() {
	_ = c.conn.SetDeadline(time.Now().Add(authentication)) // a connection that is gone fails at the next read
	wrong, answered := c.admit()
	switch {
	case wrong != nil:
		_ = c.wire.write(wrong.packet()) // a client that is gone needs no answer
		return
	case !answered:
		if c.s.mariadb() && c.s.ctx.Err() == nil {
			c.s.note(c.s.p, "Warning", "", "Aborted connection %d to db: 'unconnected' user: 'unauthenticated' host: '%s' (This connection closed normally without authentication)", c.id, c.from())
		}
		return
	}
	_ = c.conn.SetDeadline(time.Time{}) // as above
	for {
		c.wire.next = 0
		packet, err := c.wire.read()
		if err != nil || len(packet) == 0 || packet[0] == commandQuit {
			return
		}
		if c.command(packet[0], string(packet[1:])) != nil {
			return
		}
	}
}

// from is the client's host as MySQL shows it.
func (c *session) from() string {
	address, err := netip.ParseAddrPort(c.conn.RemoteAddr().String())
	if err == nil && address.Addr().Unmap().IsLoopback() {
		return "localhost"
	}
	return address.Addr().Unmap().String()
}

// admit asks who it is. answered is whether the client said anything at all.
func (c *session) admit() (wrong *fault, answered bool) {
	salt := make([]byte, saltLength)
	_, _ = rand.Read(salt) // it never fails
	for i := range salt {
		salt[i] = salt[i]%94 + 33 // no zero: it ends texts
	}
	if c.wire.write(greeting(c.s.version(c.s.p), c.id, salt)) != nil {
		return nil, false //nolint:nilerr // it has left without an answer
	}
	packet, err := c.wire.read()
	if err != nil {
		if err == errOrder || err == errTooLarge { //nolint:errorlint // they are ours, and not wrapped
			return &fault{1156, "08S01", "Got packets out of order"}, true
		}
		return nil, false
	}
	l, err := loggedIn(packet)
	switch {
	case err != nil:
		return &fault{1043, "08S01", "Bad handshake"}, true
	case l.secure:
		return &fault{3159, "HY000", "healthlab's " + c.s.Name + " does not speak TLS"}, true
	}
	if l.plugin != nativePassword {
		if c.wire.write(append(append([]byte{packetAuthSwitch}, nativePassword+"\x00"...), append(salt, 0)...)) != nil {
			return nil, false //nolint:nilerr // it has left without an answer
		}
		if l.answer, err = c.wire.read(); err != nil {
			return nil, false //nolint:nilerr // it has left without an answer
		}
	}
	kept := c.s.kept()
	password, known := kept.Users[l.user]
	if want := scramble(password, salt); !known || subtle.ConstantTimeCompare(want, l.answer) != 1 {
		using := map[bool]string{true: "YES", false: "NO"}[len(l.answer) > 0]
		text := fmt.Sprintf("Access denied for user '%s'@'%s' (using password: %s)", l.user, c.from(), using)
		if c.s.mariadb() {
			c.s.note(c.s.p, "Warning", "", "%s", text)
		}
		return &fault{1045, "28000", text}, true
	}
	c.user = l.user
	if l.database != "" {
		if wrong := c.use(l.database); wrong != nil {
			return wrong, true
		}
	}
	return nil, c.ok() == nil
}

func (c *session) ok() error { return c.wire.write([]byte{packetOK, 0, 0, 2, 0, 0, 0}) }

// databases are those that there are.
func (c *session) databases() []string {
	list := slices.Concat(c.s.kept().Databases, []string{"information_schema", "mysql", "performance_schema", "sys"})
	slices.Sort(list)
	return slices.Compact(list)
}

func (c *session) use(database string) *fault {
	if !slices.Contains(c.databases(), database) {
		return &fault{1049, "42000", fmt.Sprintf("Unknown database '%s'", database)}
	}
	c.database = database
	return nil
}

// command carries out one command. The error is that of the connection.
func (c *session) command(kind byte, text string) error {
	c.s.mu.Lock()
	c.s.questions++
	c.s.mu.Unlock()
	switch kind {
	case commandPing:
		return c.ok()
	case commandStatistics:
		return c.wire.write([]byte(c.s.statistics()))
	case commandInitDB:
		if wrong := c.use(text); wrong != nil {
			return c.wire.write(wrong.packet())
		}
		return c.ok()
	case commandQuery:
		return c.query(text)
	}
	return c.wire.write((&fault{1047, "08S01", "Unknown command"}).packet())
}

// query answers one statement.
func (c *session) query(text string) error {
	list := sql.Split(text)
	if len(list) != 1 {
		return c.wire.write((&fault{1065, "42000", "Query was empty"}).packet())
	}
	statement := list[0]
	words := strings.Fields(strings.ToLower(statement))
	switch {
	case words[0] == "set":
		return c.ok()
	case words[0] == "use" && len(words) == 2:
		if wrong := c.use(strings.Trim(strings.Fields(statement)[1], "`")); wrong != nil {
			return c.wire.write(wrong.packet())
		}
		return c.ok()
	case strings.Join(words, " ") == "show databases":
		rows := [][]sql.Column{}
		for _, name := range c.databases() {
			rows = append(rows, []sql.Column{{Source: "Database", Value: name}})
		}
		return c.rows(rows)
	}
	row, ok := sql.Select(strings.TrimSuffix(statement, " limit 1"), c.known())
	if !ok || len(row) > maxColumns {
		return c.wire.write((&fault{1235, "42000", fmt.Sprintf("This version of %[1]s doesn't yet support '%.100[2]s': healthlab's %[1]s has no tables; it knows SHOW DATABASES and SELECT of constants and %[3]s",
			c.s.Name, statement, strings.Join(slices.Sorted(maps.Keys(c.known())), ", "))}).packet())
	}
	return c.rows([][]sql.Column{row})
}

// known are the values that can be selected.
func (c *session) known() map[string]string {
	host, version := c.s.p.Hostname(), c.s.version(c.s.p)
	all := map[string]string{
		"version()": version, "@@version": version, "@@global.version": version, "@@version_comment": c.s.edition, "@@hostname": host, "@@port": fmt.Sprint(c.s.port),
		"user()": c.user + "@" + c.from(), "current_user()": c.user + "@%", "database()": c.database, "connection_id()": fmt.Sprint(c.id),
		"now()": time.Now().UTC().Format("2006-01-02 15:04:05"), "@@skip_networking": "0", "@@server_id": "1", "@@read_only": "0", "@@super_read_only": "0",
	}
	if c.database == "" {
		all["database()"] = null
	}
	return all
}

// maxColumns is as many as one byte counts.
const maxColumns = 250

// null stands for a value that is none.
const null = "\x00"

// rows sends a result; there is at least one row.
func (c *session) rows(rows [][]sql.Column) error {
	head := rows[0]
	if err := c.wire.write([]byte{byte(len(head))}); err != nil {
		return err
	}
	const typeInteger, typeText, notNull = 8, 253, 1
	for _, column := range head {
		name, kind, flags := column.Alias, byte(typeText), byte(0)
		if column.Value != null {
			flags = notNull
		}
		if name == "" {
			name = strings.Trim(column.Source, "'")
		}
		if column.Number {
			kind = typeInteger
		}
		var b []byte
		for _, text := range []string{"def", "", "", "", name, ""} {
			b = append(b, counted(text)...)
		}
		b = append(b, 0x0c, utf8mb4, 0, 255, 255, 0, 0, kind, flags, 0, 0, 0, 0)
		if err := c.wire.write(b); err != nil {
			return err
		}
	}
	end := []byte{packetEOF, 0, 0, 2, 0}
	if err := c.wire.write(end); err != nil {
		return err
	}
	for _, row := range rows {
		var b []byte
		for _, column := range row {
			if column.Value == null {
				b = append(b, 0xfb)
			} else {
				b = append(b, counted(column.Value)...)
			}
		}
		if err := c.wire.write(b); err != nil {
			return err
		}
	}
	return c.wire.write(end)
}
