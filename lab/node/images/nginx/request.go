package nginx

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
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
