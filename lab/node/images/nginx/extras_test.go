package nginx_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"healthlab/lab/node/images/imagetest"
	"healthlab/lab/node/sandbox"
)

// extras is a site with passwords, compression, limits and upstreams.
const extras = `
limit_req_zone $arg_who zone=few:1m rate=1r/m;
limit_req_zone $arg_who zone=slow:1m rate=20r/s;
upstream same { ip_hash; server 127.0.0.1:8091; server 127.0.0.1:8092; }
upstream least { least_conn; server 127.0.0.1:8091; server 127.0.0.1:8092 weight=2; }
upstream any { random; server 127.0.0.1:8091; server 127.0.0.1:8092; }
server { listen 8091; return 200 "one\n"; }
server { listen 8092; return 200 "two\n"; }
server {
  listen 8090;
  root /srv/www;
  location / { auth_basic "Private \"site\""; auth_basic_user_file htpasswd; location /open { auth_basic off; } }
  location /nofile { auth_basic x; auth_basic_user_file none; }
  location /any { satisfy any; allow 127.0.0.0/8; deny all; auth_basic x; auth_basic_user_file htpasswd; try_files /index.html =404; }
  location /either { satisfy any; deny all; auth_basic x; auth_basic_user_file htpasswd; try_files /index.html =404; }
  location /both { deny all; auth_basic x; auth_basic_user_file htpasswd; try_files /index.html =404; }
  location /gz { gzip on; gzip_vary on; gzip_types text/css; gzip_min_length 100; }
  location /few { limit_req zone=few burst=1 nodelay; limit_req_status 429; try_files /index.html =404; }
  location /slow { limit_req zone=slow burst=5; try_files /index.html =404; }
  location /same { proxy_pass http://same; }
  location /least { proxy_pass http://least; }
  location /anyone { proxy_pass http://any; }
}
`

// passwords were written by htpasswd -m, -B, -s, and openssl passwd -apr1.
const passwords = "# a comment\n" +
	"anna:$apr1$saltsalt$LrttParrLPdxvgutaSXWJ0\n" +
	"bert:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n" +
	"cora:{PLAIN}secret:rest\n" +
	"dora:$6$x$y\n" +
	"emil:$2y$04$tAOOwKsZumHhAM5OU65RI.5.J0PwlRFjVJzsANEeyA8kzJbhAc2hy\n"

func extrasSite(t *testing.T) (get func(path string, header ...string) (*http.Response, string), log string) {
	t.Helper()
	b := imagetest.New(t)
	log = filepath.Join(t.TempDir(), "0.log")
	c := b.Start(t, "nginx:1.22.1", sandbox.ContainerConfig{Command: []string{"sh", "-c", "until [ -e /tmp/go ]; do :; done; exec nginx -g 'daemon off;'"}, LogPath: log})
	put(t, c, "/etc/nginx/conf.d/default.conf", extras)
	put(t, c, "/etc/nginx/htpasswd", passwords)
	put(t, c, "/srv/www/index.html", "index\n")
	put(t, c, "/srv/www/open/x", "x\n")
	put(t, c, "/srv/www/gz/small.css", "a")
	put(t, c, "/srv/www/gz/big.css", strings.Repeat("body {}\n", 100))
	put(t, c, "/srv/www/gz/big.js", strings.Repeat("f();\n", 100))
	put(t, c, "/tmp/go", "")
	transport := &http.Transport{DialContext: b.Dial, DisableCompression: true}
	t.Cleanup(transport.CloseIdleConnections)
	imagetest.Logged(t, log, "start worker process")
	return func(path string, header ...string) (*http.Response, string) {
		t.Helper()
		req, err := http.NewRequestWithContext(imagetest.Context(t), http.MethodGet, "http://127.0.0.1:8090"+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i+1 < len(header); i += 2 {
			if header[i] == "user" {
				name, password, _ := strings.Cut(header[i+1], ":")
				req.SetBasicAuth(name, password)
				continue
			}
			req.Header.Set(header[i], header[i+1])
		}
		resp, err := transport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		var body io.Reader = resp.Body
		if resp.Header.Get("Content-Encoding") == "gzip" {
			if body, err = gzip.NewReader(resp.Body); err != nil {
				t.Fatal(err)
			}
		}
		data, err := io.ReadAll(body)
		if err != nil {
			t.Fatal(err)
		}
		return resp, string(data)
	}, log
}

func TestPasswords(t *testing.T) {
	get, log := extrasSite(t)
	for _, tt := range []struct {
		name, path, user string
		status           int
		log              string
	}{
		{name: "none given", path: "/", status: 401},
		{name: "apr1", path: "/", user: "anna:secret", status: 200},
		{name: "wrong", path: "/", user: "anna:other", status: 401, log: `user "anna": password mismatch, client: 127\.0\.0\.1`},
		{name: "unknown", path: "/", user: "nobody:secret", status: 401, log: `user "nobody" was not found in "/etc/nginx/htpasswd"`},
		{name: "SHA", path: "/", user: "bert:secret", status: 200},
		{name: "plain", path: "/", user: "cora:secret", status: 200},
		{name: "another way", path: "/", user: "dora:secret", status: 500, log: `the password of user "dora" .* not supported here`},
		{name: "bcrypt", path: "/", user: "emil:secret", status: 200},
		{name: "bcrypt, wrong", path: "/", user: "emil:other", status: 401},
		{name: "switched off", path: "/open/x", status: 200},
		{name: "no file", path: "/nofile", user: "anna:secret", status: 403, log: `open\(\) "/etc/nginx/none" failed \(2: No such file or directory\)`},
		{name: "address is enough", path: "/any", status: 200},
		{name: "password is enough", path: "/either", user: "anna:secret", status: 200},
		{name: "neither", path: "/either", status: 401},
		{name: "both are needed", path: "/both", user: "anna:secret", status: 403, log: "access forbidden by rule"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var header []string
			if tt.user != "" {
				header = []string{"user", tt.user}
			}
			resp, body := get(tt.path, header...)
			if resp.StatusCode != tt.status {
				t.Errorf("%d %q", resp.StatusCode, body)
			}
			if want := `Basic realm="Private \"site\""`; tt.path == "/" && tt.status == 401 && resp.Header.Get("WWW-Authenticate") != want {
				t.Errorf("%q", resp.Header)
			}
			imagetest.Logged(t, log, tt.log)
		})
	}
}

func TestCompresses(t *testing.T) {
	get, _ := extrasSite(t)
	for _, tt := range []struct {
		name, path string
		header     []string
		zipped     bool
	}{
		{name: "what is asked for", path: "/gz/big.css", header: []string{"Accept-Encoding", "deflate, gzip"}, zipped: true},
		{name: "only if asked for", path: "/gz/big.css"},
		{name: "not if refused", path: "/gz/big.css", header: []string{"Accept-Encoding", "gzip;q=0"}},
		{name: "not if small", path: "/gz/small.css", header: []string{"Accept-Encoding", "gzip"}},
		{name: "not another type", path: "/gz/big.js", header: []string{"Accept-Encoding", "gzip"}},
		{name: "not for a proxy", path: "/gz/big.css", header: []string{"Accept-Encoding", "gzip", "Via", "1.1 x"}},
		{name: "not where it is off", path: "/any", header: []string{"Accept-Encoding", "gzip"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			resp, body := get(tt.path, tt.header...)
			if zipped := resp.Header.Get("Content-Encoding") == "gzip"; zipped != tt.zipped || resp.StatusCode != http.StatusOK {
				t.Errorf("%d %q", resp.StatusCode, resp.Header)
			}
			if strings.HasSuffix(tt.path, "big.css") && (body != strings.Repeat("body {}\n", 100) || resp.Header.Get("Vary") != "Accept-Encoding") {
				t.Errorf("%q %q", body, resp.Header)
			}
			if tt.zipped && !strings.HasPrefix(resp.Header.Get("Etag"), `W/"`) {
				t.Errorf("%q", resp.Header)
			}
		})
	}
}

func TestLimitsRequests(t *testing.T) {
	get, log := extrasSite(t)
	for i, want := range []int{200, 200, 429, 429} {
		if resp, _ := get("/few?who=a"); resp.StatusCode != want {
			t.Errorf("request %d: %d", i+1, resp.StatusCode)
		}
	}
	if resp, _ := get("/few?who=b"); resp.StatusCode != http.StatusOK {
		t.Errorf("somebody else: %d", resp.StatusCode)
	}
	if resp, _ := get("/few"); resp.StatusCode != http.StatusOK {
		t.Errorf("nobody: %d", resp.StatusCode)
	}
	imagetest.Logged(t, log, `\[error\] \d+#\d+: \*\d+ limiting requests, excess: [12]\.\d{3} by zone "few", client: 127\.0\.0\.1`)
	for i := range 4 { // each waits for its turn
		if resp, _ := get("/slow?who=a"); resp.StatusCode != http.StatusOK {
			t.Errorf("request %d: %d", i+1, resp.StatusCode)
		}
	}
}

func TestChoosesUpstream(t *testing.T) {
	get, _ := extrasSite(t)
	seen := map[string]map[string]int{}
	for _, path := range []string{"/same", "/least", "/anyone"} {
		seen[path] = map[string]int{}
		for range 40 {
			_, body := get(path)
			seen[path][body]++
		}
	}
	if len(seen["/same"]) != 1 || len(seen["/least"]) != 2 || len(seen["/anyone"]) != 2 {
		t.Errorf("%v", seen)
	}
}

func TestRefusesWhatItCannotDo(t *testing.T) {
	b := imagetest.New(t)
	c := idle(t, b)
	for conf, want := range map[string]string{
		"server { gzip_static on; }":                   `"gzip_static on" is not supported here`,
		"server { gzip_comp_level 10; }":               "value must be between 1 and 9",
		"server { gzip_proxied expired; }":             `"gzip_proxied" with other than "off" or "any" is not supported here`,
		"server { limit_req zone=none; }":              `zero size shared memory zone "none"`,
		"server { limit_req burst=5; }":                `"limit_req" must have "zone" parameter`,
		"limit_req_zone $uri zone=a:1k rate=1r/s;":     `zone "a:1k" is too small`,
		"limit_req_zone $uri zone=a:1m rate=x;":        `invalid rate "rate=x"`,
		"limit_req_zone $nothing zone=a:1m rate=1r/s;": `unknown "nothing" variable`,
		"limit_conn_zone $uri zone=a:1m;":              `unknown directive "limit_conn_zone"`,
		"upstream a { server 127.0.0.1; random two; }": `"random two" is not supported here`,
		"upstream a { server 127.0.0.1; hash $uri; }":  `unknown directive "hash"`,
		"server { location / { fastcgi_pass x; } }":    `unknown directive "fastcgi_pass"`,
	} {
		put(t, c, "/etc/nginx/conf.d/default.conf", conf)
		if _, errs, code := imagetest.Exec(t, c, "", "nginx", "-t"); code != 1 || !regexp.MustCompile(`\[emerg\] `+regexp.QuoteMeta(want)).MatchString(errs) {
			t.Errorf("%s\n%d %s", conf, code, errs)
		}
	}
}
