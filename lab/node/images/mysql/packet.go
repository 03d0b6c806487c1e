package mysql

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // the protocol's
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// maxPacket is the largest packet that is read.
const maxPacket = 1 << 20

var (
	errTooLarge  = errors.New("packet is too large")
	errMalformed = errors.New("malformed packet")
	errOrder     = errors.New("got packets out of order")
)

// wire is one end of a connection: packets of a length, a number and a payload.
type wire struct {
	io.ReadWriter
	next byte // the number of the next packet
}

func (w *wire) read() ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(w, head[:]); err != nil {
		return nil, err
	}
	size := int(head[0]) | int(head[1])<<8 | int(head[2])<<16
	switch {
	case head[3] != w.next:
		return nil, errOrder
	case size > maxPacket:
		return nil, errTooLarge
	}
	w.next = head[3] + 1
	payload := make([]byte, size)
	_, err := io.ReadFull(w, payload)
	return payload, err
}

func (w *wire) write(payload []byte) error {
	head := []byte{byte(len(payload)), byte(len(payload) >> 8), byte(len(payload) >> 16), w.next}
	w.next++
	_, err := w.Write(append(head, payload...))
	return err
}

// The capabilities that matter here (include/mysql_com.h).
const (
	clientLongPassword       = 1 << 0
	clientWithDatabase       = 1 << 3
	clientProtocol41         = 1 << 9
	clientSSL                = 1 << 11
	clientTransactions       = 1 << 13
	clientSecure             = 1 << 15
	clientPluginAuth         = 1 << 19
	clientLengthEncoded      = 1 << 21
	nativePassword           = "mysql_native_password"
	utf8mb4             byte = 45
)

// Kinds of packets.
const (
	packetOK         = 0x00
	packetEOF        = 0xfe
	packetError      = 0xff
	packetAuthSwitch = 0xfe
)

// Commands of a client.
const (
	commandQuit       = 0x01
	commandInitDB     = 0x02
	commandQuery      = 0x03
	commandStatistics = 0x09
	commandPing       = 0x0e
)

// fault is an error that the server tells.
type fault struct {
	code    int
	state   string
	message string
}

func (f *fault) Error() string { return fmt.Sprintf("ERROR %d (%s): %s", f.code, f.state, f.message) }

func (f *fault) packet() []byte {
	return fmt.Appendf(append([]byte{packetError}, byte(f.code), byte(f.code>>8)), "#%s%s", f.state, f.message)
}

// faultOf reads an error packet, nil where it is none.
func faultOf(packet []byte) *fault {
	const head = 9 // kind, code, mark and state
	switch {
	case len(packet) == 0 || packet[0] != packetError:
		return nil
	case len(packet) < head || packet[3] != '#':
		return &fault{code: 2027, state: "HY000", message: "Malformed packet"}
	}
	return &fault{code: int(packet[1]) | int(packet[2])<<8, state: string(packet[4:head]), message: string(packet[head:])}
}

// scramble answers a challenge with a password.
func scramble(password string, salt []byte) []byte {
	if password == "" {
		return nil
	}
	first := sha1.Sum([]byte(password)) //nolint:gosec // the protocol's
	second := sha1.Sum(first[:])        //nolint:gosec // as above
	mixed := sha1.New()                 //nolint:gosec // as above
	mixed.Write(salt)
	mixed.Write(second[:])
	answer := mixed.Sum(nil)
	for i := range answer {
		answer[i] ^= first[i]
	}
	return answer
}

// saltLength is that of a challenge.
const saltLength = 20

// greeting is the server's first packet.
func greeting(version string, id uint32, salt []byte) []byte {
	const capabilities = clientLongPassword | clientWithDatabase | clientProtocol41 | clientTransactions | clientSecure | clientPluginAuth
	var b bytes.Buffer
	b.WriteByte(10) // the protocol's version
	b.WriteString(version + "\x00")
	_ = binary.Write(&b, binary.LittleEndian, id) // a buffer takes everything
	b.Write(salt[:8])
	b.Write([]byte{0, capabilities & 0xff, capabilities >> 8 & 0xff, utf8mb4, 2, 0, capabilities >> 16 & 0xff, 0, saltLength + 1})
	b.Write(make([]byte, 10))
	b.Write(salt[8:])
	b.WriteString("\x00" + nativePassword + "\x00")
	return b.Bytes()
}

// greeted reads a server's greeting.
func greeted(packet []byte) (version string, salt []byte, err error) {
	if len(packet) == 0 || packet[0] != 10 {
		return "", nil, errMalformed
	}
	text, rest, ok := bytes.Cut(packet[1:], []byte{0})
	const first, second = 4 + 8, 19 // the ID and the salt's first part; what stands before its second
	if !ok || len(rest) < first+second+saltLength-8 {
		return "", nil, errMalformed
	}
	salt = append(append(salt, rest[4:first]...), rest[first+second:first+second+saltLength-8]...)
	return string(text), salt, nil
}

// login is what a client says about itself.
type login struct {
	user, database string
	answer         []byte
	plugin         string
	secure         bool // it wants TLS
}

func (l login) packet() []byte {
	capabilities := uint32(clientLongPassword | clientProtocol41 | clientTransactions | clientSecure | clientPluginAuth)
	if l.database != "" {
		capabilities |= clientWithDatabase
	}
	var b bytes.Buffer
	_ = binary.Write(&b, binary.LittleEndian, capabilities)      // a buffer takes everything
	_ = binary.Write(&b, binary.LittleEndian, uint32(maxPacket)) // as above
	b.WriteByte(utf8mb4)
	b.Write(make([]byte, 23))
	b.WriteString(l.user + "\x00")
	b.WriteByte(byte(len(l.answer)))
	b.Write(l.answer)
	if l.database != "" {
		b.WriteString(l.database + "\x00")
	}
	b.WriteString(l.plugin + "\x00")
	return b.Bytes()
}

// loggedIn reads a client's login.
func loggedIn(packet []byte) (l login, err error) {
	const head = 32
	if len(packet) < head {
		return l, errMalformed
	}
	capabilities := binary.LittleEndian.Uint32(packet)
	if capabilities&clientProtocol41 == 0 {
		return l, errMalformed
	}
	if capabilities&clientSSL != 0 {
		return login{secure: true}, nil
	}
	rest := packet[head:]
	text := func() string {
		s, after, _ := bytes.Cut(rest, []byte{0})
		rest = after
		return string(s)
	}
	l.user = text()
	if capabilities&(clientSecure|clientLengthEncoded) == 0 || len(rest) == 0 || int(rest[0]) >= len(rest) && rest[0] != 0 {
		return l, errMalformed
	}
	l.answer, rest = rest[1:1+int(rest[0])], rest[1+int(rest[0]):]
	if capabilities&clientWithDatabase != 0 {
		l.database = text()
	}
	if capabilities&clientPluginAuth != 0 {
		l.plugin = text()
	}
	return l, nil
}

// counted is a text with its length in front.
func counted(text string) []byte {
	n := len(text)
	switch {
	case n < 251:
		return append([]byte{byte(n)}, text...)
	case n < 1<<16:
		return append([]byte{0xfc, byte(n), byte(n >> 8)}, text...)
	}
	return append([]byte{0xfd, byte(n), byte(n >> 8), byte(n >> 16)}, text...)
}

// uncounted reads a text with its length in front; null is a value that is none.
func uncounted(from []byte) (text string, null bool, rest []byte, err error) {
	if len(from) == 0 {
		return "", false, nil, errMalformed
	}
	n, skip := int(from[0]), 1
	switch {
	case from[0] == 0xfb:
		return "", true, from[1:], nil
	case from[0] == 0xfc && len(from) > 2:
		n, skip = int(from[1])|int(from[2])<<8, 3
	case from[0] == 0xfd && len(from) > 3:
		n, skip = int(from[1])|int(from[2])<<8|int(from[3])<<16, 4
	case from[0] >= 0xfc:
		return "", false, nil, errMalformed
	}
	if len(from) < skip+n {
		return "", false, nil, errMalformed
	}
	return string(from[skip : skip+n]), false, from[skip+n:], nil
}
