package gate

import (
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"
)

// TestWhoProvesStays connects far more often than is allowed without a credential: whoever has shown one keeps the
// connection, the newest without one are held, and the others are closed.
func TestWhoProvesStays(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := New(inner)
	defer l.Close()
	connect := func() (client, server net.Conn) {
		t.Helper()
		client, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		if server, err = l.Accept(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _, _ = client.Close(), server.Close() })
		return client, server
	}
	proven, _ := connect()
	l.Proven(proven.LocalAddr().String())
	l.Proven("127.0.0.1:1") // of nobody
	var others []net.Conn
	for range 3 * Unproven {
		client, _ := connect()
		others = append(others, client)
	}

	if open(t, proven, time.Now().Add(10*time.Millisecond)) != true {
		t.Error("the connection with a credential has been closed")
	}
	for i, c := range others {
		held := i >= len(others)-Unproven
		deadline := time.Now().Add(10 * time.Second)
		if held {
			deadline = time.Now().Add(time.Millisecond)
		}
		if got := open(t, c, deadline); got != held {
			t.Errorf("connection %d of %d without a credential: open %v, want %v", i, len(others), got, held)
		}
	}
}

// TestClosedOnesDoNotCount closes the connections of clients that went away by themselves.
func TestClosedOnesDoNotCount(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := New(inner)
	defer l.Close()
	for range 2 * Unproven {
		client, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		server, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		_, _ = server.Close(), client.Close()
	}
	if n, m := l.unproven.Len(), len(l.byRemote); n != 0 || m != 0 {
		t.Errorf("%d connections and %d addresses are still counted, want none", n, m)
	}
}

// open reports whether the server's end of a connection on which it never writes is still open at the deadline.
func open(t *testing.T, c net.Conn, deadline time.Time) bool {
	t.Helper()
	if err := c.SetReadDeadline(deadline); err != nil {
		t.Fatal(err)
	}
	_, err := c.Read(make([]byte, 1))
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return true
	case errors.Is(err, io.EOF):
		return false
	default:
		t.Fatalf("read: %v", err)
		return false
	}
}
