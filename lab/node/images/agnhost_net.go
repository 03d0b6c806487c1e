package images

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"healthlab/lab/node/sandbox"
)

// netOptions are those of both runners of agnhost net (test/images/agnhost/net/nat/closewait.go).
type netOptions struct {
	LocalAddr, RemoteAddr                 string
	TimeoutSeconds, PostFinTimeoutSeconds int
	LeakConnection                        bool
}

// agnhostNet runs one end of a connection that is half-closed: at once, or when it is asked to over HTTP.
func agnhostNet(flags *pflag.FlagSet) func(context.Context, *agnhostCall) int {
	address := flags.String("serve", "", "Address and port to bind to (e.g. 127.0.0.1:8080).")
	runner := flags.String("runner", "", "Runner to execute (available: nat-closewait-client nat-closewait-server)")
	options := flags.String("options", "", "JSON options to the Runner")
	delay := flags.Int("delay-shutdown", 0, "Number of seconds to delay shutdown when receiving SIGTERM.")
	return func(ctx context.Context, c *agnhostCall) int {
		if *runner == "" && *address == "" {
			return c.fatal("Must set either --runner or --serve, see --help")
		}
		if *address == "" {
			output, err := c.netRunner(ctx, *runner, *options)
			code := 0
			if err != nil {
				c.log("main.go:111: Error: %v", err)
				code = 1
			}
			fmt.Fprint(c.Stdout, "output:\n\n"+output)
			return code
		}
		mux := http.NewServeMux()
		mux.HandleFunc("/run/", func(w http.ResponseWriter, r *http.Request) { c.netRequest(w, r) })
		c.log("main.go:119: Running server on %v", *address)
		s, err := serve(ctx, c.Process, *address, mux)
		if err != nil {
			return c.fatal("main.go:120: %v", err)
		}
		defer s.close()
		if *delay <= 0 {
			return goSignals(ctx, c.Process)
		}
		select {
		case <-c.Notify(sandbox.SIGTERM):
			c.log("main.go:94: Sleeping %d seconds before terminating...", *delay)
			waitFor(ctx, time.Duration(*delay)*time.Second)
		case <-ctx.Done():
		}
		return 0
	}
}

// waitFor waits, or until ctx ends.
func waitFor(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

func (c *agnhostCall) netRequest(w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(r.URL.Path, "/")
	if len(parts) != 3 {
		http.Error(w, fmt.Sprintf("invalid request to run: %v", parts), http.StatusBadRequest)
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, boundedBytes))
	if err != nil || len(body) == 0 {
		http.Error(w, "Missing request body", http.StatusBadRequest)
		return
	}
	output, err := c.netRunner(r.Context(), parts[2], string(body))
	if err != nil {
		http.Error(w, fmt.Sprintf("Error from runner: %v\noutput:\n\n%s", err, output), http.StatusInternalServerError)
		return
	}
	_, _ = fmt.Fprint(w, "ok\noutput:\n\n"+output)
}

// netRunner runs a runner and returns what it logged.
func (c *agnhostCall) netRunner(ctx context.Context, name, raw string) (string, error) {
	run := map[string]func(context.Context, *log.Logger, netOptions) error{
		"nat-closewait-client": c.closeWaitClient, "nat-closewait-server": c.closeWaitServer,
	}[name]
	if run == nil {
		return "", errors.New("Invalid runner: '<nil>', see --help") //nolint:staticcheck // the original's words
	}
	var o netOptions
	if err := json.Unmarshal([]byte(raw), &o); err != nil {
		return "", fmt.Errorf("Invalid options JSON: %w", err) //nolint:staticcheck // the original's words
	}
	var out bytes.Buffer
	err := run(ctx, log.New(&out, "# closewait.go: ", 0), o)
	return out.String(), err
}

func (c *agnhostCall) closeWaitServer(ctx context.Context, logger *log.Logger, o netOptions) error {
	logger.Printf("Run &{%s %d}", o.LocalAddr, o.PostFinTimeoutSeconds)
	listener, err := c.Listen("tcp", o.LocalAddr)
	if err != nil {
		return err
	}
	defer listener.Close()
	logger.Printf("Server listening on %v", o.LocalAddr)
	stop := context.AfterFunc(ctx, func() { _ = listener.Close() })
	defer stop()
	conn, err := listener.Accept()
	if err != nil {
		return err
	}
	defer conn.Close()
	logger.Print("Client connected")
	if half, ok := conn.(interface{ CloseWrite() error }); ok {
		if err := half.CloseWrite(); err != nil {
			return err
		}
	}
	logger.Printf("Server sent FIN, waiting %d seconds", o.PostFinTimeoutSeconds)
	waitFor(ctx, time.Duration(o.PostFinTimeoutSeconds)*time.Second)
	logger.Print("Done")
	return nil
}

func (c *agnhostCall) closeWaitClient(ctx context.Context, logger *log.Logger, o netOptions) error {
	logger.Printf("Run &{%s %d %d %t}", o.RemoteAddr, o.TimeoutSeconds, o.PostFinTimeoutSeconds, o.LeakConnection)
	conn, err := c.Dial(ctx, "tcp", o.RemoteAddr)
	if err != nil {
		return err
	}
	if !o.LeakConnection { // else it ends with the process
		defer conn.Close()
	}
	logger.Print("Connected to server")
	if o.TimeoutSeconds > 0 {
		_ = conn.SetReadDeadline(time.Now().Add(time.Duration(o.TimeoutSeconds) * time.Second))
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	switch size, err := conn.Read(make([]byte, 1)); {
	case err != nil && !errors.Is(err, io.EOF):
		return err
	case size != 0:
		return errors.New("Got data but expected EOF") //nolint:staticcheck // the original's words
	}
	logger.Printf("Server has half-closed the connection, waiting %d seconds", o.PostFinTimeoutSeconds)
	if o.LeakConnection {
		logger.Print("Leaking client connection (assigning to global variable)")
	}
	waitFor(ctx, time.Duration(o.PostFinTimeoutSeconds)*time.Second)
	logger.Print("Done")
	return nil
}
