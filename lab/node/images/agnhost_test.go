package images_test

import (
	"bytes"
	"context"
	"mime/multipart"
	"net"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"healthlab/lab/node/images/imagetest"
	"healthlab/lab/node/sandbox"
)

const agnhostImage = "registry.k8s.io/e2e-test-images/agnhost:2.53"

func TestNetexec(t *testing.T) {
	b := imagetest.New(t)
	log := filepath.Join(t.TempDir(), "0.log")
	c := b.Start(t, agnhostImage, sandbox.ContainerConfig{Args: []string{"netexec", "--http-port=8080"}, Env: []string{"COLOR=blue"}, LogPath: log})
	listening(t, b, "10.244.0.7:8080")
	imagetest.Logged(t, log, `stderr F \d{4}/\d\d/\d\d \d\d:\d\d:\d\d Started HTTP server on port 8080\n`)
	transport := &http.Transport{DialContext: b.Runtime.Dial, DisableKeepAlives: true}
	defer transport.CloseIdleConnections()
	tests := []struct {
		path, header string
		status       int
		body, log    string
		location     string
	}{
		{path: "/", status: 200, body: `NOW: .*`, log: "GET /"},
		{path: "/healthz", status: 200, log: "GET /healthz"},
		{path: "/readyz", status: 200, body: "ok", log: "GET /readyz"},
		{path: "/hostname", status: 200, body: "web", log: "GET /hostname"},
		{path: "/hostName", status: 200, body: "web", log: "GET /hostName"},
		{path: "/clientip", status: 200, body: `10\.244\.0\.1:\d+`, log: "GET /clientip"},
		{path: "/serverport", status: 200, body: "8080", log: "GET /serverport"},
		{path: "/header?key=X-A", header: "X-A: 1", status: 200, body: "1", log: `GET /header\?key=X-A`},
		{path: "/header", header: "X-A: 1", status: 200, body: `\{.*"X-A":\["1"\]\}`, log: "GET /header"},
		{path: "/echo?msg=hi&code=418", status: 418, body: "hi", log: `GET /echo\?msg=hi&code=418`},
		{path: "/echo?msg=hi&code=x", status: 200, body: `argument 'code' must be an integer or empty, got "x"\n`, log: `GET /echo`},
		{path: "/envvar?var=COLOR", status: 200, body: "blue", log: `GET /envvar\?var=COLOR`},
		{path: "/envvar?var=NONE", status: 500, body: `env var "NONE" is not set\n`, log: "GET /envvar"},
		{path: "/envvar", status: 400, body: `'var' query parameter is required\n`, log: "GET /envvar"},
		{path: "/redirect?location=http%3A%2F%2Fexample.org%2F&code=307", status: 307, location: "http://example.org/", body: `(?s).*`, log: `GET /redirect\?msg=http://example\.org/&code=307`},
		{path: "/redirect?location=/echo%3Fmsg=foobar", status: 302, location: "/echo?msg=foobar", body: `(?s).*`, log: `GET /redirect`},
		{path: "/shell?cmd=echo+hi", status: 200, body: `\{"output":"hi\\n"\}`, log: `GET /shell\?cmd=echo hi`},
		{path: "/shell?shellCommand=exit+3", status: 200, body: `\{"error":"exit status 3"\}`, log: `Output: map\[error:exit status 3\]`},
		{path: "/upload", status: 200, body: `\{"error":"Unable to upload file\."\}`, log: "Unable to upload file: "},
		{path: "/dial?host=127.0.0.1&port=8080&request=hostname&tries=2", status: 200, body: `\{"responses":\["web","web"\]\}`, log: `GET /dial\?host=127\.0\.0\.1&protocol=&port=8080&request=hostname&tries=2`},
		{path: "/dial?host=127.0.0.1&port=9&request=x", status: 200, body: `\{"errors":\["Get \\"http://127\.0\.0\.1:9/x\\": dial tcp 127\.0\.0\.1:9: connect: connection refused"\]\}`, log: "GET /dial"},
		{path: "/dial?host=127.0.0.1&port=9", status: 400, body: `request parameter not specified.*\n`, log: "GET /dial"},
		{path: "/exit?code=x", status: 200, body: `argument 'code' must be an integer \[0-127\] or empty, got "x"\n`, log: "GET /exit"},
		{path: "/exit?wait=x", status: 200, body: `argument 'wait' must be .*\n`, log: "GET /exit"},
	}
	for _, tt := range tests {
		t.Run(tt.path, func(t *testing.T) {
			req, err := http.NewRequestWithContext(imagetest.Context(t), http.MethodGet, "http://10.244.0.7:8080"+tt.path, nil)
			if err != nil {
				t.Fatal(err)
			}
			if k, v, ok := strings.Cut(tt.header, ": "); ok {
				req.Header.Set(k, v)
			}
			resp, err := transport.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			var body bytes.Buffer
			if _, err := body.ReadFrom(resp.Body); err != nil {
				t.Fatal(err)
			}
			if resp.StatusCode != tt.status || !regexp.MustCompile("^"+tt.body+"$").MatchString(body.String()) || resp.Header.Get("Location") != tt.location {
				t.Errorf("%d %q %q", resp.StatusCode, body.String(), resp.Header.Get("Location"))
			}
			imagetest.Logged(t, log, tt.log)
		})
	}
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	part, err := w.CreateFormFile("file", "x")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write([]byte("content"))
	_ = w.Close()
	req, err := http.NewRequestWithContext(imagetest.Context(t), http.MethodPost, "http://10.244.0.7:8080/upload", &form)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", w.FormDataContentType())
	resp, err := transport.RoundTrip(req)
	if err != nil || resp.StatusCode != http.StatusCreated {
		t.Fatalf("%v %v", resp, err)
	}
	_ = resp.Body.Close()
	if out, _, _ := imagetest.Exec(t, c, "", "sh", "-c", "cat /uploads/*"); out != "content" {
		t.Errorf("uploaded %q", out)
	}
	if out, _, _ := imagetest.Exec(t, c, "", "curl", "-s", "localhost:8080/hostname"); out != "web" {
		t.Errorf("curl: %q", out)
	}
	if _, _, err := get(imagetest.Context(t), t, b, "10.244.0.7:8080", "/exit?code=7"); err == nil {
		t.Error("/exit answered")
	}
	if exit := imagetest.Ended(t, c); exit.Code != 7 {
		t.Errorf("%+v", exit)
	}
}

// TestNetexecGoesSlowly is not ready any more, but alive, while it goes.
func TestNetexecGoesSlowly(t *testing.T) {
	b := imagetest.New(t)
	log := filepath.Join(t.TempDir(), "0.log")
	c := b.Start(t, agnhostImage, sandbox.ContainerConfig{Args: []string{"netexec", "--delay-shutdown", "600"}, LogPath: log})
	listening(t, b, "10.244.0.7:8080")
	if err := c.Signal(sandbox.SIGTERM); err != nil {
		t.Fatal(err)
	}
	imagetest.Logged(t, log, "Sleeping 600 seconds before terminating")
	if code, body, err := get(imagetest.Context(t), t, b, "10.244.0.7:8080", "/readyz"); code != 503 || body != "shutting down" {
		t.Errorf("%d %q %v", code, body, err)
	}
	if code, _, err := get(imagetest.Context(t), t, b, "10.244.0.7:8080", "/healthz"); code != 200 {
		t.Errorf("%d %v", code, err)
	}
	if code, _, err := get(imagetest.Context(t), t, b, "10.244.0.7:8080", "/exit?timeout=1s&code=3"); code != 200 {
		t.Errorf("%d %v", code, err)
	}
	if exit := imagetest.Ended(t, c); exit.Code != 3 {
		t.Errorf("%+v", exit)
	}
}

func TestAgnhostCommands(t *testing.T) {
	b := imagetest.New(t)
	c := b.Start(t, agnhostImage, sandbox.ContainerConfig{Args: []string{"porter"}, Env: []string{"SERVE_PORT_90=foo", "SERVE_TLS_PORT_91=bar"}})
	listening(t, b, "10.244.0.7:90")
	listening(t, b, "10.244.0.7:91")
	tests := []struct {
		name      string
		command   []string
		out, errs string // regular expressions
		code      int
	}{
		{name: "entrypoint-tester", command: []string{"/agnhost", "entrypoint-tester", "a", "--b"}, out: `\[/agnhost entrypoint-tester a --b\]\n`},
		{name: "entrypoint of the other name", command: []string{"/agnhost-2", "entrypoint-tester"}, out: `\[/agnhost-2 entrypoint-tester\]\n`},
		{name: "no command", command: []string{"/agnhost"}, out: `(?s)Usage:\n.*netexec\n.*`},
		{name: "unknown command", command: []string{"/agnhost", "foo"}, errs: `Error: unknown command "foo" for "app"\n.*\n`, code: 1},
		{name: "not here", command: []string{"/agnhost", "fake-gitserver"}, errs: `Error: healthlab does not have agnhost fake-gitserver; there is: entrypoint-tester connect .*\n`, code: 1},
		{name: "not here under its real name", command: []string{"/agnhost", "external-metrics"}, errs: `Error: healthlab does not have agnhost external-metrics; .*\n`, code: 1},
		{name: "a name that the original does not have", command: []string{"/agnhost", "no-new-privs"}, errs: `Error: unknown command "no-new-privs" for "app"\n.*\n`, code: 1},
		{name: "nonewprivs", command: []string{"/agnhost", "nonewprivs"}, out: "Effective uid: 0\n"},
		{
			name: "mounttest in the original's order", command: []string{"/agnhost", "mounttest", "--file_perm=/tmp/m", "--fs_type=/", "--file_mode=/tmp/m", "--file_owner=/tmp/m", "--new_file_0666=/tmp/m"},
			out: "mount type of \"/\": 2035054128\ncontent of file \"/tmp/m\": mount-tester new file\n\nmode of file \"/tmp/m\": -rw-rw-rw-\nperms of file \"/tmp/m\": -rw-rw-rw-\nowner UID of \"/tmp/m\": 0\nowner GID of \"/tmp/m\": 0\n",
		},
		{name: "mounttest tmpfs", command: []string{"/agnhost", "mounttest", "--fs_type=/dev/null"}, out: "mount type of \"/dev/null\": tmpfs\n"},
		{name: "mounttest in a loop", command: []string{"sh", "-c", "/agnhost mounttest --new_file_0644=/tmp/n >/dev/null; /agnhost mounttest --file_content_in_loop=/tmp/n --retry_time=60"}, out: "content of file \"/tmp/n\": mount-tester new file\n\n"},
		{
			name: "mounttest of nothing", command: []string{"/agnhost", "mounttest", "--file_content=/none", "--file_mode=/none", "--file_owner=/none", "--fs_type=/none"}, code: 1,
			out: "error from statfs\\(\"/none\"\\): no such file or directory\nerror from Stat\\(\"/none\"\\): stat /none: no such file or directory\nerror from stat\\(\"/none\"\\): no such file or directory\nerror reading file content for \"/none\": open /none: no such file or directory\n",
		},
		{
			name: "port-forward-tester", out: "(?s)x{6}Accepted client connection\nReceived expected client data\nShutting down connection\nDone\n0\n",
			command: []string{"sh", "-c", "BIND_PORT=79 EXPECTED_CLIENT_DATA=abc CHUNKS=2 CHUNK_SIZE=3 CHUNK_INTERVAL=1 /agnhost port-forward-tester >/tmp/pf & until printf abc | nc 127.0.0.1 79 2>/dev/null; do :; done; wait $!; code=$?; cat /tmp/pf; echo $code"},
		},
		{
			name: "port-forward-tester with other data", out: "Accepted client connection\nExpect to read \"abc\", but got \"xyz\"\\. err=<nil>\n3\n",
			command: []string{"sh", "-c", "BIND_PORT=79 EXPECTED_CLIENT_DATA=abc /agnhost port-forward-tester >/tmp/pf & until printf xyz | nc 127.0.0.1 79 2>/dev/null; do :; done; wait $!; code=$?; cat /tmp/pf; echo $code"},
		},
		{name: "port-forward-tester without a number", command: []string{"sh", "-c", "BIND_PORT=79 /agnhost port-forward-tester >/tmp/pf & until nc 127.0.0.1 79 2>/dev/null </dev/null; do :; done; wait $! || cat /tmp/pf"}, out: "Accepted client connection\nError parsing CHUNKS \"\": .*\n"},
		{
			name: "tcp-reset", out: "56\n", errs: `.* Serving on port 78\.\n\n?(.* TCP request from .*\n)+.*Shutting down after receiving signal: terminated\.\n\n?.*Awaiting pod deletion\.\n\n?`,
			command: []string{"sh", "-c", "/agnhost tcp-reset --port 78 & p=$!; until /agnhost connect 127.0.0.1:78 2>/dev/null; do :; done; curl -s localhost:78; echo $?; kill $p; wait $p"},
		},
		{name: "no-snat-test without", command: []string{"/agnhost", "no-snat-test"}, errs: "POD_IP env var was not present in the environment\n", code: 1},
		{
			name: "no-snat-test", out: `Returned ip "127\.0\.0\.1" != my Pod ip "10\.244\.0\.7" or my Node ip "10\.244\.0\.1" - SNAT to unexpected ip .*`,
			command: []string{"sh", "-c", "POD_IP=10.244.0.7 NODE_IP=10.244.0.1 /agnhost no-snat-test & until curl -s 'localhost:8080/checknosnat?ips=127.0.0.1:8080'; do :; done; curl -s 'localhost:8080/checknosnat?ips=10.244.0.7:8080'; kill -9 $!"},
		},
		{name: "unknown flag", command: []string{"/agnhost", "netexec", "--foo"}, errs: `(?s)Error: unknown flag: --foo\nUsage:.*`, code: 1},
		{name: "bad value", command: []string{"/agnhost", "netexec", "--http-port=x"}, errs: `(?s)Error: invalid argument "x" for "--http-port" flag: .*`, code: 1},
		{name: "argument", command: []string{"/agnhost", "netexec", "x"}, errs: `Error: accepts at most 0 arg\(s\), received 1\n`, code: 1},
		{name: "connect", command: []string{"/agnhost", "connect", "127.0.0.1:90", "--timeout=1s"}},
		{name: "connect refused", command: []string{"/agnhost", "connect", "127.0.0.1:9"}, errs: "REFUSED\n", code: 1},
		{name: "connect to no name", command: []string{"/agnhost", "connect", "nosuch.invalid:9"}, errs: "DNS: .*\n", code: 1},
		{name: "connect to nothing", command: []string{"/agnhost", "connect", "x"}, errs: "UNKNOWN: .*\n", code: 1},
		{name: "logs-generator", command: []string{"/agnhost", "logs-generator", "-t", "2", "-d", "10ms"}, errs: `(I\d{4} \d\d:\d\d:\d\d\.\d{6} +\d+ logs_generator\.go:67\] \d (GET|POST|PUT) /api/v1/namespaces/\S+/pods/\S+ \d{3}\n){2}`},
		{name: "logs-generator without", command: []string{"/agnhost", "logs-generator"}, errs: `F.*\] Invalid total number of lines: 0\n`, code: 255},
		{name: "porter", command: []string{"curl", "-s", "localhost:90/x"}, out: "foo"},
		{name: "porter with TLS", command: []string{"curl", "-sk", "https://localhost:91/"}, out: "bar"},
		{name: "net without", command: []string{"/agnhost", "net"}, errs: ".* Must set either --runner or --serve, see --help\n", code: 1},
		{name: "net with a bad runner", command: []string{"/agnhost", "net", "--runner", "x"}, out: "output:\n\n", errs: ".*Error: Invalid runner: .*\n", code: 1},
		{
			name: "net", out: "(?s)ok\noutput:\n\n# .*Server sent FIN, waiting 0 seconds\n.*Done\n",
			command: []string{"sh", "-c", `/agnhost net --serve :8889 2>/dev/null & p=$!; until curl -s -o /dev/null localhost:8889/; do :; done; curl -s -X POST localhost:8889/run/nat-closewait-server -d '{"LocalAddr":"127.0.0.1:9999"}' & until /agnhost net --runner nat-closewait-client --options '{"RemoteAddr":"127.0.0.1:9999"}' >/dev/null 2>&1; do :; done; wait $!; kill -9 $p`},
		},
		{name: "grpc needs both files", command: []string{"/agnhost", "grpc-health-checking", "--tls-cert-file=x"}, errs: ".* Both --tls-cert-file and --tls-private-key-file must be set\n", code: 1},
		{name: "serve-hostname", command: []string{"sh", "-c", "/agnhost serve-hostname 2>/dev/null & until curl -s localhost:9376; do :; done; kill -9 $!"}, out: "web"},
		{name: "serve-hostname both", command: []string{"/agnhost", "serve-hostname", "--tcp"}, errs: ".* Can't server TCP/UDP mode and HTTP mode at the same time\n", code: 1},
		{name: "serve-hostname raw", command: []string{"sh", "-c", "/agnhost serve-hostname --http=false --tcp --port 77 2>/dev/null & until nc localhost 77 2>/dev/null </dev/null; do :; done; kill -9 $!"}, out: "web"},
		{name: "etc-hosts", command: []string{"sh", "-c", "echo '1.2.3.4 foo' >/etc/hosts; /agnhost etc-hosts"}, out: "1.2.3.4 foo\n\n"},
		{name: "dns-suffix", command: []string{"sh", "-c", "printf 'search a.b c\nnameserver 10.0.0.1\n' >/etc/resolv.conf; /agnhost dns-suffix; /agnhost dns-server-list"}, out: "a.b,c\n10.0.0.1\n"},
		{
			name: "h2c-server speaks no HTTP/1", out: "refused\n", command: []string{
				"sh", "-c", "/agnhost h2c-server --port 88 2>/dev/null & until /agnhost connect 127.0.0.1:88 2>/dev/null; do :; done; curl -s localhost:88 >/dev/null || echo refused; kill -9 $!",
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out, errs, code := imagetest.Exec(t, c, "", tt.command...)
			if !regexp.MustCompile("^(?:"+tt.out+")$").MatchString(out) || !regexp.MustCompile("^(?:"+tt.errs+")$").MatchString(errs) || code != tt.code {
				t.Errorf("%q\n got %q, %q, %d\nwant %q, %q, %d", tt.command, out, errs, code, tt.out, tt.errs, tt.code)
			}
		})
	}
}

// TestGuestbook has a page in front of a primary that tells its replica, as in kubernetes.io's guestbook.
func TestGuestbook(t *testing.T) {
	b := imagetest.New(t)
	log := filepath.Join(t.TempDir(), "0.log")
	primary := b.Start(t, agnhostImage, sandbox.ContainerConfig{Name: "primary", Args: []string{"guestbook", "--http-port", "6379"}})
	listening(t, b, "10.244.0.7:6379")
	b.Start(t, agnhostImage, sandbox.ContainerConfig{Name: "replica", Args: []string{"guestbook", "--replicaof", "localhost", "--http-port", "6380", "--backend-port", "6379"}, LogPath: log})
	imagetest.Logged(t, log, `Registering to primary: localhost:6379/register\?host=10\.244\.0\.7\n(?s:.*)Registered to node: localhost\n`)
	run := func(path, body string, status int) {
		t.Helper()
		code, got, err := get(imagetest.Context(t), t, b, "10.244.0.7:6380", path)
		if err != nil || code != status || got != body {
			t.Errorf("%s: %d %q %v, want %d %q", path, code, got, err, status, body)
		}
	}
	run("/set?key=guest&value=anna", `{"message":"Updated"}`, 200)
	run("/get?key=guest", `{"data":"anna"}`, 200)
	run("/get?key=none", `{"data":""}`, 200)
	run("/get", `{"data":{"guest":"anna"}}`, 200)
	run("/set", "cannot set with empty key.\n", 400)
	run("/guestbook?cmd=eat", "unsupported cmd: 'eat'\n", 400)
	run("/guestbook?cmd=set", "cannot set with empty key.\n", 400)
	if code, body, err := get(imagetest.Context(t), t, b, "10.244.0.7:6380", "/guestbook?cmd=get"); code != 400 || !strings.HasPrefix(body, "host and/or port param are invalid. lookup agnhost-replica") {
		t.Errorf("%d %q %v", code, body, err)
	}
	if err := primary.Signal(sandbox.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if exit := imagetest.Ended(t, primary); exit.Code != 2 {
		t.Errorf("%+v", exit)
	}
}

func TestAgnhostPauseLeavesAMessage(t *testing.T) {
	b := imagetest.New(t)
	log := filepath.Join(t.TempDir(), "0.log")
	c := b.Start(t, agnhostImage, sandbox.ContainerConfig{LogPath: log})
	imagetest.Logged(t, log, "stdout F Paused\n.* stdout F Signals registered\n")
	if err := c.Signal(sandbox.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if exit := imagetest.Ended(t, c); exit.Code != 2 {
		t.Errorf("%+v", exit)
	}
	imagetest.Logged(t, log, `stdout F exiting because of signal "terminated"\n`)
}

func TestAgnhostGRPCService(t *testing.T) {
	b := imagetest.New(t)
	b.Start(t, agnhostImage, sandbox.ContainerConfig{Args: []string{"grpc-health-checking", "--service=main", "--delay-unhealthy-sec=3600"}})
	listening(t, b, "10.244.0.7:5000")
	client, err := grpc.NewClient("passthrough:///10.244.0.7:5000", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, address string) (net.Conn, error) {
			return b.Runtime.Dial(ctx, "tcp", address)
		}))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	for service, want := range map[string]codes.Code{"main": codes.OK, "nope": codes.NotFound, "": codes.NotFound} {
		_, err := grpc_health_v1.NewHealthClient(client).Check(imagetest.Context(t), &grpc_health_v1.HealthCheckRequest{Service: service})
		if status.Code(err) != want || err != nil && status.Convert(err).Message() != "unknown service" {
			t.Errorf("%q: %v", service, err)
		}
	}
}
