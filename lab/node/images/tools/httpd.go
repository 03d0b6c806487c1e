package tools

import (
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"io/fs"
	"log"
	"net"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"healthlab/lab/node/sandbox"
)

// httpd is BusyBox's web server: it serves the files below a directory. CGI, passwords and a configuration file are refused.
func httpd(ctx context.Context, p *sandbox.Process) int {
	found, args, ok := optionSpec{letters: "c:d:h:e:r:m:u:p:ifv"}.parse(p)
	if !ok {
		return 1
	}
	if len(args) > 0 {
		return usage(p)
	}
	set := asSet(found)
	for _, o := range found {
		switch o.letter {
		case 'c', 'r', 'm', 'u', 'i':
			return failf(p, "-%c is not supported here", o.letter)
		case 'd':
			text, err := url.QueryUnescape(o.value)
			if err != nil {
				text = o.value
			}
			fmt.Fprint(p.Stdout, text)
			return 0
		case 'e':
			fmt.Fprint(p.Stdout, entities(o.value))
			return 0
		}
	}
	home := p.Dir
	if h, given := set['h']; given {
		home = p.Path(h)
		if info, err := p.FS().Stat(home); err != nil {
			return failf(p, "can't change directory to '%s': %s", h, Reason(err))
		} else if !info.IsDir() {
			return failf(p, "can't change directory to '%s': %s", h, sandbox.ENOTDIR)
		}
	}
	address := set['p']
	if !strings.Contains(address, ":") {
		address = ":" + address
	}
	if strings.HasSuffix(address, ":") {
		address += "80"
	}
	if _, port, err := net.SplitHostPort(address); err != nil || !isPort(port) {
		return failf(p, "bad port '%s'", set['p'])
	}
	server := &httpServer{p: p, home: home, address: address, verbose: has(set, 'v')}
	if has(set, 'f') {
		return server.run(ctx)
	}
	return server.background()
}

func isPort(text string) bool {
	n, err := strconv.ParseUint(text, 10, 16)
	return err == nil && n > 0
}

// entities writes what is neither letter nor digit as HTML's numbers.
func entities(text string) string {
	var b strings.Builder
	for i := range len(text) {
		if c := text[i]; c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "&#%d;", c)
		}
	}
	return b.String()
}

type httpServer struct {
	p             *sandbox.Process
	home, address string
	verbose       bool
}

// background goes on in a process of its own, once it is known that it can listen.
func (s *httpServer) background() int {
	child, err := s.p.Start(sandbox.Command{
		Path: s.p.Args[0], Args: s.p.Args, Dir: s.home, Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: io.Discard,
		Program: func(ctx context.Context, p *sandbox.Process) int {
			own := *s
			own.p = p
			return own.run(ctx)
		},
	})
	if err != nil {
		return failf(s.p, "can't fork: %s", Reason(err))
	}
	for { // until it listens, or cannot
		select {
		case <-child.Done():
			return failf(s.p, "bind: Address already in use")
		case <-time.After(time.Millisecond):
		}
		for _, socket := range s.p.Sockets() {
			if socket.PID == child.PID() {
				return 0
			}
		}
	}
}

func (s *httpServer) run(ctx context.Context) int {
	listener, err := s.p.Listen("tcp", s.address)
	if err != nil {
		return failf(s.p, "bind: Address already in use")
	}
	server := &http.Server{
		Handler: s, ReadHeaderTimeout: time.Minute, ErrorLog: log.New(io.Discard, "", 0), MaxHeaderBytes: 8 << 10,
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	server.SetKeepAlivesEnabled(false) // each request has a process of its own, as it were
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	err = server.Serve(listener)
	_ = server.Close()
	if ctx.Err() != nil || errors.Is(err, http.ErrServerClosed) {
		return 1
	}
	return failf(s.p, "%s", err)
}

// ServeHTTP answers with a file.
func (s *httpServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	code := s.serve(w, r)
	if s.verbose {
		fmt.Fprintf(s.p.Stderr, "%s: response:%d\n", r.RemoteAddr, code)
	}
}

func (s *httpServer) serve(w http.ResponseWriter, r *http.Request) int {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return httpFail(w, http.StatusNotImplemented, "The requested method is not recognized")
	}
	name := path.Join(s.home, path.Clean("/"+r.URL.Path))
	info, err := s.p.FS().Stat(name)
	if err == nil && info.IsDir() {
		if !strings.HasSuffix(r.URL.Path, "/") {
			w.Header().Set("Location", r.URL.Path+"/")
			return httpFail(w, http.StatusFound, "")
		}
		name = path.Join(name, "index.html")
		info, err = s.p.FS().Stat(name)
	}
	if err != nil || info.IsDir() || !info.Mode().IsRegular() {
		if errors.Is(err, fs.ErrPermission) {
			return httpFail(w, http.StatusForbidden, "")
		}
		return httpFail(w, http.StatusNotFound, "The requested URL was not found")
	}
	file, err := s.p.FS().Open(name)
	if err != nil {
		return httpFail(w, http.StatusNotFound, "The requested URL was not found")
	}
	defer file.Close()
	w.Header().Set("Content-Type", contentType(path.Ext(name)))
	http.ServeContent(w, r, "", info.ModTime(), file)
	return http.StatusOK
}

// contentType is what BusyBox calls a file; the host's own list is not read.
func contentType(extension string) string {
	for kind, extensions := range map[string]string{
		"text/plain": ".txt .h .c .cc .cpp", "text/html": ".htm .html", "image/jpeg": ".jpg .jpeg", "image/gif": ".gif",
		"image/png": ".png", "image/svg+xml": ".svg", "text/css": ".css", "application/javascript": ".js", "audio/wav": ".wav",
		"video/x-msvideo": ".avi", "video/quicktime": ".qt .mov", "video/mpeg": ".mpe .mpeg", "audio/midi": ".mid .midi",
		"audio/mpeg": ".mp3",
	} {
		for e := range strings.SplitSeq(extensions, " ") {
			if e == extension {
				return kind
			}
		}
	}
	return "application/octet-stream"
}

func httpFail(w http.ResponseWriter, code int, text string) int {
	title := strconv.Itoa(code) + " " + http.StatusText(code)
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(code)
	fmt.Fprintf(w, "<HTML><HEAD><TITLE>%s</TITLE></HEAD>\n<BODY><H1>%s</H1>\n%s\n</BODY></HTML>\n", title, title, html.EscapeString(text))
	return code
}
