package images

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/pflag"

	"healthlab/lab/node/sandbox"
)

// agnhostConnect opens a TCP connection and says what came of it.
func agnhostConnect(flags *pflag.FlagSet) func(context.Context, *agnhostCall) int {
	timeout := flags.Duration("timeout", 0, "Maximum time before returning an error")
	protocol := flags.String("protocol", "tcp", "The protocol to use to perform the connection, can be tcp, udp or sctp")
	return func(ctx context.Context, c *agnhostCall) int {
		if len(c.rest) != 1 {
			fmt.Fprintf(c.Stderr, "Error: accepts 1 arg(s), received %d\n", len(c.rest))
			return 1
		}
		if *protocol != "" && *protocol != "tcp" {
			fmt.Fprintf(c.Stderr, "Unsupported protocol\n%s", *protocol)
			return 1
		}
		if _, _, err := net.SplitHostPort(c.rest[0]); err != nil {
			fmt.Fprintf(c.Stderr, "UNKNOWN: %v\n", err)
			return 1
		}
		if *timeout > 0 {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, *timeout)
			defer cancel()
		}
		conn, err := c.Dial(ctx, "tcp", c.rest[0])
		if err == nil {
			_ = conn.Close()
			return 0
		}
		fmt.Fprintln(c.Stderr, connectFault(err))
		return 1
	}
}

// connectFault is what agnhost connect says about an error.
func connectFault(err error) string {
	var name *net.DNSError
	var timeout net.Error
	switch {
	case errors.As(err, &name):
		return "DNS: " + err.Error()
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "TIMEOUT"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "REFUSED"
	}
	return "OTHER: " + err.Error()
}

// askTimeout is how long one answer may take.
const askTimeout = 5 * time.Second

// ask sends a GET request to another server and returns what it answers, whatever the status.
func (c *agnhostCall) ask(ctx context.Context, address, request string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/"+request, nil)
	if err != nil {
		return "", err
	}
	transport := &http.Transport{DialContext: c.Dial}
	defer transport.CloseIdleConnections()
	resp, err := (&http.Client{Transport: transport, Timeout: askTimeout}).Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, boundedBytes))
	return string(body), err
}

// agnhostPortForward serves one connection with chunks of data and ends (test/images/agnhost/port-forward-tester).
func agnhostPortForward(ctx context.Context, c *agnhostCall) int {
	say := func(code int, format string, args ...any) int {
		fmt.Fprintf(c.Stdout, format+"\n", args...)
		return code
	}
	listener, err := c.Listen("tcp", net.JoinHostPort(or(c.Getenv("BIND_ADDRESS"), "localhost"), c.Getenv("BIND_PORT")))
	if err != nil {
		return say(1, "Error listening: %v", err)
	}
	defer listener.Close()
	stop := context.AfterFunc(ctx, func() { _ = listener.Close() })
	defer stop()
	conn, err := listener.Accept()
	if err != nil {
		return say(1, "Error accepting connection: %v", err)
	}
	defer conn.Close()
	leave := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer leave()
	say(0, "Accepted client connection")
	if want := c.Getenv("EXPECTED_CLIENT_DATA"); want != "" {
		buf := make([]byte, len(want))
		n, err := conn.Read(buf)
		switch {
		case n != len(want):
			return say(2, "Expected to read %d bytes from client, but got %d instead. err=%v", len(want), n, err)
		case string(buf) != want:
			return say(3, "Expect to read %q, but got %q. err=%v", want, buf, err)
		}
		say(0, "Received expected client data")
	}
	var numbers [3]int
	for i, name := range []string{"CHUNKS", "CHUNK_SIZE", "CHUNK_INTERVAL"} {
		text := c.Getenv(name)
		if numbers[i], err = strconv.Atoi(text); err != nil || numbers[i] < 0 || numbers[i] > boundedBytes {
			return say(1, "Error parsing %s %q: %v", name, text, err)
		}
	}
	chunk := strings.Repeat("x", numbers[1])
	for i := range numbers[0] {
		if i > 0 {
			waitFor(ctx, time.Duration(numbers[2])*time.Millisecond)
		}
		if n, err := io.WriteString(conn, chunk); n != len(chunk) {
			return say(4, "Expected to write %d bytes from client, but wrote %d instead. err=%v", len(chunk), n, err)
		}
	}
	say(0, "Shutting down connection")
	if half, ok := conn.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite() // the client may be gone
	}
	waitFor(ctx, 500*time.Millisecond) // so that the client sees the end before the connection is gone
	return say(0, "Done")
}

// agnhostNoSNAT says whether other pods see this one by its own address (test/images/agnhost/no-snat-test/main.go).
func agnhostNoSNAT(flags *pflag.FlagSet) func(context.Context, *agnhostCall) int {
	port := flags.String("port", "8080", "The port to serve /checknosnat and /whoami endpoints on.")
	return func(ctx context.Context, c *agnhostCall) int {
		for _, name := range []string{"POD_IP", "NODE_IP"} {
			value := c.Getenv(name)
			if value == "" {
				fmt.Fprintf(c.Stderr, "%s env var was not present in the environment\n", name)
				return 1
			}
			if _, err := netip.ParseAddr(value); err != nil {
				fmt.Fprintf(c.Stderr, "%s env var contained %q, which is not an IP address\n", name, value)
				return 1
			}
		}
		mux := http.NewServeMux()
		mux.HandleFunc("/whoami", func(w http.ResponseWriter, r *http.Request) { _, _ = fmt.Fprint(w, r.RemoteAddr) })
		mux.HandleFunc("/checknosnat", func(w http.ResponseWriter, r *http.Request) {
			var faults []string
			for _, ip := range strings.SplitN(r.URL.Query().Get("ips"), ",", maxTries) {
				if fault := c.seenAs(r.Context(), ip); fault != "" {
					faults = append(faults, fault)
				}
			}
			if len(faults) > 0 {
				w.WriteHeader(http.StatusInternalServerError)
			}
			_, _ = fmt.Fprint(w, strings.Join(faults, ", "))
		})
		s, err := serve(ctx, c.Process, ":"+*port, mux)
		if err != nil {
			fmt.Fprintln(c.Stderr, err)
			return 1
		}
		defer s.close()
		return goSignals(ctx, c.Process)
	}
}

// seenAs asks another pod for the address that it sees; empty: it is this pod's.
func (c *agnhostCall) seenAs(ctx context.Context, address string) string {
	seen, err := c.ask(ctx, address, "whoami")
	if err != nil {
		return err.Error()
	}
	ip, _, _ := strings.Cut(seen, ":")
	pod, node := c.Getenv("POD_IP"), c.Getenv("NODE_IP")
	switch ip {
	case pod:
		return ""
	case node:
		return fmt.Sprintf("Returned ip %q != my Pod ip %q, == my Node ip %q - SNAT", ip, pod, node)
	}
	return fmt.Sprintf("Returned ip %q != my Pod ip %q or my Node ip %q - SNAT to unexpected ip (possible SNAT through unexpected interface on the way into another node)", ip, pod, node)
}

// agnhostTCPReset answers each connection with a reset, once the client has sent more than is read
// (test/images/agnhost/tcp-reset/tcp_reset.go).
func agnhostTCPReset(flags *pflag.FlagSet) func(context.Context, *agnhostCall) int {
	port := flags.Int("port", 8080, "Port number.")
	return func(ctx context.Context, c *agnhostCall) int {
		ctx, cancel := context.WithCancel(ctx)
		end, err := c.answerTCP(fmt.Sprintf(":%d", *port), func(conn net.Conn) {
			stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
			defer stop()
			_, _ = conn.Read(make([]byte, 1)) // what it is does not matter
			c.log("TCP request from %s", conn.RemoteAddr())
		})
		if err != nil {
			cancel()
			return c.fatal("Error from net.Listen(): %s", err)
		}
		defer end()
		defer cancel() // a client that says nothing holds nobody up
		c.log("Serving on port %d.\n", *port)
		select {
		case <-c.Notify(sandbox.SIGTERM):
			c.log("Shutting down after receiving signal: terminated.\n")
			c.log("Awaiting pod deletion.\n")
		case <-ctx.Done():
		}
		return 0
	}
}
