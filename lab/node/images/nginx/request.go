package nginx

import (
	"compress/gzip"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// exchange is one request on its way to an answer.
type exchange struct {
	s      *Server
	cfg    *config
	sock   *socket
	server *server
	scope  *scope
	r      *http.Request
	w      *answer
	number int64
	began  time.Time

	uri, args string
	captures  []string
	vars      map[string]string
	changed   bool // by rewrite, since the location was chosen
	jumps     int  // internal redirects and rewrites to another location
	internal  bool
	status    int // of error_page: zero or what the answer must have
	page      bool
	counted   bool // against limit_req
	unique    string

	proxyHost, upstreamAddr, upstreamStatus, upstreamTime string
	upstreamHeader                                        http.Header
}

// maxJumps is how often a request may go from location to location, as in nginx.
const maxJumps = 10

// answer is the response, with what access logs and add_header want of it.
type answer struct {
	http.ResponseWriter
	e      *exchange
	status int
	bytes  int64
	gzip   *gzip.Writer // nil: it is not compressed
}

func (a *answer) WriteHeader(status int) {
	if a.status != 0 {
		return
	}
	if a.e.status != 0 {
		status = a.e.status
	}
	a.status = status
	a.e.headers(status)
	a.compress(status)
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) Write(b []byte) (int, error) {
	if a.status == 0 {
		a.WriteHeader(http.StatusOK)
	}
	if a.gzip != nil {
		return a.gzip.Write(b)
	}
	n, err := a.ResponseWriter.Write(b)
	if a.e.r.Method != http.MethodHead {
		a.bytes += int64(n)
	}
	return n, err
}

// Unwrap lets http.ResponseController reach the original.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// headers sets what add_header, expires and the like ask for.
func (e *exchange) headers(status int) {
	h := e.w.Header()
	common := slices.Contains([]int{200, 201, 204, 206, 301, 302, 303, 304, 307, 308}, status)
	if x := e.scope.expires; x != "" && x != "off" && common {
		when := time.Unix(1, 0)
		switch {
		case x == "max":
			when = time.Date(2037, 12, 31, 23, 55, 55, 0, time.UTC)
			h.Set("Cache-Control", "max-age=315360000")
		case x == "epoch" || strings.HasPrefix(x, "-"):
			if d, err := seconds(strings.TrimPrefix(x, "-")); err == nil {
				when = time.Now().Add(-d)
			}
			h.Set("Cache-Control", "no-cache")
		default:
			d, _ := seconds(x) // looked at when it was read
			when = time.Now().Add(d)
			h.Set("Cache-Control", fmt.Sprintf("max-age=%d", int(d.Seconds())))
		}
		h.Set("Expires", when.UTC().Format(http.TimeFormat))
	}
	for _, add := range e.scope.headers {
		if !common && !add.always {
			continue
		}
		if v := e.expand(add.value); v != "" {
			h.Add(add.name, strings.NewReplacer("\r", "", "\n", "").Replace(v))
		}
	}
	if e.scope.noKeepAlive {
		h.Set("Connection", "close")
	} else if e.r.ProtoMajor == 1 {
		h.Set("Connection", "keep-alive")
	}
}

// serve answers a request of a socket.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, sock *socket, cfg *config) {
	e := &exchange{
		s: s, cfg: cfg, sock: sock, r: r, number: s.requests.Add(1), began: time.Now(), vars: map[string]string{},
		uri: r.URL.Path, args: r.URL.RawQuery,
	}
	e.w = &answer{ResponseWriter: w, e: e}
	e.server = sock.find(r.Host)
	e.nameCaptures(r.Host)
	e.scope = e.server.scope
	w.Header().Set("Server", e.signature())
	defer e.log()
	defer e.w.finish()
	switch {
	case r.Method == http.MethodConnect:
		e.fail(http.StatusMethodNotAllowed)
		return
	case !strings.HasPrefix(e.uri, "/"): // the first line of HTTP/2, or an asterisk
		e.fail(http.StatusBadRequest)
		return
	}
	if above(e.uri) {
		e.fail(http.StatusBadRequest)
		return
	}
	clean := path.Clean(e.uri)
	if strings.HasSuffix(e.uri, "/") && clean != "/" || strings.HasSuffix(e.uri, "/.") {
		clean = strings.TrimSuffix(clean, "/") + "/"
	}
	e.uri = clean
	if r.ContentLength > e.scope.maxBody && e.scope.maxBody > 0 && len(e.server.locations.prefix) == 0 {
		e.fail(http.StatusRequestEntityTooLarge)
		return
	}
	e.run()
}

// above reports whether a path leaves the root.
func above(uri string) bool {
	depth := 0
	for element := range strings.SplitSeq(uri, "/") {
		switch element {
		case "", ".":
		case "..":
			if depth--; depth < 0 {
				return true
			}
		default:
			depth++
		}
	}
	return false
}

func (e *exchange) signature() string {
	if e.scope.hideVersion {
		return "nginx"
	}
	return "nginx/" + e.s.version
}

// find returns the server that a Host header means.
func (s *socket) find(host string) *server {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	best, rank := s.first, 0
	for _, srv := range s.servers {
		for _, n := range srv.names {
			r := n.rank(host)
			if r > rank {
				best, rank = srv, r
			}
		}
	}
	return best
}

// nameCaptures keeps the groups of a server name that is a regular expression.
func (e *exchange) nameCaptures(host string) {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	for _, n := range e.server.names {
		if n.re == nil {
			continue
		}
		if found := n.re.FindStringSubmatch(host); found != nil {
			e.capture(n.re, found)
			return
		}
	}
}

// rank says how well a server's name fits: exactly, by a wildcard in front, by one at the end, by a regular expression.
func (n serverName) rank(host string) int {
	const exact, front, end, regex = 4000, 3000, 2000, 1000
	switch {
	case n.re != nil:
		if n.re.MatchString(host) {
			return regex
		}
	case n.text == host:
		return exact
	case strings.HasPrefix(n.text, "*."):
		if strings.HasSuffix(host, n.text[1:]) {
			return front + len(n.text)%1000
		}
	case strings.HasPrefix(n.text, "."):
		if host == n.text[1:] || strings.HasSuffix(host, n.text) {
			return front + len(n.text)%1000
		}
	case strings.HasSuffix(n.text, ".*"):
		if strings.HasPrefix(host, n.text[:len(n.text)-1]) {
			return end + len(n.text)%1000
		}
	}
	return 0
}

// run takes the request through the server's rewrites and its locations.
func (e *exchange) run() {
	if e.perform(e.server.steps) == done {
		return
	}
	e.locate()
}

// locate finds the location of the URI, and answers there.
func (e *exchange) locate() {
	for {
		e.changed = false
		e.scope = e.server.scope
		l := e.server.locations.find(e, e.uri)
		var steps []step
		if l != nil {
			e.scope, steps = l.scope, l.steps
		}
		if e.scope.internal && !e.internal {
			e.fail(http.StatusNotFound)
			return
		}
		if e.limited() { // the block of limit_except has no rewrites
			break
		}
		o := e.perform(steps)
		if o == done {
			return
		}
		if o == again || e.changed && o != stopped {
			if e.jump() {
				continue
			}
			return
		}
		break
	}
	e.content()
}

// jump counts a way to another location, and answers when there were too many.
func (e *exchange) jump() bool {
	if e.jumps++; e.jumps <= maxJumps {
		e.internal = true
		return true
	}
	e.errorf("rewrite or internal redirection cycle while processing %q", e.uri)
	e.page = true // no error page, which could lead to the same
	e.fail(http.StatusInternalServerError)
	return false
}

// find returns the location of a URI, or nil (ngx_http_core_module.c, ngx_http_core_find_location).
func (ls *locations) find(e *exchange, uri string) *location {
	if l := ls.exact[uri]; l != nil {
		return l
	}
	var best *location
	for prefix, l := range ls.prefix {
		if strings.HasPrefix(uri, prefix) && (best == nil || len(prefix) > len(best.path)) {
			best = l
		}
	}
	if best != nil {
		if inner := best.locations.find(e, uri); inner != nil {
			return inner
		}
		if best.kind == "^~" {
			return best
		}
	}
	for _, l := range ls.regex {
		if found := l.re.FindStringSubmatch(uri); found != nil {
			e.capture(l.re, found)
			if inner := l.locations.find(e, uri); inner != nil {
				return inner
			}
			return l
		}
	}
	return best
}

// content answers in the location that was found.
func (e *exchange) content() {
	s := e.scope
	if s.maxBody > 0 && e.r.ContentLength > s.maxBody {
		e.errorf("client intended to send too large body: %d bytes", e.r.ContentLength)
		e.fail(http.StatusRequestEntityTooLarge)
		return
	}
	if e.hurried() || !e.admitted() {
		return
	}
	switch {
	case s.tryFiles != nil:
		e.tryFiles(s.tryFiles)
	default:
		e.produce()
	}
}

// produce is the content handler.
func (e *exchange) produce() {
	switch s := e.scope; {
	case s.proxy != nil:
		e.proxy(s.proxy)
	case s.status:
		e.stubStatus()
	case s.emptyGIF:
		e.w.Header().Set("Content-Type", "image/gif")
		_, _ = e.w.Write([]byte("GIF89a\x01\x00\x01\x00\x80\x01\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x01\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02L\x01\x00;"))
	default:
		e.static()
	}
}

// limited reports whether limit_except has its say.
func (e *exchange) limited() bool {
	l := e.scope.limit
	return l != nil && !slices.Contains(l.methods, e.r.Method) && (e.r.Method != http.MethodHead || !slices.Contains(l.methods, http.MethodGet))
}

// judge is what allow and deny say about an address.
func judge(rules []accessRule, client string) verdict {
	addr, err := netip.ParseAddr(client)
	for _, r := range rules {
		if r.all || err == nil && r.net.Contains(addr.Unmap()) {
			if r.allow {
				return granted
			}
			return forbidden
		}
	}
	return declined
}

// tryFiles looks for the first file that is there; the last argument is where to go when there is none.
func (e *exchange) tryFiles(names []template) {
	for _, t := range names[:len(names)-1] {
		name := e.expand(t)
		dir := strings.HasSuffix(name, "/")
		info, err := e.s.p.FS().Stat(strings.TrimSuffix(e.file(name), "/") + "/.")
		if !dir {
			info, err = e.s.p.FS().Stat(e.file(name))
		}
		if err != nil || info.IsDir() != dir {
			continue
		}
		e.uri = name
		e.produce()
		return
	}
	last := e.expand(names[len(names)-1])
	if code, ok := strings.CutPrefix(last, "="); ok {
		n, _ := strconv.Atoi(code) // not a number: 404 below
		if n < 200 || n > 599 {
			n = http.StatusNotFound
		}
		e.fail(n)
		return
	}
	e.goTo(last, false)
}

// goTo redirects internally: to a named location, or to a URI with arguments.
func (e *exchange) goTo(target string, keepArgs bool) {
	if !e.jump() {
		return
	}
	if strings.HasPrefix(target, "@") {
		l := e.server.locations.named[target]
		if l == nil {
			e.errorf("could not find named location %q", target)
			e.page = true
			e.fail(http.StatusInternalServerError)
			return
		}
		e.scope = l.scope
		switch e.perform(l.steps) {
		case done:
		case again:
			e.locate()
		case goesOn, stopped:
			e.content()
		}
		return
	}
	uri, query, given := strings.Cut(target, "?")
	e.uri = uri
	if given || !keepArgs {
		e.args = query
	}
	e.locate()
}

// redirect sends the client elsewhere. A path becomes a whole URL, unless absolute_redirect is off.
func (e *exchange) redirect(code int, to string) {
	if strings.HasPrefix(to, "/") && !e.scope.relative {
		host := e.host()
		if !e.scope.noPort && (e.r.TLS == nil && e.sock.port != 80 || e.r.TLS != nil && e.sock.port != 443) {
			host += ":" + strconv.Itoa(e.sock.port)
		}
		to = e.scheme() + "://" + host + to
	}
	e.w.Header().Set("Location", strings.NewReplacer("\r", "", "\n", "").Replace(to))
	e.fail(code)
}

// fail answers with an error page, nginx's own or the one of error_page.
func (e *exchange) fail(status int) {
	if page, ok := e.scope.errorPages[status]; ok && !e.page && e.w.status == 0 {
		e.page = true
		switch {
		case page.status > 0:
			e.status = page.status
		case page.status == 0:
			e.status = status
		}
		target := e.expand(page.uri)
		if hasScheme(target) {
			if e.status == 0 || e.status == status && (status < 301 || status > 308) {
				e.status = http.StatusFound
			}
			e.w.Header().Set("Location", target)
			e.special(e.status)
			return
		}
		if e.r.Method != http.MethodHead && !strings.HasPrefix(target, "@") {
			clone := *e.r
			clone.Method = http.MethodGet
			e.r = &clone
		}
		e.goTo(target, true)
		return
	}
	e.special(status)
}

// special is nginx's own page for a status.
func (e *exchange) special(status int) {
	if status == 444 {
		e.hangUp()
		return
	}
	text := reason(status)
	h := e.w.Header()
	if text == "" || status == http.StatusNotModified || status < 300 {
		h.Set("Content-Length", "0")
		e.w.WriteHeader(status)
		return
	}
	title := strconv.Itoa(status) + " " + text
	signature := e.signature()
	body := "<html>\r\n<head><title>" + title + "</title></head>\r\n<body>\r\n<center><h1>" + title +
		"</h1></center>\r\n<hr><center>" + signature + "</center>\r\n</body>\r\n</html>\r\n"
	h.Set("Content-Type", "text/html")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if status == http.StatusBadRequest || status >= 500 && status != 503 && status != 502 && status != 504 {
		h.Set("Connection", "close")
	}
	e.w.WriteHeader(status)
	_, _ = e.w.Write([]byte(body)) // a client that is gone is no concern of the server's
}

// reason is how nginx names a status (ngx_http_special_response.c); empty: it has no page for it.
func reason(status int) string {
	switch status {
	case http.StatusFound:
		return "Found"
	case http.StatusRequestEntityTooLarge:
		return "Request Entity Too Large"
	case http.StatusRequestURITooLong:
		return "Request-URI Too Large"
	case http.StatusMethodNotAllowed:
		return "Not Allowed"
	case http.StatusRequestTimeout:
		return "Request Time-out"
	case http.StatusGatewayTimeout:
		return "Gateway Time-out"
	case http.StatusServiceUnavailable:
		return "Service Temporarily Unavailable"
	case http.StatusHTTPVersionNotSupported:
		return "HTTP Version Not Supported"
	case http.StatusRequestedRangeNotSatisfiable:
		return "Requested Range Not Satisfiable"
	case 301, 303, 307, 308, 400, 401, 402, 403, 404, 406, 409, 410, 411, 412, 415, 421, 429, 500, 501, 502, 507:
		return http.StatusText(status)
	}
	return ""
}

// hangUp closes the connection without an answer.
func (e *exchange) hangUp() {
	e.w.status = 444
	if conn, _, err := http.NewResponseController(e.w).Hijack(); err == nil {
		_ = conn.Close()
	}
}

func (e *exchange) stubStatus() {
	if e.r.Method != http.MethodGet && e.r.Method != http.MethodHead {
		e.fail(http.StatusMethodNotAllowed)
		return
	}
	active, accepted := e.s.active.Load(), e.s.accepted.Load()
	e.w.Header().Set("Content-Type", "text/plain")
	_, _ = fmt.Fprintf(e.w, "Active connections: %d \nserver accepts handled requests\n %d %d %d \nReading: 0 Writing: 1 Waiting: %d \n",
		active, accepted, accepted, e.s.requests.Load(), max(0, active-1))
}

func (e *exchange) id() string {
	if e.unique == "" {
		var b [16]byte
		_, _ = rand.Read(b[:]) // never fails
		e.unique = hex.EncodeToString(b[:])
	}
	return e.unique
}

// escaped is a path as it stands in a URL.
func escaped(uri string) string { return (&url.URL{Path: uri}).EscapedPath() }
