package nginx

import (
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// scope returns what the directives of a block say on top of the level above.
func (c *compiler) scope(outer *scope, block []*directive) (*scope, error) {
	s := *outer
	seen := map[string]bool{} // directives of this level: the first of them replaces what is inherited
	for _, d := range block {
		if d.name == "alias" && seen["root"] {
			return nil, d.fault(`"alias" directive is duplicate, "root" directive was specified earlier`)
		}
		if err := c.setting(&s, d, !seen[d.name]); err != nil {
			return nil, err
		}
		seen[d.name] = true
		if d.name == "allow" || d.name == "deny" {
			seen["allow"], seen["deny"] = true, true
		}
	}
	return &s, nil
}

// setting applies one directive; first says that it is the first of its name at this level.
func (c *compiler) setting(s *scope, d *directive, first bool) error {
	on := len(d.args) > 0 && d.args[0] == "on"
	var err error
	switch d.name {
	case "root":
		if s.alias != nil {
			return d.fault(`"root" directive is duplicate, "alias" directive was specified earlier`)
		}
		if !first {
			return once(d, true)
		}
		s.root, err = c.template(d, c.path(d.args[0]))
	case "alias":
		s.alias, err = c.template(d, c.path(d.args[0]))
	case "index":
		if first {
			s.index = nil
		}
		for _, a := range d.args {
			t, err := c.template(d, a)
			if err != nil {
				return err
			}
			s.index = append(s.index, t)
		}
	case "default_type":
		s.defaultType = d.args[0]
	case "types":
		if first {
			s.types = map[string]string{}
		}
		s.types = maps.Clone(s.types)
		for _, e := range d.block {
			for _, ext := range e.args {
				s.types[strings.ToLower(ext)] = e.name
			}
		}
	case "access_log":
		err = c.accessLog(s, d, first)
	case "error_log":
		s.errorLog, err = c.errorLog(d)
	case "error_page":
		err = c.errorPage(s, d, first)
	case "add_header":
		if first {
			s.headers = nil
		}
		if len(d.args) == 3 && d.args[2] != "always" {
			return d.fault("invalid parameter %q", d.args[2])
		}
		h := header{name: d.args[0], always: len(d.args) == 3}
		h.value, err = c.template(d, d.args[1])
		s.headers = append(slices.Clone(s.headers), h)
	case "expires":
		if _, bad := seconds(strings.TrimLeft(d.args[0], "+-")); bad != nil && !slices.Contains([]string{"off", "epoch", "max"}, d.args[0]) || len(d.args) > 1 {
			return d.fault("\"expires\" directive invalid value")
		}
		s.expires = d.args[0]
	case "charset":
		s.charset = d.args[0]
	case "autoindex":
		s.autoindex = on
	case "allow", "deny":
		if first {
			s.access = nil
		}
		r, err := rule(d)
		if err != nil {
			return err
		}
		s.access = append(slices.Clone(s.access), r)
	case "limit_except":
		s.limit = &limit{methods: d.args}
		for _, e := range d.block {
			if e.name != "allow" && e.name != "deny" {
				return e.fault("%q in \"limit_except\" is not supported here", e.name)
			}
			r, err := rule(e)
			if err != nil {
				return err
			}
			s.limit.access = append(s.limit.access, r)
		}
	case "try_files":
		s.tryFiles = nil
		for _, a := range d.args {
			t, err := c.template(d, a)
			if err != nil {
				return err
			}
			s.tryFiles = append(s.tryFiles, t)
		}
	case "client_max_body_size":
		if s.maxBody, err = bytesOf(d.args[0]); err != nil {
			return d.fault("%q directive invalid value", d.name)
		}
	case "keepalive_timeout":
		if _, bad := seconds(d.args[0]); bad != nil {
			return d.fault("%q directive invalid value", d.name)
		}
		s.noKeepAlive = d.args[0] == "0"
	case "internal":
		s.internal = true
	case "stub_status":
		s.status = true
	case "empty_gif":
		s.emptyGIF = true
	case "log_not_found":
		s.silent404 = !on
	case "server_tokens":
		s.hideVersion = d.args[0] == "off"
	case "absolute_redirect":
		s.relative = !on
	case "port_in_redirect":
		s.noPort = !on
	case "etag":
		s.noETag = !on
	case "satisfy":
		if d.args[0] != "all" && d.args[0] != "any" {
			return d.fault("invalid value %q", d.args[0])
		}
		s.satisfyAny = d.args[0] == "any"
	case "auth_basic":
		s.realm, err = c.template(d, d.args[0])
	case "auth_basic_user_file":
		s.userFile, err = c.template(d, c.path(d.args[0]))
	case "limit_req":
		if first {
			s.limits = nil
		}
		l, err := c.limitReq(d)
		if err != nil {
			return err
		}
		s.limits = append(slices.Clone(s.limits), l)
	case "limit_req_status":
		s.limitStatus, err = limitStatus(d)
	default:
		if strings.HasPrefix(d.name, "gzip") {
			return gzipSetting(s, d)
		}
		return c.proxySetting(s, d, first)
	}
	return err
}

// proxySetting applies a directive of the proxy.
func (c *compiler) proxySetting(s *scope, d *directive, first bool) error {
	var err error
	switch d.name {
	case "proxy_pass":
		s.proxy, err = c.proxyPass(s, d)
	case "proxy_set_header":
		if first {
			s.proxyHeaders = nil
		}
		h := header{name: d.args[0]}
		h.value, err = c.template(d, d.args[1])
		s.proxyHeaders = append(slices.Clone(s.proxyHeaders), h)
	case "proxy_hide_header":
		if first {
			s.proxyHide = nil
		}
		s.proxyHide = append(slices.Clone(s.proxyHide), d.args[0])
	case "proxy_connect_timeout", "proxy_read_timeout":
		t, bad := seconds(d.args[0])
		if bad != nil {
			return d.fault("%q directive invalid value", d.name)
		}
		if d.name == "proxy_read_timeout" {
			s.proxyRead = t
		} else {
			s.proxyConnect = t
		}
	case "proxy_intercept_errors":
		s.proxyCatch = d.args[0] == "on"
	case "proxy_method":
		s.proxyMethod = d.args[0]
	case "proxy_redirect":
		s.proxyRedirect = d.args
		if strings.HasPrefix(d.args[0], "~") {
			return d.fault("a regular expression in \"proxy_redirect\" is not supported here")
		}
	case "proxy_next_upstream":
		s.next = d.args
	case "proxy_pass_request_headers":
		if d.args[0] == "off" {
			return d.fault("\"proxy_pass_request_headers off\" is not supported here")
		}
	}
	return err
}

func (c *compiler) accessLog(s *scope, d *directive, first bool) error {
	if first {
		s.accessLogs = nil
	}
	if d.args[0] == "off" {
		if len(d.args) > 1 {
			return d.fault("invalid parameter %q", d.args[1])
		}
		s.accessLogs = nil
		return nil
	}
	if strings.HasPrefix(d.args[0], "syslog:") {
		return d.fault("%s is not supported here", d.args[0])
	}
	l := accessLog{file: c.path(d.args[0]), format: c.cfg.formats["combined"]}
	for i, a := range d.args[1:] {
		name, value, given := strings.Cut(a, "=")
		switch {
		case given && name == "if":
			var err error
			if l.when, err = c.template(d, value); err != nil {
				return err
			}
		case given && slices.Contains([]string{"buffer", "flush", "gzip"}, name), a == "gzip":
		case i == 0:
			format, known := c.cfg.formats[a]
			if !known {
				return d.fault("unknown log format %q", a)
			}
			l.format = format
		default:
			return d.fault("invalid parameter %q", a)
		}
	}
	s.accessLogs = append(slices.Clone(s.accessLogs), l)
	return nil
}

func (c *compiler) errorPage(s *scope, d *directive, first bool) error {
	if first {
		s.errorPages = nil
	}
	args := d.args
	uri := args[len(args)-1]
	args = args[:len(args)-1]
	page := errorPage{}
	if text, ok := strings.CutPrefix(args[len(args)-1], "="); ok {
		args = args[:len(args)-1]
		page.status = -1
		if text != "" {
			n, err := strconv.Atoi(text)
			if err != nil {
				return d.fault("invalid value %q", "="+text)
			}
			page.status = n
		}
	}
	var err error
	if page.uri, err = c.template(d, uri); err != nil {
		return err
	}
	pages := maps.Clone(s.errorPages)
	if pages == nil {
		pages = map[int]errorPage{}
	}
	for _, a := range args {
		n, err := strconv.Atoi(a)
		if err != nil {
			return d.fault("invalid value %q", a)
		}
		if n < 300 || n > 599 || n == 499 {
			return d.fault("value %q must be between 300 and 599", a)
		}
		if _, there := pages[n]; !there || first {
			pages[n] = page
		}
	}
	s.errorPages = pages
	return nil
}

func rule(d *directive) (accessRule, error) {
	r := accessRule{allow: d.name == "allow"}
	text := d.args[0]
	if text == "all" {
		r.all = true
		return r, nil
	}
	if addr, err := netip.ParseAddr(text); err == nil {
		r.net = netip.PrefixFrom(addr, addr.BitLen())
		return r, nil
	}
	var err error
	if r.net, err = netip.ParsePrefix(text); err != nil {
		return r, d.fault("invalid parameter %q", text)
	}
	return r, nil
}

// seconds understands nginx's times: 30, 5s, 1m30s, 500ms, 1h, 1d.
func seconds(text string) (time.Duration, error) {
	if n, err := strconv.Atoi(text); err == nil {
		return time.Duration(n) * time.Second, nil
	}
	total := time.Duration(0)
	for text != "" {
		i := strings.IndexFunc(text, func(r rune) bool { return r < '0' || r > '9' })
		if i < 1 {
			return 0, strconv.ErrSyntax
		}
		n, err := strconv.Atoi(text[:i])
		if err != nil {
			return 0, err
		}
		text = text[i:]
		found := false
		for _, u := range []struct {
			name string
			unit time.Duration
		}{
			{"ms", time.Millisecond},
			{"s", time.Second},
			{"m", time.Minute},
			{"h", time.Hour},
			{"d", 24 * time.Hour},
			{"w", 7 * 24 * time.Hour},
			{"M", 30 * 24 * time.Hour},
			{"y", 365 * 24 * time.Hour},
		} {
			if rest, ok := strings.CutPrefix(text, u.name); ok {
				total += time.Duration(n) * u.unit
				text, found = strings.TrimLeft(rest, " "), true
				break
			}
		}
		if !found {
			return 0, strconv.ErrSyntax
		}
	}
	return total, nil
}

// bytesOf understands nginx's sizes: 100, 8k, 10m, 1g.
func bytesOf(text string) (int64, error) {
	unit := int64(1)
	if n := len(text); n > 0 {
		switch text[n-1] | 0x20 {
		case 'k':
			unit = 1 << 10
		case 'm':
			unit = 1 << 20
		case 'g':
			unit = 1 << 30
		}
		if unit > 1 {
			text = text[:n-1]
		}
	}
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil || n < 0 {
		return 0, strconv.ErrSyntax
	}
	return n * unit, nil
}
