package python

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"go.starlark.net/lib/json"
	"go.starlark.net/lib/math"
	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"
)

// function makes a function of a module. pairs are the names of its parameters and where they go, as for starlark.UnpackArgs.
func function(name string, f func(args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error)) *starlark.Builtin {
	return starlark.NewBuiltin(name, func(_ *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		return f(args, kwargs)
	})
}

func module(name string, members starlark.StringDict) starlark.Value {
	return &starlarkstruct.Module{Name: name, Members: members}
}

// names is what a program finds.
func (in *interpreter) names() starlark.StringDict {
	server := module("http.server", starlark.StringDict{
		"HTTPServer": in.serverClass("HTTPServer", false), "ThreadingHTTPServer": in.serverClass("ThreadingHTTPServer", true),
		"BaseHTTPRequestHandler": &class{name: "BaseHTTPRequestHandler"}, "SimpleHTTPRequestHandler": &class{name: "SimpleHTTPRequestHandler", files: true},
	})
	stream := func(name string, to func(string), flush func()) starlark.Value {
		return module(name, starlark.StringDict{
			"write": function("write", func(args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
				var text starlark.String
				if err := starlark.UnpackArgs("write", args, kwargs, "s", &text); err != nil {
					return nil, err
				}
				to(string(text))
				return starlark.MakeInt(len(text)), nil
			}),
			"flush": function("flush", func(starlark.Tuple, []starlark.Tuple) (starlark.Value, error) {
				flush()
				return starlark.None, nil
			}),
		})
	}
	out := stream("stdout", in.say, in.flush)
	errs := stream("stderr", func(s string) { _, _ = io.WriteString(in.p.Stderr, s) }, func() {}) // who cannot write is told by SIGPIPE
	var argv []starlark.Value
	for _, a := range in.argv {
		argv = append(argv, starlark.String(a))
	}
	leave := function("exit", func(args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
		code := 0
		if len(args) > 0 {
			switch v := args[0].(type) {
			case starlark.Int:
				code, _ = starlark.AsInt32(v) // what is too large is 0 here
			case starlark.Bool:
				code = map[starlark.Bool]int{true: 1}[v]
			case starlark.NoneType:
			default:
				fmt.Fprintln(in.p.Stderr, plain(v))
				code = 1
			}
		}
		return nil, &exit{code & 0xff}
	})
	return starlark.StringDict{
		"print": in.printer(), "exit": leave, "quit": leave, "make_class": function("make_class", makeClass), "object": starlark.None, "open": function("open", in.open),
		"time":   module("time", in.time()),
		"sys":    module("sys", starlark.StringDict{"argv": starlark.NewList(argv), "exit": leave, "stdout": out, "stderr": errs, "version": starlark.String(version(in.p) + " (healthlab)"), "platform": starlark.String("linux")}),
		"os":     in.os(),
		"math":   math.Module,
		"json":   module("json", starlark.StringDict{"dumps": json.Module.Members["encode"], "loads": json.Module.Members["decode"]}),
		"random": module("random", random()),
		"socket": module("socket", in.socket()),
		"urllib": module("urllib", starlark.StringDict{"request": module("urllib.request", starlark.StringDict{"urlopen": function("urlopen", in.urlopen)})}),
		"http":   module("http", starlark.StringDict{"server": server}),
		"socketserver": module("socketserver", starlark.StringDict{
			"TCPServer": in.serverClass("TCPServer", false), "ThreadingTCPServer": in.serverClass("ThreadingTCPServer", true),
		}),
	}
}

// plain is a value as print shows it: texts without quotes.
func plain(v starlark.Value) string {
	switch v := v.(type) {
	case starlark.String:
		return string(v)
	case starlark.Bytes:
		return "b" + strconv.Quote(string(v))
	}
	return v.String()
}

// printer is print.
func (in *interpreter) printer() *starlark.Builtin {
	return function("print", func(args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		sep, end, flush := " ", "\n", false
		var file starlark.Value = starlark.None
		if err := starlark.UnpackArgs("print", nil, kwargs, "sep?", &sep, "end?", &end, "file?", &file, "flush?", &flush); err != nil {
			return nil, err
		}
		texts := make([]string, len(args))
		for i, a := range args {
			texts[i] = plain(a)
		}
		text := strings.Join(texts, sep) + end
		if m, ok := file.(*starlarkstruct.Module); ok && m.Name == "stderr" {
			_, _ = io.WriteString(in.p.Stderr, text) // who cannot write is told by SIGPIPE
			return starlark.None, nil
		}
		in.say(text)
		if flush {
			in.flush()
		}
		return starlark.None, nil
	})
}

func (in *interpreter) time() starlark.StringDict {
	return starlark.StringDict{
		"sleep": function("sleep", func(args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
			var seconds starlark.Value
			if err := starlark.UnpackArgs("sleep", args, kwargs, "secs", &seconds); err != nil {
				return nil, err
			}
			f, ok := starlark.AsFloat(seconds)
			const longest = 1e9
			if !ok || f < 0 || f > longest {
				return nil, raise("ValueError", "sleep length must be non-negative")
			}
			in.rest(func() {
				timer := time.NewTimer(time.Duration(f * float64(time.Second)))
				defer timer.Stop()
				select {
				case <-timer.C:
				case <-in.ctx.Done():
				}
			})
			return starlark.None, in.ctx.Err()
		}),
		"time": function("time", func(starlark.Tuple, []starlark.Tuple) (starlark.Value, error) {
			return starlark.Float(float64(time.Now().UnixMicro()) / 1e6), nil
		}),
		"strftime": function("strftime", func(args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
			var format string
			if err := starlark.UnpackArgs("strftime", args, kwargs, "format", &format); err != nil {
				return nil, err
			}
			now := time.Now().UTC()
			return starlark.String(strings.NewReplacer("%Y", now.Format("2006"), "%m", now.Format("01"), "%d", now.Format("02"), "%H", now.Format("15"), "%M", now.Format("04"), "%S", now.Format("05")).Replace(format)), nil
		}),
		"ctime": function("ctime", func(starlark.Tuple, []starlark.Tuple) (starlark.Value, error) {
			return starlark.String(time.Now().UTC().Format("Mon Jan _2 15:04:05 2006")), nil
		}),
	}
}

func (in *interpreter) os() starlark.Value {
	env := starlark.NewDict(len(in.p.Env))
	for _, kv := range in.p.Env {
		name, value, _ := strings.Cut(kv, "=")
		_ = env.SetKey(starlark.String(name), starlark.String(value)) // a new dictionary takes everything
	}
	one := func(name string, f func(path string) (starlark.Value, error)) *starlark.Builtin {
		return function(name, func(args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
			path := "."
			if err := starlark.UnpackArgs(name, args, kwargs, "path?", &path); err != nil {
				return nil, err
			}
			return f(path)
		})
	}
	is := func(name string, want func(os.FileInfo) bool) *starlark.Builtin {
		return one(name, func(path string) (starlark.Value, error) {
			info, err := in.p.FS().Stat(in.p.Path(path))
			return starlark.Bool(err == nil && want(info)), nil
		})
	}
	return module("os", starlark.StringDict{
		"environ": env,
		"getenv": function("getenv", func(args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
			var name string
			var otherwise starlark.Value = starlark.None
			if err := starlark.UnpackArgs("getenv", args, kwargs, "key", &name, "default?", &otherwise); err != nil {
				return nil, err
			}
			if v, found, _ := env.Get(starlark.String(name)); found {
				return v, nil
			}
			return otherwise, nil
		}),
		"getpid": function("getpid", func(starlark.Tuple, []starlark.Tuple) (starlark.Value, error) {
			return starlark.MakeInt(in.p.PID()), nil
		}),
		"getcwd": function("getcwd", func(starlark.Tuple, []starlark.Tuple) (starlark.Value, error) { return starlark.String(in.p.Dir), nil }),
		"remove": one("remove", func(path string) (starlark.Value, error) {
			return starlark.None, in.fileError(in.p.FS().Remove(in.p.Path(path)), path)
		}),
		"listdir": one("listdir", func(path string) (starlark.Value, error) {
			entries, err := in.p.FS().ReadDir(in.p.Path(path))
			if err != nil {
				return nil, in.fileError(err, path)
			}
			var list []starlark.Value
			for _, e := range entries {
				list = append(list, starlark.String(e.Name()))
			}
			return starlark.NewList(list), nil
		}),
		"path": module("os.path", starlark.StringDict{
			"exists": is("exists", func(os.FileInfo) bool { return true }), "isdir": is("isdir", os.FileInfo.IsDir), "isfile": is("isfile", func(i os.FileInfo) bool { return i.Mode().IsRegular() }),
		}),
	})
}

// fileError is Python's about a file.
func (in *interpreter) fileError(err error, name string) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, os.ErrNotExist):
		return raise("FileNotFoundError", "[Errno 2] No such file or directory: '%s'", name)
	case errors.Is(err, os.ErrPermission):
		return raise("PermissionError", "[Errno 13] Permission denied: '%s'", name)
	}
	return raise("OSError", "%v: '%s'", err, name)
}

// open is the file of a name: read and write of all of it, and close.
func (in *interpreter) open(args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var name string
	mode := "r"
	if err := starlark.UnpackArgs("open", args, kwargs, "file", &name, "mode?", &mode); err != nil {
		return nil, err
	}
	flags := map[byte]int{'r': os.O_RDONLY, 'w': os.O_WRONLY | os.O_CREATE | os.O_TRUNC, 'a': os.O_WRONLY | os.O_CREATE | os.O_APPEND, 'x': os.O_WRONLY | os.O_CREATE | os.O_EXCL}
	flag, ok := flags[(mode + " ")[0]]
	if !ok {
		return nil, raise("ValueError", "invalid mode: '%s'", mode)
	}
	file, err := in.p.OpenFile(name, flag, 0o666)
	if err != nil {
		return nil, in.fileError(err, name)
	}
	return module("file", starlark.StringDict{
		"read": function("read", func(starlark.Tuple, []starlark.Tuple) (starlark.Value, error) {
			data, err := io.ReadAll(io.LimitReader(file, maxProgram))
			return starlark.String(data), in.fileError(err, name)
		}),
		"write": function("write", func(args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
			var text string
			if err := starlark.UnpackArgs("write", args, kwargs, "s", &text); err != nil {
				return nil, err
			}
			n, err := io.WriteString(file, text)
			return starlark.MakeInt(n), in.fileError(err, name)
		}),
		"close": function("close", func(starlark.Tuple, []starlark.Tuple) (starlark.Value, error) { return starlark.None, file.Close() }),
	}), nil
}

func random() starlark.StringDict {
	return starlark.StringDict{
		"random": function("random", func(starlark.Tuple, []starlark.Tuple) (starlark.Value, error) {
			return starlark.Float(rand.Float64()), nil
		}), //nolint:gosec // not a secret
		"randint": function("randint", func(args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
			var from, to int
			if err := starlark.UnpackArgs("randint", args, kwargs, "a", &from, "b", &to); err != nil {
				return nil, err
			}
			if to < from {
				return nil, raise("ValueError", "empty range in randint(%d, %d)", from, to)
			}
			return starlark.MakeInt(from + rand.IntN(to-from+1)), nil //nolint:gosec // not a secret
		}),
		"choice": function("choice", func(args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
			var list starlark.Indexable
			if err := starlark.UnpackArgs("choice", args, kwargs, "seq", &list); err != nil {
				return nil, err
			}
			if list.Len() == 0 {
				return nil, raise("IndexError", "Cannot choose from an empty sequence")
			}
			return list.Index(rand.IntN(list.Len())), nil //nolint:gosec // not a secret
		}),
	}
}

// patience is how long a connection may take where the program sets no time.
const patience = 2 * time.Minute

func (in *interpreter) socket() starlark.StringDict {
	connect := func(to starlark.Tuple, seconds starlark.Value) error {
		if len(to) != 2 {
			return raise("TypeError", "AF_INET address must be tuple, not %s", to.Type())
		}
		ctx, cancel := in.within(seconds)
		defer cancel()
		var err error
		in.rest(func() {
			var conn net.Conn
			if conn, err = in.p.Dial(ctx, "tcp", net.JoinHostPort(plain(to[0]), plain(to[1]))); err == nil {
				_ = conn.Close() // that it could be opened is all that programs here ask
			}
		})
		return dialError(err)
	}
	closing := function("close", func(starlark.Tuple, []starlark.Tuple) (starlark.Value, error) { return starlark.None, nil })
	return starlark.StringDict{
		"AF_INET": starlark.MakeInt(2), "SOCK_STREAM": starlark.MakeInt(1),
		"gethostname": function("gethostname", func(starlark.Tuple, []starlark.Tuple) (starlark.Value, error) {
			return starlark.String(in.p.Hostname()), nil
		}),
		"create_connection": function("create_connection", func(args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
			var to starlark.Tuple
			var seconds starlark.Value = starlark.None
			if err := starlark.UnpackArgs("create_connection", args, kwargs, "address", &to, "timeout?", &seconds); err != nil {
				return nil, err
			}
			return module("socket", starlark.StringDict{"close": closing}), connect(to, seconds)
		}),
		"socket": function("socket", func(starlark.Tuple, []starlark.Tuple) (starlark.Value, error) {
			var seconds starlark.Value = starlark.None
			return module("socket", starlark.StringDict{
				"close": closing,
				"settimeout": function("settimeout", func(args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
					return starlark.None, starlark.UnpackArgs("settimeout", args, kwargs, "value", &seconds)
				}),
				"connect": function("connect", func(args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
					var to starlark.Tuple
					if err := starlark.UnpackArgs("connect", args, kwargs, "address", &to); err != nil {
						return nil, err
					}
					return starlark.None, connect(to, seconds)
				}),
				"connect_ex": function("connect_ex", func(args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
					var to starlark.Tuple
					if err := starlark.UnpackArgs("connect_ex", args, kwargs, "address", &to); err != nil {
						return nil, err
					}
					if connect(to, seconds) != nil {
						return starlark.MakeInt(111), nil //nolint:nilerr // the number is the error
					}
					return starlark.MakeInt(0), nil
				}),
			}), nil
		}),
	}
}

// within bounds what waits.
func (in *interpreter) within(seconds starlark.Value) (context.Context, context.CancelFunc) {
	wait := patience
	if f, ok := starlark.AsFloat(seconds); ok && f > 0 && f < patience.Seconds() {
		wait = time.Duration(f * float64(time.Second))
	}
	return context.WithTimeout(in.ctx, wait)
}

// dialError is Python's about a connection.
func dialError(err error) error {
	var name *net.DNSError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &name):
		return raise("socket.gaierror", "[Errno -2] Name or service not known")
	case errors.Is(err, syscall.ECONNREFUSED):
		return raise("ConnectionRefusedError", "[Errno 111] Connection refused")
	case errors.Is(err, syscall.EHOSTUNREACH):
		return raise("OSError", "[Errno 113] No route to host")
	}
	return raise("TimeoutError", "timed out")
}

// urlopen sends a request and reads all of the answer.
func (in *interpreter) urlopen(args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var url string
	var body, seconds starlark.Value = starlark.None, starlark.None
	if err := starlark.UnpackArgs("urlopen", args, kwargs, "url", &url, "data?", &body, "timeout?", &seconds); err != nil {
		return nil, err
	}
	ctx, cancel := in.within(seconds)
	defer cancel()
	method, sent := http.MethodGet, ""
	if body != starlark.None {
		method, sent = http.MethodPost, plain(body)
	}
	r, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(sent))
	if err != nil || r.URL.Host == "" {
		return nil, raise("ValueError", "unknown url type: '%s'", url)
	}
	if r.URL.Scheme != "http" {
		return nil, raise("urllib.error.URLError", "<urlopen error healthlab's python knows only http>")
	}
	minor := strings.SplitN(version(in.p), ".", 3)
	r.Header.Set("User-Agent", "Python-urllib/"+strings.Join(minor[:min(2, len(minor))], "."))
	transport := &http.Transport{DialContext: in.p.Dial, DisableKeepAlives: true, DisableCompression: true}
	defer transport.CloseIdleConnections()
	var resp *http.Response
	var data []byte
	in.rest(func() {
		if resp, err = (&http.Client{Transport: transport}).Do(r); err == nil { //nolint:bodyclose // two lines below
			data, err = io.ReadAll(io.LimitReader(resp.Body, maxProgram))
			_ = resp.Body.Close()
		}
	})
	if err != nil {
		wrong := dialError(err)
		if wrong.Error() == "TimeoutError: timed out" {
			return nil, wrong
		}
		_, text, _ := strings.Cut(wrong.Error(), ": ")
		return nil, raise("urllib.error.URLError", "<urlopen error %s>", text)
	}
	if resp.StatusCode >= 400 {
		return nil, raise("urllib.error.HTTPError", "HTTP Error %s", strings.Replace(resp.Status, " ", ": ", 1))
	}
	code := starlark.MakeInt(resp.StatusCode)
	return module("response", starlark.StringDict{
		"status": code, "code": code, "url": starlark.String(url),
		"getcode": function("getcode", func(starlark.Tuple, []starlark.Tuple) (starlark.Value, error) { return code, nil }),
		"read":    function("read", func(starlark.Tuple, []starlark.Tuple) (starlark.Value, error) { return starlark.String(data), nil }),
		"close":   function("close", func(starlark.Tuple, []starlark.Tuple) (starlark.Value, error) { return starlark.None, nil }),
	}), nil
}
