package tools

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path"
	"strings"
	"syscall"
	"time"

	"healthlab/lab/node/sandbox"
)

// wget is BusyBox's, without FTP. Like the real one it knows no tries and checks no certificate.
func wget(ctx context.Context, p *sandbox.Process) int {
	req := wgetRequest{method: http.MethodGet, header: http.Header{"User-Agent": {"Wget"}}}
	found, urls, ok := optionSpec{
		letters: "cqSO:o:P:Y:U:T:t:n::\x01\x02:\x03:\x04:\x05", long: map[string]byte{
			"continue": 'c', "quiet": 'q', "server-response": 'S', "output-document": 'O', "output-file": 'o', "directory-prefix": 'P',
			"proxy": 'Y', "user-agent": 'U', "timeout": 'T', "tries": 't', "spider": 1, "header": 2, "post-data": 3, "post-file": 4,
			"no-check-certificate": 5, "passive-ftp": 5, "no-cache": 5, "no-verbose": 5, "no-clobber": 5, "no-host-directories": 5,
			"no-parent": 5, // BusyBox takes these for others' sake
		},
	}.parse(p)
	if !ok {
		return 1
	}
	if len(urls) == 0 {
		return usage(p)
	}
	timeout := 900 * time.Second
	for _, o := range found {
		switch o.letter {
		case 1:
			req.spider = true
		case 2:
			k, v, _ := strings.Cut(o.value, ":")
			req.header.Set(strings.TrimSpace(k), strings.TrimSpace(v))
		case 3:
			req.method, req.body = http.MethodPost, o.value
		case 4:
			body, err := readText(ctx, p, o.value)
			if err != nil {
				return failf(p, "can't open '%s': %s", o.value, Reason(err))
			}
			req.method, req.body = http.MethodPost, body
		case 'U':
			req.header.Set("User-Agent", o.value)
		case 'T':
			d, err := parseSeconds(o.value)
			if err != nil {
				return failf(p, "invalid number '%s'", o.value)
			}
			timeout = d
		case 'Y':
			if o.value != "on" && o.value != "off" {
				return usage(p)
			}
		case 'c', 'o':
			return failf(p, "-%c is not supported here", o.letter)
		}
	}
	set := asSet(found)
	req.proxied = set['Y'] != "off"
	req.quiet, req.show, req.dir = has(set, 'q'), has(set, 'S'), set['P']
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
	proxied             bool   // $http_proxy counts
	dir                 string // of -P
}

func (w wgetRequest) get(ctx context.Context, p *sandbox.Process, raw, output string) int {
	if !strings.Contains(raw, "://") {
		raw = "http://" + raw
	}
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		return failf(p, "bad address '%s'", raw)
	}
	to := &wgetConnector{p: p, quiet: w.quiet, asked: u}
	transport := &http.Transport{
		DialContext: to.dial, DisableKeepAlives: true,
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, // busybox's wget does not check either
	}
	if proxy := p.Getenv(u.Scheme + "_proxy"); proxy != "" && w.proxied {
		via, err := url.Parse(proxy)
		if err != nil || via.Host == "" {
			return failf(p, "bad address '%s'", proxy)
		}
		transport.Proxy = http.ProxyURL(via)
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
		return to.failed(ctx, err)
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

// wgetConnector connects and says so, also where a redirect leads.
type wgetConnector struct {
	p     *sandbox.Process
	quiet bool
	asked *url.URL
	host  string // of the last connection
	addr  netip.Addr
}

var errBadAddress = errors.New("bad address")

func (c *wgetConnector) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	var ok bool
	c.host = host
	if c.addr, ok = resolve(ctx, c.p, host); !ok {
		return nil, errBadAddress
	}
	at := net.JoinHostPort(c.addr.String(), port)
	if !c.quiet {
		shown := net.JoinHostPort(host, port)
		if host == c.asked.Hostname() {
			shown = c.asked.Host // as it was typed
		}
		fmt.Fprintf(c.p.Stderr, "Connecting to %s (%s)\n", shown, at)
	}
	return c.p.Dial(ctx, network, at)
}

func (c *wgetConnector) failed(ctx context.Context, err error) int {
	p := c.p
	switch {
	case errors.Is(err, errBadAddress):
		return failf(p, "bad address '%s'", c.host)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return failf(p, "download timed out")
	case ctx.Err() != nil:
		return 1
	case errors.Is(err, syscall.ECONNREFUSED):
		return failf(p, "can't connect to remote host (%s): Connection refused", c.addr)
	case errors.Is(err, syscall.EHOSTUNREACH):
		return failf(p, "can't connect to remote host (%s): No route to host", c.addr)
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
			output = path.Join(w.dir, output)
			if _, err := p.FS().Stat(p.Path(output)); err == nil {
				return failf(p, "can't open '%s': File exists", output)
			}
		}
		file, err := p.OpenFile(output, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666)
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
