package tools

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path"
	"strings"
	"syscall"
	"time"

	"healthlab/lab/node/sandbox"
)

// wget is busybox's: -q, -O FILE, -S, --spider, -T SECONDS, --header, --post-data, --no-check-certificate.
func wget(ctx context.Context, p *sandbox.Process) int {
	req := wgetRequest{method: http.MethodGet, header: http.Header{"User-Agent": {"Wget"}}}
	var plain []string
	for _, a := range p.Args[1:] {
		flag, value, _ := strings.Cut(a, "=")
		switch flag {
		case "--spider":
			req.spider = true
		case "--header":
			k, v, _ := strings.Cut(value, ":")
			req.header.Set(strings.TrimSpace(k), strings.TrimSpace(v))
		case "--post-data":
			req.method, req.body = http.MethodPost, value
		case "--quiet":
			req.quiet = true
		case "--timeout":
			plain = append(plain, "-T", value)
		case "--output-document":
			plain = append(plain, "-O", value)
		case "--no-check-certificate", "--tries":
		default:
			plain = append(plain, a)
		}
	}
	p.Args = append(p.Args[:1:1], plain...)
	set, urls, ok := options(p, "qSc", "OTtU")
	if !ok {
		return 1
	}
	if len(urls) == 0 {
		return failf(p, "missing URL")
	}
	req.quiet = req.quiet || has(set, 'q')
	req.show = has(set, 'S')
	timeout := 900 * time.Second
	if v, given := set['T']; given {
		d, err := parseSeconds(v)
		if err != nil {
			return failf(p, "invalid number '%s'", v)
		}
		timeout = d
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	for _, u := range urls {
		if code := req.get(ctx, p, u, set['O']); code != 0 {
			return code
		}
	}
	return 0
}

type wgetRequest struct {
	method, body        string
	header              http.Header
	quiet, show, spider bool
}

func (w wgetRequest) get(ctx context.Context, p *sandbox.Process, raw, output string) int {
	if !strings.Contains(raw, "://") {
		raw = "http://" + raw
	}
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		return failf(p, "bad address '%s'", raw)
	}
	if ip := net.ParseIP(u.Hostname()); ip == nil && u.Hostname() != "localhost" && u.Hostname() != p.Hostname() {
		return failf(p, "bad address '%s'", u.Hostname())
	} else if u.Hostname() == p.Hostname() {
		u.Host = net.JoinHostPort(p.PodIP(), portOf(u))
	}
	if !w.quiet {
		fmt.Fprintf(p.Stderr, "Connecting to %s (%s)\n", u.Host, net.JoinHostPort(u.Hostname(), portOf(u)))
	}
	transport := &http.Transport{
		DialContext: p.Dial, DisableKeepAlives: true,
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, // busybox's wget does not check either
	}
	defer transport.CloseIdleConnections()
	req, err := http.NewRequestWithContext(ctx, w.method, u.String(), strings.NewReader(w.body))
	if err != nil {
		return failf(p, "bad address '%s'", raw)
	}
	req.Header = w.header
	req.Host = w.header.Get("Host")
	resp, err := (&http.Client{Transport: transport}).Do(req)
	if err != nil {
		return w.failed(ctx, p, u, err)
	}
	defer resp.Body.Close()
	if w.show {
		fmt.Fprintf(p.Stderr, "  %s %s\n", resp.Proto, resp.Status)
		for k, vs := range resp.Header {
			for _, v := range vs {
				fmt.Fprintf(p.Stderr, "  %s: %s\n", k, v)
			}
		}
	}
	if resp.StatusCode >= 300 {
		return failf(p, "server returned error: %s %s", resp.Proto, resp.Status)
	}
	if w.spider {
		if !w.quiet {
			fmt.Fprintln(p.Stderr, "remote file exists")
		}
		return 0
	}
	return w.save(ctx, p, u, resp.Body, output)
}

func (w wgetRequest) failed(ctx context.Context, p *sandbox.Process, u *url.URL, err error) int {
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return failf(p, "download timed out")
	case ctx.Err() != nil:
		return 1
	case errors.Is(err, syscall.ECONNREFUSED):
		return failf(p, "can't connect to remote host (%s): Connection refused", u.Hostname())
	case errors.Is(err, syscall.EHOSTUNREACH):
		return failf(p, "can't connect to remote host (%s): No route to host", u.Hostname())
	}
	return failf(p, "error getting response")
}

func (w wgetRequest) save(ctx context.Context, p *sandbox.Process, u *url.URL, body io.Reader, output string) int {
	to := p.Stdout
	if output != "-" {
		if output == "" {
			if output = path.Base(u.Path); output == "." || output == "/" {
				output = "index.html"
			}
			if _, err := p.FS().Stat(p.Path(output)); err == nil {
				return failf(p, "can't open '%s': File exists", output)
			}
		}
		file, err := p.OpenFile(output, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
		if err != nil {
			return failf(p, "can't open '%s': %s", output, Reason(err))
		}
		defer file.Close()
		to = file
		if !w.quiet {
			fmt.Fprintf(p.Stderr, "saving to '%s'\n", output)
		}
	}
	if err := copyStream(ctx, to, body); err != nil {
		return failf(p, "error getting response: %s", Reason(err))
	}
	if !w.quiet && output != "-" {
		fmt.Fprintf(p.Stderr, "'%s' saved\n", output)
	}
	return 0
}

func portOf(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "https":
		return "443"
	}
	return "80"
}
