// What Node.js has around the language, as far as doc.go says. host is what Go gives; the value is called with it once.
(function (host, global) {
  'use strict';

  function inspect(v, depth, inner) {
    if (depth === undefined) depth = 0;
    if (typeof v === 'string') return inner ? "'" + v.replace(/\\/g, '\\\\').replace(/'/g, "\\'").replace(/\n/g, '\\n') + "'" : v;
    if (typeof v === 'function') return v.name ? '[Function: ' + v.name + ']' : '[Function (anonymous)]';
    if (typeof v === 'bigint') return v + 'n';
    if (typeof v === 'symbol' || v === null || typeof v !== 'object') return String(v);
    if (v instanceof Error) return v.stack ? String(v.stack).trim() : String(v);
    if (v instanceof Date) return v.toISOString();
    if (v instanceof RegExp) return String(v);
    if (v instanceof Promise) return 'Promise { <pending> }';
    var array = Array.isArray(v);
    if (depth > 2) return array ? '[Array]' : '[Object]';
    var parts = [];
    if (v instanceof Map) v.forEach(function (e, k) { parts.push(inspect(k, depth + 1, true) + ' => ' + inspect(e, depth + 1, true)); });
    else if (v instanceof Set) v.forEach(function (e) { parts.push(inspect(e, depth + 1, true)); });
    else if (array) parts = v.slice(0, 100).map(function (e) { return inspect(e, depth + 1, true); });
    else parts = Object.keys(v).map(function (k) { return (/^[A-Za-z_$][\w$]*$/.test(k) ? k : "'" + k + "'") + ': ' + inspect(v[k], depth + 1, true); });
    if (array && v.length > 100) parts.push('... ' + (v.length - 100) + ' more items');
    var name = v.constructor && v.constructor.name;
    var mark = v instanceof Map || v instanceof Set ? name + '(' + v.size + ') ' : !array && name && name !== 'Object' ? name + ' ' : '';
    var ends = array ? ['[', ']'] : ['{', '}'];
    if (parts.length === 0) return mark + ends[0] + ends[1];
    var line = parts.join(', ');
    if (line.length > 72) return mark + ends[0] + '\n' + '  '.repeat(depth + 1) + parts.join(',\n' + '  '.repeat(depth + 1)) + '\n' + '  '.repeat(depth) + ends[1];
    return mark + ends[0] + ' ' + line + ' ' + ends[1];
  }

  function format() {
    var args = Array.prototype.slice.call(arguments);
    if (typeof args[0] === 'string' && args.length > 1) {
      var rest = args.slice(1);
      args = [args[0].replace(/%[sdifjoO%]/g, function (m) {
        if (m === '%%') return '%';
        if (rest.length === 0) return m;
        var v = rest.shift();
        if (m === '%s') return typeof v === 'string' ? v : inspect(v);
        if (m === '%d') return String(Number(v));
        if (m === '%i') return String(parseInt(v, 10));
        if (m === '%f') return String(parseFloat(v));
        return m === '%j' ? JSON.stringify(v) : inspect(v, 0, true);
      })].concat(rest);
    }
    return args.map(function (v) { return inspect(v); }).join(' ');
  }

  class EventEmitter {
    on(name, f) {
      if (!this._events) Object.defineProperty(this, '_events', { value: {}, enumerable: false });
      (this._events[name] = this._events[name] || []).push(f);
      if (this._listening) this._listening(name);
      return this;
    }
    addListener(name, f) { return this.on(name, f); }
    once(name, f) {
      var self = this;
      function g() { self.off(name, g); f.apply(self, arguments); }
      g.listener = f;
      return this.on(name, g);
    }
    off(name, f) {
      var list = (this._events || {})[name] || [];
      if (this._events) this._events[name] = list.filter(function (g) { return g !== f && g.listener !== f; });
      return this;
    }
    removeListener(name, f) { return this.off(name, f); }
    removeAllListeners(name) { if (this._events) delete this._events[name]; return this; }
    listenerCount(name) { return ((this._events || {})[name] || []).length; }
    emit(name) {
      var args = Array.prototype.slice.call(arguments, 1), self = this;
      var list = ((this._events || {})[name] || []).slice();
      if (list.length === 0 && name === 'error') throw args[0];
      list.forEach(function (f) { f.apply(self, args); });
      return list.length > 0;
    }
  }
  EventEmitter.EventEmitter = EventEmitter;

  function missing(what) { return new Error(what + " is not built into healthlab's node"); }
  function failure(e) { return Object.assign(new Error(e.message), { errno: e.errno, code: e.code, syscall: e.syscall, address: e.address, port: e.port }); }

  // A body that has been read whole, told as a stream's events.
  class Incoming extends EventEmitter {
    constructor(body) {
      super();
      Object.defineProperty(this, '_body', { value: body, enumerable: false });
      Object.defineProperty(this, '_told', { value: { data: false, end: false }, enumerable: false });
    }
    setEncoding() { return this; }
    resume() { this._listening('end'); return this; }
    pipe(to) { to.end(this._body); return to; }
    destroy() { return this; }
    _listening(name) {
      var self = this;
      if ((name === 'data' || name === 'end') && !this._told[name]) {
        this._told[name] = true;
        host.later(function () {
          if (name === 'data' && self._body !== '') self.emit('data', self._body);
          if (name === 'end') self.emit('end');
        });
      }
    }
  }

  class ServerResponse extends EventEmitter {
    constructor(native) {
      super();
      this.statusCode = 200;
      this.headersSent = false;
      this.writableEnded = false;
      this.finished = false;
      Object.defineProperty(this, '_native', { value: native, enumerable: false });
      Object.defineProperty(this, '_headers', { value: {}, enumerable: false });
    }
    setHeader(name, value) { this._headers[name.toLowerCase()] = [name, [].concat(value).map(String)]; return this; }
    getHeader(name) { var h = this._headers[name.toLowerCase()]; return h && (h[1].length === 1 ? h[1][0] : h[1]); }
    hasHeader(name) { return name.toLowerCase() in this._headers; }
    removeHeader(name) { delete this._headers[name.toLowerCase()]; }
    writeHead(status, reason, headers) {
      var self = this;
      if (this.headersSent) throw Object.assign(new Error('Cannot write headers after they are sent to the client'), { code: 'ERR_HTTP_HEADERS_SENT' });
      if (typeof reason === 'object') headers = reason;
      this.statusCode = status;
      Object.keys(headers || {}).forEach(function (k) { self.setHeader(k, headers[k]); });
      return this;
    }
    flushHeaders() {
      if (this.headersSent) return;
      this.headersSent = true;
      this._native.head(this.statusCode, Object.values(this._headers));
    }
    write(chunk) {
      if (this.writableEnded) throw Object.assign(new Error('write after end'), { code: 'ERR_STREAM_WRITE_AFTER_END' });
      if (typeof chunk !== 'string') throw new TypeError('The "chunk" argument must be of type string or an instance of Buffer or Uint8Array. Received ' + inspect(chunk, 0, true));
      this.flushHeaders();
      this._native.write(chunk);
      return true;
    }
    end(chunk, then) {
      if (this.writableEnded) return this;
      if (typeof chunk === 'function') { then = chunk; chunk = undefined; }
      if (typeof then !== 'function') then = undefined;
      if (chunk !== undefined && chunk !== null) {
        if (!this.headersSent && !this.hasHeader('content-length') && typeof chunk === 'string') this.setHeader('Content-Length', host.length(chunk));
        this.write(chunk);
      }
      this.flushHeaders();
      this.writableEnded = this.finished = true;
      this._native.end();
      var self = this;
      host.later(function () { if (then) then(); self.emit('finish'); self.emit('close'); });
      return this;
    }
  }

  class Server extends EventEmitter {
    constructor(handler) { super(); if (handler) this.on('request', handler); this.listening = false; }
    listen(port, address, then) {
      var args = Array.prototype.slice.call(arguments), self = this;
      if (typeof args[args.length - 1] === 'function') this.once('listening', args.pop());
      var options = args[0] !== null && typeof args[0] === 'object' ? args[0] : { port: args[0], host: typeof args[1] === 'string' ? args[1] : undefined };
      var opened = host.listen(Number(options.port || 0), options.host || '', function (r, native) {
        var req = Object.assign(new Incoming(r.body), {
          method: r.method, url: r.url, headers: r.headers, httpVersion: r.httpVersion, rawHeaders: [],
          socket: { remoteAddress: r.remoteAddress, remotePort: r.remotePort }, connection: { remoteAddress: r.remoteAddress, remotePort: r.remotePort },
        });
        self.emit('request', req, new ServerResponse(native));
      });
      if (opened.error) { host.later(function () { self.emit('error', failure(opened.error)); }); return this; }
      this._native = opened;
      this.listening = true;
      host.later(function () { self.emit('listening'); });
      return this;
    }
    address() { return this._native ? { address: '::', family: 'IPv6', port: this._native.port } : null; }
    close(then) {
      var self = this;
      if (then) this.once('close', then);
      if (this._native) this._native.close(function () { self.emit('close'); });
      this.listening = false;
      return this;
    }
    closeAllConnections() { if (this._native) this._native.closeAll(); }
    closeIdleConnections() {}
    setTimeout() { return this; }
    ref() { return this; }
    unref() { return this; }
  }

  class ClientRequest extends EventEmitter {
    constructor(options) { super(); this._options = options; this._body = ''; this._sent = false; this._over = false; if (options.timeout) this.setTimeout(options.timeout); }
    write(chunk) { this._body += chunk; return true; }
    setHeader(name, value) { this._options.headers = Object.assign({}, this._options.headers); this._options.headers[name] = value; }
    setTimeout(ms, then) {
      var self = this;
      if (then) this.once('timeout', then);
      this._timer = setTimeout(function () { if (!self._over) self.emit('timeout'); }, ms);
      return this;
    }
    destroy(err) {
      if (this._over) return this;
      this._over = true;
      if (this._cancel) this._cancel();
      clearTimeout(this._timer);
      var self = this;
      host.later(function () { self.emit('error', err || Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })); });
      return this;
    }
    abort() { this.destroy(); }
    end(chunk) {
      if (this._sent) return this;
      this._sent = true;
      if (chunk) this._body += chunk;
      var self = this, o = this._options, headers = {};
      Object.keys(o.headers || {}).forEach(function (k) { headers[k] = String(o.headers[k]); });
      this._cancel = host.request({ method: o.method || 'GET', url: o.url, headers: headers, body: this._body }, function (e, r) {
        if (self._over) return;
        self._over = true;
        clearTimeout(self._timer);
        if (e) return self.emit('error', failure(e));
        var res = Object.assign(new Incoming(r.body), { statusCode: r.statusCode, statusMessage: r.statusMessage, headers: r.headers, httpVersion: '1.1' });
        self.emit('response', res);
      });
      return this;
    }
  }

  function request(where, options, then) {
    if (typeof options === 'function') { then = options; options = undefined; }
    var o = Object.assign({}, typeof where === 'object' && where !== null ? where : {}, options);
    if (typeof where === 'string') o.url = where;
    else if (where && where.href) o.url = where.href;
    else o.url = 'http://' + (o.hostname || o.host || 'localhost') + ':' + (o.port || 80) + (o.path || '/');
    if (/^https:/.test(o.url)) throw missing('https');
    var r = new ClientRequest(o);
    if (then) r.once('response', then);
    return r;
  }
  var http = {
    Server: Server, ServerResponse: ServerResponse, IncomingMessage: Incoming, STATUS_CODES: host.statusCodes(), METHODS: ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'],
    createServer: function (options, handler) { return new Server(typeof options === 'function' ? options : handler); },
    request: request,
    get: function (where, options, then) { var r = request(where, options, then); r.end(); return r; },
  };

  class Socket extends EventEmitter {
    connect(port, address, then) {
      var o = typeof port === 'object' ? port : { port: port, host: typeof address === 'string' ? address : 'localhost' };
      if (typeof arguments[arguments.length - 1] === 'function') this.once('connect', arguments[arguments.length - 1]);
      var self = this;
      if (o.timeout) this.setTimeout(o.timeout);
      host.connect(Number(o.port), o.host || 'localhost', function (e) {
        if (self.destroyed) return;
        clearTimeout(self._timer);
        if (e) { self.emit('error', failure(e)); self.emit('close', true); } else { self.emit('connect'); self.emit('ready'); }
      });
      return this;
    }
    setTimeout(ms, then) { var self = this; if (then) this.once('timeout', then); this._timer = setTimeout(function () { self.emit('timeout'); }, ms); return this; }
    end() { return this.destroy(); }
    destroy() { this.destroyed = true; clearTimeout(this._timer); return this; }
    write() { throw missing('net.Socket.write'); }
  }
  function connect() { var s = new Socket(); return s.connect.apply(s, arguments); }

  class URLSearchParams {
    constructor(text) {
      this._pairs = String(text || '').replace(/^\?/, '').split('&').filter(Boolean).map(function (kv) {
        var i = kv.indexOf('=');
        return [i < 0 ? kv : kv.slice(0, i), i < 0 ? '' : kv.slice(i + 1)].map(function (s) { return decodeURIComponent(s.replace(/\+/g, ' ')); });
      });
    }
    get(name) { var f = this._pairs.find(function (p) { return p[0] === name; }); return f ? f[1] : null; }
    has(name) { return this.get(name) !== null; }
    forEach(f) { this._pairs.forEach(function (p) { f(p[1], p[0]); }); }
  }
  class URL {
    constructor(text, base) {
      if (!/^[a-z]+:\/\//.test(text) && base) text = String(base).replace(/\/$/, '') + (text[0] === '/' ? '' : '/') + text;
      var m = /^([a-z]+:)\/\/([^\/?#:]*)(?::(\d+))?([^?#]*)(\?[^#]*)?(#.*)?$/.exec(text);
      if (!m) throw Object.assign(new TypeError('Invalid URL'), { code: 'ERR_INVALID_URL' });
      this.href = text; this.protocol = m[1]; this.hostname = m[2]; this.port = m[3] || ''; this.host = m[2] + (m[3] ? ':' + m[3] : '');
      this.pathname = m[4] || '/'; this.search = m[5] || ''; this.hash = m[6] || ''; this.searchParams = new URLSearchParams(this.search);
    }
    toString() { return this.href; }
  }

  function fetch(where, options) {
    return new Promise(function (resolve, reject) {
      var r = request(String(where), Object.assign({}, options), function (res) {
        var body = res._body;
        resolve({
          status: res.statusCode, ok: res.statusCode >= 200 && res.statusCode < 300, statusText: res.statusMessage, url: String(where),
          headers: { get: function (n) { var v = res.headers[n.toLowerCase()]; return v === undefined ? null : v; } },
          text: function () { return Promise.resolve(body); }, json: function () { return Promise.resolve().then(function () { return JSON.parse(body); }); },
        });
      });
      r.on('error', function (e) { reject(Object.assign(new TypeError('fetch failed'), { cause: e })); });
      r.end((options || {}).body);
    });
  }

  var path = {
    sep: '/', delimiter: ':',
    join: function () { return host.clean(Array.prototype.slice.call(arguments).filter(Boolean).join('/') || '.'); },
    resolve: function () {
      var p = '';
      for (var i = arguments.length - 1; i >= 0 && p[0] !== '/'; i--) p = arguments[i] + (p ? '/' + p : '');
      return host.clean(p[0] === '/' ? p : host.cwd() + '/' + p);
    },
    basename: function (p, ext) { var b = p.replace(/\/+$/, '').split('/').pop(); return ext && b.endsWith(ext) ? b.slice(0, -ext.length) : b; },
    dirname: function (p) { var i = p.replace(/\/+$/, '').lastIndexOf('/'); return i < 0 ? '.' : p.slice(0, i) || '/'; },
    extname: function (p) { var m = /[^\/](\.[^.\/]*)$/.exec(p); return m ? m[1] : ''; },
    isAbsolute: function (p) { return p[0] === '/'; },
  };

  function file(f) { return function () { var r = f.apply(null, arguments); if (r && r.error) throw failure(r.error); return r; }; }
  var fs = {
    existsSync: function (p) { return host.exists(p); },
    readFileSync: file(function (p) { return host.read(p); }),
    writeFileSync: file(function (p, text) { return host.write(p, String(text), false); }),
    appendFileSync: file(function (p, text) { return host.write(p, String(text), true); }),
    unlinkSync: file(function (p) { return host.remove(p); }),
    rmSync: file(function (p, o) { return o && o.force && !host.exists(p) ? undefined : host.remove(p); }),
    mkdirSync: file(function (p) { return host.mkdir(p); }),
    readdirSync: file(function (p) { return host.list(p); }),
    accessSync: file(function (p) { var r = host.read(p); return r && r.error && r.error.code !== 'EISDIR' ? r : undefined; }),
  };
  ['readFile', 'writeFile', 'appendFile', 'unlink', 'mkdir', 'readdir', 'access'].forEach(function (name) {
    fs[name] = function () {
      var args = Array.prototype.slice.call(arguments), then = args.pop(), e = null, v;
      try { v = fs[name + 'Sync'].apply(null, args); } catch (err) { e = err; }
      host.later(function () { then(e, v); });
    };
  });
  fs.promises = {};
  Object.keys(fs).filter(function (n) { return /Sync$/.test(n); }).forEach(function (name) {
    fs.promises[name.slice(0, -4)] = function () { var args = arguments; return Promise.resolve().then(function () { return fs[name].apply(null, args); }); };
  });

  var os = {
    EOL: '\n', hostname: function () { return host.hostname(); }, platform: function () { return 'linux'; }, type: function () { return 'Linux'; }, arch: function () { return host.arch(); },
    uptime: function () { return Math.floor(host.uptime()); }, tmpdir: function () { return '/tmp'; }, homedir: function () { return '/root'; }, cpus: function () { return new Array(host.cpus()).fill({ model: 'healthlab' }); },
    networkInterfaces: function () { return { lo: [{ address: '127.0.0.1', family: 'IPv4', internal: true }], eth0: [{ address: host.ip(), family: 'IPv4', internal: false }] }; },
  };
  var util = {
    inspect: function (v) { return inspect(v, 0, true); }, format: format,
    promisify: function (f) {
      if (f === setTimeout) return promises.setTimeout;
      return function () {
        var args = Array.prototype.slice.call(arguments);
        return new Promise(function (ok, no) { f.apply(null, args.concat(function (e, v) { if (e) no(e); else ok(v); })); });
      };
    },
  };
  var url = {
    URL: URL, URLSearchParams: URLSearchParams,
    parse: function (text, query) {
      var u = /^[a-z]+:\/\//.test(text) ? new URL(text) : new URL('http://x' + text), q = u.search.slice(1), all = {};
      u.searchParams.forEach(function (v, k) { all[k] = v; });
      return { href: text, pathname: u.pathname, search: u.search || null, query: query ? all : q || null, path: u.pathname + u.search, hostname: u.hostname, port: u.port || null, protocol: u.protocol };
    },
  };

  class Process extends EventEmitter {
    _listening(name) { if (/^SIG/.test(name)) host.signal(name, function () { process.emit(name, name); }); }
  }
  var process = Object.assign(new Process(), {
    argv: host.argv(), argv0: 'node', execPath: '/usr/local/bin/node', env: host.env(), pid: host.pid(), ppid: host.ppid(), platform: 'linux', arch: host.arch(), version: 'v' + host.version(),
    versions: { node: host.version() }, title: 'node', exitCode: undefined,
    exit: function (code) {
      if (code !== undefined) process.exitCode = code;
      if (!process._exiting) { process._exiting = true; process.emit('exit', Number(process.exitCode || 0)); }
      host.exit(Number(process.exitCode || 0));
    },
    abort: function () { host.exit(134); },
    kill: function (pid, name) { var r = host.kill(pid, name === undefined ? 'SIGTERM' : String(name)); if (r && r.error) throw failure(r.error); return true; },
    cwd: function () { return host.cwd(); }, uptime: function () { return host.uptime(); },
    hrtime: Object.assign(function () { var t = host.uptime(); return [Math.floor(t), Math.floor((t % 1) * 1e9)]; }, { bigint: function () { return BigInt(Math.floor(host.uptime() * 1e9)); } }),
    memoryUsage: function () { return host.memory(); },
    nextTick: function (f) { var args = Array.prototype.slice.call(arguments, 1); Promise.resolve().then(function () { f.apply(null, args); }); },
    stdout: { write: function (s) { host.out(String(s)); return true; }, isTTY: host.tty() }, stderr: { write: function (s) { host.err(String(s)); return true; } },
  });

  var console = {};
  ['log', 'info', 'debug'].forEach(function (n) { console[n] = function () { host.out(format.apply(null, arguments) + '\n'); }; });
  ['error', 'warn', 'trace'].forEach(function (n) { console[n] = function () { host.err(format.apply(null, arguments) + '\n'); }; });
  console.table = console.dir = console.log;

  function timer(repeat) {
    return function (f, ms) {
      var args = Array.prototype.slice.call(arguments, 2);
      var id = host.timer(Math.max(1, Number(ms) || 0), repeat, function () { f.apply(null, args); });
      return { unref: function () { host.unref(id); return this; }, ref: function () { return this; }, _id: id };
    };
  }
  function clear(t) { if (t && t._id) host.clear(t._id); }

  var promises = { setTimeout: function (ms, v) { return new Promise(function (ok) { setTimeout(ok, ms, v); }); } };
  var modules = { http: http, net: { Socket: Socket, connect: connect, createConnection: connect }, fs: fs, 'fs/promises': fs.promises, os: os, path: path, util: util, url: url, events: EventEmitter, process: process, 'timers/promises': promises };
  Object.assign(global, {
    global: global, process: process, console: console, URL: URL, URLSearchParams: URLSearchParams, fetch: fetch, setTimeout: timer(false), setInterval: timer(true),
    setImmediate: function (f) { var args = Array.prototype.slice.call(arguments, 1); host.later(function () { f.apply(null, args); }); },
    clearTimeout: clear, clearInterval: clear, clearImmediate: function () {}, queueMicrotask: function (f) { Promise.resolve().then(f); },
  });

  var others = /^(assert|async_hooks|buffer|child_process|cluster|crypto|dgram|diagnostics_channel|dns|domain|http2|https|inspector|perf_hooks|querystring|readline|repl|stream|string_decoder|test|timers|tls|tty|v8|vm|wasi|worker_threads|zlib)(\/.*)?$/;
  var loaded = {};
  function requireFrom(dir) {
    return function require(name) {
      var bare = String(name).replace(/^node:/, '');
      if (modules[bare]) return modules[bare];
      if (others.test(bare)) throw missing("module '" + bare + "'");
      var found = /^\.{0,2}\//.test(bare) ? host.find(bare[0] === '/' ? bare : dir + '/' + bare) : undefined;
      if (!found) throw Object.assign(new Error("Cannot find module '" + name + "'"), { code: 'MODULE_NOT_FOUND' });
      if (loaded[found]) return loaded[found].exports;
      var module = loaded[found] = { exports: {}, id: found, filename: found };
      var text = fs.readFileSync(found);
      if (/\.json$/.test(found)) module.exports = JSON.parse(text);
      else host.compile(found, text)(module.exports, requireFrom(path.dirname(found)), module, found, path.dirname(found));
      return module.exports;
    };
  }
  return {
    require: requireFrom, inspect: function (v) { return inspect(v, 0, true); },
    leave: function (code) { process.exitCode = process.exitCode === undefined ? code : process.exitCode; process.emit('exit', process.exitCode); return Number(process.exitCode) || 0; },
    uncaught: function (e) { return process.listenerCount('uncaughtException') > 0 && process.emit('uncaughtException', e); },
  };
})
