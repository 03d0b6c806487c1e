package curl

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// wire remembers what is read, until the head of the answer is there.
type wire struct {
	io.Reader
	head bytes.Buffer
	full bool
}

// maxHead is how long the head of an answer may be.
const maxHead = 300 << 10

func (w *wire) Read(b []byte) (int, error) {
	n, err := w.Reader.Read(b)
	if !w.full {
		w.head.Write(b[:n])
		if w.head.Len() > maxHead {
			return n, failed(56, "Too large response headers: %d > %d", w.head.Len(), maxHead)
		}
	}
	return n, err
}

// take returns the head up to its empty line, and keeps nothing more.
func (w *wire) take() string {
	text := w.head.String()
	if i := strings.Index(text, "\r\n\r\n"); i >= 0 {
		text = text[:i+4]
	} else if i := strings.Index(text, "\n\n"); i >= 0 {
		text = text[:i+2]
	}
	return text
}

// fetch sends one request and writes its answer. again is where -L goes next; nil: nowhere.
func (t *transfer) fetch(ctx context.Context, u *url.URL, method string, body []byte) (again *url.URL, err error) {
	conn, err := t.connect(ctx, u)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	head := t.requestHead(u, method, body)
	t.asked = method
	for line := range strings.SplitSeq(strings.TrimSuffix(head, "\r\n"), "\r\n") {
		t.say("> " + line + "\r")
	}
	if _, err := io.WriteString(conn, head+string(body)); err != nil {
		return nil, t.broken(ctx, err, "Send failure: ")
	}
	if t.uploaded = int64(len(body)); len(body) > 0 {
		t.say(fmt.Sprintf("} [%d bytes data]", len(body)))
	}
	in := &wire{Reader: conn}
	buffered := bufio.NewReader(in)
	var resp *http.Response
	for {
		resp, err = http.ReadResponse(buffered, &http.Request{Method: method})
		if err != nil {
			return nil, t.noAnswer(ctx, in, err)
		}
		if resp.StatusCode >= 200 || resp.StatusCode == http.StatusSwitchingProtocols {
			break
		}
	}
	defer resp.Body.Close()
	in.full = true
	return t.answer(ctx, u, resp, in.take())
}

// answer handles what has come back.
func (t *transfer) answer(ctx context.Context, u *url.URL, resp *http.Response, raw string) (again *url.URL, err error) {
	t.first = time.Since(t.began)
	t.status, t.contentType, t.headerBytes = resp.StatusCode, resp.Header.Get("Content-Type"), int64(len(raw))
	t.httpVersion = strings.TrimSuffix(strings.TrimPrefix(resp.Proto, "HTTP/"), ".0")
	for line := range strings.SplitSeq(strings.TrimSuffix(raw, "\n"), "\n") {
		t.say("< " + line)
	}
	if location := resp.Header.Get("Location"); location != "" && resp.StatusCode >= 300 && resp.StatusCode < 400 {
		if next, err := u.Parse(location); err == nil {
			t.redirectURL = next.String()
			if t.follow {
				if next.Path == "" {
					next.Path = "/"
				}
				if next.Scheme != "http" && next.Scheme != "https" {
					return nil, failed(1, "Protocol %q not supported or disabled in libcurl", next.Scheme)
				}
				again, t.redirectURL = next, ""
			}
		}
	}
	if t.include || t.head {
		if _, err := io.WriteString(t.out, raw); err != nil {
			return nil, failed(23, "Failure writing output to destination")
		}
	}
	bad := resp.StatusCode >= 400 && (t.fail || t.failBody)
	if again != nil || bad && t.fail {
		if bad {
			return nil, failed(22, "The requested URL returned error: %d", resp.StatusCode)
		}
		return again, nil
	}
	t.size, err = io.Copy(writer{t.out}, resp.Body)
	if t.size > 0 {
		t.say(fmt.Sprintf("{ [%d bytes data]", t.size))
	}
	var f *failure
	switch {
	case errors.As(err, &f):
		return nil, f
	case errors.Is(err, io.ErrUnexpectedEOF):
		if left := resp.ContentLength - t.size; resp.ContentLength > 0 {
			return nil, failed(18, "transfer closed with %d bytes remaining to read", left)
		}
		return nil, failed(18, "transfer closed with outstanding read data remaining")
	case err != nil:
		return nil, t.broken(ctx, err, "Recv failure: ")
	case bad:
		return nil, failed(22, "The requested URL returned error: %d", resp.StatusCode)
	}
	if resp.Close {
		t.say("* Closing connection 0")
	} else {
		t.say(fmt.Sprintf("* Connection #0 to host %s left intact", u.Hostname()))
	}
	return nil, nil
}

// writer tells errors of the output from those of the connection.
type writer struct{ to io.Writer }

func (w writer) Write(b []byte) (int, error) {
	n, err := w.to.Write(b)
	if err != nil {
		return n, failed(23, "Failure writing output to destination")
	}
	return n, nil
}

func (t *transfer) say(line string) {
	if t.verbose {
		fmt.Fprintln(t.p.Stderr, line)
	}
}

// requestHead is the request up to its body, as curl writes it.
func (t *transfer) requestHead(u *url.URL, method string, body []byte) string {
	proto := "HTTP/1.1"
	if t.old {
		proto = "HTTP/1.0"
	}
	own := map[string]string{}
	var order []string
	drop := map[string]bool{}
	for _, h := range t.headers {
		name, v, ok := strings.Cut(h, ":")
		v = strings.TrimSpace(v)
		if !ok {
			if name, ok = strings.CutSuffix(h, ";"); !ok {
				continue
			}
		} else if v == "" {
			drop[strings.ToLower(name)] = true
			continue
		}
		key := strings.ToLower(name)
		if _, there := own[key]; !there || key != "host" {
			order = append(order, name+": "+v)
		}
		own[key] = v
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %s\r\n", method, u.RequestURI(), proto)
	add := func(name, v string) {
		if _, given := own[strings.ToLower(name)]; !given && !drop[strings.ToLower(name)] && v != "" {
			fmt.Fprintf(&b, "%s: %s\r\n", name, v)
		}
	}
	if host, given := own["host"]; given {
		fmt.Fprintf(&b, "Host: %s\r\n", host)
	}
	add("Host", u.Host)
	if t.user != "" {
		add("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(t.user)))
	}
	add("User-Agent", t.agent)
	add("Accept", "*/*")
	add("Referer", t.referer)
	for _, line := range order {
		if !strings.HasPrefix(strings.ToLower(line), "host:") {
			b.WriteString(strings.NewReplacer("\r", "", "\n", "").Replace(line) + "\r\n")
		}
	}
	if body != nil {
		add("Content-Length", strconv.Itoa(len(body)))
		if t.upload == "" {
			add("Content-Type", "application/x-www-form-urlencoded")
		}
	}
	return b.String() + "\r\n"
}

// connect dials the server, with TLS for https.
func (t *transfer) connect(ctx context.Context, u *url.URL) (net.Conn, error) {
	host, port := u.Hostname(), u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[strings.ToLower(u.Scheme)]
	}
	dial := host
	for _, r := range t.resolve {
		if parts := strings.SplitN(r, ":", 3); len(parts) == 3 && parts[0] == host && parts[1] == port {
			dial = strings.Trim(parts[2], "[]")
		}
	}
	if dial == t.p.Hostname() {
		dial = t.p.PodIP()
	}
	began := time.Now()
	limited, cancel := ctx, context.CancelFunc(func() {})
	if t.connectTimeout > 0 {
		limited, cancel = context.WithTimeout(ctx, t.connectTimeout)
	}
	defer cancel()
	conn, err := t.p.Dial(limited, "tcp", net.JoinHostPort(dial, port))
	took := time.Since(began).Milliseconds()
	var unknown *net.DNSError
	switch {
	case err == nil:
	case errors.As(err, &unknown):
		t.say("* Could not resolve host: " + host)
		return nil, failed(6, "Could not resolve host: %s", host)
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return nil, failed(28, "Failed to connect to %s port %s after %d ms: Timeout was reached", host, port, took)
	case ctx.Err() != nil:
		return nil, ctx.Err()
	default:
		t.say(fmt.Sprintf("* connect to %s port %s failed: %s", dial, port, errnoText(err)))
		return nil, failed(7, "Failed to connect to %s port %s after %d ms: Couldn't connect to server", host, port, took)
	}
	t.connected = time.Since(t.began)
	t.ip, t.port, _ = net.SplitHostPort(conn.RemoteAddr().String())
	t.localIP, t.localPort, _ = net.SplitHostPort(conn.LocalAddr().String())
	t.say(fmt.Sprintf("*   Trying %s...", net.JoinHostPort(t.ip, t.port)))
	t.say(fmt.Sprintf("* Connected to %s (%s) port %s (#0)", host, t.ip, port))
	if strings.ToLower(u.Scheme) != "https" {
		return conn, nil
	}
	secure := tls.Client(conn, &tls.Config{ServerName: host, InsecureSkipVerify: t.insecure, RootCAs: x509.NewCertPool()}) // an image has no authorities but what -k skips
	if err := secure.HandshakeContext(ctx); err != nil {
		_ = conn.Close()
		return nil, t.tlsFailed(ctx, err)
	}
	return secure, nil
}

func errnoText(err error) string {
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return "Connection refused"
	case errors.Is(err, syscall.EHOSTUNREACH):
		return "No route to host"
	}
	return "Connection reset by peer"
}

func (t *transfer) tlsFailed(ctx context.Context, err error) error {
	var authority x509.UnknownAuthorityError
	var plain tls.RecordHeaderError
	switch {
	case errors.As(err, &authority):
		return failed(60, "SSL certificate problem: self-signed certificate\nMore details here: https://curl.se/docs/sslcerts.html\n\n"+
			"curl failed to verify the legitimacy of the server and therefore could not\nestablish a secure connection to it. To learn more about this situation and\n"+
			"how to fix it, please visit the web page mentioned above.")
	case errors.As(err, &plain):
		return failed(35, "error:0A00010B:SSL routines::wrong version number")
	case errors.Is(err, io.EOF):
		return failed(35, "OpenSSL SSL_connect: SSL_ERROR_SYSCALL in connection to %s:%s ", t.ip, t.port)
	case ctx.Err() != nil || errors.Is(err, os.ErrDeadlineExceeded):
		return t.broken(ctx, err, "")
	}
	return failed(60, "SSL certificate problem: unable to get local issuer certificate")
}

// noAnswer says why no answer could be read.
func (t *transfer) noAnswer(ctx context.Context, in *wire, err error) error {
	var f *failure
	switch {
	case errors.As(err, &f):
		return f
	case in.head.Len() == 0 && (errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)):
		return failed(52, "Empty reply from server")
	case in.head.Len() > 0 && !bytes.HasPrefix(in.head.Bytes(), []byte("HTTP/")):
		return failed(1, "Received HTTP/0.9 when not allowed")
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return nil
	}
	return t.broken(ctx, err, "Recv failure: ")
}

// broken says why a connection ended.
func (t *transfer) broken(ctx context.Context, err error, what string) error {
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return failed(28, "Operation timed out after %d milliseconds with %d bytes received", time.Since(t.began).Milliseconds(), t.size)
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, syscall.ECONNRESET):
		return failed(56, "%sConnection reset by peer", what)
	case errors.Is(err, syscall.EPIPE):
		return failed(55, "%sBroken pipe", what)
	}
	return failed(56, "%sConnection reset by peer", what)
}

// writeOut prints what -w asks for.
func (t *transfer) writeOut(code int, err error) {
	seconds := func(d time.Duration) string { return fmt.Sprintf("%.6f", d.Seconds()) }
	total := time.Since(t.began)
	message := ""
	if f := new(failure); errors.As(err, &f) {
		message = f.text
	}
	known := map[string]string{
		"http_code": fmt.Sprintf("%03d", t.status), "response_code": fmt.Sprintf("%03d", t.status), "size_download": fmt.Sprint(t.size),
		"size_upload": fmt.Sprint(t.uploaded), "size_header": fmt.Sprint(t.headerBytes), "num_redirects": fmt.Sprint(t.redirects),
		"url": t.effective, "url_effective": t.effective, "redirect_url": t.redirectURL, "content_type": t.contentType, "method": t.asked,
		"remote_ip": t.ip, "remote_port": t.port, "local_ip": t.localIP, "local_port": t.localPort, "http_version": orZero(t.httpVersion),
		"exitcode": fmt.Sprint(code), "errormsg": message, "scheme": strings.ToUpper(strings.SplitN(t.effective, ":", 2)[0]),
		"time_total": seconds(total), "time_connect": seconds(t.connected), "time_starttransfer": seconds(t.first), "time_namelookup": seconds(0),
		"time_pretransfer": seconds(t.connected), "time_appconnect": seconds(0), "time_redirect": seconds(0), "num_connects": "1",
		"speed_download": fmt.Sprint(int64(float64(t.size) / max(total.Seconds(), 1e-6))), "speed_upload": "0", "ssl_verify_result": "0", "num_headers": "0",
	}
	var b strings.Builder
	to := t.p.Stdout
	for text := t.format; text != ""; {
		switch {
		case strings.HasPrefix(text, "%%"):
			b.WriteByte('%')
			text = text[2:]
		case strings.HasPrefix(text, "%{"):
			name, rest, closed := strings.Cut(text[2:], "}")
			if !closed {
				b.WriteString(text)
				text = ""
				continue
			}
			text = rest
			switch v, ok := known[name]; {
			case name == "stderr" || name == "stdout":
				_, _ = io.WriteString(to, b.String()) // nobody may be reading any more
				b.Reset()
				if to = t.p.Stdout; name == "stderr" {
					to = t.p.Stderr
				}
			case name == "onerror":
				if code == 0 {
					text = ""
				}
			case ok:
				b.WriteString(v)
			default:
				fmt.Fprintf(t.p.Stderr, "curl: unknown --write-out variable: '%s'\n", name)
			}
		case len(text) > 1 && text[0] == '\\':
			b.WriteString(map[byte]string{'n': "\n", 'r': "\r", 't': "\t"}[text[1]])
			if strings.IndexByte("nrt", text[1]) < 0 {
				b.WriteString(text[:2])
			}
			text = text[2:]
		default:
			b.WriteByte(text[0])
			text = text[1:]
		}
	}
	_, _ = io.WriteString(to, b.String())
}

func orZero(v string) string {
	if v == "" {
		return "0"
	}
	return v
}
