package embedded_test

import (
	"net"
	"os"
	"syscall"
	"testing"
	"time"
)

// TestKubeletTCPUnanswered meets a server whose queue of connections is full: Linux then drops what asks for another.
func TestKubeletTCPUnanswered(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for timeouts")
	}
	host, port := hostPort(t, listenFull(t))
	for _, host := range []string{host, "localhost"} {
		t.Run(host, func(t *testing.T) {
			t.Parallel()
			wantSameTCP(t, host, port)
		})
	}
}

func listenFull(t *testing.T) string {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	file := os.NewFile(uintptr(fd), "listener")
	defer file.Close()
	listener, err := net.FileListener(file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	address := listener.Addr().String()
	for {
		conn, err := net.DialTimeout("tcp", address, 500*time.Millisecond)
		if err != nil {
			return address
		}
		t.Cleanup(func() { _ = conn.Close() })
	}
}
