package nodejs

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path"
	"runtime"
	"strconv"
	"strings"

	"github.com/dop251/goja"

	"healthlab/lab/node/sandbox"
)

// failure is an error as Node.js describes those of the system.
type failure struct {
	Message string `json:"message"`
	Code    string `json:"code"`
	Errno   int    `json:"errno"`
	Syscall string `json:"syscall"`
	Address string `json:"address"`
	Port    int    `json:"port"`
}

// failed is what a function of host returns instead of a result.
type failed struct {
	Error failure `json:"error"`
}

// host is what the prelude needs.
func (l *loop) host() map[string]any {
	l.vm.SetFieldNameMapper(goja.TagFieldNameMapper("json", true))
	p := l.p
	return map[string]any{
		"argv": func() []string { return l.args }, "env": l.env, "pid": p.PID, "ppid": p.PPID, "hostname": p.Hostname, "ip": p.PodIP, "cwd": func() string { return p.Dir },
		"arch": func() string {
			return map[string]string{"amd64": "x64"}[runtime.GOARCH] + strings.TrimPrefix(runtime.GOARCH, "amd64")
		},
		"version": func() string { return version(p) }, "uptime": func() float64 { return p.Uptime().Seconds() }, "cpus": runtime.NumCPU, "tty": p.OnTerminal, "memory": memory,
		"out":   func(s string) { _, _ = io.WriteString(p.Stdout, s) }, // who cannot write is told by SIGPIPE
		"err":   func(s string) { _, _ = io.WriteString(p.Stderr, s) }, // as above
		"later": func(f goja.Callable) { l.later(func() { l.call(f) }) },
		"timer": l.timer, "clear": l.clear, "unref": l.unref, "signal": l.signal, "exit": l.exit, "kill": l.kill,
		"length": func(s string) int { return len(s) }, "clean": path.Clean, "statusCodes": statusCodes,
		"listen": l.listen, "request": l.request, "connect": l.connect,
		"exists": func(name string) bool { _, err := p.FS().Stat(p.Path(name)); return err == nil }, "find": l.find, "compile": l.compile,
		"read": l.read, "write": l.write, "list": l.list,
		"remove": func(name string) any { return fileFailure(p.FS().Remove(p.Path(name)), "unlink", name) },
		"mkdir":  func(name string) any { return fileFailure(p.FS().MkdirAll(p.Path(name), 0o755), "mkdir", name) },
	}
}

func (l *loop) env() map[string]string {
	env := map[string]string{}
	for _, kv := range l.p.Env {
		name, value, _ := strings.Cut(kv, "=")
		env[name] = value
	}
	return env
}

func memory() map[string]uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return map[string]uint64{"rss": m.Sys, "heapTotal": m.HeapSys, "heapUsed": m.HeapAlloc, "external": 0}
}

func statusCodes() map[string]string {
	all := map[string]string{}
	for code := 100; code < 600; code++ {
		if text := http.StatusText(code); text != "" {
			all[strconv.Itoa(code)] = text
		}
	}
	return all
}

func (l *loop) kill(pid int, name string) any {
	signal, err := sandbox.ParseSignal(name)
	if err != nil {
		return failed{failure{Message: "Unknown signal: " + name, Code: "ERR_UNKNOWN_SIGNAL"}}
	}
	if err := l.p.Kill(pid, signal); err != nil {
		return failed{failure{Message: "kill ESRCH", Code: "ESRCH", Errno: -3, Syscall: "kill"}}
	}
	return nil
}

// find returns the file that require means, or nothing.
func (l *loop) find(name string) string {
	name = path.Clean(name)
	for _, suffix := range []string{"", ".js", ".json", ".cjs", "/index.js"} {
		if info, err := l.p.FS().Stat(name + suffix); err == nil && !info.IsDir() {
			return name + suffix
		}
	}
	return ""
}

// compile makes a function of a file's text.
func (l *loop) compile(name, text string) goja.Value {
	if strings.HasPrefix(text, "#!") {
		text = "//" + text
	}
	if nested(text) {
		panic(l.vm.NewGoError(errors.New("Maximum call stack size exceeded"))) //nolint:staticcheck // V8's words
	}
	f, err := l.vm.RunScript(name, "(function (exports, require, module, __filename, __dirname) { "+text+"\n})")
	if err != nil {
		panic(l.vm.NewGoError(err))
	}
	return f
}

func (l *loop) read(name string) any {
	data, err := l.p.FS().ReadFile(l.p.Path(name), maxProgram)
	if err != nil {
		return fileFailure(err, "open", name)
	}
	return string(data)
}

func (l *loop) write(name, text string, add bool) any {
	flags := os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	if add {
		flags = os.O_WRONLY | os.O_CREATE | os.O_APPEND
	}
	file, err := l.p.OpenFile(name, flags, 0o644)
	if err != nil {
		return fileFailure(err, "open", name)
	}
	defer file.Close()
	_, err = io.WriteString(file, text)
	return fileFailure(err, "write", name)
}

func (l *loop) list(name string) any {
	entries, err := l.p.FS().ReadDir(l.p.Path(name))
	if err != nil {
		return fileFailure(err, "scandir", name)
	}
	names := make([]any, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return l.vm.NewArray(names...)
}

// fileFailure describes an error of a file; nothing is wrong without one.
func fileFailure(err error, syscall, name string) any {
	if err == nil {
		return nil
	}
	var errno sandbox.Errno
	errors.As(err, &errno)
	known := map[sandbox.Errno]failure{
		sandbox.ENOENT: {Code: "ENOENT", Errno: -2}, sandbox.EACCES: {Code: "EACCES", Errno: -13}, sandbox.EISDIR: {Code: "EISDIR", Errno: -21}, sandbox.ENOTDIR: {Code: "ENOTDIR", Errno: -20},
		sandbox.EROFS: {Code: "EROFS", Errno: -30}, sandbox.ENOSPC: {Code: "ENOSPC", Errno: -28}, sandbox.EEXIST: {Code: "EEXIST", Errno: -17}, sandbox.EPERM: {Code: "EPERM", Errno: -1},
	}
	f, ok := known[errno]
	if !ok {
		f = failure{Code: "EIO", Errno: -5}
	}
	f.Message, f.Syscall = fmt.Sprintf("%s: %s, %s '%s'", f.Code, strings.ToLower(string(errno)), syscall, name), syscall
	return failed{f}
}
