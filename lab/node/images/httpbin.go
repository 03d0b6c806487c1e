package images

import (
	"compress/gzip"
	"compress/zlib"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	gohttpbin "github.com/mccutchen/go-httpbin/v2/httpbin"

	"healthlab/lab/node/sandbox"
)

func httpBin() *sandbox.Image {
	return &sandbox.Image{
		Name:    "docker.io/kennethreitz/httpbin",
		Aliases: []string{"docker.io/kong/httpbin", "docker.io/kennethreitz/httpbin-test"},
		Does: sandbox.Text{
			Ko: "80번 포트의 HTTP: /status/N, /delay/N, /get, /headers, /anything 등",
			En: "HTTP on 80: /status/N, /delay/N, /get, /headers, /anything and more",
		},
		Size:     200_000_000,
		Cmd:      []string{"gunicorn", "-b", "0.0.0.0:80", "httpbin:app", "-k", "gevent"},
		Files:    files(nil),
		Programs: withBash(withTools(map[string]sandbox.Program{"/usr/local/bin/gunicorn": runGunicorn})),
	}
}

// runGunicorn serves httpbin, whatever application it is told, and takes no options but those of the image's own command.
func runGunicorn(ctx context.Context, p *sandbox.Process) int {
	address, app := "127.0.0.1:8000", ""
	for i := 1; i < len(p.Args); i++ {
		name, value, given := strings.Cut(p.Args[i], "=")
		switch name {
		case "-b", "--bind", "-k", "--worker-class", "-w", "--workers":
			if !given {
				if i++; i == len(p.Args) {
					fmt.Fprintf(p.Stderr, "usage: gunicorn [OPTIONS] [APP_MODULE]\ngunicorn: error: argument %s: expected one argument\n", name)
					return 2
				}
				value = p.Args[i]
			}
			if name == "-b" || name == "--bind" {
				address = value
			}
		default:
			if strings.HasPrefix(name, "-") || app != "" {
				fmt.Fprintf(p.Stderr, "usage: gunicorn [OPTIONS] [APP_MODULE]\ngunicorn: error: unrecognized arguments: %s (healthlab's gunicorn knows -b, -k and -w)\n", p.Args[i])
				return 2
			}
			app = name
		}
	}
	if app != "httpbin:app" {
		fmt.Fprintf(p.Stderr, "ModuleNotFoundError: healthlab's gunicorn has httpbin:app and no application %q\n", app)
		return 3
	}
	say := func(pid int, format string, args ...any) {
		fmt.Fprintf(p.Stderr, "[%s] [%d] [INFO] %s\n", time.Now().UTC().Format("2006-01-02 15:04:05 -0700"), pid, fmt.Sprintf(format, args...))
	}
	// Before it answers anybody: PID 1 ignores a signal that it does not wait for.
	signals := p.Notify(sandbox.SIGTERM, sandbox.SIGINT, sandbox.SIGQUIT)
	say(p.PID(), "Starting gunicorn 19.9.0")
	site, err := serve(ctx, p, address, httpbinHandler())
	if err != nil {
		fmt.Fprintf(p.Stderr, "[%s] [%d] [ERROR] Can't connect to %s\n", time.Now().UTC().Format("2006-01-02 15:04:05 -0700"), p.PID(), address)
		return 1
	}
	defer site.close()
	say(p.PID(), "Listening at: http://%s (%d)", address, p.PID())
	select {
	case sig := <-signals:
		say(p.PID(), "Handling signal: %s", strings.ToLower(strings.TrimPrefix(sig.String(), "SIG")))
		if sig == sandbox.SIGTERM {
			const graceful = 30 * time.Second
			ending, cancel := context.WithTimeout(ctx, graceful)
			defer cancel()
			site.drain(ending)
		}
		say(p.PID(), "Shutting down: Master")
	case <-ctx.Done():
	}
	return 0
}

// httpbinHandler answers as the original (httpbin/core.py) does. Where both do the same, go-httpbin answers.
func httpbinHandler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", gohttpbin.New())
	said := func(keys string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { httpbinJSON(w, httpbinSaid(r, keys)) }
	}
	const all = "args data files form headers json origin url"
	mux.HandleFunc("GET /get", said("args headers origin url"))
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE"} {
		mux.HandleFunc(method+" /"+strings.ToLower(method), said(all))
	}
	mux.HandleFunc("/anything", said("method "+all))
	mux.HandleFunc("/anything/", said("method "+all))
	mux.HandleFunc("GET /headers", said("headers"))
	mux.HandleFunc("GET /ip", said("origin"))
	mux.HandleFunc("GET /user-agent", func(w http.ResponseWriter, r *http.Request) {
		httpbinJSON(w, map[string]any{"user-agent": r.UserAgent()})
	})
	mux.HandleFunc("GET /cookies", func(w http.ResponseWriter, r *http.Request) {
		cookies := map[string]string{}
		for _, c := range r.Cookies() {
			cookies[c.Name] = c.Value
		}
		httpbinJSON(w, map[string]any{"cookies": cookies})
	})
	mux.HandleFunc("/delay/{seconds}", func(w http.ResponseWriter, r *http.Request) {
		seconds, err := strconv.ParseFloat(r.PathValue("seconds"), 64)
		if err != nil || seconds < 0 || math.IsNaN(seconds) {
			http.Error(w, "<h1>Not Found</h1>", http.StatusNotFound)
			return
		}
		const longest = 10
		waitFor(r.Context(), time.Duration(min(seconds, longest)*float64(time.Second)))
		httpbinJSON(w, httpbinSaid(r, "args data files form headers origin url"))
	})
	mux.HandleFunc("GET /gzip", func(w http.ResponseWriter, r *http.Request) {
		answer := httpbinSaid(r, "headers method origin")
		answer["gzipped"] = true
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		httpbinWrite(w, z, answer)
		_ = z.Close() // a client that is gone is no concern of the server's
	})
	mux.HandleFunc("GET /deflate", func(w http.ResponseWriter, r *http.Request) {
		answer := httpbinSaid(r, "headers method origin")
		answer["deflated"] = true
		w.Header().Set("Content-Encoding", "deflate")
		z := zlib.NewWriter(w)
		httpbinWrite(w, z, answer)
		_ = z.Close() // as above
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Server", "gunicorn/19.9.0")
		h.Set("Access-Control-Allow-Origin", or(r.Header.Get("Origin"), "*"))
		h.Set("Access-Control-Allow-Credentials", "true")
		r.Body = http.MaxBytesReader(w, r.Body, gohttpbin.DefaultMaxBodySize)
		mux.ServeHTTP(w, r)
	})
}

func httpbinJSON(w http.ResponseWriter, v any) { httpbinWrite(w, w, v) }

// httpbinWrite prints as Flask does where people look at it: a space after each comma.
func httpbinWrite(w http.ResponseWriter, to io.Writer, v any) {
	var data strings.Builder
	e := json.NewEncoder(&data)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // texts, numbers and what was JSON always marshal
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(to, strings.ReplaceAll(data.String(), ",\n", ", \n")) // a client that is gone is no concern of the server's
}

// httpbinSaid is what the request said, under the keys that are asked for.
func httpbinSaid(r *http.Request, keys string) map[string]any {
	body, _ := io.ReadAll(r.Body) // what cannot be read is not there
	form, files := map[string]any{}, map[string]any{}
	data := string(body)
	switch kind, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind {
	case "application/x-www-form-urlencoded":
		values, _ := url.ParseQuery(data) // what is no form is left out
		form, data = flattened(values), ""
	case "multipart/form-data":
		form, files = httpbinParts(multipart.NewReader(strings.NewReader(data), params["boundary"]))
		data = ""
	}
	scheme := or(r.Header.Get("X-Forwarded-Proto"), "http")
	all := map[string]any{
		"args": flattened(r.URL.Query()), "data": httpbinText(data), "files": files, "form": form, "headers": httpbinHeaders(r), "json": nil,
		"method": r.Method, "origin": or(r.Header.Get("X-Forwarded-For"), peer(r)), "url": scheme + "://" + r.Host + r.URL.RequestURI(),
	}
	var parsed any
	if json.Unmarshal(body, &parsed) == nil {
		all["json"] = parsed
	}
	answer := map[string]any{}
	for key := range strings.FieldsSeq(keys) {
		answer[key] = all[key]
	}
	return answer
}

// httpbinParts reads a form of several parts, which the body's size bounds.
func httpbinParts(in *multipart.Reader) (form, files map[string]any) {
	form, files = map[string]any{}, map[string]any{}
	read, err := in.ReadForm(gohttpbin.DefaultMaxBodySize)
	if err != nil {
		return form, files // what is no form is left out
	}
	for name, list := range read.File {
		file, err := list[0].Open()
		if err != nil {
			continue
		}
		data, _ := io.ReadAll(file) // it is in memory
		_ = file.Close()
		files[name] = httpbinText(string(data))
	}
	return flattened(read.Value), files
}

// flattened is a list where there is more than one value.
func flattened(values url.Values) map[string]any {
	all := map[string]any{}
	for name, list := range values {
		if len(list) == 1 {
			all[name] = list[0]
		} else {
			all[name] = list
		}
	}
	return all
}

func httpbinHeaders(r *http.Request) map[string]string {
	all := map[string]string{"Host": r.Host}
	if r.ContentLength > 0 {
		all["Content-Length"] = strconv.FormatInt(r.ContentLength, 10)
	}
	for name, list := range r.Header {
		switch name {
		case "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Protocol", "X-Forwarded-Ssl", "X-Forwarded-Port", "X-Real-Ip", "X-Request-Id", "Via":
			continue
		}
		all[name] = strings.Join(list, ",")
	}
	return all
}

// httpbinText is a body as text, in a data URL where it is none.
func httpbinText(data string) string {
	if utf8.ValidString(data) {
		return data
	}
	return "data:application/octet-stream;base64," + base64.StdEncoding.EncodeToString([]byte(data))
}
