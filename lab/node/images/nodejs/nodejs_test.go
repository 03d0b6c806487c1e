package nodejs_test

import (
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"healthlab/lab/node/images/imagetest"
	"healthlab/lab/node/sandbox"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestAsNode has the answers of node 20.20.2, but for those about what is not built in.
func TestAsNode(t *testing.T) {
	b := imagetest.New(t)
	c := b.Start(t, "node:20", sandbox.ContainerConfig{Command: []string{"node", "-e", `
		const http = require('http');
		let healthy = true;
		http.createServer((req, res) => {
			if (req.url === '/break') { healthy = false; return res.end(); }
			if (req.url === '/slow') return;
			if (req.url === '/parts') { res.write('a'); setTimeout(() => res.end('b'), 10); return; }
			if (req.method === 'POST') { let s = ''; req.on('data', d => s += d); req.on('end', () => res.end('got ' + s)); return; }
			res.writeHead(healthy ? 200 : 503, { 'Content-Type': 'application/json', 'X-Who': req.headers['user-agent'] });
			res.end(JSON.stringify({ url: req.url, healthy }));
		}).listen(3000, '0.0.0.0', () => console.log('listening on %d', 3000));
	`}})
	imagetest.Exec(t, c, "", "sh", "-c", "until nc -z localhost 3000; do :; done")
	tests := []struct {
		name, script, out, errs string
		code                    int
	}{
		{name: "version", script: "node --version; node -p process.version; node -v", out: "v20.20.2\nv20.20.2\nv20.20.2\n"},
		{name: "print", script: "node -p '1+1'; node -p '[1,{a:\"b\"}]'; node -p 'process.argv.slice(1)' x y; node -e 'console.log(\"%s is %d\", \"a\", 3, [1], {x: null, f(){}})'", out: "2\n[ 1, { a: 'b' } ]\n[ 'x', 'y' ]\na is 3 [ 1 ] { x: null, f: [Function: f] }\n"},
		{name: "exit code", script: "node -e 'process.exit(3)'; echo $?; node -e 'process.exitCode = 4'; echo $?", out: "3\n4\n"},
		{name: "exit in the middle", script: "node -e 'setTimeout(() => {}, 1e6); console.log(1); process.exit(); console.log(2)'", out: "1\n"},
		{name: "timers", script: "node -e 'let n = 0; const t = setInterval(() => { if (++n === 3) clearInterval(t); console.log(n) }, 1); setTimeout(() => console.log(\"never\"), 5000).unref(); setImmediate(() => console.log(0))'", out: "0\n1\n2\n3\n"},
		{name: "order", script: "node -e 'setTimeout(() => console.log(4), 0); process.nextTick(() => console.log(2)); Promise.resolve().then(() => console.log(3)); console.log(1)'", out: "1\n2\n3\n4\n"},
		{name: "async", script: "node -e '(async () => { await new Promise(r => setTimeout(r, 1)); console.log(\"done\") })()'", out: "done\n"},
		{name: "probe", script: "node -e \"require('http').get('http://localhost:3000/health', (r) => process.exit(r.statusCode === 200 ? 0 : 1)).on('error', () => process.exit(1))\""},
		{name: "probe with options", script: "node -e \"const r = require('http').request({host:'localhost',port:3000,path:'/h',timeout:2000}, (res) => { console.log(res.statusCode, res.headers['content-type']); res.on('data', d => console.log(String(d))); res.on('end', () => process.exit(0)) }); r.on('error', () => process.exit(1)); r.end()\"", out: "200 application/json\n{\"url\":\"/h\",\"healthy\":true}\n"},
		{name: "probe with fetch", script: "node -e \"fetch('http://127.0.0.1:3000/').then(r => r.json()).then(j => { console.log(j.healthy); process.exit(j.healthy ? 0 : 1) })\"", out: "true\n"},
		{name: "probe of nobody", script: "node -e \"require('http').get('http://localhost:9/', r => process.exit(0)).on('error', e => { console.error(e.code); process.exit(1) })\"", errs: "ECONNREFUSED\n", code: 1},
		{name: "probe that takes too long", script: "node -e \"const r = require('http').get({port:3000,path:'/slow',timeout:50}); r.on('timeout', () => { console.log('timeout'); r.destroy(); process.exit(1) })\"", out: "timeout\n", code: 1},
		{name: "TCP probe", script: "node -e \"const s=require('net').connect(3000,'localhost',()=>{console.log('up');s.end();process.exit(0)}); s.on('error',()=>process.exit(1))\"; node -e \"require('net').connect(9).on('error', e => { console.log(e.message); process.exit(1) })\"", out: "up\nconnect ECONNREFUSED 127.0.0.1:9\n", code: 1},
		{name: "server", script: "curl -s -A me -i localhost:3000/x | tr -d '\\r' | grep -v -e Date -e Keep-Alive -e Connection; echo; curl -s -d hello localhost:3000; echo; curl -s localhost:3000/parts", out: "HTTP/1.1 200 OK\nContent-Length: 27\nContent-Type: application/json\nX-Who: me\n\n{\"url\":\"/x\",\"healthy\":true}\n\ngot hello\nab"},
		{name: "files", script: "cd /tmp; node -e \"const fs=require('fs'); fs.writeFileSync('a', 'x\\n'); fs.appendFileSync('a', 'y'); console.log(fs.existsSync('/tmp/a'), fs.readFileSync('a','utf8'), fs.readdirSync('/tmp'))\"; cat a; node -e \"try { require('fs').readFileSync('/none') } catch (e) { console.log(e.message, e.errno) }\"", out: "true x\ny [ 'a' ]\nx\nyENOENT: no such file or directory, open '/none' -2\n"},
		{name: "program in a file", script: "cd /tmp && mkdir -p lib && echo 'exports.twice = x => x * 2' >lib/n.js && echo '{\"a\": 1}' >c.json && printf '#!/usr/bin/env node\\nconsole.log(require(\"./lib/n\").twice(require(\"./c\").a), __dirname, process.argv[2])\\n' >m.js && node m q", out: "2 /tmp q\n"},
		{name: "standard input", script: "echo 'console.log(7)' | node; echo 'console.log(8)' | node -", out: "7\n8\n"},
		{name: "path and os", script: "node -p \"const p=require('node:path'); [p.join('/a','..','b'), p.resolve('x'), p.basename('/a/b.js','.js'), p.extname('a.b.c'), require('os').hostname()]\"", out: "[ '/b', '/x', 'b', '.c', 'web' ]\n"},
		{name: "signal", script: "node -e \"process.on('SIGTERM', () => { console.log('bye'); process.exit(0) }); setInterval(() => {}, 1000); require('fs').writeFileSync('/tmp/up', '')\" & until [ -f /tmp/up ]; do :; done; kill $!; wait $!; echo $?", out: "bye\n0\n"},
		{name: "signal without a handler", script: "node -e 'setInterval(() => {}, 1000)' & sleep 0.1; kill $!; wait $!; echo $?", out: "143\n", errs: "Terminated\n"},
		{name: "endless program", script: "timeout 1 node -e 'for (;;);'; echo $?", out: "143\n", errs: "Terminated\n"},
		{name: "endless recursion", script: "node -e 'function f() { f() }; f()'", errs: "RangeError: Maximum call stack size exceeded\n\nNode.js v20.20.2\n", code: 1},
		{name: "deep syntax", script: "node -p \"$(printf '%10000s' | tr ' ' '(')1\"", errs: "RangeError: Maximum call stack size exceeded\n", code: 1},
		{name: "event exit", script: "node -e 'process.on(\"exit\", c => console.log(\"code\", c)); process.exit(2)'; echo $?; node -e 'process.on(\"exit\", c => console.log(\"code\", c))'", out: "code 2\n2\ncode 0\n"},
		{name: "thrown", script: "node -e 'throw new Error(\"broken\")' 2>&1 | grep -e broken -e Node.js; node -e 'foo()' 2>&1 | grep Reference; node -e 'foo('; echo $?", out: "Error: broken\nNode.js v20.20.2\nReferenceError: foo is not defined\n1\n", errs: "SyntaxError: [eval]: Line 1:5 Unexpected end of input (and 1 more errors)\n\nNode.js v20.20.2\n"},
		{name: "rejected", script: "node -e 'Promise.reject(new Error(\"no\"))' 2>/dev/null; echo $?; node -e 'Promise.reject(1).catch(() => {})'; echo $?", out: "1\n0\n"},
		{name: "uncaughtException", script: "node -e 'process.on(\"uncaughtException\", e => console.log(\"caught \" + e.message)); setTimeout(() => { throw new Error(\"x\") }, 1)'; echo $?", out: "caught x\n0\n"},
		{name: "port is taken", script: "node -e 'require(\"http\").createServer().listen(3000).on(\"error\", e => console.log(e.message))'", out: "listen EADDRINUSE: address already in use :::3000\n"},
		{name: "closed", script: "node -e 'const s = require(\"http\").createServer().listen(0, () => s.close(() => console.log(\"closed\")))'", out: "closed\n"},
		{name: "no file", script: "node /none.js 2>&1 | grep Error; node -e 'require(\"express\")' 2>&1 | grep Error", out: "Error: Cannot find module '/none.js'\nError: Cannot find module 'express'\n"},
		{name: "unknown option", script: "node --foo x.js", errs: "node: bad option: --foo\n", code: 9},
		{name: "not built in", script: "node -e 'require(\"crypto\")' 2>&1 | grep Error; node -e 'require(\"http\").get(\"https://x\")' 2>&1 | grep Error; echo 'import http from \"http\"' >/tmp/e.mjs; node /tmp/e.mjs; npm start; echo $?", out: "Error: module 'crypto' is not built into healthlab's node\nError: https is not built into healthlab's node\n1\n", errs: "node: ES modules (import, export) are not built into healthlab: use require\nnpm is not built into healthlab: it needs a registry\n"},
		{name: "made to fail", script: "curl -s localhost:3000/break; curl -s -o /dev/null -w '%{http_code}' localhost:3000/", out: "503"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out, errs, code := imagetest.Exec(t, c, "", "sh", "-c", tt.script)
			if out != tt.out || errs != tt.errs || code != tt.code {
				t.Errorf("got %q, %q, %d\nwant %q, %q, %d", out, errs, code, tt.out, tt.errs, tt.code)
			}
		})
	}
}

// TestMainProgram ignores SIGTERM without a handler, as PID 1.
func TestMainProgram(t *testing.T) {
	log := filepath.Join(t.TempDir(), "0.log")
	b := imagetest.New(t)
	c := b.Start(t, "node:18-alpine", sandbox.ContainerConfig{LogPath: log, Args: []string{"-e", "console.log('up'); setInterval(() => console.log('tick'), 20)"}})
	imagetest.Logged(t, log, "stdout F up\n")
	if err := c.Signal(sandbox.SIGTERM); err != nil {
		t.Fatal(err)
	}
	imagetest.Logged(t, log, "tick\n(?s:.*)tick\n(?s:.*)tick\n")
	if out, _, code := imagetest.Exec(t, c, "", "node", "-p", "process.pid > 1"); out != "true\n" || code != 0 {
		t.Errorf("%q %d", out, code)
	}
	if err := c.Signal(sandbox.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if exit := imagetest.Ended(t, c); exit.Code != 137 {
		t.Errorf("%+v", exit)
	}
}
