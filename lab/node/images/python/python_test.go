package python_test

import (
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"healthlab/lab/node/images/imagetest"
	"healthlab/lab/node/sandbox"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestFileServer has the answers of python 3.11 -m http.server.
func TestFileServer(t *testing.T) {
	log := filepath.Join(t.TempDir(), "0.log")
	b := imagetest.New(t)
	c := b.Start(t, "python:3.11-slim", sandbox.ContainerConfig{LogPath: log, Command: []string{"sh", "-c", "mkdir -p /www/sub && echo hi >/www/a.txt && exec python3 -u -m http.server 8080 --bind 0.0.0.0 -d /www"}})
	imagetest.Logged(t, log, `stdout F Serving HTTP on 0\.0\.0\.0 port 8080 \(http://0\.0\.0\.0:8080/\) \.\.\.\n`)
	const listing = "<!DOCTYPE HTML>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>Directory listing for /</title>\n</head>\n<body>\n<h1>Directory listing for /</h1>\n<hr>\n<ul>\n" +
		"<li><a href=\"a.txt\">a.txt</a></li>\n<li><a href=\"sub/\">sub/</a></li>\n</ul>\n<hr>\n</body>\n</html>\n"
	imagetest.Try(t, c, []imagetest.Step{
		{Name: "list", Script: "curl -s localhost:8080", Out: listing},
		{Name: "file", Script: "curl -si localhost:8080/a.txt | tr -d '\\r' | grep -v -e Date -e Last -e HTTP", Out: "Connection: close\nContent-Length: 3\nContent-Type: text/plain\n\nhi\n"},
		{Name: "directory", Script: "curl -s -o /dev/null -w '%{http_code}' localhost:8080/sub", Out: "301"},
		{Name: "nothing", Script: "curl -s localhost:8080/none | grep Message; curl -s localhost:8080/../etc/passwd -o /dev/null -w '%{http_code}'", Out: "        <p>Message: File not found.</p>\n404"},
		{Name: "method", Script: "curl -s -X POST -o /dev/null -w '%{http_code}' localhost:8080/", Out: "501"},
		{Name: "port", Script: "python -m http.server abc", Errs: "usage: server.py [-h] [--cgi] [-b ADDRESS] [-d DIRECTORY] [-p VERSION] [port]\nserver.py: error: argument port: invalid int value: 'abc'\n", Code: 2},
		{Name: "option", Script: "python -m http.server -x", Errs: "usage: server.py [-h] [--cgi] [-b ADDRESS] [-d DIRECTORY] [-p VERSION] [port]\nserver.py: error: unrecognized arguments: -x\n", Code: 2},
		{Name: "port is taken", Script: "python -m http.server 8080", Errs: "OSError: [Errno 98] Address already in use\n", Code: 1},
		{Name: "index", Script: "echo home >/www/index.html; curl -s localhost:8080; rm /www/index.html", Out: "home\n"},
	})
	imagetest.Logged(t, log, `stderr F 127\.0\.0\.1 - - \[\d\d/\w{3}/\d{4} \d\d:\d\d:\d\d\] "GET /a\.txt HTTP/1\.1" 200 -\n`)
	imagetest.Logged(t, log, `code 404, message File not found\n\S+ stderr F 127.0.0.1 - - \S+ \S+ "GET /none HTTP/1\.1" 404 -\n`)
	imagetest.Logged(t, log, `code 501, message Unsupported method \('POST'\)\n`)
	if err := c.Signal(sandbox.SIGINT); err != nil {
		t.Fatal(err)
	}
	if exit := imagetest.Ended(t, c); exit.Code != 0 {
		t.Errorf("%+v", exit)
	}
}

// TestPrograms have the answers of python 3.11, but for those about what is not built in.
func TestPrograms(t *testing.T) {
	b := imagetest.New(t)
	log := filepath.Join(t.TempDir(), "0.log")
	c := b.Start(t, "python:3.11", sandbox.ContainerConfig{LogPath: log, Command: []string{"python", "-c", `
from http.server import BaseHTTPRequestHandler, HTTPServer
import os, time

state = {"healthy": True}

class Handler(BaseHTTPRequestHandler):
    def reply(self, code, text):
        self.send_response(code)
        self.send_header('Content-Type', 'text/plain')
        self.end_headers()
        self.wfile.write(text.encode())

    # the probes' paths
    def do_GET(self):
        if self.path == '/healthz':
            self.reply(200 if state["healthy"] else 500, 'ok')
        elif self.path == '/break':
            state["healthy"] = False
            self.reply(200, f"broken by {self.headers.get('User-Agent')}")
        elif self.path == '/bad':
            self.reply(200, 'a' + 1)
        else:
            self.send_error(404)

    def do_POST(self):
        n = int(self.headers.get('Content-Length', 0))
        self.reply(200, self.rfile.read(n).decode('utf-8'))

    def log_message(self, *args):
        pass

if __name__ == '__main__':
    print("starting", flush=True)
    HTTPServer(('0.0.0.0', int(os.environ.get('PORT', '8000'))), Handler).serve_forever()
`}})
	imagetest.Logged(t, log, "stdout F starting\n")
	imagetest.Exec(t, c, "", "sh", "-c", "until nc -z localhost 8000; do :; done")
	refused := "Traceback (most recent call last):\n  File \"<string>\", line 1, in <module>\n"
	imagetest.Try(t, c, []imagetest.Step{
		{Name: "version", Script: "python --version; python3 -V", Out: "Python 3.11.15\nPython 3.11.15\n"},
		{Name: "print", Script: `python -c "print('hello', 1, [1, 'a'], sep='-', end='!\n')"; python -c 'import sys; print(sys.argv[1:], file=sys.stderr)' x`, Out: "hello-1-[1, \"a\"]!\n", Errs: "[\"x\"]\n"},
		{Name: "exit codes", Script: "python -c 'import sys; sys.exit(3)'; echo $?; python -c 'import sys; sys.exit(\"bad\")'; echo $?; python -c 'exit(1)'; echo $?", Out: "3\n1\n1\n", Errs: "bad\n"},
		{Name: "sleep", Script: "python -c 'import time; time.sleep(0.01); print(\"up\")'; timeout 1 python -c 'import time\nwhile True: time.sleep(1)'; echo $?", Out: "up\n143\n", Errs: "Terminated\n"},
		{Name: "loop", Script: "python -c 'import time\nfor i in range(3):\n    print(\"tick %d\" % i, flush=True)\n    time.sleep(0.001)\n'", Out: "tick 0\ntick 1\ntick 2\n"},
		{Name: "endless", Script: "timeout 1 python -c 'while True: pass'; echo $?", Out: "143\n", Errs: "Terminated\n"},
		{Name: "probe", Script: "python -c \"import urllib.request; urllib.request.urlopen('http://localhost:8000/healthz')\"; python3 -c \"import urllib.request as u, sys; sys.exit(0 if u.urlopen('http://127.0.0.1:8000/healthz', timeout=2).status == 200 else 1)\"; python -c \"from urllib.request import urlopen; print(urlopen('http://localhost:8000/healthz').read().decode())\"", Out: "ok\n"},
		{Name: "probe of an error", Script: "python -c \"import urllib.request; urllib.request.urlopen('http://localhost:8000/none')\"", Errs: refused + "urllib.error.HTTPError: HTTP Error 404: Not Found\n", Code: 1},
		{Name: "probe of nobody", Script: "python -c \"import urllib.request; urllib.request.urlopen('http://localhost:9')\"", Errs: refused + "urllib.error.URLError: <urlopen error [Errno 111] Connection refused>\n", Code: 1},
		{Name: "TCP probe", Script: "python -c \"import socket; socket.create_connection(('localhost', 8000), 2)\"; python -c \"import socket; s = socket.socket(); s.settimeout(1); s.connect(('127.0.0.1', 8000)); s.close()\"; python -c \"import socket,sys; sys.exit(socket.socket(socket.AF_INET, socket.SOCK_STREAM).connect_ex(('localhost', 9)))\"; echo $?", Out: "111\n"},
		{Name: "TCP probe of nobody", Script: "python -c \"import socket; socket.create_connection(('localhost', 9))\"", Errs: refused + "ConnectionRefusedError: [Errno 111] Connection refused\n", Code: 1},
		{Name: "files", Script: "cd /tmp; python -c \"import os; open('a', 'w').write('x'); print(os.path.exists('/tmp/a'), open('a').read(), os.listdir('/tmp')); os.remove('a')\"; python -c \"open('/none')\"", Out: "True x [\"a\"]\n", Errs: refused + "FileNotFoundError: [Errno 2] No such file or directory: '/none'\n", Code: 1},
		{Name: "environment", Script: "A=b python -c \"import os; print(os.environ['A'], os.getenv('NONE', 'x'), os.environ.get('NONE'))\"", Out: "b x None\n"},
		{Name: "functions and f-strings", Script: "python -c 'def f(x):\n  return x * 2\nname = \"you\"\nprint(f\"hi {name} {f(2)}\", [f(i) for i in range(3)], {\"a\": 1}[\"a\"] if name is not None else 0)'", Out: "hi you 4 [0, 2, 4] 1\n"},
		{Name: "json and math", Script: "python -c \"import json, math; print(json.dumps({'a': [1, None]}), json.loads('[true]'), math.floor(2.5))\"", Out: "{\"a\":[1,null]} [True] 2\n"},
		{Name: "program in a file", Script: "echo 'import sys; print(sys.argv)' >/tmp/p.py; python /tmp/p.py q; echo 'print(7)' | python; python /none.py", Out: "[\"/tmp/p.py\", \"q\"]\n7\n", Errs: "/usr/local/bin/python: can't open file '/none.py': [Errno 2] No such file or directory\n", Code: 2},
		{Name: "server", Script: "curl -s -d hello localhost:8000; curl -s localhost:8000/none -o /dev/null -w ' %{http_code}'; curl -si localhost:8000/healthz | tr -d '\\r' | grep -i content-type", Out: "hello 404Content-Type: text/plain\n"},
		{Name: "handler that fails", Script: "curl -s localhost:8000/bad; echo $?; curl -s localhost:8000/healthz", Out: "52\nok"},
		{Name: "made to fail", Script: "curl -s -A me localhost:8000/break; curl -s localhost:8000/healthz -o /dev/null -w ' %{http_code}'", Out: "broken by me 500"},
		{Name: "one line server", Script: "cd /etc; python -c 'import http.server, socketserver; socketserver.TCPServer((\"\", 8001), http.server.SimpleHTTPRequestHandler).serve_forever()' 2>/dev/null & until curl -s localhost:8001/hostname; do :; done; kill $!", Out: "web\n"},
		{Name: "no module", Script: "python -c 'import requests' 2>&1 | tail -n 1 | cut -d' ' -f 1-5; python -m flask run; pip install flask", Out: "ModuleNotFoundError: No module named 'requests'\n", Errs: "/usr/local/bin/python: No module named flask (healthlab's python has -m http.server)\npip is not built into healthlab: it needs a registry\n", Code: 1},
		{Name: "not built in", Script: "python -c 'try:\n  pass\nexcept: pass'", Errs: "  File \"<string>\", line 1\n    try:\nSyntaxError: healthlab's python does not know this part of the language (try, with, global, decorators and the like)\n", Code: 1},
		{Name: "endless recursion", Script: "python -c 'def f(): f()\nf()' 2>&1 | tail -n 1", Out: "RuntimeError: healthlab's python: function f called recursively\n"},
		{Name: "deep syntax", Script: "python -c \"$(printf '%10000s' | tr ' ' '(')1\" 2>&1 | tail -n 1", Out: "SyntaxError: too many nested parentheses\n"},
		{Name: "wrong syntax", Script: "python -c 'print(' 2>&1 | cut -c 1-50", Out: "SyntaxError: healthlab's python does not know this\n"},
		{Name: "no such name", Script: "python -c 'print(nothing)'", Errs: "Traceback (most recent call last):\n  File \"<string>\", line 1\nNameError: name 'nothing' is not defined\n", Code: 1},
		{Name: "wrong types", Script: "python -c '\"a\" + 1' 2>&1 | tail -n 1", Out: "RuntimeError: healthlab's python: unknown binary op: string + int\n"},
		{Name: "options", Script: "python -u -B -c 'print(1)'; python -Z", Out: "1\n", Errs: "unknown option -Z\nusage: python [option] ... [-c cmd | -m mod | file | -] [arg] ...\nTry `python -h' for more information.\n", Code: 2},
	})
}

// TestBuffered output of a program that is killed is lost, as Python's.
func TestBuffered(t *testing.T) {
	for _, option := range []string{"", "-u "} {
		b := imagetest.New(t)
		c := b.Start(t, "python", sandbox.ContainerConfig{Command: []string{"sleep", "3600"}})
		want := ""
		if option != "" {
			want = "up\n"
		}
		out, _, _ := imagetest.Exec(t, c, "", "sh", "-c", "python "+option+"-c 'import time; print(\"up\"); open(\"/tmp/up\", \"w\").close(); time.sleep(3600)' >/tmp/out & until [ -f /tmp/up ]; do :; done; kill -9 $!; wait $!; cat /tmp/out")
		if out != want {
			t.Errorf("%q: %q", option, out)
		}
	}
}
