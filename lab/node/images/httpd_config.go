package images

import (
	"fmt"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"

	"healthlab/lab/node/sandbox"
)

const httpdRoot = "/usr/local/apache2"

// httpdConf is conf/httpd.conf: that of the original without its comments and without what has no meaning here.
const httpdConf = `ServerRoot "/usr/local/apache2"
Listen 80
LoadModule mpm_event_module modules/mod_mpm_event.so
LoadModule authz_core_module modules/mod_authz_core.so
LoadModule mime_module modules/mod_mime.so
LoadModule log_config_module modules/mod_log_config.so
LoadModule headers_module modules/mod_headers.so
LoadModule unixd_module modules/mod_unixd.so
LoadModule dir_module modules/mod_dir.so
LoadModule alias_module modules/mod_alias.so
<IfModule unixd_module>
User www-data
Group www-data
</IfModule>
ServerAdmin you@example.com
<Directory />
    AllowOverride none
    Require all denied
</Directory>
DocumentRoot "/usr/local/apache2/htdocs"
<Directory "/usr/local/apache2/htdocs">
    Options Indexes FollowSymLinks
    AllowOverride None
    Require all granted
</Directory>
<IfModule dir_module>
    DirectoryIndex index.html
</IfModule>
<Files ".ht*">
    Require all denied
</Files>
ErrorLog /proc/self/fd/2
LogLevel warn
<IfModule log_config_module>
    LogFormat "%h %l %u %t \"%r\" %>s %b" common
    CustomLog /proc/self/fd/1 common
</IfModule>
<IfModule mime_module>
    TypesConfig conf/mime.types
</IfModule>
`

// httpdConfig is what a configuration says.
type httpdConfig struct {
	ports     []string
	root      string
	index     []string
	errors    map[int]string // ErrorDocument: a text, a path or a URL
	redirects []httpdRedirect
	aliases   []httpdAlias
	headers   []httpdHeader
	types     map[string]string
	denied    []httpdRule // Require in <Directory> and <Location>, in order
	modules   map[string]bool
	server    string
}

type (
	httpdRedirect struct {
		status   int
		from, to string
	}
	httpdAlias  struct{ from, to string }
	httpdHeader struct{ action, name, value string }
	httpdRule   struct {
		location, denied bool
		prefix           string
	}
)

// httpdReader reads a configuration with what it includes.
type httpdReader struct {
	fs    *sandbox.FS
	cfg   *httpdConfig
	files int
}

// What an httpd configuration may be.
const (
	maxHTTPDFiles = 100
	maxHTTPDBytes = 1 << 20
)

// httpdIgnored are directives that mean nothing here.
func httpdIgnored() []string {
	return strings.Fields("serverroot user group serveradmin allowoverride options errorlog loglevel logformat customlog typesconfig enablemmap enablesendfile " +
		"timeout keepalive maxkeepaliverequests keepalivetimeout usecanonicalname accessfilename servertokens serversignature hostnamelookups pidfile mutex " +
		"startservers minspareservers maxspareservers maxrequestworkers maxconnectionsperchild minsparethreads maxsparethreads threadsperchild serverlimit threadlimit " +
		"addencoding adddefaultcharset traceenable")
}

func readHTTPD(fs *sandbox.FS, file string) (*httpdConfig, error) {
	r := &httpdReader{fs: fs, cfg: &httpdConfig{
		root: httpdRoot + "/htdocs", index: []string{"index.html"}, errors: map[int]string{}, types: map[string]string{}, modules: map[string]bool{},
	}}
	if err := r.file(file); err != nil {
		return nil, err
	}
	if len(r.cfg.ports) == 0 {
		return nil, fmt.Errorf("no listening sockets available, shutting down\nAH00015: Unable to open logs")
	}
	return r.cfg, nil
}

func (r *httpdReader) file(name string) error {
	if r.files++; r.files > maxHTTPDFiles {
		return fmt.Errorf("httpd: Include/IncludeOptional: too many files, at %s", name)
	}
	data, err := r.fs.ReadFile(name, maxHTTPDBytes)
	if err != nil {
		return fmt.Errorf("httpd: Could not open configuration file %s: %s", name, errText(err))
	}
	var sections []string
	skip := 0 // sections of modules that are not there
	for i, line := range strings.Split(strings.ReplaceAll(string(data), "\\\n", " "), "\n") {
		fault := func(format string, args ...any) error {
			return fmt.Errorf("AH00526: Syntax error on line %d of %s:\n%s", i+1, name, fmt.Sprintf(format, args...))
		}
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		words := httpdWords(line)
		switch {
		case strings.HasPrefix(line, "</"):
			if len(sections) == 0 || !strings.EqualFold(strings.Trim(line, "</> "), strings.Fields(sections[len(sections)-1])[0]) {
				return fault("%s without matching <%s> section", line, strings.Trim(line, "</> "))
			}
			if sections = sections[:len(sections)-1]; skip > 0 {
				skip--
			}
		case line[0] == '<':
			if !strings.HasSuffix(line, ">") {
				return fault("%s> directive missing closing '>'", words[0])
			}
			section := strings.Trim(line, "<>")
			if skip > 0 || r.absent(section) {
				skip++
			} else if why := httpdSection(section); why != "" {
				return fault("%s", why)
			}
			sections = append(sections, section)
		case skip > 0:
		default:
			if why := r.directive(words, sections); why != "" {
				if strings.HasPrefix(why, "httpd:") || strings.HasPrefix(why, "AH") { // of a file that is included
					return fmt.Errorf("%s", why)
				}
				return fault("%s", why)
			}
		}
	}
	if len(sections) > 0 {
		return fmt.Errorf("AH00526: Syntax error on line %d of %s:\n<%s> was not closed", strings.Count(string(data), "\n")+1, name, strings.Fields(sections[len(sections)-1])[0])
	}
	return nil
}

// absent reports whether a section is for a module that is not loaded.
func (r *httpdReader) absent(section string) bool {
	name, arg, _ := strings.Cut(section, " ")
	arg, not := strings.CutPrefix(strings.TrimSpace(arg), "!")
	switch strings.ToLower(name) {
	case "ifmodule":
		arg = strings.TrimSuffix(strings.TrimPrefix(arg, "mod_"), ".c")
		return (r.cfg.modules[arg] || r.cfg.modules[arg+"_module"]) == not
	case "ifdefine":
		return !not
	}
	return false
}

func httpdSection(section string) string {
	name, _, _ := strings.Cut(section, " ")
	if slices.Contains([]string{"ifmodule", "ifdefine", "directory", "files", "filesmatch", "location"}, strings.ToLower(name)) {
		return ""
	}
	return fmt.Sprintf("Invalid command '<%s', perhaps misspelled or defined by a module not included in the server configuration", name)
}

// httpdWords splits a line into words, which may be quoted.
func httpdWords(line string) []string {
	var words []string
	for line = strings.TrimSpace(line); line != ""; line = strings.TrimLeft(line, " \t") {
		if q := line[0]; q == '"' || q == '\'' {
			word, rest, _ := strings.Cut(line[1:], string(q))
			words, line = append(words, word), rest
			continue
		}
		i := strings.IndexAny(line, " \t")
		if i < 0 {
			i = len(line)
		}
		words, line = append(words, line[:i]), line[i:]
	}
	return words
}

// directive applies one directive; the text says what is wrong with it.
func (r *httpdReader) directive(words, sections []string) string {
	name, args := strings.ToLower(words[0]), words[1:]
	needs := func(n int) string {
		if len(args) < n {
			return fmt.Sprintf("%s takes %d argument(s)", words[0], n)
		}
		return ""
	}
	absolute := func(p string) string {
		if !path.IsAbs(p) {
			p = path.Join(httpdRoot, p)
		}
		return p
	}
	if slices.Contains(httpdIgnored(), name) {
		return ""
	}
	if why := needs(1); why != "" {
		return why
	}
	switch name {
	case "loadmodule":
		r.cfg.modules[args[0]] = true
	case "listen":
		port := args[0][strings.LastIndex(args[0], ":")+1:]
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
			return "Port must be specified"
		}
		r.cfg.ports = append(r.cfg.ports, port)
	case "servername":
		r.cfg.server = args[0]
	case "documentroot":
		r.cfg.root = absolute(args[0])
		if info, err := r.fs.Stat(r.cfg.root); err != nil || !info.IsDir() {
			return fmt.Sprintf("DocumentRoot '%s' is not a directory, or is not readable", r.cfg.root)
		}
	case "directoryindex":
		r.cfg.index = args
	case "errordocument":
		n, err := strconv.Atoi(args[0])
		if err != nil || n < 400 || n > 599 || len(args) < 2 {
			return "Unsupported HTTP response code " + args[0]
		}
		r.cfg.errors[n] = strings.Join(args[1:], " ")
	case "redirect", "redirectpermanent", "redirecttemp":
		return r.redirect(name, args)
	case "alias":
		if why := needs(2); why != "" {
			return why
		}
		r.cfg.aliases = append(r.cfg.aliases, httpdAlias{args[0], absolute(args[1])})
	case "header":
		if args[0] == "always" {
			args = args[1:]
		}
		if len(args) < 2 || !slices.Contains([]string{"set", "add", "append", "unset"}, strings.ToLower(args[0])) {
			return "first argument must be 'add', 'set', 'append' or 'unset' here"
		}
		r.cfg.headers = append(r.cfg.headers, httpdHeader{strings.ToLower(args[0]), args[1], strings.Join(args[2:], " ")})
	case "addtype":
		for _, ext := range args[1:] {
			r.cfg.types["."+strings.TrimPrefix(ext, ".")] = args[0]
		}
	case "require":
		return r.require(args, sections)
	case "include", "includeoptional":
		return r.include(absolute(args[0]), name == "includeoptional")
	default:
		return fmt.Sprintf("Invalid command '%s', perhaps misspelled or defined by a module not included in the server configuration", words[0])
	}
	return ""
}

func (r *httpdReader) redirect(name string, args []string) string {
	one := httpdRedirect{status: http.StatusFound}
	if name == "redirectpermanent" {
		one.status = http.StatusMovedPermanently
	}
	if len(args) == 3 {
		known := map[string]int{"permanent": 301, "temp": 302, "seeother": 303}
		one.status = known[args[0]]
		if n, err := strconv.Atoi(args[0]); err == nil {
			one.status = n
		}
		args = args[1:]
	}
	if len(args) != 2 || one.status < 300 || one.status > 399 {
		return "Redirect to non-URL"
	}
	one.from, one.to = args[0], args[1]
	r.cfg.redirects = append(r.cfg.redirects, one)
	return ""
}

// require knows all granted and all denied, in directories and locations.
func (r *httpdReader) require(args, sections []string) string {
	said := strings.ToLower(strings.Join(args, " "))
	if said != "all granted" && said != "all denied" {
		return "Unknown Authz provider: " + args[0]
	}
	for _, s := range slices.Backward(sections) {
		name, arg, _ := strings.Cut(s, " ")
		switch strings.ToLower(name) {
		case "directory", "location":
			r.cfg.denied = append(r.cfg.denied, httpdRule{
				location: strings.EqualFold(name, "location"), denied: said == "all denied", prefix: strings.Trim(strings.TrimSpace(arg), `"`),
			})
			return ""
		case "files", "filesmatch":
			return ""
		}
	}
	return "Require not allowed here"
}

func (r *httpdReader) include(pattern string, optional bool) string {
	dir, base := path.Split(pattern)
	names := []string{pattern}
	if strings.ContainsAny(base, "*?[") {
		names = nil
		entries, _ := r.fs.ReadDir(dir) // what is not there has none
		for _, e := range entries {
			if ok, err := path.Match(base, e.Name()); ok && err == nil {
				names = append(names, path.Join(dir, e.Name()))
			}
		}
	}
	for _, n := range names {
		if _, err := r.fs.Stat(n); err != nil && optional {
			continue
		}
		if err := r.file(n); err != nil {
			return err.Error()
		}
	}
	return ""
}

// refused reports whether a request may not have what it asks for: the last rule whose prefix is the longest decides.
func (c *httpdConfig) refused(uri, file string) bool {
	refused := false
	for _, location := range []bool{false, true} {
		longest := -1
		for _, r := range c.denied {
			of := file
			if location {
				of = uri
			}
			prefix := strings.TrimSuffix(r.prefix, "/")
			if r.location == location && (of == prefix || strings.HasPrefix(of, prefix+"/")) && len(prefix) >= longest {
				refused, longest = r.denied, len(prefix)
			}
		}
	}
	return refused
}
