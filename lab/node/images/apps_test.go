package images_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"

	"healthlab/lab/node/images/imagetest"
	"healthlab/lab/node/sandbox"
)

// get is a probe's request from the node.
func get(ctx context.Context, t testing.TB, b *imagetest.Bed, address, path string) (status int, body string, err error) {
	t.Helper()
	transport := &http.Transport{DialContext: b.Runtime.Dial, DisableKeepAlives: true}
	defer transport.CloseIdleConnections()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("User-Agent", "kube-probe/1.37")
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(data), err
}

// listening waits until a port of the pod accepts.
func listening(t testing.TB, b *imagetest.Bed, address string) {
	t.Helper()
	for ctx := imagetest.Context(t); ; {
		conn, err := b.Runtime.Dial(ctx, "tcp", address)
		if err == nil {
			_ = conn.Close()
			return
		}
		if ctx.Err() != nil {
			t.Fatalf("%s does not listen: %v", address, err)
		}
	}
}

func TestNodejsHangsAfterUSR1(t *testing.T) {
	b := imagetest.New(t)
	log := filepath.Join(t.TempDir(), "0.log")
	c := b.Start(t, "brentley/ecsdemo-nodejs", sandbox.ContainerConfig{LogPath: log})
	listening(t, b, "10.244.0.7:3000")
	status, body, err := get(imagetest.Context(t), t, b, "10.244.0.7:3000", "/health")
	if err != nil || status != 200 || !regexp.MustCompile(`^\{"uptime":\d+(\.\d{1,3})?\}$`).MatchString(body) {
		t.Fatalf("/health: %d %q %v", status, body, err)
	}
	if status, _, err := get(imagetest.Context(t), t, b, "10.244.0.7:3000", "/nothing"); err != nil || status != 404 {
		t.Errorf("/nothing: %d %v", status, err)
	}
	if err := c.Signal(sandbox.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if out, errs, code := imagetest.Exec(t, c, "", "/bin/kill", "-s", "SIGUSR1", "1"); out+errs != "" || code != 0 {
		t.Fatalf("kill: %q %q %d", out, errs, code)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	if _, _, err := get(ctx, t, b, "10.244.0.7:3000", "/health"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a hung app answered: %v", err)
	}
	if err := c.Signal(sandbox.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if exit := imagetest.Ended(t, c); exit.Code != 137 || exit.Signal != sandbox.SIGKILL || exit.Reason != "Error" {
		t.Errorf("exit: %+v", exit)
	}
	data, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	want := regexp.MustCompile(`^\S+Z stdout F Example app listening on port 3000!\n` +
		`\S+Z stdout F ::ffff:10\.244\.0\.1 - - \[\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d \+0000\] "GET /health HTTP/1\.1" 200 ` + strconv.Itoa(len(body)) + ` "-" "kube-probe/1\.37"\n` +
		`\S+Z stdout F ::ffff:10\.244\.0\.1 .* "GET /nothing HTTP/1\.1" 404 \d+ "-" "kube-probe/1\.37"\n$`)
	if !want.Match(data) {
		t.Errorf("log:\n%s", data)
	}
}

func TestShellAsMainProgramIgnoresTERM(t *testing.T) {
	b := imagetest.New(t)
	c := b.Start(t, "alpine", sandbox.ContainerConfig{Command: []string{"sh", "-c", "touch /tmp/healthy && sleep 86400"}})
	for {
		if out, _, code := imagetest.Exec(t, c, "", "cat", "/tmp/healthy"); code == 0 && out == "" {
			break
		}
	}
	if _, errs, _ := imagetest.Exec(t, c, "", "kill", "-9", "1"); errs != "" {
		t.Errorf("kill -9 1: %s", errs)
	}
	for _, sig := range []sandbox.Signal{sandbox.SIGTERM, sandbox.SIGUSR1, sandbox.SIGHUP, sandbox.SIGINT} {
		if err := c.Signal(sig); err != nil {
			t.Fatal(err)
		}
	}
	if out, _, code := imagetest.Exec(t, c, "", "ps"); code != 0 || !strings.Contains(out, "    1 root      0:00 sh -c touch /tmp/healthy && sleep 86400\n") {
		t.Errorf("ps: %d\n%s", code, out)
	}
	if err := c.Signal(sandbox.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if exit := imagetest.Ended(t, c); exit.Code != 137 {
		t.Errorf("exit: %+v", exit)
	}
}

func TestServers(t *testing.T) {
	tests := []struct {
		name, image, address, path string
		args                       []string
		status                     int
		body                       string
		stop                       sandbox.Signal
		code                       int
	}{
		{name: "agnhost liveness", image: "registry.k8s.io/e2e-test-images/agnhost:2.40", args: []string{"liveness"}, address: "10.244.0.7:8080", path: "/healthz", status: 200, body: "ok", stop: sandbox.SIGTERM, code: 2},
		{name: "old liveness", image: "k8s.gcr.io/liveness", args: []string{"/server"}, address: "10.244.0.7:8080", path: "/healthz", status: 200, body: "ok", stop: sandbox.SIGTERM, code: 2},
		{name: "netexec hostname", image: "registry.k8s.io/e2e-test-images/agnhost", args: []string{"netexec", "--http-port=8099"}, address: "10.244.0.7:8099", path: "/hostname", status: 200, body: "web", stop: sandbox.SIGTERM},
		{name: "netexec shell", image: "registry.k8s.io/e2e-test-images/agnhost", args: []string{"netexec"}, address: "10.244.0.7:8080", path: "/shell?cmd=echo+hi", status: 200, body: "{\"output\":\"hi\\n\"}", stop: sandbox.SIGTERM},
		{name: "test-webserver", image: "registry.k8s.io/e2e-test-images/agnhost", args: []string{"test-webserver"}, address: "10.244.0.7:80", path: "/etc/hostname", status: 200, body: "web\n", stop: sandbox.SIGTERM, code: 2},
		{name: "nginx TERM", image: "nginx:1.27", address: "10.244.0.7:80", path: "/", status: 200, body: "Welcome to nginx!", stop: sandbox.SIGTERM},
		{name: "nginx QUIT", image: "nginx", address: "10.244.0.7:80", path: "/none", status: 404, body: "404 Not Found", stop: sandbox.SIGQUIT},
		{name: "httpd", image: "httpd:2.4", address: "10.244.0.7:80", path: "/", status: 200, body: "It works!", stop: sandbox.SIGTERM},
		{name: "http-echo", image: "hashicorp/http-echo:0.2.3", args: []string{"-text=hello", "-listen=:8080"}, address: "10.244.0.7:8080", path: "/", status: 200, body: "hello\n", stop: sandbox.SIGTERM},
		{name: "http-echo health", image: "hashicorp/http-echo", args: []string{"-text", "x"}, address: "10.244.0.7:5678", path: "/health", status: 200, body: `{"status":"ok"}`, stop: sandbox.SIGINT},
		{name: "whoami", image: "traefik/whoami:v1.10", args: []string{"--name=me"}, address: "10.244.0.7:80", path: "/x", status: 200, body: "Name: me\nHostname: web\nIP: 127.0.0.1\nIP: 10.244.0.7\nRemoteAddr: 10.244.0.1:", stop: sandbox.SIGTERM, code: 2},
		{name: "whoami API", image: "containous/whoami", address: "10.244.0.7:80", path: "/api", status: 200, body: `"hostname":"web"`, stop: sandbox.SIGTERM, code: 2},
		{name: "kuard", image: "gcr.io/kuar-demo/kuard-amd64:blue", address: "10.244.0.7:8080", path: "/healthy", status: 200, body: "ok", stop: sandbox.SIGTERM, code: 2},
		{name: "podinfo", image: "ghcr.io/stefanprodan/podinfo:6.5.0", address: "10.244.0.7:9898", path: "/readyz", status: 200, body: "\"status\": \"OK\"", stop: sandbox.SIGTERM},
		{name: "podinfo unready", image: "stefanprodan/podinfo", args: []string{"./podinfo", "--unready"}, address: "10.244.0.7:9898", path: "/readyz", status: 503, stop: sandbox.SIGTERM},
		{name: "nginx-unprivileged", image: "nginxinc/nginx-unprivileged:1.25-alpine", address: "10.244.0.7:8080", path: "/", status: 200, body: "Welcome to nginx!", stop: sandbox.SIGQUIT},
		{name: "serve_hostname", image: "registry.k8s.io/serve_hostname", address: "10.244.0.7:9376", path: "/", status: 200, body: "web", stop: sandbox.SIGKILL, code: 137},
		{name: "goproxy", image: "registry.k8s.io/goproxy:0.1", address: "10.244.0.7:8080", path: "/", status: 500, body: "proxy server", stop: sandbox.SIGTERM, code: 2},
		{name: "httpbin", image: "kennethreitz/httpbin", address: "10.244.0.7:80", path: "/status/503", status: 503, stop: sandbox.SIGTERM},
		{name: "httpbin get", image: "docker.io/kennethreitz/httpbin:latest", address: "10.244.0.7:80", path: "/get?a=1&b=2&b=<3>", status: 200, body: "{\n  \"args\": {\n    \"a\": \"1\", \n    \"b\": [\n      \"2\", \n      \"<3>\"\n    ]\n  }, \n  \"headers\": {", stop: sandbox.SIGTERM},
		{name: "go-httpbin", image: "mccutchen/go-httpbin:v2.15.0", address: "10.244.0.7:8080", path: "/delay/0.01", status: 200, body: `"method": "GET"`, stop: sandbox.SIGTERM},
		{name: "go-httpbin status", image: "ghcr.io/mccutchen/go-httpbin", args: []string{"/bin/go-httpbin", "-port", "9000"}, address: "10.244.0.7:9000", path: "/status/418", status: 418, stop: sandbox.SIGINT},
		{name: "deployment strategies", image: "containersol/k8s-deployment-strategies", address: "10.244.0.7:8080", path: "/", status: 200, body: "Host: web, Version: \n", stop: sandbox.SIGTERM},
		{name: "deployment strategies ready", image: "containersol/k8s-deployment-strategies", address: "10.244.0.7:8086", path: "/ready", status: 200, body: "{}\n", stop: sandbox.SIGTERM},
		{name: "deployment strategies metrics", image: "containersol/k8s-deployment-strategies", args: []string{"/app", "-metrics-address=:9102"}, address: "10.244.0.7:9102", path: "/metrics", status: 200, stop: sandbox.SIGINT},
		{name: "echo", image: "ghcr.io/subicura/echo:v2", address: "10.244.0.7:3000", path: "/", status: 200, body: "web", stop: sandbox.SIGKILL, code: 137},
		{name: "etcd health", image: "registry.k8s.io/etcd:3.5.1-0", args: []string{"--listen-client-urls", "http://0.0.0.0:2379"}, address: "10.244.0.7:2379", path: "/health", status: 200, body: "true", stop: sandbox.SIGTERM},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := imagetest.New(t)
			cfg := sandbox.ContainerConfig{Args: tt.args}
			if len(tt.args) > 0 && strings.HasPrefix(tt.args[0], "/") {
				cfg = sandbox.ContainerConfig{Command: tt.args}
			}
			c := b.Start(t, tt.image, cfg)
			listening(t, b, tt.address)
			status, body, err := get(imagetest.Context(t), t, b, tt.address, tt.path)
			if err != nil || status != tt.status || !strings.Contains(body, tt.body) {
				t.Errorf("%s: %d %q %v", tt.path, status, body, err)
			}
			if err := c.Signal(tt.stop); err != nil {
				t.Fatal(err)
			}
			if exit := imagetest.Ended(t, c); exit.Code != tt.code {
				t.Errorf("after %v: %+v", tt.stop, exit)
			}
			if _, _, err := get(imagetest.Context(t), t, b, tt.address, tt.path); !errors.Is(err, syscall.ECONNREFUSED) {
				t.Errorf("still listens: %v", err)
			}
		})
	}
}

// TestKubiaGetsIll answers five requests.
func TestKubiaGetsIll(t *testing.T) {
	b := imagetest.New(t)
	b.Start(t, "luksa/kubia-unhealthy", sandbox.ContainerConfig{})
	listening(t, b, "10.244.0.7:8080")
	for i := range 7 {
		want, text := 200, "You've hit web\n"
		if i >= 5 {
			want, text = 500, "I'm not well. Please restart me!"
		}
		if status, body, err := get(imagetest.Context(t), t, b, "10.244.0.7:8080", "/"); status != want || body != text {
			t.Errorf("request %d: %d %q %v", i+1, status, body, err)
		}
	}
}

// TestMadeToFail uses what images have to let their probes fail.
func TestMadeToFail(t *testing.T) {
	tests := []struct {
		name, image, address string
		steps                []string // commands and what they print
	}{
		{name: "kuard", image: "gcr.io/kuar-demo/kuard-amd64:1", address: "10.244.0.7:8080", steps: []string{
			`curl -s -X PUT -d '{"failNext":1}' localhost:8080/ready/api | cut -c 1-14`, `{"failNext":1,` + "\n", "curl -s localhost:8080/ready", "fail, 0 left",
			"curl -s localhost:8080/ready", "ok", `curl -s -o /dev/null -X PUT -d '{"failNext":-1}' localhost:8080/healthy/api; curl -s localhost:8080/healthy`, "fail, permanent",
		}},
		{name: "podinfo", image: "stefanprodan/podinfo:6.0.0", address: "10.244.0.7:9898", steps: []string{
			"curl -s -o /dev/null -w '%{http_code}' -X POST localhost:9898/readyz/disable", "202", "curl -s -o /dev/null -w '%{http_code}' localhost:9898/readyz", "503",
			"podcli check http localhost:9898/readyz --delay 1ms 2>/dev/null; echo $?", "1\n", "podcli check http localhost:9898/healthz --delay 1ms 2>&1 | grep -o succeed", "succeed\n",
			"podcli check tcp localhost:9 --delay 1ms 2>/dev/null; echo $?", "1\n", "curl -s -o /dev/null -w '%{http_code}' localhost:9898/status/418", "418",
		}},
		{name: "httpbin", image: "kennethreitz/httpbin", address: "10.244.0.7:80", steps: []string{
			"curl -s -d a=1 localhost/post | tr -d ' \\n' | grep -o '\"form\":{[^}]*}'", "\"form\":{\"a\":\"1\"}\n", "curl -s -d '[1]' -H 'Content-Type: application/json' localhost/anything/x | tr -d ' \\n' | grep -o '\"json\":.*\"method\":\"[A-Z]*\"'", "\"json\":[1],\"method\":\"POST\"\n",
			"curl -s -u u:p localhost/basic-auth/u/p -o /dev/null -w '%{http_code}'", "200", "curl -s -o /dev/null -w '%{http_code}' localhost/basic-auth/u/p", "401", "curl -sL -o /dev/null -w '%{http_code}' localhost/redirect/2", "200",
			"curl -s localhost/user-agent -A me", "{\n  \"user-agent\": \"me\"\n}\n", "curl -s localhost/delay/x -o /dev/null -w '%{http_code}'", "404", "curl -s -X POST localhost/get -o /dev/null -w '%{http_code}'", "405",
		}},
		{name: "whoami", image: "traefik/whoami", address: "10.244.0.7:80", steps: []string{
			"curl -s -d 503 localhost/health; curl -s -o /dev/null -w '%{http_code}' localhost/health", "503",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := imagetest.New(t)
			c := b.Start(t, tt.image, sandbox.ContainerConfig{})
			helper := b.Start(t, "curlimages/curl:8.10.1", sandbox.ContainerConfig{Name: "helper", Command: []string{"sleep", "3600"}})
			listening(t, b, tt.address)
			if tt.name == "podinfo" {
				helper = c
			}
			for i := 0; i < len(tt.steps); i += 2 {
				if out, errs, _ := imagetest.Exec(t, helper, "", "sh", "-c", tt.steps[i]); out != tt.steps[i+1] {
					t.Errorf("%s: %q %q", tt.steps[i], out, errs)
				}
			}
		})
	}
}

// TestTardyNginx tells that it sleeps, and does not listen meanwhile.
func TestTardyNginx(t *testing.T) {
	b := imagetest.New(t)
	log := filepath.Join(t.TempDir(), "0.log")
	c := b.Start(t, "sysnet4admin/tardy-nginx", sandbox.ContainerConfig{LogPath: log})
	imagetest.Logged(t, log, "stdout F deep sleep\n")
	if _, _, err := get(imagetest.Context(t), t, b, "10.244.0.7:80", "/"); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("it listens: %v", err)
	}
	if out, errs, code := imagetest.Exec(t, c, "", "sh", "-c", "cat /usr/share/nginx/html/index.html; curl x"); out != "tardy again\n" || errs != "sh: curl: not found\n" || code != 127 {
		t.Errorf("%q %q %d", out, errs, code)
	}
}

func TestNginxFilesMatter(t *testing.T) {
	b := imagetest.New(t)
	c := b.Start(t, "nginx", sandbox.ContainerConfig{})
	listening(t, b, "10.244.0.7:80")
	imagetest.Exec(t, c, "", "rm", "/usr/share/nginx/html/index.html")
	if status, _, err := get(imagetest.Context(t), t, b, "10.244.0.7:80", "/"); err != nil || status != http.StatusForbidden {
		t.Errorf("without index.html: %d %v", status, err)
	}
	imagetest.Exec(t, c, "", "sh", "-c", "echo back >/usr/share/nginx/html/index.html")
	if _, body, err := get(imagetest.Context(t), t, b, "10.244.0.7:80", "/"); err != nil || body != "back\n" {
		t.Errorf("with a new index.html: %q %v", body, err)
	}
}

func TestGRPCHealth(t *testing.T) {
	tests := []struct{ name, image, address, change string }{
		{"agnhost", "registry.k8s.io/e2e-test-images/agnhost", "10.244.0.7:5000", "10.244.0.7:8080"},
		{"etcd", "registry.k8s.io/etcd", "10.244.0.7:2379", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := imagetest.New(t)
			args := []string{"grpc-health-checking"}
			if tt.name == "etcd" {
				args = []string{"--listen-client-urls=http://0.0.0.0:2379"}
			}
			b.Start(t, tt.image, sandbox.ContainerConfig{Args: args})
			listening(t, b, tt.address)
			client, err := grpc.NewClient("passthrough:///"+tt.address, grpc.WithTransportCredentials(insecure.NewCredentials()),
				grpc.WithContextDialer(func(ctx context.Context, address string) (net.Conn, error) {
					return b.Runtime.Dial(ctx, "tcp", address)
				}))
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			check := func() grpc_health_v1.HealthCheckResponse_ServingStatus {
				resp, err := grpc_health_v1.NewHealthClient(client).Check(imagetest.Context(t), &grpc_health_v1.HealthCheckRequest{})
				if err != nil {
					t.Fatal(err)
				}
				return resp.GetStatus()
			}
			if got := check(); got != grpc_health_v1.HealthCheckResponse_SERVING {
				t.Errorf("status %v", got)
			}
			if tt.change == "" {
				return
			}
			if status, _, err := get(imagetest.Context(t), t, b, tt.change, "/make-not-serving"); err != nil || status != 200 {
				t.Fatalf("make-not-serving: %d %v", status, err)
			}
			if got := check(); got != grpc_health_v1.HealthCheckResponse_NOT_SERVING {
				t.Errorf("status %v", got)
			}
		})
	}
}

func TestNetworkTools(t *testing.T) {
	b := imagetest.New(t)
	c := b.Start(t, "nginx", sandbox.ContainerConfig{})
	listening(t, b, "10.244.0.7:80")
	tests := []struct {
		name, script, out, errs string
		code                    int
	}{
		{name: "wget", script: "wget -qO- http://localhost/ | head -n 1", out: "<!DOCTYPE html>\n"},
		{name: "wget by pod address", script: "wget -q -O /dev/null http://10.244.0.7:80/"},
		{name: "wget 404", script: "wget -qO- http://localhost/x", errs: "wget: server returned error: HTTP/1.1 404 Not Found\n", code: 1},
		{name: "wget refused", script: "wget -q -O- localhost:9", errs: "wget: can't connect to remote host (127.0.0.1): Connection refused\n", code: 1},
		{name: "wget unknown name", script: "wget -q -O- http://example.com", errs: "wget: bad address 'example.com'\n", code: 1},
		{name: "wget by the pod's own name", script: "wget -qO- http://$(hostname)/ | head -n 1", out: "<!DOCTYPE html>\n"},
		{name: "wget by a name of /etc/hosts", script: "echo '10.244.0.7 shop # mine' >>/etc/hosts; wget -qO- http://shop/ | head -n 1", out: "<!DOCTYPE html>\n"},
		{
			name: "httpd", out: "hello\n1 server\nHTTP/1.1 404 Not Found\n",
			script: "mkdir -p /www && echo hello >/www/index.html && httpd -p 8081 -h /www && wget -qO- http://localhost:8081/ && " +
				"netstat -tln | grep -c :8081 | sed 's/$/ server/'; wget -qO- http://localhost:8081/none 2>&1 | sed 's/.*error: //'",
		},
		{name: "httpd keeps inside", script: "wget -qO- http://localhost:8081/../../etc/passwd", errs: "wget: server returned error: HTTP/1.1 404 Not Found\n", code: 1},
		{name: "httpd twice", script: "httpd -p 8081 -h /www", errs: "httpd: bind: Address already in use\n", code: 1},
		{name: "netstat -p", script: "netstat -tlnp | awk '/:8081 /{ split($7, a, \"/\"); print $1, $6, a[2] }'", out: "tcp LISTEN httpd\n"},
		{name: "ping", script: "ping -c 2 -i 0.01 10.244.0.7 | sed 's/time=.*/t/; /min/d'", out: "PING 10.244.0.7 (10.244.0.7): 56 data bytes\n" +
			"64 bytes from 10.244.0.7: seq=0 ttl=64 t\n64 bytes from 10.244.0.7: seq=1 ttl=64 t\n\n--- 10.244.0.7 ping statistics ---\n" +
			"2 packets transmitted, 2 packets received, 0% packet loss\n"},
		{name: "ping nobody", script: "ping -c 1 -W 0.01 10.244.9.9 | tail -n 1", out: "1 packets transmitted, 0 packets received, 100% packet loss\n"},
		{name: "ip", script: "ip -o -4 addr show eth0 | awk '{ print $2, $4 }'; ip route get 10.244.0.9", out: "eth0 10.244.0.7/24\n10.244.0.9 dev eth0  src 10.244.0.7 \n"},
		{name: "ifconfig", script: "ifconfig eth0 | grep -o 'addr:[0-9.]*'; route -n | tail -n 1 | awk '{ print $1, $8 }'", out: "addr:10.244.0.7\n10.244.0.0 eth0\n"},
		{name: "ip link cannot be changed", script: "ip link set eth0 down", errs: "ip: RTNETLINK answers: Operation not permitted\n", code: 2},
		{name: "nslookup", script: "nslookup kubernetes", out: ";; connection timed out; no servers could be reached\n\n", errs: "nslookup: write to '127.0.0.1': Connection refused\n", code: 1},
		{name: "telnet", script: "printf 'GET / HTTP/1.0\r\n\r\n' | telnet localhost 80 2>/dev/null | grep -c 'HTTP/1'", out: "1\n"},
		{name: "nc open", script: "nc -z localhost 80"},
		{name: "nc refused", script: "nc -vvz 127.0.0.1 81", errs: "nc: 127.0.0.1 (127.0.0.1:81): Connection refused\n", code: 1},
		{name: "nc no route", script: "nc -vz 10.244.9.9 81", errs: "nc: 10.244.9.9 (10.244.9.9:81): No route to host\n", code: 1},
		{name: "nc talks", script: "(echo hi | nc -l -p 7000) & while ! sleep 0.2 | nc localhost 7000 2>/dev/null; do :; done", out: "hi\n", errs: ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out, errs, code := imagetest.Exec(t, c, "", "sh", "-c", tt.script)
			if out != tt.out || errs != tt.errs || code != tt.code {
				t.Errorf("%s\n got %q, %q, %d\nwant %q, %q, %d", tt.script, out, errs, code, tt.out, tt.errs, tt.code)
			}
		})
	}
}

// screen is a client of a terminal.
type screen struct {
	t   *testing.T
	in  *io.PipeWriter
	out *bufio.Reader
	got strings.Builder
}

// expect reads until the text has come.
func (s *screen) expect(text string) {
	s.t.Helper()
	for !strings.HasSuffix(s.got.String(), text) {
		c, err := s.out.ReadByte()
		if err != nil {
			s.t.Fatalf("no %q in %q: %v", text, s.got.String(), err)
		}
		s.got.WriteByte(c)
	}
	s.got.Reset()
}

func (s *screen) send(text string) {
	s.t.Helper()
	if _, err := io.WriteString(s.in, text); err != nil {
		s.t.Fatal(err)
	}
}

func TestTerminal(t *testing.T) {
	b := imagetest.New(t)
	c := b.Start(t, "busybox", sandbox.ContainerConfig{Command: []string{"sleep", "3600"}})
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	s := &screen{t: t, in: inW, out: bufio.NewReader(outR)}
	type result struct {
		code int
		err  error
	}
	ended := make(chan result, 1)
	ctx := imagetest.Context(t)
	go func() {
		code, err := c.Exec(ctx, sandbox.ExecConfig{Command: []string{"sh"}, Stdin: inR, Stdout: outW, TTY: true})
		_ = outW.Close()
		_ = inR.Close()
		ended <- result{code, err}
	}()
	s.expect("/ # ")
	s.send("echo helxx\x7f\x7flo\r")
	s.expect("echo helxx\b \b\b \blo\r\nhello\r\n/ # ")
	s.send("\x1b[A\r") // history
	s.expect("hello\r\n/ # ")
	s.send("cat\rab\x15one\r")
	s.expect("one\r\none\r\n")
	s.send("\x04")
	s.expect("/ # ")
	s.send("sleep 1000\r")
	s.expect("sleep 1000\r\n")
	s.send("\x03")
	s.expect("^C\r\n/ # ")
	s.send("while :; do :; done\r")
	s.expect("done\r\n")
	s.send("\x03")
	s.expect("/ # ")
	s.send("half\x03")
	s.expect("half^C\r\n/ # ")
	s.send("echo '\r")
	s.expect("> ")
	s.send("x'\r")
	s.expect("\r\nx\r\n/ # ")
	s.send("cd /tmp; 한글\r")
	s.expect("sh: 한글: not found\r\n/tmp # ")
	s.send("exit 7\r")
	s.expect("exit 7\r\n")
	if got := <-ended; got.code != 7 || got.err != nil {
		t.Errorf("exit %d, %v", got.code, got.err)
	}
	_ = outR.Close()
	_ = inW.Close()
}
