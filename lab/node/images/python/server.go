package python

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"log"
	"mime"
	"net"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"

	"go.starlark.net/starlark"

	"healthlab/lab/node/images/getopt"
	"healthlab/lab/node/sandbox"
)

// maxBody is the largest body that a handler gets.
const maxBody = 1 << 20

// serverClass is one of the classes of servers. One that is not threading serves one request at a time.
func (in *interpreter) serverClass(name string, threading bool) *starlark.Builtin {
	return function(name, func(args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		var to starlark.Tuple
		var handler *class
		if err := starlark.UnpackArgs(name, args, kwargs, "server_address", &to, "RequestHandlerClass", &handler); err != nil {
			return nil, err
		}
		if len(to) != 2 {
			return nil, raise("TypeError", "AF_INET address must be tuple, not %s", to.Type())
		}
		host := plain(to[0])
		if host == "0.0.0.0" {
			host = ""
		}
		listener, err := in.p.Listen("tcp", net.JoinHostPort(host, plain(to[1])))
		if err != nil {
			return nil, raise("OSError", "[Errno 98] Address already in use")
		}
		serve := function("serve_forever", func(starlark.Tuple, []starlark.Tuple) (starlark.Value, error) {
			in.rest(func() { in.serve(in.ctx, listener, handler, threading) })
			return starlark.None, in.ctx.Err()
		})
		nothing := function("server_close", func(starlark.Tuple, []starlark.Tuple) (starlark.Value, error) { return starlark.None, listener.Close() })
		_, port, _ := net.SplitHostPort(listener.Addr().String())
		number, _ := strconv.Atoi(port)
		return module(name, starlark.StringDict{
			"serve_forever": serve, "server_close": nothing, "shutdown": nothing, "server_port": starlark.MakeInt(number), "server_address": starlark.Tuple{to[0], starlark.MakeInt(number)},
		}), nil
	})
}

// serve answers requests until the process or the program ends.
func (in *interpreter) serve(ctx context.Context, listener net.Listener, handler *class, threading bool) {
	var one sync.Mutex
	server := &http.Server{
		BaseContext: func(net.Listener) context.Context { return ctx }, ErrorLog: log.New(io.Discard, "", 0), // what clients do wrong is not the program's
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !threading {
				one.Lock()
				defer one.Unlock()
			}
			in.answer(w, r, handler)
		}),
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(listener) // it ends when the listener is closed
	}()
	select {
	case <-ctx.Done():
	case <-served:
	}
	_ = server.Close()
	<-served
}

// logged prints the line of a request.
func (in *interpreter) logged(r *http.Request, format string, args ...any) {
	host, _, _ := net.SplitHostPort(r.RemoteAddr)
	fmt.Fprintf(in.p.Stderr, "%s - - [%s] %s\n", host, time.Now().UTC().Format("02/Jan/2006 15:04:05"), fmt.Sprintf(format, args...))
}

// reply is the answer to a request as a handler makes it.
type reply struct {
	status int
	header http.Header
	body   bytes.Buffer
}

// answer lets the handler's method of the request's name answer.
func (in *interpreter) answer(w http.ResponseWriter, r *http.Request, handler *class) {
	minor := strings.SplitN(version(in.p), ".", 3)
	kind := "BaseHTTP/0.6"
	if handler.files {
		kind = "SimpleHTTP/0.6"
	}
	w.Header().Set("Server", kind+" Python/"+strings.Join(minor, "."))
	w.Header().Set("Connection", "close")
	w.Header()["Content-Type"] = nil // Python does not guess
	method := handler.method("do_" + r.Method)
	switch {
	case method == nil && handler.files && (r.Method == http.MethodGet || r.Method == http.MethodHead):
		in.file(w, r, in.p.Dir)
		return
	case method == nil:
		in.failed(w, r, http.StatusNotImplemented, fmt.Sprintf("Unsupported method ('%s')", r.Method))
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		in.failed(w, r, http.StatusRequestEntityTooLarge, "Request Entity Too Large")
		return
	}
	out := &reply{header: http.Header{}}
	in.handle(r, string(body), handler, method, out)
	if out.status == 0 {
		panic(http.ErrAbortHandler) // the connection ends without an answer
	}
	for name, list := range out.header {
		w.Header()[name] = list
	}
	w.WriteHeader(out.status)
	_, _ = w.Write(out.body.Bytes()) // a client that is gone is no concern of the server's
}

// handle runs a handler's method in its turn.
func (in *interpreter) handle(r *http.Request, body string, handler *class, method starlark.Callable, out *reply) {
	in.turn.Lock()
	defer in.turn.Unlock()
	self := &object{class: handler, fields: in.request(r, body, out)}
	_, err := starlark.Call(in.thread(r.Context()), method, starlark.Tuple{self}, nil)
	var left *exit
	if err != nil && in.ctx.Err() == nil && !errors.As(err, &left) {
		fmt.Fprintf(in.p.Stderr, "----------------------------------------\nException occurred during processing of request from %s\n", r.RemoteAddr)
		in.ended(err)
		fmt.Fprintln(in.p.Stderr, "----------------------------------------")
	}
}

// request is what a handler finds in self.
func (in *interpreter) request(r *http.Request, body string, out *reply) starlark.StringDict {
	host, port, _ := net.SplitHostPort(r.RemoteAddr)
	number, _ := strconv.Atoi(port)
	headers := module("headers", starlark.StringDict{
		"get": function("get", func(args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
			var name string
			var otherwise starlark.Value = starlark.None
			if err := starlark.UnpackArgs("get", args, kwargs, "name", &name, "default?", &otherwise); err != nil {
				return nil, err
			}
			if v := r.Header.Get(name); v != "" {
				return starlark.String(v), nil
			}
			if strings.EqualFold(name, "host") {
				return starlark.String(r.Host), nil
			}
			if strings.EqualFold(name, "content-length") && body != "" {
				return starlark.String(strconv.Itoa(len(body))), nil
			}
			return otherwise, nil
		}),
	})
	nothing := function("log_message", func(starlark.Tuple, []starlark.Tuple) (starlark.Value, error) { return starlark.None, nil })
	status := func(args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		message := ""
		if err := starlark.UnpackArgs("send_response", args, kwargs, "code", &out.status, "message?", &message); err != nil {
			return nil, err
		}
		if out.status < 200 || out.status > 999 {
			return nil, raise("ValueError", "healthlab's python sends status 200 to 999, not %d", out.status)
		}
		in.logged(r, "\"%s %s %s\" %d -", r.Method, r.RequestURI, r.Proto, out.status)
		return starlark.None, nil
	}
	return starlark.StringDict{
		"path": starlark.String(r.RequestURI), "command": starlark.String(r.Method), "headers": headers, "client_address": starlark.Tuple{starlark.String(host), starlark.MakeInt(number)},
		"requestline": starlark.String(r.Method + " " + r.RequestURI + " " + r.Proto), "end_headers": nothing, "log_message": nothing, "flush_headers": nothing,
		"rfile": module("rfile", starlark.StringDict{"read": function("read", func(starlark.Tuple, []starlark.Tuple) (starlark.Value, error) { return starlark.String(body), nil })}),
		"wfile": module("wfile", starlark.StringDict{"flush": nothing, "write": function("write", func(args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
			if len(args) == 1 {
				switch v := args[0].(type) {
				case starlark.Bytes:
					out.body.WriteString(string(v))
				default:
					out.body.WriteString(plain(v))
				}
			}
			return starlark.None, nil
		})}),
		"send_response": function("send_response", status), "send_response_only": function("send_response_only", status),
		"send_header": function("send_header", func(args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
			var name string
			var value starlark.Value
			if err := starlark.UnpackArgs("send_header", args, kwargs, "keyword", &name, "value", &value); err != nil {
				return nil, err
			}
			out.header.Add(name, plain(value))
			return starlark.None, nil
		}),
		"send_error": function("send_error", func(args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
			if _, err := status(args, kwargs); err != nil {
				return nil, err
			}
			out.header.Set("Content-Type", "text/html;charset=utf-8")
			out.body.WriteString(errorPage(out.status, http.StatusText(out.status)))
			return starlark.None, nil
		}),
	}
}

// errorPage is what http.server says about an error.
func errorPage(status int, message string) string {
	explained := map[int]string{404: "Nothing matches the given URI", 501: "Server does not support this operation", 500: "Server got itself in trouble", 503: "The server cannot process the request due to a high load"}[status]
	return fmt.Sprintf("<!DOCTYPE HTML>\n<html lang=\"en\">\n    <head>\n        <meta charset=\"utf-8\">\n        <title>Error response</title>\n    </head>\n    <body>\n        <h1>Error response</h1>\n"+
		"        <p>Error code: %d</p>\n        <p>Message: %s.</p>\n        <p>Error code explanation: %[1]d - %s.</p>\n    </body>\n</html>\n", status, html.EscapeString(message), explained)
}

func (in *interpreter) failed(w http.ResponseWriter, r *http.Request, status int, message string) {
	in.logged(r, "code %d, message %s", status, message)
	in.logged(r, "\"%s %s %s\" %d -", r.Method, r.RequestURI, r.Proto, status)
	page := errorPage(status, message)
	w.Header().Set("Content-Type", "text/html;charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, page) // a client that is gone is no concern of the server's
}

// file answers with a file or the list of a directory below dir.
func (in *interpreter) file(w http.ResponseWriter, r *http.Request, dir string) {
	name := path.Join(dir, path.Clean("/"+r.URL.Path))
	info, err := in.p.FS().Stat(name)
	if err == nil && info.IsDir() && strings.HasSuffix(r.URL.Path, "/") {
		for _, index := range []string{"index.html", "index.htm"} {
			if found, err := in.p.FS().Stat(path.Join(name, index)); err == nil && found.Mode().IsRegular() {
				name, info = path.Join(name, index), found
				break
			}
		}
	}
	switch {
	case err != nil || !info.IsDir() && strings.HasSuffix(r.URL.Path, "/") && !strings.HasSuffix(name, ".html") && !strings.HasSuffix(name, ".htm"):
		in.failed(w, r, http.StatusNotFound, "File not found")
		return
	case info.IsDir() && !strings.HasSuffix(r.URL.Path, "/"):
		in.logged(r, "\"%s %s %s\" 301 -", r.Method, r.RequestURI, r.Proto)
		w.Header().Set("Location", r.URL.Path+"/")
		w.WriteHeader(http.StatusMovedPermanently)
		return
	case info.IsDir():
		entries, err := in.p.FS().ReadDir(name)
		if err != nil {
			in.failed(w, r, http.StatusNotFound, "No permission to list directory")
			return
		}
		title := "Directory listing for " + html.EscapeString(r.URL.Path)
		page := fmt.Sprintf("<!DOCTYPE HTML>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>%[1]s</title>\n</head>\n<body>\n<h1>%[1]s</h1>\n<hr>\n<ul>\n", title)
		for _, e := range entries {
			shown := e.Name()
			if e.IsDir() {
				shown += "/"
			}
			page += fmt.Sprintf("<li><a href=%q>%s</a></li>\n", shown, html.EscapeString(shown))
		}
		in.logged(r, "\"%s %s %s\" 200 -", r.Method, r.RequestURI, r.Proto)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, page+"</ul>\n<hr>\n</body>\n</html>\n") // a client that is gone is no concern of the server's
		return
	}
	file, err := in.p.FS().Open(name)
	if err != nil {
		in.failed(w, r, http.StatusNotFound, "File not found")
		return
	}
	defer file.Close()
	kind := mime.TypeByExtension(path.Ext(name))
	if kind == "" {
		kind = "application/octet-stream"
	}
	kind, _, _ = strings.Cut(kind, ";") // Python tells no charset
	in.logged(r, "\"%s %s %s\" 200 -", r.Method, r.RequestURI, r.Proto)
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Length", strconv.FormatInt(info.Size(), 10))
	w.Header().Set("Last-Modified", info.ModTime().UTC().Format(http.TimeFormat))
	_, _ = io.Copy(w, file) // as above
}

// serveFiles is python -m http.server.
func serveFiles(ctx context.Context, p *sandbox.Process, unbuffered bool, args []string) int {
	bind, dir := "0.0.0.0", p.Dir
	rest, wrong := getopt.Parse(args, "bdp", "bind directory protocol", func(name, value string) string {
		switch name {
		case "-b", "--bind":
			bind = value
		case "-d", "--directory":
			dir = p.Path(value)
		case "-p", "--protocol":
		default:
			return "unrecognized arguments: " + name
		}
		return ""
	})
	port := 8000
	if wrong == "" && len(rest) > 0 {
		n, err := strconv.Atoi(rest[0])
		port = n
		switch {
		case err != nil:
			wrong = fmt.Sprintf("argument port: invalid int value: '%s'", rest[0])
		case len(rest) > 1:
			wrong = "unrecognized arguments: " + strings.Join(rest[1:], " ")
		}
	}
	if wrong != "" {
		fmt.Fprintf(p.Stderr, "usage: server.py [-h] [--cgi] [-b ADDRESS] [-d DIRECTORY] [-p VERSION] [port]\nserver.py: error: %s\n", wrong)
		return 2
	}
	host, shown := bind, bind
	if bind == "0.0.0.0" {
		host = ""
	}
	if strings.Contains(bind, ":") {
		shown = "[" + bind + "]"
	}
	listener, err := p.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	if err != nil {
		fmt.Fprintln(p.Stderr, "OSError: [Errno 98] Address already in use")
		return 1
	}
	greeting := fmt.Sprintf("Serving HTTP on %s port %d (http://%s:%[2]d/) ...\n", bind, port, shown)
	if unbuffered {
		fmt.Fprint(p.Stdout, greeting)
		greeting = ""
	}
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	interrupts := p.Notify(sandbox.SIGINT)
	interrupted := false
	var watching sync.WaitGroup
	watching.Go(func() {
		select {
		case <-interrupts:
			interrupted = true
			cancel()
		case <-inner.Done():
		}
	})
	p.Dir = dir // the handler's
	in := &interpreter{p: p, ctx: inner}
	in.serve(inner, listener, &class{name: "SimpleHTTPRequestHandler", files: true}, true)
	cancel()
	watching.Wait()
	if interrupted {
		fmt.Fprint(p.Stdout, greeting+"\nKeyboard interrupt received, exiting.\n")
	}
	return 0
}
