package images

import (
	"context"
	"fmt"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"

	"healthlab/lab/node/sandbox"
)

func httpd() *sandbox.Image {
	return &sandbox.Image{
		Name: "docker.io/library/httpd",
		Does: sandbox.Text{
			Ko: "80번 포트의 HTTP. /usr/local/apache2/htdocs의 파일",
			En: "HTTP on 80, serves /usr/local/apache2/htdocs",
		},
		Size:       58_000_000,
		Env:        []string{"HTTPD_PREFIX=/usr/local/apache2", "HTTPD_VERSION=2.4.62"},
		Cmd:        []string{"httpd-foreground"},
		Dir:        "/usr/local/apache2",
		StopSignal: sandbox.SIGWINCH,
		Files: files(map[string]string{
			"/usr/local/apache2/htdocs/index.html": "<html><body><h1>It works!</h1></body></html>\n",
		}),
		Programs: withTools(map[string]sandbox.Program{
			"/usr/local/bin/httpd-foreground": runHttpd, "/usr/local/bin/httpd": runHttpd,
		}),
	}
}

// runHttpd is Apache in the foreground: SIGWINCH lets requests finish, SIGTERM does not; both exit with 0.
func runHttpd(ctx context.Context, p *sandbox.Process) int {
	notice := func(text string) {
		fmt.Fprintf(p.Stderr, "[%s] [mpm_event:notice] [pid %d:tid %d] %s\n",
			time.Now().UTC().Format("Mon Jan 02 15:04:05.000000 2006"), p.PID(), p.PID(), text)
	}
	s, err := serve(ctx, p, ":80", &webserver{
		p: p, name: "Apache/2.4.62 (Unix)", root: "/usr/local/apache2/htdocs",
		entry: func(r *http.Request, rec *recorder) string {
			size := "-"
			if rec.bytes > 0 {
				size = strconv.FormatInt(rec.bytes, 10)
			}
			return fmt.Sprintf("%s - - [%s] \"%s %s %s\" %d %s", peer(r), time.Now().UTC().Format(logDate), r.Method,
				r.RequestURI, r.Proto, rec.status, size)
		},
	})
	if err != nil {
		fmt.Fprintln(p.Stderr, "(98)Address already in use: AH00072: make_sock: could not bind to address [::]:80")
		return 1
	}
	defer s.close()
	p.SetName("httpd", "-DFOREGROUND")
	notice("AH00489: Apache/2.4.62 (Unix) configured -- resuming normal operations")
	notice("AH00094: Command line: 'httpd -D FOREGROUND'")
	select {
	case sig := <-p.Notify(sandbox.SIGTERM, sandbox.SIGINT, sandbox.SIGWINCH):
		if sig == sandbox.SIGWINCH {
			notice("AH00492: caught SIGWINCH, shutting down gracefully")
			s.drain(ctx)
			return 0
		}
		notice("AH00491: caught SIGTERM, shutting down")
	case <-ctx.Done():
	}
	return 0
}

// webserver serves the files below root, as Apache does.
type webserver struct {
	p          *sandbox.Process
	name, root string
	signature  string // beneath error pages
	entry      func(r *http.Request, rec *recorder) string
	broken     func(r *http.Request, file string, forbidden bool) string // line of the error log; nil: none
}

func (s *webserver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rec := &recorder{ResponseWriter: w}
	w.Header().Set("Server", s.name)
	s.answer(rec, r)
	fmt.Fprintln(s.p.Stdout, s.entry(r, rec))
}

func (s *webserver) answer(w http.ResponseWriter, r *http.Request) {
	file := path.Join(s.root, path.Clean("/"+r.URL.Path))
	info, err := s.p.FS().Stat(file)
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		s.fail(w, http.StatusMethodNotAllowed, "Not Allowed")
		return
	case err != nil:
		s.log(r, file, false)
		s.fail(w, http.StatusNotFound, "Not Found")
		return
	case info.IsDir() && !strings.HasSuffix(r.URL.Path, "/"):
		http.Redirect(w, r, r.URL.Path+"/", http.StatusMovedPermanently)
		return
	case info.IsDir():
		index := path.Join(file, "index.html")
		if found, err := s.p.FS().Stat(index); err != nil || found.IsDir() {
			s.log(r, file+"/", true)
			s.fail(w, http.StatusForbidden, "Forbidden")
			return
		}
		file = index
	}
	opened, err := s.p.FS().Open(file)
	if err != nil {
		s.fail(w, http.StatusForbidden, "Forbidden")
		return
	}
	defer opened.Close()
	if info, err = opened.Stat(); err != nil {
		s.fail(w, http.StatusInternalServerError, "Internal Server Error")
		return
	}
	w.Header().Set("ETag", fmt.Sprintf(`"%x-%x"`, info.ModTime().Unix(), info.Size()))
	http.ServeContent(w, r, file, info.ModTime(), opened)
}

func (s *webserver) log(r *http.Request, file string, forbidden bool) {
	if s.broken != nil {
		fmt.Fprintln(s.p.Stderr, s.broken(r, file, forbidden))
	}
}

func (s *webserver) fail(w http.ResponseWriter, status int, text string) {
	title := strconv.Itoa(status) + " " + text
	body := "<html>\r\n<head><title>" + title + "</title></head>\r\n<body>\r\n<center><h1>" + title +
		"</h1></center>\r\n" + s.signature + "</body>\r\n</html>\r\n"
	w.Header().Set("Content-Type", "text/html")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body)) // a client that is gone is no concern of the server's
}
