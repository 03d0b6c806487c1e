package nginx

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"healthlab/lab/node/sandbox"
)

// logs are the open log files of the process, by name. They are opened when they are first written to and stay open, as in
// nginx, until SIGUSR1.
type logs struct {
	p *sandbox.Process

	mu    sync.Mutex
	files map[string]io.WriteCloser
}

// write appends a line to a file; /dev/stdout and /dev/stderr, and links to them, are the process's own.
func (l *logs) write(name, line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	w, err := l.open(name)
	if err != nil {
		return
	}
	_, _ = io.WriteString(w, line+"\n") // a full disk loses lines, as in nginx
}

// open returns an open log; mu is held.
func (l *logs) open(name string) (io.Writer, error) {
	target := name
	if link, err := l.p.FS().Readlink(name); err == nil && strings.HasPrefix(link, "/") {
		target = link
	}
	switch target {
	case "/dev/stdout", "/proc/self/fd/1", "/dev/fd/1", "/proc/1/fd/1":
		return l.p.Stdout, nil
	case "stderr", "/dev/stderr", "/proc/self/fd/2", "/dev/fd/2", "/proc/1/fd/2":
		return l.p.Stderr, nil
	}
	if w := l.files[name]; w != nil {
		return w, nil
	}
	file, err := l.p.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return nil, err
	}
	l.files[name] = file
	return file, nil
}

// close closes all files, to be opened anew.
func (l *logs) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for name, f := range l.files {
		_ = f.Close()
		delete(l.files, name)
	}
}

// stamp begins a line of the error log.
func stamp(level, pid int) string {
	return fmt.Sprintf("%s [%s] %d#%d: ", time.Now().UTC().Format("2006/01/02 15:04:05"), levels()[level], pid, pid)
}

// errorf logs an error about the request.
func (e *exchange) errorf(format string, args ...any) {
	e.logError(fmt.Sprintf(format, args...) + ", " + e.about() + e.hostPart())
}

func (e *exchange) about() string {
	return fmt.Sprintf("client: %s, server: %s, request: \"%s %s %s\"", e.client(), e.server.name, e.r.Method, e.r.RequestURI, e.r.Proto)
}

func (e *exchange) hostPart() string {
	if e.r.Host == "" {
		return ""
	}
	return fmt.Sprintf(", host: %q", e.r.Host)
}

func (e *exchange) logError(text string) {
	if l := e.scope.errorLog; levelError <= l.level {
		e.s.logs.write(l.file, stamp(levelError, e.s.worker())+fmt.Sprintf("*%d ", e.number)+text)
	}
}

// log writes the access logs.
func (e *exchange) log() {
	for _, l := range e.scope.accessLogs {
		if l.when != nil {
			if v := e.expand(l.when); v == "" || v == "0" {
				continue
			}
		}
		e.s.logs.write(l.file, e.logLine(l.format))
	}
}

// logLine expands a log format: what is empty is a dash, and what could break the line is escaped.
func (e *exchange) logLine(t template) string {
	var b strings.Builder
	for _, p := range t {
		if !p.variable {
			b.WriteString(p.text)
			continue
		}
		v, ok := e.variable(p.text)
		if !ok || v == "" {
			b.WriteByte('-')
			continue
		}
		for _, c := range []byte(v) {
			if c < 0x20 || c >= 0x7f || c == '"' || c == '\\' {
				fmt.Fprintf(&b, `\x%02X`, c)
			} else {
				b.WriteByte(c)
			}
		}
	}
	return b.String()
}
