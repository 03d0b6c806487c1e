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
	imagetest.Try(t, c, []imagetest.Step{
		{Name: "version", Script: "node --version; node -p process.version; node -v", Out: "v20.20.2\nv20.20.2\nv20.20.2\n"},
		{Name: "print", Script: "node -p '1+1'; node -p '[1,{a:\"b\"}]'; node -p 'process.argv.slice(1)' x y; node -e 'console.log(\"%s is %d\", \"a\", 3, [1], {x: null, f(){}})'", Out: "2\n[ 1, { a: 'b' } ]\n[ 'x', 'y' ]\na is 3 [ 1 ] { x: null, f: [Function: f] }\n"},
		{Name: "exit code", Script: "node -e 'process.exit(3)'; echo $?; node -e 'process.exitCode = 4'; echo $?", Out: "3\n4\n"},
		{Name: "exit in the middle", Script: "node -e 'setTimeout(() => {}, 1e6); console.log(1); process.exit(); console.log(2)'", Out: "1\n"},
		{Name: "timers", Script: "node -e 'let n = 0; const t = setInterval(() => { if (++n === 3) clearInterval(t); console.log(n) }, 1); setTimeout(() => console.log(\"never\"), 5000).unref(); setImmediate(() => console.log(0))'", Out: "0\n1\n2\n3\n"},
		{Name: "order", Script: "node -e 'setTimeout(() => console.log(4), 0); process.nextTick(() => console.log(2)); Promise.resolve().then(() => console.log(3)); console.log(1)'", Out: "1\n2\n3\n4\n"},
		{Name: "async", Script: "node -e '(async () => { await new Promise(r => setTimeout(r, 1)); console.log(\"done\") })()'", Out: "done\n"},
		{Name: "probe", Script: "node -e \"require('http').get('http://localhost:3000/health', (r) => process.exit(r.statusCode === 200 ? 0 : 1)).on('error', () => process.exit(1))\""},
		{Name: "probe with options", Script: "node -e \"const r = require('http').request({host:'localhost',port:3000,path:'/h',timeout:2000}, (res) => { console.log(res.statusCode, res.headers['content-type']); res.on('data', d => console.log(String(d))); res.on('end', () => process.exit(0)) }); r.on('error', () => process.exit(1)); r.end()\"", Out: "200 application/json\n{\"url\":\"/h\",\"healthy\":true}\n"},
		{Name: "probe with fetch", Script: "node -e \"fetch('http://127.0.0.1:3000/').then(r => r.json()).then(j => { console.log(j.healthy); process.exit(j.healthy ? 0 : 1) })\"", Out: "true\n"},
		{Name: "probe of nobody", Script: "node -e \"require('http').get('http://localhost:9/', r => process.exit(0)).on('error', e => { console.error(e.code); process.exit(1) })\"", Errs: "ECONNREFUSED\n", Code: 1},
		{Name: "probe that takes too long", Script: "node -e \"const r = require('http').get({port:3000,path:'/slow',timeout:50}); r.on('timeout', () => { console.log('timeout'); r.destroy(); process.exit(1) })\"", Out: "timeout\n", Code: 1},
		{Name: "TCP probe", Script: "node -e \"const s=require('net').connect(3000,'localhost',()=>{console.log('up');s.end();process.exit(0)}); s.on('error',()=>process.exit(1))\"; node -e \"require('net').connect(9).on('error', e => { console.log(e.message); process.exit(1) })\"", Out: "up\nconnect ECONNREFUSED 127.0.0.1:9\n", Code: 1},
		{Name: "server", Script: "curl -s -A me -i localhost:3000/x | tr -d '\\r' | grep -v -e Date -e Keep-Alive -e Connection; echo; curl -s -d hello localhost:3000; echo; curl -s localhost:3000/parts", Out: "HTTP/1.1 200 OK\nContent-Length: 27\nContent-Type: application/json\nX-Who: me\n\n{\"url\":\"/x\",\"healthy\":true}\n\ngot hello\nab"},
		{Name: "files", Script: "cd /tmp; node -e \"const fs=require('fs'); fs.writeFileSync('a', 'x\\n'); fs.appendFileSync('a', 'y'); console.log(fs.existsSync('/tmp/a'), fs.readFileSync('a','utf8'), fs.readdirSync('/tmp'))\"; cat a; node -e \"try { require('fs').readFileSync('/none') } catch (e) { console.log(e.message, e.errno) }\"", Out: "true x\ny [ 'a' ]\nx\nyENOENT: no such file or directory, open '/none' -2\n"},
		{Name: "program in a file", Script: "cd /tmp && mkdir -p lib && echo 'exports.twice = x => x * 2' >lib/n.js && echo '{\"a\": 1}' >c.json && printf '#!/usr/bin/env node\\nconsole.log(require(\"./lib/n\").twice(require(\"./c\").a), __dirname, process.argv[2])\\n' >m.js && node m q", Out: "2 /tmp q\n"},
		{Name: "standard input", Script: "echo 'console.log(7)' | node; echo 'console.log(8)' | node -", Out: "7\n8\n"},
		{Name: "path and os", Script: "node -p \"const p=require('node:path'); [p.join('/a','..','b'), p.resolve('x'), p.basename('/a/b.js','.js'), p.extname('a.b.c'), require('os').hostname()]\"", Out: "[ '/b', '/x', 'b', '.c', 'web' ]\n"},
		{Name: "signal", Script: "node -e \"process.on('SIGTERM', () => { console.log('bye'); process.exit(0) }); setInterval(() => {}, 1000); require('fs').writeFileSync('/tmp/up', '')\" & until [ -f /tmp/up ]; do :; done; kill $!; wait $!; echo $?", Out: "bye\n0\n"},
		{Name: "signal without a handler", Script: "node -e 'setInterval(() => {}, 1000)' & sleep 0.1; kill $!; wait $!; echo $?", Out: "143\n", Errs: "Terminated\n"},
		{Name: "endless program", Script: "timeout 1 node -e 'for (;;);'; echo $?", Out: "143\n", Errs: "Terminated\n"},
		{Name: "endless recursion", Script: "node -e 'function f() { f() }; f()'", Errs: "RangeError: Maximum call stack size exceeded\n\nNode.js v20.20.2\n", Code: 1},
		{Name: "deep syntax", Script: "node -p \"$(printf '%10000s' | tr ' ' '(')1\"", Errs: "RangeError: Maximum call stack size exceeded\n", Code: 1},
		{Name: "event exit", Script: "node -e 'process.on(\"exit\", c => console.log(\"code\", c)); process.exit(2)'; echo $?; node -e 'process.on(\"exit\", c => console.log(\"code\", c))'", Out: "code 2\n2\ncode 0\n"},
		{Name: "thrown", Script: "node -e 'throw new Error(\"broken\")' 2>&1 | grep -e broken -e Node.js; node -e 'foo()' 2>&1 | grep Reference; node -e 'foo('; echo $?", Out: "Error: broken\nNode.js v20.20.2\nReferenceError: foo is not defined\n1\n", Errs: "SyntaxError: [eval]: Line 1:5 Unexpected end of input (and 1 more errors)\n\nNode.js v20.20.2\n"},
		{Name: "rejected", Script: "node -e 'Promise.reject(new Error(\"no\"))' 2>/dev/null; echo $?; node -e 'Promise.reject(1).catch(() => {})'; echo $?", Out: "1\n0\n"},
		{Name: "uncaughtException", Script: "node -e 'process.on(\"uncaughtException\", e => console.log(\"caught \" + e.message)); setTimeout(() => { throw new Error(\"x\") }, 1)'; echo $?", Out: "caught x\n0\n"},
		{Name: "port is taken", Script: "node -e 'require(\"http\").createServer().listen(3000).on(\"error\", e => console.log(e.message))'", Out: "listen EADDRINUSE: address already in use :::3000\n"},
		{Name: "closed", Script: "node -e 'const s = require(\"http\").createServer().listen(0, () => s.close(() => console.log(\"closed\")))'", Out: "closed\n"},
		{Name: "no file", Script: "node /none.js 2>&1 | grep Error; node -e 'require(\"express\")' 2>&1 | grep Error", Out: "Error: Cannot find module '/none.js'\nError: Cannot find module 'express'\n"},
		{Name: "unknown option", Script: "node --foo x.js", Errs: "node: bad option: --foo\n", Code: 9},
		{Name: "not built in", Script: "node -e 'require(\"crypto\")' 2>&1 | grep Error; node -e 'require(\"http\").get(\"https://x\")' 2>&1 | grep Error; echo 'import http from \"http\"' >/tmp/e.mjs; node /tmp/e.mjs; npm start; echo $?", Out: "Error: module 'crypto' is not built into healthlab's node\nError: https is not built into healthlab's node\n1\n", Errs: "node: ES modules (import, export) are not built into healthlab: use require\nnpm is not built into healthlab: it needs a registry\n"},
		{Name: "made to fail", Script: "curl -s localhost:3000/break; curl -s -o /dev/null -w '%{http_code}' localhost:3000/", Out: "503"},
	})
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
