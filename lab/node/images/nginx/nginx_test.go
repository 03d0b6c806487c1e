package nginx_test

import (
	_ "embed"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"healthlab/lab/node/images/imagetest"
	"healthlab/lab/node/sandbox"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// What a real nginx 1.22.1 says about configurations, and how it answers.
var (
	//go:embed testdata/config.json
	configs []byte
	//go:embed testdata/requests.json
	requests []byte
	//go:embed testdata/site.conf
	site string
)

// idle is a container of the image in which nothing runs.
func idle(t testing.TB, b *imagetest.Bed) *sandbox.Container {
	t.Helper()
	return b.Start(t, "nginx:1.22.1", sandbox.ContainerConfig{Command: []string{"sleep", "3600"}})
}

// put writes a file of the container.
func put(t testing.TB, c *sandbox.Container, name, text string) {
	t.Helper()
	if _, errs, code := imagetest.Exec(t, c, text, "sh", "-c", "mkdir -p ${0%/*} && cat >$0", name); code != 0 {
		t.Fatal(errs)
	}
}

func TestSaysWhatNginxSays(t *testing.T) {
	var cases []struct {
		Conf string
		Says []string
	}
	if err := json.Unmarshal(configs, &cases); err != nil {
		t.Fatal(err)
	}
	b := imagetest.New(t)
	c := idle(t, b)
	put(t, c, "/etc/nginx/nginx.conf", "events {}\nhttp { include conf.d/*.conf; }\n")
	imagetest.Exec(t, c, "", "rm", "/etc/nginx/conf.d/default.conf")
	head := regexp.MustCompile(`^(?:nginx: |\d{4}/\d\d/\d\d \d\d:\d\d:\d\d )\[(emerg|warn)\] (?:\d+#\d+: )?(.*)$`)
	for _, tt := range cases {
		t.Run(tt.Conf, func(t *testing.T) {
			put(t, c, "/etc/nginx/conf.d/x.conf", tt.Conf)
			_, errs, code := imagetest.Exec(t, c, "", "nginx", "-t")
			var said []string
			for line := range strings.Lines(errs) {
				if m := head.FindStringSubmatch(strings.TrimSuffix(line, "\n")); m != nil {
					if text := "[" + m[1] + "] " + m[2]; !slices.Contains(said, text) {
						said = append(said, text)
					}
				}
			}
			if !slices.Equal(said, tt.Says) || (code != 0) != (len(said) > 0 && strings.HasPrefix(said[len(said)-1], "[emerg]")) {
				t.Errorf("exit code %d\n got %q\nwant %q", code, said, tt.Says)
			}
		})
	}
}

// TestLives follows a server from its start to its end.
func TestLives(t *testing.T) {
	b := imagetest.New(t)
	log := filepath.Join(t.TempDir(), "0.log")
	c := b.Start(t, "nginx:1.25", sandbox.ContainerConfig{LogPath: log})
	run := func(script, wantOut, wantErrs string, code int) {
		t.Helper()
		out, errs, got := imagetest.Exec(t, c, "", "sh", "-c", script)
		if out != wantOut || errs != wantErrs || got != code {
			t.Errorf("%s\n got %q, %q, %d\nwant %q, %q, %d", script, out, errs, got, wantOut, wantErrs, code)
		}
	}
	imagetest.Logged(t, log, `\[notice\] 1#1: start worker process \d+\n`)
	imagetest.Logged(t, log, `stdout F /docker-entrypoint.sh: Configuration complete; ready for start up\n`)
	run("nginx -v", "", "nginx version: nginx/1.25.5\n", 0)
	run("nginx -t", "", "nginx: the configuration file /etc/nginx/nginx.conf syntax is ok\nnginx: configuration file /etc/nginx/nginx.conf test is successful\n", 0)
	run("nginx -x", "", "nginx: invalid option: \"x\"\n", 1)
	run("nginx -T 2>/dev/null | grep '^# conf'", "# configuration file /etc/nginx/nginx.conf:\n# configuration file /etc/nginx/mime.types:\n# configuration file /etc/nginx/conf.d/default.conf:\n", "", 0)
	run("ps | grep -c 'nginx: [mw]'", "2\n", "", 0)
	run("cat /run/nginx.pid", "1\n", "", 0)
	run("wget -q -O /dev/null http://localhost/none", "", "wget: server returned error: HTTP/1.1 404 Not Found\n", 1)
	imagetest.Logged(t, log, `stdout F 127\.0\.0\.1 - - \[\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d \+0000\] "GET /none HTTP/1\.1" 404 153 "-" "Wget" "-"\n`)
	imagetest.Logged(t, log, `stderr F \d{4}/\d\d/\d\d \d\d:\d\d:\d\d \[error\] \d+#\d+: \*1 open\(\) "/usr/share/nginx/html/none" failed \(2: No such file or directory\), client: 127\.0\.0\.1, server: localhost, request: "GET /none HTTP/1\.1", host: "localhost"\n`)

	put(t, c, "/etc/nginx/conf.d/more.conf", "server { listen 8080; return 200 more; }\nfoo;\n")
	run("nginx -s reload 2>/dev/null", "", "", 1)
	run("kill -HUP 1", "", "", 0)
	imagetest.Logged(t, log, `\[emerg\] 1#1: unknown directive "foo" in /etc/nginx/conf\.d/more\.conf:2\n`)
	run("wget -q -O /dev/null http://localhost/", "", "", 0)
	put(t, c, "/etc/nginx/conf.d/more.conf", "server { listen 8080; return 200 more; }\n")
	run("nginx -s reload", "", "", 0)
	imagetest.Logged(t, log, `1#1: reconfiguring\n`)
	run("until wget -q -O- http://localhost:8080/ 2>/dev/null; do :; done", "more", "", 0)
	run("rm /etc/nginx/conf.d/more.conf; nginx -s reload; while wget -q -O /dev/null http://localhost:8080/ 2>/dev/null; do :; done", "", "", 0)
	run("until pkill -9 -f 'worker [p]rocess'; do :; done", "", "", 0) // the new one has its title a moment later
	imagetest.Logged(t, log, `worker process \d+ exited on signal 9\n`)
	// The end of the container may take the command along before it has ended by itself.
	if out, errs, code := imagetest.Exec(t, c, "", "nginx", "-s", "quit"); out+errs != "" || code != 0 && code != 137 {
		t.Errorf("nginx -s quit: %q, %q, %d", out, errs, code)
	}
	if exit := imagetest.Ended(t, c); exit.Code != 0 || exit.Reason != sandbox.ReasonCompleted {
		t.Errorf("%+v", exit)
	}
	imagetest.Logged(t, log, `\[notice\] 1#1: signal 3 \(SIGQUIT\) received, shutting down\n(?s:.*)1#1: exit\n`)
}

func TestDoesNotStart(t *testing.T) {
	tests := []struct {
		name, conf, log string
		readOnly        bool
	}{
		{name: "unknown directive", conf: "server {\n  listen 80;\n  foo on;\n}\n", log: `\[emerg\] 1#1: unknown directive "foo" in /etc/nginx/conf\.d/x\.conf:3\n.* stderr F nginx: \[emerg\] unknown directive "foo" in /etc/nginx/conf\.d/x\.conf:3\n`},
		{name: "includes itself", conf: "include conf.d/x.conf;\n", log: `\[emerg\] open\(\) "/etc/nginx/conf\.d/x\.conf" failed \(24: Too many open files\)`},
		{name: "blocks without end", conf: "server { " + strings.Repeat("location / { ", 1000), log: `\[emerg\] too many nested blocks`},
		{name: "directives without end", conf: strings.Repeat("charset a;\n", 20_001), log: `\[emerg\] too many directives`},
		{name: "a word without end", conf: `server { return 200 "` + strings.Repeat("a", 5000), log: `too long parameter, probably missing terminating """ character`},
		{name: "read-only root", readOnly: true, log: `\[emerg\] mkdir\(\) "/var/cache/nginx/client_temp" failed \(30: Read-only file system\)\n`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := imagetest.New(t)
			dir := t.TempDir()
			conf := filepath.Join(dir, "x.conf")
			if err := os.WriteFile(conf, []byte(tt.conf), 0o600); err != nil {
				t.Fatal(err)
			}
			log := filepath.Join(dir, "0.log")
			c := b.Start(t, "nginx", sandbox.ContainerConfig{
				LogPath: log, ReadOnlyRoot: tt.readOnly, Mounts: []sandbox.Mount{{Source: conf, Target: "/etc/nginx/conf.d/x.conf"}},
			})
			if exit := imagetest.Ended(t, c); exit.Code != 1 {
				t.Errorf("%+v", exit)
			}
			text, err := os.ReadFile(log)
			if err != nil || !regexp.MustCompile(tt.log).Match(text) {
				t.Errorf("no %s in\n%s%v", tt.log, text, err)
			}
		})
	}
}

// TestTemplates fills in what the environment says, and only that.
func TestTemplates(t *testing.T) {
	b := imagetest.New(t)
	template := filepath.Join(t.TempDir(), "default.conf.template")
	text := "server { listen ${PORT}; location / { return 200 \"$uri $GREETING ${nothing} $\\n\"; } }\n"
	text = strings.Replace(text, " ${nothing} $", "", 1)
	if err := os.WriteFile(template, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c := b.Start(t, "nginx", sandbox.ContainerConfig{
		Env: []string{"PORT=8088", "GREETING=hello"}, Mounts: []sandbox.Mount{{Source: template, Target: "/etc/nginx/templates/default.conf.template"}},
	})
	out, _, _ := imagetest.Exec(t, c, "", "sh", "-c", "until wget -q -O- http://localhost:8088/x 2>/dev/null; do :; done")
	if out != "/x hello\n" {
		t.Errorf("%q", out)
	}
}

func TestAnswersAsNginx(t *testing.T) {
	var cases []struct {
		Port, Path, Body string
		Opts, Headers    []string
		Status           int
	}
	if err := json.Unmarshal(requests, &cases); err != nil {
		t.Fatal(err)
	}
	b := imagetest.New(t)
	c := idle(t, b)
	put(t, c, "/etc/nginx/conf.d/default.conf", site)
	for name, text := range map[string]string{
		"index.html": "index\n", "a.txt": "text a\n", "dir/index.html": "dir index\n", "dir/b.css": "css\n", "list/one.txt": "1\n",
		"404.html": "custom 404\n", "50x.html": "custom 50x\n", "noext": "noext\n", "alias/x/y.txt": "alias y\n", "up.json": "{}\n", "empty/.keep": "",
	} {
		if text == "" {
			imagetest.Exec(t, c, "", "mkdir", "-p", "/srv/www/empty")
			continue
		}
		put(t, c, "/srv/www/"+name, text)
	}
	if _, errs, code := imagetest.Exec(t, c, "", "sh", "-c", "nginx >/tmp/log 2>&1"); code != 0 {
		t.Fatal(errs)
	}
	transport := &http.Transport{DialContext: b.Dial, DisableCompression: true}
	defer transport.CloseIdleConnections()
	for _, tt := range cases {
		t.Run(tt.Port+tt.Path+" "+strings.Join(tt.Opts, " "), func(t *testing.T) {
			method, body, header := http.MethodGet, "", http.Header{}
			for i := 0; i+1 < len(tt.Opts); i += 2 {
				switch value := tt.Opts[i+1]; tt.Opts[i] {
				case "-X":
					method = value
				case "-d":
					body = value
					if method == http.MethodGet {
						method = http.MethodPost
					}
				case "-H":
					k, v, _ := strings.Cut(strings.ReplaceAll(value, "_", " "), ": ")
					header.Set(k, v)
				}
			}
			if slices.Equal(tt.Opts, []string{"-I"}) {
				method = http.MethodHead
			}
			req, err := http.NewRequestWithContext(imagetest.Context(t), method, "http://127.0.0.1:"+tt.Port+tt.Path, strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			req.Header, req.Host = header, header.Get("Host")
			resp, err := transport.RoundTrip(req)
			if tt.Status == 0 {
				if err == nil {
					t.Errorf("answered %d", resp.StatusCode)
					resp.Body.Close()
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			data, err := io.ReadAll(resp.Body)
			if err != nil {
				t.Fatal(err)
			}
			if method == http.MethodHead {
				tt.Body = ""
			}
			latin := make([]rune, len(data))
			for i, c := range data {
				latin[i] = rune(c)
			}
			if got := strings.ReplaceAll(string(latin), "1.22.1", "VERSION"); got != tt.Body || resp.StatusCode != tt.Status {
				t.Errorf("got %d %q, want %d %q", resp.StatusCode, got, tt.Status, tt.Body)
			}
			for _, line := range tt.Headers {
				k, v, _ := strings.Cut(line, ": ")
				if !slices.Contains(resp.Header.Values(k), v) {
					t.Errorf("%s: %q, want %q", k, resp.Header.Values(k), v)
				}
			}
			for _, k := range []string{"X-A", "X-B", "Location"} {
				if resp.Header.Get(k) != "" && !slices.ContainsFunc(tt.Headers, func(l string) bool { return strings.HasPrefix(l, k+":") }) {
					t.Errorf("%s: %q, which nginx does not send", k, resp.Header.Values(k))
				}
			}
		})
	}
}
