package python_test

import (
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"healthlab/lab/node/images/imagetest"
	"healthlab/lab/node/sandbox"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type step struct {
	name, script, out, errs string
	code                    int
}

func try(t *testing.T, c *sandbox.Container, steps []step) {
	for _, tt := range steps {
		t.Run(tt.name, func(t *testing.T) {
			out, errs, code := imagetest.Exec(t, c, "", "sh", "-c", tt.script)
			if out != tt.out || errs != tt.errs || code != tt.code {
				t.Errorf("got %q, %q, %d\nwant %q, %q, %d", out, errs, code, tt.out, tt.errs, tt.code)
			}
		})
	}
}

// TestFileServer has the answers of python 3.11 -m http.server.
func TestFileServer(t *testing.T) {
	log := filepath.Join(t.TempDir(), "0.log")
	b := imagetest.New(t)
	c := b.Start(t, "python:3.11-slim", sandbox.ContainerConfig{LogPath: log, Command: []string{"sh", "-c", "mkdir -p /www/sub && echo hi >/www/a.txt && exec python3 -u -m http.server 8080 --bind 0.0.0.0 -d /www"}})
	imagetest.Logged(t, log, `stdout F Serving HTTP on 0\.0\.0\.0 port 8080 \(http://0\.0\.0\.0:8080/\) \.\.\.\n`)
	const listing = "<!DOCTYPE HTML>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>Directory listing for /</title>\n</head>\n<body>\n<h1>Directory listing for /</h1>\n<hr>\n<ul>\n" +
		"<li><a href=\"a.txt\">a.txt</a></li>\n<li><a href=\"sub/\">sub/</a></li>\n</ul>\n<hr>\n</body>\n</html>\n"
	try(t, c, []step{
		{name: "list", script: "curl -s localhost:8080", out: listing},
		{name: "file", script: "curl -si localhost:8080/a.txt | tr -d '\\r' | grep -v -e Date -e Last -e HTTP", out: "Connection: close\nContent-Length: 3\nContent-Type: text/plain\n\nhi\n"},
		{name: "directory", script: "curl -s -o /dev/null -w '%{http_code}' localhost:8080/sub", out: "301"},
		{name: "nothing", script: "curl -s localhost:8080/none | grep Message; curl -s localhost:8080/../etc/passwd -o /dev/null -w '%{http_code}'", out: "        <p>Message: File not found.</p>\n404"},
		{name: "method", script: "curl -s -X POST -o /dev/null -w '%{http_code}' localhost:8080/", out: "501"},
		{name: "port", script: "python -m http.server abc", errs: "usage: server.py [-h] [--cgi] [-b ADDRESS] [-d DIRECTORY] [-p VERSION] [port]\nserver.py: error: argument port: invalid int value: 'abc'\n", code: 2},
		{name: "option", script: "python -m http.server -x", errs: "usage: server.py [-h] [--cgi] [-b ADDRESS] [-d DIRECTORY] [-p VERSION] [port]\nserver.py: error: unrecognized arguments: -x\n", code: 2},
		{name: "port is taken", script: "python -m http.server 8080", errs: "OSError: [Errno 98] Address already in use\n", code: 1},
		{name: "index", script: "echo home >/www/index.html; curl -s localhost:8080; rm /www/index.html", out: "home\n"},
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
	try(t, c, []step{
		{name: "version", script: "python --version; python3 -V", out: "Python 3.11.15\nPython 3.11.15\n"},
		{name: "print", script: `python -c "print('hello', 1, [1, 'a'], sep='-', end='!\n')"; python -c 'import sys; print(sys.argv[1:], file=sys.stderr)' x`, out: "hello-1-[1, \"a\"]!\n", errs: "[\"x\"]\n"},
		{name: "exit codes", script: "python -c 'import sys; sys.exit(3)'; echo $?; python -c 'import sys; sys.exit(\"bad\")'; echo $?; python -c 'exit(1)'; echo $?", out: "3\n1\n1\n", errs: "bad\n"},
		{name: "sleep", script: "python -c 'import time; time.sleep(0.01); print(\"up\")'; timeout 1 python -c 'import time\nwhile True: time.sleep(1)'; echo $?", out: "up\n143\n", errs: "Terminated\n"},
		{name: "loop", script: "python -c 'import time\nfor i in range(3):\n    print(\"tick %d\" % i, flush=True)\n    time.sleep(0.001)\n'", out: "tick 0\ntick 1\ntick 2\n"},
		{name: "endless", script: "timeout 1 python -c 'while True: pass'; echo $?", out: "143\n", errs: "Terminated\n"},
		{name: "probe", script: "python -c \"import urllib.request; urllib.request.urlopen('http://localhost:8000/healthz')\"; python3 -c \"import urllib.request as u, sys; sys.exit(0 if u.urlopen('http://127.0.0.1:8000/healthz', timeout=2).status == 200 else 1)\"; python -c \"from urllib.request import urlopen; print(urlopen('http://localhost:8000/healthz').read().decode())\"", out: "ok\n"},
		{name: "probe of an error", script: "python -c \"import urllib.request; urllib.request.urlopen('http://localhost:8000/none')\"", errs: refused + "urllib.error.HTTPError: HTTP Error 404: Not Found\n", code: 1},
		{name: "probe of nobody", script: "python -c \"import urllib.request; urllib.request.urlopen('http://localhost:9')\"", errs: refused + "urllib.error.URLError: <urlopen error [Errno 111] Connection refused>\n", code: 1},
		{name: "TCP probe", script: "python -c \"import socket; socket.create_connection(('localhost', 8000), 2)\"; python -c \"import socket; s = socket.socket(); s.settimeout(1); s.connect(('127.0.0.1', 8000)); s.close()\"; python -c \"import socket,sys; sys.exit(socket.socket(socket.AF_INET, socket.SOCK_STREAM).connect_ex(('localhost', 9)))\"; echo $?", out: "111\n"},
		{name: "TCP probe of nobody", script: "python -c \"import socket; socket.create_connection(('localhost', 9))\"", errs: refused + "ConnectionRefusedError: [Errno 111] Connection refused\n", code: 1},
		{name: "files", script: "cd /tmp; python -c \"import os; open('a', 'w').write('x'); print(os.path.exists('/tmp/a'), open('a').read(), os.listdir('/tmp')); os.remove('a')\"; python -c \"open('/none')\"", out: "True x [\"a\"]\n", errs: refused + "FileNotFoundError: [Errno 2] No such file or directory: '/none'\n", code: 1},
		{name: "environment", script: "A=b python -c \"import os; print(os.environ['A'], os.getenv('NONE', 'x'), os.environ.get('NONE'))\"", out: "b x None\n"},
		{name: "functions and f-strings", script: "python -c 'def f(x):\n  return x * 2\nname = \"you\"\nprint(f\"hi {name} {f(2)}\", [f(i) for i in range(3)], {\"a\": 1}[\"a\"] if name is not None else 0)'", out: "hi you 4 [0, 2, 4] 1\n"},
		{name: "json and math", script: "python -c \"import json, math; print(json.dumps({'a': [1, None]}), json.loads('[true]'), math.floor(2.5))\"", out: "{\"a\":[1,null]} [True] 2\n"},
		{name: "program in a file", script: "echo 'import sys; print(sys.argv)' >/tmp/p.py; python /tmp/p.py q; echo 'print(7)' | python; python /none.py", out: "[\"/tmp/p.py\", \"q\"]\n7\n", errs: "/usr/local/bin/python: can't open file '/none.py': [Errno 2] No such file or directory\n", code: 2},
		{name: "server", script: "curl -s -d hello localhost:8000; curl -s localhost:8000/none -o /dev/null -w ' %{http_code}'; curl -si localhost:8000/healthz | tr -d '\\r' | grep -i content-type", out: "hello 404Content-Type: text/plain\n"},
		{name: "handler that fails", script: "curl -s localhost:8000/bad; echo $?; curl -s localhost:8000/healthz", out: "52\nok"},
		{name: "made to fail", script: "curl -s -A me localhost:8000/break; curl -s localhost:8000/healthz -o /dev/null -w ' %{http_code}'", out: "broken by me 500"},
		{name: "one line server", script: "cd /etc; python -c 'import http.server, socketserver; socketserver.TCPServer((\"\", 8001), http.server.SimpleHTTPRequestHandler).serve_forever()' 2>/dev/null & until curl -s localhost:8001/hostname; do :; done; kill $!", out: "web\n"},
		{name: "no module", script: "python -c 'import requests' 2>&1 | tail -n 1 | cut -d' ' -f 1-5; python -m flask run; pip install flask", out: "ModuleNotFoundError: No module named 'requests'\n", errs: "/usr/local/bin/python: No module named flask (healthlab's python has -m http.server)\npip is not built into healthlab: it needs a registry\n", code: 1},
		{name: "not built in", script: "python -c 'try:\n  pass\nexcept: pass'", errs: "  File \"<string>\", line 1\n    try:\nSyntaxError: healthlab's python does not know this part of the language (try, with, global, decorators and the like)\n", code: 1},
		{name: "endless recursion", script: "python -c 'def f(): f()\nf()' 2>&1 | tail -n 1", out: "RuntimeError: healthlab's python: function f called recursively\n"},
		{name: "deep syntax", script: "python -c \"$(printf '%10000s' | tr ' ' '(')1\" 2>&1 | tail -n 1", out: "SyntaxError: too many nested parentheses\n"},
		{name: "wrong syntax", script: "python -c 'print(' 2>&1 | cut -c 1-50", out: "SyntaxError: healthlab's python does not know this\n"},
		{name: "no such name", script: "python -c 'print(nothing)'", errs: "Traceback (most recent call last):\n  File \"<string>\", line 1\nNameError: name 'nothing' is not defined\n", code: 1},
		{name: "wrong types", script: "python -c '\"a\" + 1' 2>&1 | tail -n 1", out: "RuntimeError: healthlab's python: unknown binary op: string + int\n"},
		{name: "options", script: "python -u -B -c 'print(1)'; python -Z", out: "1\n", errs: "unknown option -Z\nusage: python [option] ... [-c cmd | -m mod | file | -] [arg] ...\nTry `python -h' for more information.\n", code: 2},
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
