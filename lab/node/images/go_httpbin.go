package images

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/mccutchen/go-httpbin/v2/httpbin"

	"healthlab/lab/node/sandbox"
)

func goHTTPBin() *sandbox.Image {
	return &sandbox.Image{
		Name:    "docker.io/mccutchen/go-httpbin",
		Aliases: []string{"ghcr.io/mccutchen/go-httpbin"},
		Does: sandbox.Text{
			Ko: "8080번 포트의 HTTP: /status/N, /delay/N, /get, /headers, /anything 등. 셸은 없습니다",
			En: "HTTP on 8080: /status/N, /delay/N, /get, /headers, /anything and more; no shell",
		},
		Size:     6_200_000,
		Cmd:      []string{"/bin/go-httpbin"},
		Programs: map[string]sandbox.Program{"/bin/go-httpbin": runGoHTTPBin},
	}
}

// runGoHTTPBin serves the original's own handlers, with its flags and variables (httpbin/cmd/cmd.go).
func runGoHTTPBin(ctx context.Context, p *sandbox.Process) int {
	flags := flag.NewFlagSet("go-httpbin", flag.ContinueOnError)
	flags.SetOutput(p.Stderr)
	port := flags.Int("port", 8080, "Port to listen on")
	host := flags.String("host", "0.0.0.0", "Host to listen on")
	prefix := flags.String("prefix", "", "Path prefix (empty or start with slash and does not end with slash)")
	body := flags.Int64("max-body-size", httpbin.DefaultMaxBodySize, "Maximum size of request or response, in bytes")
	longest := flags.Duration("max-duration", httpbin.DefaultMaxDuration, "Maximum duration a response may take")
	format := flags.String("log-format", "text", "Log format (text or json)")
	realName := flags.Bool("use-real-hostname", false, "Expose value of os.Hostname() in the /hostname endpoint instead of dummy value")
	cert := flags.String("https-cert-file", "", "HTTPS Server certificate file")
	key := flags.String("https-key-file", "", "HTTPS Server private key file")
	exclude := flags.String("exclude-headers", "", "Drop platform-specific headers. Comma-separated list of headers key to drop, supporting wildcard matching.")
	domains := flags.String("allowed-redirect-domains", "", "Comma-separated list of domains the /redirect-to endpoint will allow")
	switch err := flags.Parse(p.Args[1:]); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	}
	given := map[string]bool{}
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	for name, variable := range map[string]string{
		"port": "PORT", "host": "HOST", "prefix": "PREFIX", "max-body-size": "MAX_BODY_SIZE", "max-duration": "MAX_DURATION",
		"log-format": "LOG_FORMAT", "use-real-hostname": "USE_REAL_HOSTNAME", "https-cert-file": "HTTPS_CERT_FILE", "https-key-file": "HTTPS_KEY_FILE",
		"exclude-headers": "EXCLUDE_HEADERS", "allowed-redirect-domains": "ALLOWED_REDIRECT_DOMAINS",
	} {
		value := p.Getenv(variable)
		if given[name] || value == "" {
			continue
		}
		if err := flags.Set(name, value); err != nil {
			fmt.Fprintf(p.Stderr, "error: invalid value %q for env var %s: parse error\n\n", value, variable)
			flags.Usage()
			return 2
		}
	}
	wrong := ""
	var handler slog.Handler = slog.NewTextHandler(p.Stderr, nil)
	switch {
	case *format == "json":
		handler = slog.NewJSONHandler(p.Stderr, nil)
	case *format != "text":
		wrong = fmt.Sprintf("invalid log format %q, must be \"text\" or \"json\"", *format)
	case *prefix != "" && !strings.HasPrefix(*prefix, "/"):
		wrong = fmt.Sprintf("Prefix %q must start with a slash", *prefix)
	case strings.HasSuffix(*prefix, "/"):
		wrong = fmt.Sprintf("Prefix %q must not end with a slash", *prefix)
	}
	if wrong != "" {
		fmt.Fprintf(p.Stderr, "error: %s\n\n", wrong)
		flags.Usage()
		return 2
	}
	logger := slog.New(handler)
	options := []httpbin.OptionFunc{
		httpbin.WithMaxBodySize(*body), httpbin.WithMaxDuration(*longest), httpbin.WithObserver(httpbin.StdLogObserver(logger)),
		httpbin.WithEnv(httpbinEnv(p.Env)), httpbin.WithPrefix(*prefix), httpbin.WithExcludeHeaders(*exclude),
	}
	if list := strings.FieldsFunc(*domains, func(r rune) bool { return r == ',' || r == ' ' }); len(list) > 0 {
		options = append(options, httpbin.WithAllowedRedirectDomains(list))
	}
	if *realName {
		options = append(options, httpbin.WithHostname(p.Hostname()))
	}
	e := endpoint{address: net.JoinHostPort(*host, strconv.Itoa(*port)), handler: httpbin.New(options...)}
	scheme := "http"
	if *cert != "" || *key != "" {
		pair, err := (&agnhostCall{Process: p}).certificate(*cert, *key)
		if err != nil {
			logger.Error(fmt.Sprintf("error: %s", err))
			return 1
		}
		e.cert, scheme = &pair, "https"
	}
	// Before it answers anybody: PID 1 ignores a signal that it does not wait for.
	signals := p.Notify(sandbox.SIGTERM, sandbox.SIGINT)
	logger.Info(fmt.Sprintf("go-httpbin listening on %s://%s", scheme, e.address))
	site, err := e.serve(ctx, p)
	if err != nil {
		logger.Error(fmt.Sprintf("error: %s", err))
		return 1
	}
	defer site.close()
	select {
	case <-signals:
	case <-ctx.Done():
		return 0
	}
	logger.Info("shutting down ...")
	ending, cancel := context.WithTimeout(ctx, *longest+time.Second)
	defer cancel()
	site.drain(ending)
	return 0
}

// httpbinEnv is what /env shows.
func httpbinEnv(env []string) map[string]string {
	shown := map[string]string{}
	for _, kv := range env {
		if name, value, _ := strings.Cut(kv, "="); strings.HasPrefix(name, "HTTPBIN_") {
			shown[name] = value
		}
	}
	return shown
}
