package nginx

import (
	"net/http"
	"strconv"
	"strings"
)

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
