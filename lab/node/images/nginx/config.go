package nginx

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"healthlab/lab/node/sandbox"
)

// config is a whole configuration, as the directives of all files mean it. It does not change.
type config struct {
	pidFile string
	workers int
	log     errorLog
	sockets []*socket
	pools   map[string]*pool
	zones   map[string]*zone
	formats map[string]template
	maps    map[string]mapping
	set     map[string]bool // names that set, maps and captures give a value to
	dump    []source
	daemon  bool
	certs   map[*server]*tls.Certificate
}

// socket is an address that is listened on, and the servers behind it.
type socket struct {
	address string // as listen has it: 0.0.0.0:80
	host    string // empty: all
	port    int
	tls     bool
	h2      bool
	servers []*server
	first   *server // the default
	chosen  bool    // by default_server
}

type server struct {
	names     []serverName
	name      string // the first, for messages
	scope     *scope
	steps     []step
	locations *locations
	cert, key string
	h2        bool
	at        *directive
}

type serverName struct {
	text string
	re   *regexp.Regexp
}

// locations are those of one server or location.
type locations struct {
	exact, prefix map[string]*location
	regex         []*location
	named         map[string]*location
}

type location struct {
	kind      string // "", =, ^~, ~, ~* or @
	path      string
	re        *regexp.Regexp
	scope     *scope
	steps     []step
	locations *locations
}

// scope is what directives that are inherited from level to level say at one level.
type scope struct {
	root, alias   template
	prefix        string // of the location that alias and proxy_pass are in
	regex         bool   // that location is a regular expression
	index         []template
	headers       []header
	expires       string
	charset       string
	defaultType   string
	types         map[string]string
	errorPages    map[int]errorPage
	accessLogs    []accessLog
	errorLog      errorLog
	access        []accessRule
	realm         template // of auth_basic
	userFile      template
	satisfyAny    bool
	limits        []limitReq
	limitStatus   int
	gzip          compression
	limit         *limit
	tryFiles      []template
	autoindex     bool
	internal      bool
	status        bool // stub_status
	emptyGIF      bool
	silent404     bool // log_not_found off
	hideVersion   bool
	relative      bool // absolute_redirect off
	noPort        bool // port_in_redirect off
	noETag        bool
	noKeepAlive   bool
	maxBody       int64
	proxy         *proxyPass
	proxyHeaders  []header
	proxyHide     []string
	proxyConnect  time.Duration
	proxyRead     time.Duration
	proxyCatch    bool // proxy_intercept_errors
	proxyMethod   string
	proxyRedirect []string // default, off, or two words
	next          []string // proxy_next_upstream
}

type header struct {
	name   string
	value  template
	always bool
}

type errorPage struct {
	status int // zero: as it was; -1: as the page answers
	uri    template
}

type accessLog struct {
	file   string
	format template
	when   template // nil: always
}

type errorLog struct {
	file  string
	level int
}

type accessRule struct {
	allow bool
	all   bool
	net   netip.Prefix
}

type limit struct {
	methods []string
	access  []accessRule
}

// mapping is a map block.
type mapping struct {
	of       template
	exact    map[string]template
	regex    []mapRegex
	fallback template
}

type mapRegex struct {
	re    *regexp.Regexp
	value template
}

// compiler makes a config of directives.
type compiler struct {
	ctx    context.Context // ends looking for names
	p      *sandbox.Process
	cfg    *config
	prefix string
	warn   func(string)
	used   []use                             // variables that have to be known
	own    map[string]func(*exchange) string // nginx's own variables
}

type use struct {
	name string
	at   *directive
}

// levels are those of error_log, from the worst.
func levels() []string {
	return []string{"emerg", "alert", "crit", "error", "warn", "notice", "info", "debug"}
}

const (
	levelError  = 3
	levelNotice = 5
)

// compile gives a configuration its meaning.
func compile(ctx context.Context, p *sandbox.Process, prefix string, tree []*directive, warn func(string)) (*config, error) {
	c := &compiler{ctx: ctx, p: p, prefix: prefix, warn: warn, own: variables(), cfg: &config{
		pidFile: "/run/nginx.pid", workers: 1, daemon: true, pools: map[string]*pool{}, zones: map[string]*zone{}, formats: map[string]template{}, maps: map[string]mapping{},
		set: map[string]bool{}, log: errorLog{file: "/var/log/nginx/error.log", level: levelError},
	}}
	var events, web *directive
	for _, d := range tree {
		var err error
		switch d.name {
		case "events":
			err = once(d, events != nil)
			events = d
		case "http":
			err = once(d, web != nil)
			web = d
		case "pid":
			c.cfg.pidFile = c.path(d.args[0])
		case "worker_processes":
			if d.args[0] != "auto" {
				c.cfg.workers, err = strconv.Atoi(d.args[0])
				if err != nil || c.cfg.workers < 1 {
					return nil, d.fault("invalid number")
				}
			}
		case "daemon":
			c.cfg.daemon = d.args[0] == "on"
		case "error_log":
			c.cfg.log, err = c.errorLog(d)
		}
		if err != nil {
			return nil, err
		}
	}
	if web != nil {
		if err := c.web(web); err != nil { //nolint:contextcheck // the compiler holds it
			return nil, err
		}
	}
	if events == nil {
		return nil, configError(`no "events" section in configuration`)
	}
	for _, u := range c.used {
		if !c.known(u.name) {
			return nil, configError(fmt.Sprintf("unknown %q variable", u.name))
		}
	}
	return c.cfg, nil
}

func once(d *directive, before bool) error {
	if before {
		return d.fault("%q directive is duplicate", d.name)
	}
	return nil
}

func (c *compiler) path(name string) string {
	if strings.HasPrefix(name, "/") || strings.HasPrefix(name, "syslog:") || name == "stderr" {
		return name
	}
	return c.prefix + "/" + name
}

func (c *compiler) errorLog(d *directive) (errorLog, error) {
	l := errorLog{file: c.path(d.args[0]), level: levelError}
	if strings.HasPrefix(d.args[0], "syslog:") || strings.HasPrefix(d.args[0], "memory:") {
		return l, d.fault("%s is not supported here", d.args[0])
	}
	for _, a := range d.args[1:] {
		if l.level = slices.Index(levels(), a); l.level < 0 {
			return l, d.fault("invalid log level %q", a)
		}
	}
	return l, nil
}

// web is the http block.
func (c *compiler) web(http *directive) error {
	base := &scope{
		root: literal(c.prefix + "/html"), index: []template{literal("index.html")}, defaultType: "text/plain", errorLog: c.cfg.log,
		types: map[string]string{"html": "text/html", "gif": "image/gif", "jpg": "image/jpeg"}, maxBody: 1 << 20,
		limitStatus: 503, gzip: defaultCompression(),
		proxyConnect: time.Minute, proxyRead: time.Minute, next: []string{"error", "timeout"},
	}
	c.cfg.formats["combined"], _ = c.template(http, `$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"`)
	base.accessLogs = []accessLog{{file: "/var/log/nginx/access.log", format: c.cfg.formats["combined"]}}
	for _, d := range http.block { // what others refer to
		var err error
		switch d.name {
		case "upstream":
			err = c.pool(d)
		case "limit_req_zone":
			err = c.zoneOf(d)
		case "map":
			err = c.mapping(d)
		case "log_format":
			err = c.logFormat(d)
		}
		if err != nil {
			return err
		}
	}
	s, err := c.scope(base, http.block)
	if err != nil {
		return err
	}
	for _, d := range http.block {
		if d.name == "server" {
			if err := c.server(s, d); err != nil {
				return err
			}
		}
	}
	for _, sock := range c.cfg.sockets {
		if err := c.checkNames(sock); err != nil {
			return err
		}
	}
	return nil
}

func (c *compiler) logFormat(d *directive) error {
	words := d.args[1:]
	if strings.HasPrefix(words[0], "escape=") {
		words = words[1:]
	}
	if _, there := c.cfg.formats[d.args[0]]; there && d.args[0] != "combined" {
		return d.fault("duplicate \"log_format\" name %q", d.args[0])
	}
	t, err := c.template(d, strings.Join(words, ""))
	c.cfg.formats[d.args[0]] = t
	return err
}

func (c *compiler) mapping(d *directive) error {
	of, err := c.template(d, d.args[0])
	if err != nil {
		return err
	}
	name, ok := strings.CutPrefix(d.args[1], "$")
	if !ok {
		return d.fault("invalid variable name %q", d.args[1])
	}
	m := mapping{of: of, exact: map[string]template{}}
	for _, e := range d.block {
		if e.name == "hostnames" || e.name == "volatile" {
			continue
		}
		if len(e.args) != 1 {
			return e.fault("invalid number of the map parameters")
		}
		value, err := c.template(e, e.args[0])
		if err != nil {
			return err
		}
		switch {
		case e.name == "default":
			m.fallback = value
		case strings.HasPrefix(e.name, "~"):
			pattern, fold := strings.CutPrefix(e.name[1:], "*")
			re, err := c.regex(e, pattern, fold)
			if err != nil {
				return err
			}
			m.regex = append(m.regex, mapRegex{re, value})
		default:
			m.exact[strings.ToLower(strings.TrimPrefix(e.name, `\`))] = value
		}
	}
	c.cfg.maps[name] = m
	c.cfg.set[name] = true
	return nil
}

// regex compiles a regular expression; its named groups are variables.
func (c *compiler) regex(d *directive, pattern string, fold bool) (*regexp.Regexp, error) {
	text := pattern
	if fold {
		text = "(?i)" + pattern
	}
	re, err := regexp.Compile(text)
	if err != nil {
		return nil, d.fault("pcre2_compile() failed: not supported here: %s in %q", strings.TrimPrefix(err.Error(), "error parsing regexp: "), pattern)
	}
	for _, name := range re.SubexpNames() {
		if name != "" {
			c.cfg.set[name] = true
		}
	}
	return re, nil
}
