package redis

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// What a client may send.
const (
	maxInline = 64 << 10
	maxArgs   = 64 << 10
	maxBulk   = 16 << 20
)

// protocolError ends a connection.
type protocolError string

func (e protocolError) Error() string { return string(e) }

// readCommand reads a command: an array of bulk strings, or a line of words. It may be empty.
func readCommand(r *bufio.Reader) ([]string, error) {
	line, err := readLine(r)
	if err != nil {
		return nil, err
	}
	text, ok := strings.CutPrefix(line, "*")
	if !ok {
		return words(line)
	}
	n, err := strconv.Atoi(text)
	if err != nil || n > maxArgs {
		return nil, protocolError("invalid multibulk length")
	}
	var args []string
	total := 0
	for range n {
		line, err := readLine(r)
		if err != nil {
			return nil, err
		}
		text, ok := strings.CutPrefix(line, "$")
		if !ok {
			return nil, protocolError(fmt.Sprintf("expected '$', got '%.1s'", line))
		}
		size, err := strconv.Atoi(text)
		if err != nil || size < 0 || size > maxBulk || total+size > maxBulk {
			return nil, protocolError("invalid bulk length")
		}
		total += size
		data := make([]byte, size+2)
		if _, err := io.ReadFull(r, data); err != nil {
			return nil, err
		}
		args = append(args, string(data[:size]))
	}
	return args, nil
}

func readLine(r *bufio.Reader) (string, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		if line = append(line, part...); len(line) > maxInline {
			return "", protocolError("too big inline request")
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil {
			return "", err
		}
		return strings.TrimRight(string(line), "\r\n"), nil
	}
}

// words splits a line as redis and redis-cli do: words may be quoted.
func words(line string) ([]string, error) {
	var list []string
	for i := 0; i < len(line); {
		if line[i] == ' ' || line[i] == '\t' {
			i++
			continue
		}
		var b strings.Builder
		quote := byte(0)
		for ; i < len(line); i++ {
			c := line[i]
			switch {
			case quote == '"' && c == '\\' && i+1 < len(line):
				i++
				escaped := map[byte]byte{'n': '\n', 'r': '\r', 't': '\t', 'b': '\b', 'a': '\a'}
				if e, ok := escaped[line[i]]; ok {
					b.WriteByte(e)
				} else {
					b.WriteByte(line[i])
				}
				continue
			case quote != 0 && c == quote:
				quote = 0
				continue
			case quote == 0 && (c == '"' || c == '\''):
				quote = c
				continue
			case quote == 0 && (c == ' ' || c == '\t'):
			default:
				b.WriteByte(c)
				continue
			}
			break
		}
		if quote != 0 {
			return nil, protocolError("unbalanced quotes in request")
		}
		list = append(list, b.String())
	}
	return list, nil
}

// The kinds of replies.
type (
	status  string // +OK
	failure string // -ERR …
	null    struct{}
	// nullArray is null in place of an array.
	nullArray struct{}
	// replies are several, one after another.
	replies []any
)

// write encodes a reply: status, failure, null, int64, string, or a slice of these.
func write(w *bufio.Writer, reply any) {
	switch v := reply.(type) {
	case status:
		_, _ = w.WriteString("+" + string(v) + "\r\n")
	case failure:
		_, _ = w.WriteString("-" + strings.NewReplacer("\r", " ", "\n", " ").Replace(string(v)) + "\r\n")
	case null:
		_, _ = w.WriteString("$-1\r\n")
	case nullArray:
		_, _ = w.WriteString("*-1\r\n")
	case replies:
		for _, one := range v {
			write(w, one)
		}
	case int64:
		_, _ = fmt.Fprintf(w, ":%d\r\n", v)
	case string:
		_, _ = fmt.Fprintf(w, "$%d\r\n", len(v))
		_, _ = w.WriteString(v + "\r\n")
	case []string:
		_, _ = fmt.Fprintf(w, "*%d\r\n", len(v))
		for _, s := range v {
			write(w, s)
		}
	case []any:
		_, _ = fmt.Fprintf(w, "*%d\r\n", len(v))
		for _, e := range v {
			write(w, e)
		}
	}
}

// maxNesting bounds the arrays in a reply.
const maxNesting = 8

// readReply is the other side of write.
func readReply(r *bufio.Reader, depth int) (any, error) {
	line, err := readLine(r)
	if err != nil {
		return nil, err
	}
	if line == "" || depth > maxNesting {
		return nil, protocolError("got an unexpected reply")
	}
	n, _ := strconv.Atoi(line[1:])
	switch line[0] {
	case '+':
		return status(line[1:]), nil
	case '-':
		return failure(line[1:]), nil
	case ':':
		return int64(n), nil
	case '$':
		if n < 0 {
			return null{}, nil
		}
		if n > maxBulk {
			return nil, protocolError("got too long a reply")
		}
		data := make([]byte, n+2)
		_, err := io.ReadFull(r, data)
		return string(data[:n]), err
	case '*':
		if n < 0 {
			return null{}, nil
		}
		list := []any{}
		for i := 0; i < n; i++ {
			e, err := readReply(r, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, e)
		}
		return list, nil
	}
	return nil, protocolError("got an unexpected reply")
}
