package postgres

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"healthlab/lab/node/images/sql"
)

// How long a client may take to say who it is, how much it may say at once.
const (
	authentication = time.Minute
	maxMessage     = 1 << 20
)

// session is one connection.
type session struct {
	s              *server
	conn           net.Conn
	wire           *pgproto3.Backend
	user, database string
}

func (c *session) serve() {
	c.wire = pgproto3.NewBackend(c.conn, c.conn)
	c.wire.SetMaxBodyLen(maxMessage)
	_ = c.conn.SetDeadline(time.Now().Add(authentication)) // a connection that is gone fails at the next read
	if !c.greet() {
		return
	}
	if code, refusal := c.s.enter(); code != "" {
		c.fatal(code, "%s", refusal)
		return
	}
	defer c.s.leave()
	if !c.admit() {
		return
	}
	_ = c.conn.SetDeadline(time.Time{}) // as above
	c.answer()
}

func (c *session) log(level, format string, args ...any) { c.s.log(level, format, args...) }

// fatal says why the connection ends.
func (c *session) fatal(code, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	c.log("FATAL", "%s", text)
	c.wire.Send(&pgproto3.ErrorResponse{Severity: "FATAL", SeverityUnlocalized: "FATAL", Code: code, Message: text})
	_ = c.wire.Flush() // a client that is gone needs no answer
}

// greet reads until the client has said who it is.
func (c *session) greet() bool {
	for {
		message, err := c.wire.ReceiveStartupMessage()
		switch {
		case err == nil:
		case errors.Is(err, io.EOF): // a TCP probe
			return false
		case strings.HasPrefix(err.Error(), "invalid length of startup packet"):
			c.log("LOG", "invalid length of startup packet")
			return false
		case errors.Is(err, io.ErrUnexpectedEOF):
			c.log("LOG", "incomplete startup packet")
			return false
		default:
			c.log("FATAL", "unsupported frontend protocol: %v", err)
			return false
		}
		switch m := message.(type) {
		case *pgproto3.SSLRequest, *pgproto3.GSSEncRequest:
			if _, err := c.conn.Write([]byte{'N'}); err != nil {
				return false
			}
		case *pgproto3.StartupMessage:
			c.user = m.Parameters["user"]
			c.database = m.Parameters["database"]
			if c.database == "" {
				c.database = c.user
			}
			return true
		default: // there is nothing to cancel
			return false
		}
	}
}

// admit asks for the password and looks for the user and the database.
func (c *session) admit() bool {
	kept := c.s.kept()
	if !kept.Trust && !c.fromPod() {
		c.wire.Send(&pgproto3.AuthenticationCleartextPassword{})
		if c.wire.Flush() != nil || c.wire.SetAuthType(pgproto3.AuthTypeCleartextPassword) != nil {
			return false
		}
		message, err := c.wire.Receive()
		if err != nil {
			return false // it only wanted to know whether somebody answers
		}
		given, ok := message.(*pgproto3.PasswordMessage)
		if !ok || given.Password != kept.Password || c.user != kept.User {
			c.fatal("28P01", "password authentication failed for user %q", c.user)
			return false
		}
	}
	switch {
	case c.user != kept.User:
		c.fatal("28000", "role %q does not exist", c.user)
		return false
	case c.database != kept.Database && c.database != "postgres" && c.database != "template1":
		c.fatal("3D000", "database %q does not exist", c.database)
		return false
	}
	c.wire.Send(&pgproto3.AuthenticationOk{})
	for _, kv := range [][2]string{
		{"server_version", version(c.s.p)},
		{"server_encoding", "UTF8"},
		{"client_encoding", "UTF8"},
		{"DateStyle", "ISO, MDY"},
		{"integer_datetimes", "on"},
		{"standard_conforming_strings", "on"},
		{"TimeZone", "Etc/UTC"},
	} {
		c.wire.Send(&pgproto3.ParameterStatus{Name: kv[0], Value: kv[1]})
	}
	c.wire.Send(&pgproto3.BackendKeyData{ProcessID: uint32(c.s.p.PID()), SecretKey: []byte{0, 0, 0, 0}}) //nolint:gosec // a PID is positive and small
	c.ready()
	return c.wire.Flush() == nil
}

func (c *session) ready() { c.wire.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'}) }

// fromPod reports whether the client is in the pod, of whom pg_hba.conf asks no password.
func (c *session) fromPod() bool {
	from, err := netip.ParseAddrPort(c.conn.RemoteAddr().String())
	return err == nil && from.Addr().Unmap().IsLoopback()
}

// answer serves statements until the client leaves.
func (c *session) answer() {
	skipping := false // after an error of the extended protocol, up to Sync
	for {
		message, err := c.wire.Receive()
		if err != nil {
			return
		}
		switch m := message.(type) {
		case *pgproto3.Terminate:
			return
		case *pgproto3.Query:
			c.query(m.String)
		case *pgproto3.Sync:
			skipping = false
			c.ready()
		case *pgproto3.Flush:
		default:
			if !skipping {
				c.refuse("0A000", "healthlab's postgres knows only the simple query protocol", "")
			}
			skipping = true
		}
		if c.wire.Flush() != nil {
			return
		}
	}
}

func (c *session) refuse(code, text, statement string) {
	c.log("ERROR", "%s", text)
	if statement != "" {
		c.log("STATEMENT", "%s", statement)
	}
	c.wire.Send(&pgproto3.ErrorResponse{Severity: "ERROR", SeverityUnlocalized: "ERROR", Code: code, Message: text})
}

// The types of what can be selected (src/include/catalog/pg_type.dat).
const (
	typeInteger = 23
	typeText    = 25
	typeNumeric = 1700
)

func (c *session) query(text string) {
	defer c.ready()
	statements := sql.Split(text)
	if len(statements) == 0 {
		c.wire.Send(&pgproto3.EmptyQueryResponse{})
	}
	known := map[string]string{
		"version()": full(c.s.p), "current_database()": c.database, "current_user": c.user, "pg_is_in_recovery()": "f",
		"now()": time.Now().UTC().Format("2006-01-02 15:04:05.999999-07"),
	}
	for _, statement := range statements {
		row, ok := sql.Select(statement, known)
		if !ok {
			c.refuse("0A000", "healthlab's postgres has no tables: it knows SELECT of constants, version(), current_database(), current_user, pg_is_in_recovery() and now()", statement)
			return
		}
		var fields pgproto3.RowDescription
		var data pgproto3.DataRow
		for _, column := range row {
			fields.Fields = append(fields.Fields, field(column))
			data.Values = append(data.Values, []byte(column.Value))
		}
		c.wire.Send(&fields)
		c.wire.Send(&data)
		c.wire.Send(&pgproto3.CommandComplete{CommandTag: []byte("SELECT 1")})
	}
}

func field(c sql.Column) pgproto3.FieldDescription {
	name := "?column?"
	switch {
	case c.Alias != "":
		name = c.Alias
	case c.Known:
		name, _, _ = strings.Cut(strings.ToLower(c.Source), "(")
	}
	kind, size := uint32(typeText), int16(-1)
	if c.Number {
		kind = typeNumeric
		if _, err := strconv.ParseInt(c.Value, 10, 32); err == nil {
			kind, size = typeInteger, 4
		}
	}
	return pgproto3.FieldDescription{Name: []byte(name), DataTypeOID: kind, DataTypeSize: size, TypeModifier: -1}
}
