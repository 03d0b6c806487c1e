package images

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
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
