package curl_test

import (
	"regexp"
	"testing"

	"go.uber.org/goleak"

	"healthlab/lab/node/images/imagetest"
	"healthlab/lab/node/sandbox"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const conf = `server {
  listen 80;
  location = /ok { return 200 "ok\n"; }
  location = /post { if ($request_method != POST) { return 405; } return 200 "$content_type $content_length\n"; }
  location = /moved { return 302 /ok; }
  location = /loop { return 302 /loop; }
  location = /drop { return 444; }
  location = /echo { return 200 "$request_method $http_host $http_x_a [$http_user_agent] $http_authorization $args\n"; }
  location = /fail { return 503 "no\n"; }
  location = /away { return 301 ftp://x/; }
}
`

// TestAsCurl has the answers of curl 7.88.1.
func TestAsCurl(t *testing.T) {
	b := imagetest.New(t)
	c := b.Start(t, "nginx", sandbox.ContainerConfig{Command: []string{"sh", "-c", "sleep 1000 | nc -lk -p 81 >/dev/null"}})
	if _, errs, code := imagetest.Exec(t, c, conf, "sh", "-c", "cat >/etc/nginx/conf.d/default.conf; nginx >/tmp/log 2>&1"); code != 0 {
		t.Fatal(errs)
	}
	const try = "curl: try 'curl --help' or 'curl --manual' for more information\n"
	const meter = `  % Total .*\n +Dload .*\n\r  0     0 .* `
	tests := []struct {
		name      string
		args      []string
		out, errs string // regular expressions
		code      int
	}{
		{name: "get", args: []string{"-s", "localhost/ok"}, out: "ok\n"},
		{name: "meter", args: []string{"localhost/ok"}, out: "ok\n", errs: meter + ` 0\r100     3  100     3    0     0 .*\n`},
		{name: "refused", args: []string{"-sS", "http://127.0.0.1:1/"}, errs: `curl: \(7\) Failed to connect to 127\.0\.0\.1 port 1 after \d+ ms: Couldn't connect to server\n`, code: 7},
		{name: "refused in silence", args: []string{"-s", "http://127.0.0.1:1/"}, code: 7},
		{name: "refused with meter", args: []string{"http://127.0.0.1:1/"}, errs: meter + ` 0\r  0     0 .*     0\ncurl: \(7\) .*\n`, code: 7},
		{name: "no such host", args: []string{"-sS", "nosuch.invalid"}, errs: `curl: \(6\) Could not resolve host: nosuch\.invalid\n`, code: 6},
		{name: "nothing", errs: try, code: 2},
		{name: "unknown option", args: []string{"--foo"}, errs: "curl: option --foo: is unknown\n" + try, code: 2},
		{name: "no value", args: []string{"-o"}, errs: "curl: option -o: requires parameter\n" + try, code: 2},
		{name: "bad number", args: []string{"-m", "abc", "x"}, errs: "curl: option -m: expected a proper numerical parameter\n" + try, code: 2},
		{name: "protocol", args: []string{"-sS", "foo://x"}, errs: `curl: \(1\) Protocol "foo" not supported or disabled in libcurl\n`, code: 1},
		{name: "bad port", args: []string{"-sS", "http://127.0.0.1:99999/"}, errs: `curl: \(3\) URL using bad/illegal format or missing URL\n`, code: 3},
		{name: "no host", args: []string{"-sS", "http://"}, errs: `curl: \(3\) URL using bad/illegal format or missing URL\n`, code: 3},
		{name: "404", args: []string{"-s", "-o", "/dev/null", "-w", `%{http_code}\n`, "localhost/none"}, out: "404\n"},
		{name: "-f", args: []string{"-fsS", "localhost/none"}, errs: `curl: \(22\) The requested URL returned error: 404\n`, code: 22},
		{name: "-f in silence", args: []string{"-sf", "localhost/fail"}, code: 22},
		{name: "fail with body", args: []string{"-sS", "--fail-with-body", "localhost/fail"}, out: "no\n", errs: `curl: \(22\) The requested URL returned error: 503\n`, code: 22},
		{name: "head", args: []string{"-sI", "localhost/ok"}, out: `HTTP/1\.1 200 OK\r\n(?s:.*)Content-Length: 3\r\n(?s:.*)\r\n\r\n`},
		{name: "include", args: []string{"-si", "localhost/ok"}, out: `HTTP/1\.1 200 OK\r\n(?s:.*)\r\n\r\nok\n`},
		{name: "redirect", args: []string{"-s", "-o", "/dev/null", "-w", "%{http_code} %{redirect_url} %{num_redirects}", "localhost/moved"}, out: "302 http://localhost/ok 0"},
		{name: "follow", args: []string{"-sL", "-w", "%{http_code} %{url_effective} %{num_redirects}", "localhost/moved"}, out: "ok\n200 http://localhost/ok 1"},
		{name: "loop", args: []string{"-sSL", "localhost/loop"}, errs: `curl: \(47\) Maximum \(50\) redirects followed\n`, code: 47},
		{name: "empty reply", args: []string{"-sS", "localhost/drop"}, errs: `curl: \(52\) Empty reply from server\n`, code: 52},
		{name: "post", args: []string{"-s", "-d", "a=b", "-d", "c", "localhost/post"}, out: "application/x-www-form-urlencoded 5\n"},
		{name: "post json", args: []string{"-s", "--json", `{"a":1}`, "localhost/post"}, out: "application/json 7\n"},
		{name: "get with data", args: []string{"-s", "-G", "--data-urlencode", "q=a b", "localhost/echo"}, out: `GET localhost  \[curl/7\.88\.1\]  q=a%20b\n`},
		{name: "headers", args: []string{"-s", "-H", "Host: example.org", "-H", "X-A: 1", "-A", "me", "-u", "u:p", "-X", "PUT", "localhost/echo"}, out: `PUT example\.org 1 \[me\] Basic dTpw \n`},
		{name: "no user agent", args: []string{"-s", "-H", "User-Agent:", "localhost/echo"}, out: `GET localhost  \[\]  \n`},
		{name: "output fails", args: []string{"-sS", "-o", "/nodir/x", "localhost/ok"}, errs: `curl: \(23\) Failure writing output to destination\n`, code: 23},
		{name: "time is up", args: []string{"-sS", "-m", "0.1", "localhost:81"}, errs: `curl: \(28\) Operation timed out after 1\d\d milliseconds with 0 bytes received\n`, code: 28},
		{name: "verbose", args: []string{"-sv", "localhost/ok"}, out: "ok\n", errs: `\*   Trying 127\.0\.0\.1:80\.\.\.\n\* Connected to localhost \(127\.0\.0\.1\) port 80 \(#0\)\n` +
			`> GET /ok HTTP/1\.1\r\n> Host: localhost\r\n> User-Agent: curl/7\.88\.1\r\n> Accept: \*/\*\r\n> \r\n< HTTP/1\.1 200 OK\r\n(?s:.*)< \r\n\{ \[3 bytes data\]\n\* Connection #0 to host localhost left intact\n`},
		{name: "https to http", args: []string{"-sSk", "https://localhost:80/"}, errs: `curl: \(35\) error:0A00010B:SSL routines::wrong version number\n`, code: 35},
		{name: "unknown variable", args: []string{"-s", "-w", "[%{nosuch}]", "localhost/ok"}, out: "ok\n\\[\\]", errs: "curl: unknown --write-out variable: 'nosuch'\n"},
		{name: "redirect to another protocol", args: []string{"-sSL", "localhost/away"}, errs: `curl: \(1\) Protocol "ftp" not supported or disabled in libcurl\n`, code: 1},
		{name: "retries", args: []string{"-sS", "--retry", "1", "--retry-delay", "0.01", "-f", "localhost/fail"}, errs: `(?s)curl: \(22\) .*Warning: .*curl: \(22\) The requested URL returned error: 503\n`, code: 22},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out, errs, code := imagetest.Exec(t, c, "", append([]string{"curl"}, tt.args...)...)
			if !regexp.MustCompile("^"+tt.out+"$").MatchString(out) || !regexp.MustCompile("^"+tt.errs+"$").MatchString(errs) || code != tt.code {
				t.Errorf("curl %q\n got %q, %q, %d\nwant %q, %q, %d", tt.args, out, errs, code, tt.out, tt.errs, tt.code)
			}
		})
	}
}
