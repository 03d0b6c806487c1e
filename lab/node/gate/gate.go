package gate

import (
	"container/list"
	"net"
	"sync"
)

// Unproven is how many connections without a credential a Listener holds: more than clients that start at the same moment,
// and two of them still fit into the smallest number of files that a cluster starts with.
const Unproven = 128

// Listener bounds the connections of an underlying listener whose clients have shown no credential.
type Listener struct {
	net.Listener

	mu       sync.Mutex
	unproven list.List // of *conn, the oldest in front
	byRemote map[string]*conn
}

// New returns a listener that takes its connections from l and closes l with itself.
func New(l net.Listener) *Listener {
	return &Listener{Listener: l, byRemote: map[string]*conn{}}
}

// Accept returns the next connection. Where that is one too many, the oldest without a credential is closed.
func (l *Listener) Accept() (net.Conn, error) {
	accepted, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c := &conn{Conn: accepted, listener: l, remote: accepted.RemoteAddr().String()}
	var oldest *conn
	l.mu.Lock()
	c.waiting = l.unproven.PushBack(c)
	l.byRemote[c.remote] = c
	if l.unproven.Len() > Unproven {
		oldest = l.unproven.Front().Value.(*conn)
	}
	l.mu.Unlock()
	if oldest != nil {
		_ = oldest.Close()
	}
	return c, nil
}

// Proven notes that the client with the address remote (as in http.Request.RemoteAddr) has shown a credential.
func (l *Listener) Proven(remote string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if c := l.byRemote[remote]; c != nil {
		l.leave(c)
	}
}

// leave takes a connection out of those without a credential. The caller holds the mutex.
func (l *Listener) leave(c *conn) {
	if c.waiting == nil {
		return
	}
	l.unproven.Remove(c.waiting)
	c.waiting = nil
	if l.byRemote[c.remote] == c {
		delete(l.byRemote, c.remote)
	}
}

type conn struct {
	net.Conn
	listener *Listener
	remote   string
	waiting  *list.Element // in Listener.unproven, nil once it is not there
}

// Close closes the connection.
func (c *conn) Close() error {
	c.listener.mu.Lock()
	c.listener.leave(c)
	c.listener.mu.Unlock()
	return c.Conn.Close()
}
