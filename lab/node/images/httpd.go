package images

import (
	"context"
	"fmt"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"healthlab/lab/node/sandbox"
)

const httpdVersion = "2.4.66"

func httpd() *sandbox.Image {
	image := &sandbox.Image{
		Name: "docker.io/library/httpd",
		Does: sandbox.Text{
			Ko: "80번 포트의 HTTP. /usr/local/apache2의 설정(conf)과 파일(htdocs)",
			En: "HTTP on 80, configured in /usr/local/apache2/conf, serves its htdocs",
		},
		Size:       58_000_000,
		Env:        []string{"HTTPD_PREFIX=" + httpdRoot, "PATH=/usr/local/apache2/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
		VersionEnv: "HTTPD_VERSION",
		Cmd:        []string{"httpd-foreground"},
		Dir:        httpdRoot,
		StopSignal: sandbox.SIGWINCH,
		Files: files(map[string]string{
			httpdRoot + "/htdocs/index.html": "<html><body><h1>It works!</h1></body></html>\n",
			httpdRoot + "/conf/httpd.conf":   httpdConf,
		}),
		Programs: withBash(withTools(map[string]sandbox.Program{
			"/usr/local/bin/httpd-foreground": runHttpd, httpdRoot + "/bin/httpd": runHttpd, httpdRoot + "/bin/apachectl": runHttpd,
		})),
	}
	return image
}

// apache is a running httpd.
type apache struct {
	p       *sandbox.Process
	version string
	cfg     atomic.Pointer[httpdConfig]
}

// runHttpd is Apache in the foreground: SIGWINCH lets requests finish, SIGTERM does not; both exit with 0. SIGUSR1 and SIGHUP
// read the configuration again.
func runHttpd(ctx context.Context, p *sandbox.Process) int {
	s := &apache{p: p, version: or(p.Getenv("HTTPD_VERSION"), httpdVersion)}
	file := httpdRoot + "/conf/httpd.conf"
	for i := 1; i < len(p.Args); i++ {
		switch a := p.Args[i]; a {
		case "-v":
			fmt.Fprintf(p.Stdout, "Server version: Apache/%s (Unix)\nServer built:   healthlab\n", s.version)
			return 0
		case "-t", "configtest":
			return s.tested(file)
		case "-D", "-DFOREGROUND", "FOREGROUND", "-X":
		case "-f":
			if i++; i < len(p.Args) {
				file = path.Join("/", p.Args[i])
			}
		case "-k":
			if i++; i < len(p.Args) {
				return s.tell(p.Args[i])
			}
		default:
			fmt.Fprintf(p.Stderr, "httpd: illegal option -- %s\nUsage: httpd [-D name] [-f file] [-k start|restart|graceful|graceful-stop|stop] [-v] [-t]\n", strings.TrimLeft(a, "-"))
			return 1
		}
	}
	cfg, err := readHTTPD(p.FS(), file)
	if err != nil {
		fmt.Fprintln(p.Stderr, err)
		return 1
	}
	if cfg.server == "" {
		fmt.Fprintf(p.Stderr, "AH00558: httpd: Could not reliably determine the server's fully qualified domain name, using %s. Set the 'ServerName' directive globally to suppress this message\n", p.PodIP())
	}
	s.cfg.Store(cfg)
	// Before it answers anybody: PID 1 ignores a signal that it does not wait for.
	signals := p.Notify(sandbox.SIGTERM, sandbox.SIGINT, sandbox.SIGWINCH, sandbox.SIGUSR1, sandbox.SIGHUP)
	var sites []*site
	defer func() {
		for _, site := range sites {
			site.close()
		}
	}()
	for _, port := range cfg.ports {
		site, err := serve(ctx, p, ":"+port, s)
		if err != nil {
			fmt.Fprintf(p.Stderr, "(98)Address already in use: AH00072: make_sock: could not bind to address [::]:%[1]s\n"+
				"(98)Address already in use: AH00072: make_sock: could not bind to address 0.0.0.0:%[1]s\nno listening sockets available, shutting down\nAH00015: Unable to open logs\n", port)
			return 1
		}
		sites = append(sites, site)
	}
	_ = p.FS().MkdirAll(httpdRoot+"/logs", 0o755)                                                // writing tells
	_ = p.FS().WriteFile(httpdRoot+"/logs/httpd.pid", []byte(strconv.Itoa(p.PID())+"\n"), 0o644) // only -k needs it
	p.SetName("httpd", "-DFOREGROUND")
	s.notice("mpm_event", "AH00489: Apache/%s (Unix) configured -- resuming normal operations", s.version)
	s.notice("core", "AH00094: Command line: 'httpd -D FOREGROUND'")
	for {
		select {
		case sig := <-signals:
			switch sig {
			case sandbox.SIGUSR1, sandbox.SIGHUP:
				s.reload(file, sig)
				continue
			case sandbox.SIGWINCH:
				s.notice("mpm_event", "AH00492: caught SIGWINCH, shutting down gracefully")
				for _, site := range sites {
					site.drain(ctx)
				}
			default:
				s.notice("mpm_event", "AH00491: caught SIGTERM, shutting down")
			}
		case <-ctx.Done():
		}
		return 0
	}
}

func (s *apache) notice(module, format string, args ...any) {
	fmt.Fprintf(s.p.Stderr, "[%s] [%s:notice] [pid %d:tid %d] %s\n",
		time.Now().UTC().Format("Mon Jan 02 15:04:05.000000 2006"), module, s.p.PID(), s.p.PID(), fmt.Sprintf(format, args...))
}

func (s *apache) tested(file string) int {
	if _, err := readHTTPD(s.p.FS(), file); err != nil {
		fmt.Fprintln(s.p.Stderr, err)
		return 1
	}
	fmt.Fprintln(s.p.Stderr, "Syntax OK")
	return 0
}

// tell is -k: a signal to the running server.
func (s *apache) tell(what string) int {
	sig, known := map[string]sandbox.Signal{
		"graceful": sandbox.SIGUSR1, "restart": sandbox.SIGHUP, "stop": sandbox.SIGTERM, "graceful-stop": sandbox.SIGWINCH,
	}[what]
	if !known {
		fmt.Fprintf(s.p.Stderr, "httpd: -k %s is not built into healthlab\n", what)
		return 1
	}
	data, err := s.p.FS().ReadFile(httpdRoot+"/logs/httpd.pid", 64)
	pid, bad := strconv.Atoi(strings.TrimSpace(string(data)))
	if err != nil || bad != nil || s.p.Kill(pid, sig) != nil {
		fmt.Fprintf(s.p.Stdout, "httpd (no pid file) not running\n")
		return 1
	}
	return 0
}

// reload takes a new configuration; new ports need a new container. One that is wrong ends the server, as it ends Apache.
func (s *apache) reload(file string, sig sandbox.Signal) {
	how := "AH00493: SIGUSR1 received.  Doing graceful restart"
	if sig == sandbox.SIGHUP {
		how = "AH00494: SIGHUP received.  Attempting to restart"
	}
	s.notice("mpm_event", "%s", how)
	cfg, err := readHTTPD(s.p.FS(), file)
	if err != nil {
		fmt.Fprintln(s.p.Stderr, err)
		return
	}
	s.cfg.Store(cfg)
	s.notice("mpm_event", "AH00489: Apache/%s (Unix) configured -- resuming normal operations", s.version)
}

func (s *apache) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rec := &recorder{ResponseWriter: w}
	cfg := s.cfg.Load()
	h := w.Header()
	h.Set("Server", "Apache/"+s.version+" (Unix)")
	for _, one := range cfg.headers {
		switch one.action {
		case "unset":
			h.Del(one.name)
		case "set":
			h.Set(one.name, one.value)
		default:
			h.Add(one.name, one.value)
		}
	}
	s.answer(rec, r, cfg)
	size := "-"
	if rec.bytes > 0 {
		size = strconv.FormatInt(rec.bytes, 10)
	}
	fmt.Fprintf(s.p.Stdout, "%s - - [%s] \"%s %s %s\" %d %s\n", peer(r), time.Now().UTC().Format(logDate), r.Method, r.RequestURI, r.Proto, rec.status, size)
}

func (s *apache) answer(w http.ResponseWriter, r *http.Request, cfg *httpdConfig) {
	uri := path.Clean("/" + r.URL.Path)
	for _, one := range cfg.redirects {
		rest, ok := strings.CutPrefix(r.URL.Path, one.from)
		if !ok || rest != "" && !strings.HasSuffix(one.from, "/") && rest[0] != '/' {
			continue
		}
		w.Header().Set("Location", one.to+rest)
		s.fail(w, r, cfg, one.status)
		return
	}
	file := path.Join(cfg.root, uri)
	for _, a := range cfg.aliases {
		if rest, ok := strings.CutPrefix(uri, strings.TrimSuffix(a.from, "/")); ok && (rest == "" || rest[0] == '/') {
			file = path.Join(a.to, rest)
			break
		}
	}
	info, err := s.p.FS().Stat(file)
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead && r.Method != http.MethodPost:
		s.fail(w, r, cfg, http.StatusMethodNotAllowed)
		return
	case cfg.refused(uri, file), strings.HasPrefix(path.Base(file), ".ht"):
		s.fail(w, r, cfg, http.StatusForbidden)
		return
	case err != nil:
		s.fail(w, r, cfg, http.StatusNotFound)
		return
	case info.IsDir() && !strings.HasSuffix(r.URL.Path, "/"):
		w.Header().Set("Location", "http://"+r.Host+r.URL.Path+"/")
		s.fail(w, r, cfg, http.StatusMovedPermanently)
		return
	case info.IsDir():
		found := ""
		for _, index := range cfg.index {
			if f, err := s.p.FS().Stat(path.Join(file, index)); err == nil && !f.IsDir() {
				found = path.Join(file, index)
				break
			}
		}
		if found == "" {
			s.fail(w, r, cfg, http.StatusForbidden)
			return
		}
		file = found
	}
	s.send(w, r, cfg, file)
}

func (s *apache) send(w http.ResponseWriter, r *http.Request, cfg *httpdConfig, file string) {
	opened, err := s.p.FS().Open(file)
	if err != nil {
		s.fail(w, r, cfg, http.StatusForbidden)
		return
	}
	defer opened.Close()
	info, err := opened.Stat()
	if err != nil {
		s.fail(w, r, cfg, http.StatusInternalServerError)
		return
	}
	if kind := cfg.types[path.Ext(file)]; kind != "" {
		w.Header().Set("Content-Type", kind)
	} else if path.Ext(file) == ".html" {
		w.Header().Set("Content-Type", "text/html")
	}
	w.Header().Set("ETag", fmt.Sprintf(`"%x-%x"`, info.Size(), info.ModTime().UnixMicro()))
	http.ServeContent(w, r, file, info.ModTime(), opened)
}

// fail answers with an error page, Apache's own or that of ErrorDocument.
func (s *apache) fail(w http.ResponseWriter, r *http.Request, cfg *httpdConfig, status int) {
	body := ""
	switch page := cfg.errors[status]; {
	case strings.HasPrefix(page, "http://"), strings.HasPrefix(page, "https://"):
		w.Header().Set("Location", page)
		status = http.StatusFound
	case strings.HasPrefix(page, "/"):
		if data, err := s.p.FS().ReadFile(path.Join(cfg.root, page), boundedBytes); err == nil {
			body = string(data)
		}
	default:
		body = page
	}
	if body == "" {
		text := map[int]string{
			http.StatusNotFound: "The requested URL was not found on this server.", http.StatusForbidden: "You don't have permission to access this resource.",
			http.StatusMethodNotAllowed: "The requested method " + r.Method + " is not allowed for this URL.",
		}[status]
		if location := w.Header().Get("Location"); location != "" {
			text = fmt.Sprintf("The document has moved <a href=%q>here</a>.", location)
		}
		title := http.StatusText(status)
		body = fmt.Sprintf("<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">\n<html><head>\n<title>%d %s</title>\n</head><body>\n<h1>%s</h1>\n<p>%s</p>\n</body></html>\n", status, title, title, text)
	}
	w.Header().Set("Content-Type", "text/html; charset=iso-8859-1")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body)) // a client that is gone is no concern of the server's
}
