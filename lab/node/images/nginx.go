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

const nginxVersion = "1.27.0"

func nginx() *sandbox.Image {
	page := "<!DOCTYPE html>\n<html>\n<head>\n<title>Welcome to nginx!</title>\n</head>\n<body>\n<h1>Welcome to nginx!</h1>\n" +
		"<p>This one is built into healthlab. Its files are in /usr/share/nginx/html.</p>\n</body>\n</html>\n"
	image := &sandbox.Image{
		Name: "docker.io/library/nginx",
		Does: sandbox.Text{
			Ko: "80번 포트의 HTTP. /usr/share/nginx/html의 파일",
			En: "HTTP on 80, serves /usr/share/nginx/html",
		},
		Size:       72_000_000,
		VersionEnv: "NGINX_VERSION",
		Entrypoint: []string{"/docker-entrypoint.sh"},
		Cmd:        []string{"nginx", "-g", "daemon off;"},
		StopSignal: sandbox.SIGQUIT,
		Files: files(map[string]string{
			"/usr/share/nginx/html/index.html": page,
			"/usr/share/nginx/html/50x.html":   "<!DOCTYPE html>\n<html>\n<body>\n<h1>An error occurred.</h1>\n</body>\n</html>\n",
		}),
		Programs: withTools(map[string]sandbox.Program{"/usr/sbin/nginx": runNginx}),
	}
	image.Files["/docker-entrypoint.sh"] = sandbox.ImageFile{Data: []byte("#!/bin/sh\nexec \"$@\"\n"), Mode: 0o755}
	return image
}

// webserver serves the files below root, as nginx and Apache do.
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

// runNginx is the master process: SIGQUIT lets requests finish, SIGTERM and SIGINT do not; all exit with 0.
func runNginx(ctx context.Context, p *sandbox.Process) int {
	if len(p.Args) > 1 && p.Args[1] == "-v" {
		fmt.Fprintln(p.Stderr, "nginx version: nginx/"+nginxVersion)
		return 0
	}
	if len(p.Args) > 1 && p.Args[1] == "-t" {
		fmt.Fprintln(p.Stderr, "nginx: configuration file /etc/nginx/nginx.conf test is successful")
		return 0
	}
	notice := func(text string) {
		fmt.Fprintf(p.Stderr, "%s [notice] %d#%d: %s\n", time.Now().UTC().Format("2006/01/02 15:04:05"), p.PID(), p.PID(), text)
	}
	var requests atomic.Int64
	site := &webserver{
		p: p, name: "nginx/" + nginxVersion, root: "/usr/share/nginx/html",
		signature: "<hr><center>nginx/" + nginxVersion + "</center>\r\n",
		entry: func(r *http.Request, rec *recorder) string {
			return fmt.Sprintf("%s - - [%s] \"%s %s %s\" %d %d %q %q %q", peer(r), time.Now().UTC().Format(logDate), r.Method,
				r.RequestURI, r.Proto, rec.status, rec.bytes, orDash(r.Referer()), orDash(r.UserAgent()),
				orDash(r.Header.Get("X-Forwarded-For")))
		},
		broken: func(r *http.Request, file string, forbidden bool) string {
			what := fmt.Sprintf("open() %q failed (2: No such file or directory)", file)
			if forbidden {
				what = fmt.Sprintf("directory index of %q is forbidden", file)
			}
			return fmt.Sprintf("%s [error] %d#%d: *%d %s, client: %s, server: localhost, request: \"%s %s %s\", host: %q",
				time.Now().UTC().Format("2006/01/02 15:04:05"), p.PID(), p.PID(), requests.Add(1), what, peer(r), r.Method,
				r.RequestURI, r.Proto, r.Host)
		},
	}
	s, err := serve(ctx, p, ":80", site)
	if err != nil {
		fmt.Fprintln(p.Stderr, "nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)")
		return 1
	}
	defer s.close()
	p.SetName("nginx: master process nginx -g daemon off;")
	notice("nginx/" + nginxVersion)
	notice("start worker processes")
	select {
	case sig := <-p.Notify(sandbox.SIGTERM, sandbox.SIGQUIT, sandbox.SIGINT):
		notice(fmt.Sprintf("signal %d (%s) received, exiting", int(sig), sig))
		if sig == sandbox.SIGQUIT {
			s.drain(ctx)
		}
		notice("exit")
	case <-ctx.Done():
	}
	return 0
}
