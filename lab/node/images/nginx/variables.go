package nginx

import (
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// template is a text with variables, in parts.
type template []part

type part struct {
	text     string
	variable bool
}

func literal(text string) template { return template{{text: text}} }

// template parses a value. Which variables there are is known when everything has been read.
func (c *compiler) template(d *directive, text string) (template, error) {
	var t template
	for text != "" {
		i := strings.IndexByte(text, '$')
		if i < 0 || i == len(text)-1 {
			if i >= 0 && d.name != "try_files" && d.name != "log_format" {
				return nil, d.fault("invalid variable name")
			}
			return append(t, part{text: text}), nil
		}
		if i > 0 {
			t = append(t, part{text: text[:i]})
		}
		text = text[i+1:]
		name := ""
		if rest, ok := strings.CutPrefix(text, "{"); ok {
			var closed bool
			if name, text, closed = strings.Cut(rest, "}"); !closed {
				return nil, d.fault(`the closing bracket in %q variable is missing`, name)
			}
		} else {
			n := 0
			for n < len(text) && (isWord(text[n]) && (n == 0 || text[0] < '0' || text[0] > '9')) {
				n++
			}
			name, text = text[:n], text[n:]
		}
		if name == "" {
			return nil, d.fault("invalid variable name")
		}
		c.used = append(c.used, use{name, d})
		t = append(t, part{name, true})
	}
	return t, nil
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// maxValue is how long a value may become.
const maxValue = 64 << 10

// expand returns a template's text for a request.
func (e *exchange) expand(t template) string {
	if len(t) == 1 && !t[0].variable {
		return t[0].text
	}
	var b strings.Builder
	for _, p := range t {
		if b.Len() > maxValue {
			break
		}
		if !p.variable {
			b.WriteString(p.text)
			continue
		}
		v, _ := e.variable(p.text)
		b.WriteString(v)
	}
	return b.String()
}

// families are the variables with names of their own choice.
func families() []string { return []string{"arg_", "http_", "cookie_", "sent_http_", "upstream_http_"} }

// known reports whether a variable exists.
func (c *compiler) known(name string) bool {
	if c.cfg.set[name] || len(name) == 1 && name[0] >= '0' && name[0] <= '9' {
		return true
	}
	for _, f := range families() {
		if strings.HasPrefix(name, f) {
			return true
		}
	}
	_, ok := c.own[name]
	return ok
}

// variable returns the value of a variable, and whether it has one.
func (e *exchange) variable(name string) (string, bool) {
	if v, ok := e.vars[name]; ok {
		return v, true
	}
	if len(name) == 1 && name[0] >= '0' && name[0] <= '9' {
		if n := int(name[0] - '0'); n < len(e.captures) {
			return e.captures[n], true
		}
		return "", false
	}
	if m, ok := e.cfg.maps[name]; ok {
		return e.mapped(name, m), true
	}
	if v, ok := e.builtIn(name); ok {
		return v, true
	}
	switch {
	case strings.HasPrefix(name, "arg_"):
		v, ok := argument(e.args, name[len("arg_"):])
		return v, ok
	case strings.HasPrefix(name, "cookie_"):
		if c, err := e.r.Cookie(name[len("cookie_"):]); err == nil {
			return c.Value, true
		}
	case strings.HasPrefix(name, "http_"):
		key := strings.ReplaceAll(name[len("http_"):], "_", "-")
		if key == "host" {
			return e.r.Host, e.r.Host != ""
		}
		values := e.r.Header.Values(key)
		return strings.Join(values, ", "), len(values) > 0
	case strings.HasPrefix(name, "sent_http_"):
		values := e.w.Header().Values(strings.ReplaceAll(name[len("sent_http_"):], "_", "-"))
		return strings.Join(values, ", "), len(values) > 0
	case strings.HasPrefix(name, "upstream_http_"):
		values := e.upstreamHeader.Values(strings.ReplaceAll(name[len("upstream_http_"):], "_", "-"))
		return strings.Join(values, ", "), len(values) > 0
	}
	return "", false
}

// mapped is a variable of a map block. Its own value is kept for the request, and a map that refers to itself is empty.
func (e *exchange) mapped(name string, m mapping) string {
	e.vars[name] = ""
	key := e.expand(m.of)
	value, ok := m.exact[strings.ToLower(key)]
	for i := 0; !ok && i < len(m.regex); i++ {
		if found := m.regex[i].re.FindStringSubmatch(key); found != nil {
			e.capture(m.regex[i].re, found)
			value, ok = m.regex[i].value, true
		}
	}
	if !ok {
		value = m.fallback
	}
	e.vars[name] = e.expand(value)
	return e.vars[name]
}

// capture keeps the groups of a regular expression's match.
func (e *exchange) capture(re *regexp.Regexp, found []string) {
	e.captures = found
	for i, name := range re.SubexpNames() {
		if name != "" {
			e.vars[name] = found[i]
		}
	}
}

func argument(query, name string) (string, bool) {
	for pair := range strings.SplitSeq(query, "&") {
		if k, v, _ := strings.Cut(pair, "="); strings.EqualFold(k, name) {
			return v, true
		}
	}
	return "", false
}

// builtIn returns a variable of nginx's own.
func (e *exchange) builtIn(name string) (value string, ok bool) {
	f, ok := e.s.own[name]
	if !ok {
		return "", false
	}
	return f(e), true
}

// variables are nginx's own.
func variables() map[string]func(*exchange) string {
	return map[string]func(*exchange) string{
		"args":               func(e *exchange) string { return e.args },
		"query_string":       func(e *exchange) string { return e.args },
		"is_args":            func(e *exchange) string { return map[bool]string{true: "?"}[e.args != ""] },
		"uri":                func(e *exchange) string { return e.uri },
		"document_uri":       func(e *exchange) string { return e.uri },
		"request_uri":        func(e *exchange) string { return e.r.RequestURI },
		"request":            func(e *exchange) string { return e.r.Method + " " + e.r.RequestURI + " " + e.r.Proto },
		"request_method":     func(e *exchange) string { return e.r.Method },
		"server_protocol":    func(e *exchange) string { return e.r.Proto },
		"request_filename":   func(e *exchange) string { return e.file(e.uri) },
		"document_root":      func(e *exchange) string { return e.expand(e.scope.root) },
		"realpath_root":      func(e *exchange) string { return e.expand(e.scope.root) },
		"host":               (*exchange).host,
		"hostname":           func(e *exchange) string { return e.s.p.Hostname() },
		"server_name":        func(e *exchange) string { return e.server.name },
		"server_port":        func(e *exchange) string { return strconv.Itoa(e.sock.port) },
		"server_addr":        func(e *exchange) string { return e.s.p.PodIP() },
		"scheme":             (*exchange).scheme,
		"https":              func(e *exchange) string { return map[bool]string{true: "on"}[e.r.TLS != nil] },
		"remote_addr":        func(e *exchange) string { return e.client() },
		"binary_remote_addr": func(e *exchange) string { return string(net.ParseIP(e.client()).To4()) },
		"remote_port": func(e *exchange) string {
			_, port, _ := net.SplitHostPort(e.r.RemoteAddr)
			return port
		},
		"remote_user": func(e *exchange) string {
			user, _, _ := e.r.BasicAuth()
			return user
		},
		"proxy_add_x_forwarded_for": func(e *exchange) string {
			return strings.Join(append(e.r.Header.Values("X-Forwarded-For"), e.client()), ", ")
		},
		"proxy_host":      func(e *exchange) string { return e.proxyHost },
		"proxy_port":      func(e *exchange) string { return portOf(e.proxyHost) },
		"content_length":  func(e *exchange) string { return e.r.Header.Get("Content-Length") },
		"content_type":    func(e *exchange) string { return e.r.Header.Get("Content-Type") },
		"status":          func(e *exchange) string { return strconv.Itoa(e.w.status) },
		"body_bytes_sent": func(e *exchange) string { return strconv.FormatInt(e.w.bytes, 10) },
		"bytes_sent":      func(e *exchange) string { return strconv.FormatInt(e.w.bytes, 10) },
		"request_length":  func(e *exchange) string { return strconv.FormatInt(max(0, e.r.ContentLength), 10) },
		"request_time":    func(e *exchange) string { return fmt.Sprintf("%.3f", time.Since(e.began).Seconds()) },
		"request_id":      func(e *exchange) string { return e.id() },
		"request_body":    func(*exchange) string { return "" },
		"request_completion": func(e *exchange) string {
			return map[bool]string{true: "OK"}[e.w.status != 0]
		},
		"msec":                   func(*exchange) string { return fmt.Sprintf("%.3f", float64(time.Now().UnixMilli())/1000) },
		"time_local":             func(*exchange) string { return time.Now().UTC().Format("02/Jan/2006:15:04:05 -0700") },
		"time_iso8601":           func(*exchange) string { return time.Now().UTC().Format("2006-01-02T15:04:05-07:00") },
		"nginx_version":          func(e *exchange) string { return e.s.version },
		"pid":                    func(e *exchange) string { return strconv.Itoa(e.s.worker()) },
		"pipe":                   func(*exchange) string { return "." },
		"connection":             func(e *exchange) string { return strconv.FormatInt(e.number, 10) },
		"connection_requests":    func(*exchange) string { return "1" },
		"connections_active":     func(e *exchange) string { return strconv.FormatInt(e.s.active.Load(), 10) },
		"upstream_addr":          func(e *exchange) string { return e.upstreamAddr },
		"upstream_status":        func(e *exchange) string { return e.upstreamStatus },
		"upstream_response_time": func(e *exchange) string { return e.upstreamTime },
		"ssl_protocol":           func(*exchange) string { return "" },
		"ssl_cipher":             func(*exchange) string { return "" },
		"gzip_ratio":             func(*exchange) string { return "" },
	}
}

// host is $host: the name in the request line, in the header, or the server's.
func (e *exchange) host() string {
	host := e.r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	if host == "" {
		return e.server.name
	}
	return strings.ToLower(host)
}

func (e *exchange) scheme() string {
	if e.r.TLS != nil {
		return "https"
	}
	return "http"
}

// client is the address of the request's client without the port.
func (e *exchange) client() string {
	host, _, err := net.SplitHostPort(e.r.RemoteAddr)
	if err != nil {
		return e.r.RemoteAddr
	}
	return host
}

func portOf(host string) string {
	if u, err := url.Parse("http://" + host); err == nil && u.Port() != "" {
		return u.Port()
	}
	return "80"
}
