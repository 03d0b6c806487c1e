package images

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/spf13/pflag"
)

// agnhostHosts prints /etc/hosts (test/images/agnhost/dns/common.go).
func agnhostHosts(_ context.Context, c *agnhostCall) int {
	content, err := c.read("/etc/hosts")
	if err != nil {
		return c.fatal("%v", err)
	}
	fmt.Fprintln(c.Stdout, content)
	return 0
}

// agnhostResolv prints what /etc/resolv.conf says after a word, with commas between.
func agnhostResolv(word string) func(context.Context, *agnhostCall) int {
	return func(_ context.Context, c *agnhostCall) int {
		content, err := c.read("/etc/resolv.conf")
		if err != nil {
			return c.fatal("%v", err)
		}
		for line := range strings.SplitSeq(content, "\n") {
			if rest, ok := strings.CutPrefix(line, word+" "); ok {
				fmt.Fprintln(c.Stdout, strings.Join(strings.Split(rest, " "), ","))
				return 0
			}
		}
		return c.fatal("Could not find DNS search list!")
	}
}

func (c *agnhostCall) read(path string) (string, error) {
	const max = 1 << 20
	content, err := c.FS().ReadFile(path, max)
	if err != nil {
		return "", fmt.Errorf("open %s: %s", path, strings.ToLower(errText(err)))
	}
	return string(content), nil
}

// agnhostH2C speaks HTTP/2 without TLS and nothing else (test/images/agnhost/h2c-server/h2c-server.go).
func agnhostH2C(flags *pflag.FlagSet) func(context.Context, *agnhostCall) int {
	port := flags.Int("port", 80, "Port number.")
	return func(ctx context.Context, c *agnhostCall) int {
		s, err := endpoint{address: fmt.Sprintf(":%d", *port), h2c: true, only2: true, handler: http.HandlerFunc(
			func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/plain")
				_, _ = fmt.Fprint(w, "ok")
			})}.serve(ctx, c.Process)
		if err != nil {
			return c.fatal("Error from net.Listen(): %s", err)
		}
		defer s.close()
		c.log("Serving h2c on port %d.\n", *port)
		return goSignals(ctx, c.Process)
	}
}
