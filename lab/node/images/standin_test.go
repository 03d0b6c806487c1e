package images_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"healthlab/lab/node/images"
	"healthlab/lab/node/images/imagetest"
	"healthlab/lab/node/images/standin"
	"healthlab/lab/node/sandbox"
)

// standIn is a stand-in that runs.
type standIn struct {
	*imagetest.Bed
	c   *sandbox.Container
	log string
}

func startStandIn(t *testing.T, plan standin.Plan) *standIn {
	t.Helper()
	s := &standIn{Bed: imagetest.New(t), log: filepath.Join(t.TempDir(), "0.log")}
	s.c = s.Start(t, "", sandbox.ContainerConfig{
		Image: images.StandIn(), Files: plan.Files(), LogPath: s.log, ReadOnlyRoot: true,
		Mounts: []sandbox.Mount{{Source: t.TempDir(), Target: standin.Dir}},
	})
	return s
}

// does runs its command, which has to succeed.
func (s *standIn) does(t *testing.T, args ...string) string {
	t.Helper()
	out, errs, code := imagetest.Exec(t, s.c, "", append([]string{"stand-in"}, args...)...)
	if code != 0 || errs != "" {
		t.Fatalf("stand-in %q: %q %q %d", args, out, errs, code)
	}
	return out
}

// within is a context of a probe with a timeout.
func within(t *testing.T, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

// probe is a GET's status, or why there is none.
func (s *standIn) probe(t *testing.T, timeout time.Duration, port, path string) string {
	t.Helper()
	code, _, err := get(within(t, timeout), t, s.Bed, "10.244.0.7:"+port, path)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refused"
	case err != nil:
		return err.Error()
	}
	return fmt.Sprint(code)
}

// check asks a gRPC health service.
func (s *standIn) check(t *testing.T, timeout time.Duration, port, service string) string {
	t.Helper()
	client, err := grpc.NewClient("passthrough:///10.244.0.7:"+port, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, address string) (net.Conn, error) {
			return s.Runtime.Dial(ctx, "tcp", address)
		}))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	r, err := grpc_health_v1.NewHealthClient(client).Check(within(t, timeout), &grpc_health_v1.HealthCheckRequest{Service: service})
	if err != nil {
		return status.Code(err).String()
	}
	return r.GetStatus().String()
}

// app is a plan with a bit of everything.
func app() standin.Plan {
	return standin.Plan{
		Image: "node:18", Instead: []string{"node", "server.js"},
		Ports: []standin.Port{
			{Number: 3000, HTTP: true}, {Number: 8443, HTTP: true, TLS: true}, {Number: 9000, GRPC: true, Services: []string{"orders"}}, {Number: 5353, UDP: true},
		},
		Programs: []string{"pg_isready", "/app/health"},
	}
}

// begun waits until it listens.
func (s *standIn) begun(t *testing.T) *standIn {
	t.Helper()
	imagetest.Logged(t, s.log, ` started\n`)
	return s
}

const quick, slowly = 200 * time.Millisecond, time.Minute

func TestStandInSaysWhatItIs(t *testing.T) {
	s := startStandIn(t, app()).begun(t)
	text, err := os.ReadFile(s.log)
	if err != nil {
		t.Fatal(err)
	}
	want := `^\S+ stdout F This is a stand-in of healthlab for the image node:18, which healthlab does not have\. Nothing of that image runs here\.\n` +
		`\S+ stdout F It does not run: node server\.js\n` +
		`\S+ stdout F It answers HTTP on 3000; HTTPS \(self-signed\) on 8443; gRPC health checks on 9000; UDP \(it echoes\) on 5353; for exec probes it has pg_isready, /app/health\.\n`
	if !regexp.MustCompile(want).Match(text) {
		t.Errorf("the log begins with\n%s", text)
	}
	if out := s.does(t, "status"); !regexp.MustCompile(`^stand-in for node:18: it answers .*\nstand-in: well, for \d+s\n$`).MatchString(out) {
		t.Errorf("status: %q", out)
	}
	if out := s.does(t, "--help"); !strings.Contains(out, "crash CODE") {
		t.Errorf("help: %q", out)
	}
}

func TestStandInAnswers(t *testing.T) {
	s := startStandIn(t, app()).begun(t)
	if code, body, err := get(imagetest.Context(t), t, s.Bed, "10.244.0.7:3000", "/healthz"); code != 200 || body != "stand-in of healthlab for node:18: GET /healthz\n" {
		t.Errorf("HTTP: %d %q %v", code, body, err)
	}
	imagetest.Logged(t, s.log, `:3000 GET /healthz 200 \S+ 10\.244\.0\.1:\d+ "kube-probe/1\.37"`)
	transport := &http.Transport{DialContext: s.Runtime.Dial, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}
	defer transport.CloseIdleConnections()
	req, err := http.NewRequestWithContext(imagetest.Context(t), http.MethodGet, "https://10.244.0.7:8443/", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := transport.RoundTrip(req)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("HTTPS: %v %v", resp, err)
	}
	_ = resp.Body.Close()
	for service, want := range map[string]string{"": "SERVING", "orders": "SERVING", "carts": codes.NotFound.String()} {
		if got := s.check(t, slowly, "9000", service); got != want {
			t.Errorf("gRPC service %q: %s, want %s", service, got, want)
		}
	}
	if got := s.check(t, quick, "3000", ""); got != codes.DeadlineExceeded.String() && got != codes.Unavailable.String() {
		t.Errorf("gRPC on a port of HTTP: %s", got)
	}
	listening(t, s.Bed, "10.244.0.7:9000")
	imagetest.Logged(t, s.log, `:9000 TCP opened and closed after `)
	for _, command := range [][]string{{"pg_isready", "-U", "x"}, {"/app/health"}, {"sh", "-c", "pg_isready && echo ok | grep -q ok"}, {"curl", "-sf", "localhost:3000/ready"}} {
		if out, errs, code := imagetest.Exec(t, s.c, "", command...); code != 0 {
			t.Errorf("%q: %q %q %d", command, out, errs, code)
		}
	}
	if _, err := s.c.Exec(imagetest.Context(t), sandbox.ExecConfig{Command: []string{"mysqladmin", "ping"}}); err == nil ||
		!strings.Contains(err.Error(), `exec: "mysqladmin": executable file not found in $PATH`) {
		t.Errorf("a program that it does not have: %v", err)
	}
}

func TestStandInFaults(t *testing.T) {
	s := startStandIn(t, app()).begun(t)
	type seen struct{ http, ready, grpc, exec string }
	well := seen{"200", "200", "SERVING", "0"}
	tests := []struct {
		fault string
		want  seen
	}{
		{"hang", seen{"timeout", "timeout", "DeadlineExceeded", "timeout"}},
		{"slow 5m", seen{"timeout", "timeout", "DeadlineExceeded", "timeout"}},
		{"slow 10ms", well},
		{"fail 503", seen{"503", "503", "NOT_SERVING", "1"}},
		{"refuse", seen{"refused", "refused", "Unavailable", "1"}},
		{"hang /ready", seen{"200", "timeout", "SERVING", "0"}},
		{"fail 500 /ready orders", seen{"200", "500", "NOT_SERVING", "0"}},
		{"fail 500 pg_isready", seen{"200", "200", "SERVING", "1"}},
		{"refuse :3000", seen{"refused", "refused", "SERVING", "0"}},
		{"hang :9000", seen{"200", "200", "DeadlineExceeded", "0"}},
		{"recover", well},
	}
	for _, tt := range tests {
		t.Run(tt.fault, func(t *testing.T) {
			said := map[string]string{"recover": "well", "slow 5m": "slow 5m0s"}[tt.fault]
			if said == "" {
				said = tt.fault
			}
			if out := s.does(t, strings.Fields(tt.fault)...); out != "stand-in: "+said+"\n" {
				t.Errorf("it says %q", out)
			}
			wait := func(want string) time.Duration {
				if want == "timeout" || want == "DeadlineExceeded" {
					return quick
				}
				return slowly
			}
			got := seen{
				s.probe(t, wait(tt.want.http), "3000", "/live"), s.probe(t, wait(tt.want.ready), "3000", "/ready"),
				s.check(t, wait(tt.want.grpc), "9000", "orders"), "",
			}
			code, err := s.c.Exec(within(t, wait(tt.want.exec)), sandbox.ExecConfig{Command: []string{"pg_isready"}})
			got.exec = fmt.Sprint(code)
			if errors.Is(err, context.DeadlineExceeded) {
				got.exec = "timeout"
			}
			if got != tt.want {
				t.Errorf("%+v, want %+v", got, tt.want)
			}
		})
	}
}

func TestStandInMendsWhatWaits(t *testing.T) {
	s := startStandIn(t, app()).begun(t)
	s.does(t, "hang")
	answer := make(chan string, 1)
	go func() { answer <- s.probe(t, slowly, "3000", "/") }()
	if err := s.c.Signal(sandbox.SIGTERM); err != nil { // is not noticed
		t.Fatal(err)
	}
	select {
	case got := <-answer:
		t.Errorf("while it hung: %s", got)
	case <-s.c.Done():
		t.Error("it ended while it hung")
	case <-time.After(quick):
	}
	_, _, _ = imagetest.Exec(t, s.c, "", "stand-in", "recover")
	if got := <-answer; got != "200" {
		t.Errorf("after it recovered: %s", got)
	}
	if exit := imagetest.Ended(t, s.c); exit.Code != 0 || exit.Reason != sandbox.ReasonCompleted {
		t.Errorf("ended: %+v", exit)
	}
}

// TestStandInEchoes sends datagrams, one of which hangs when the stand-in is to end.
func TestStandInEchoes(t *testing.T) {
	s := startStandIn(t, app()).begun(t)
	if out, errs, code := imagetest.Exec(t, s.c, "", "sh", "-c", "echo hello | nc -u -w 1 127.0.0.1 5353"); !strings.HasPrefix(out, "hello\n") {
		t.Errorf("%q %q %d", out, errs, code)
	}
	imagetest.Logged(t, s.log, `:5353 UDP 6 bytes echoed 127\.0\.0\.1:\d+`)
	s.does(t, "hang", ":5353")
	if out, errs, code := imagetest.Exec(t, s.c, "", "sh", "-c", "echo hello | nc -u -w 1 127.0.0.1 5353"); strings.Contains(out, "hello") {
		t.Errorf("while it hangs: %q %q %d", out, errs, code)
	}
	if err := s.c.Signal(sandbox.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if exit := imagetest.Ended(t, s.c); exit.Code != 0 {
		t.Errorf("ended: %+v", exit)
	}
}

func TestStandInEnds(t *testing.T) {
	for name, tt := range map[string]struct {
		plan     standin.Plan
		commands []string // of stand-in; a shell around them would be killed with the container
		signal   sandbox.Signal
		code     int
	}{
		"crash":                    {plan: app(), commands: []string{"crash 3"}, code: 3},
		"crash while it hangs":     {plan: app(), commands: []string{"hang", "crash 1"}, code: 1},
		"asked to":                 {plan: app(), signal: sandbox.SIGTERM},
		"asked to while it starts": {plan: func() standin.Plan { p := app(); p.After = time.Hour; return p }(), signal: sandbox.SIGTERM},
		"an init container":        {plan: standin.Plan{Image: "migrate", Finish: true}},
	} {
		t.Run(name, func(t *testing.T) {
			s := startStandIn(t, tt.plan)
			imagetest.Logged(t, s.log, `This is a stand-in`)
			if tt.commands != nil {
				s.begun(t)
			}
			for _, command := range tt.commands {
				if out, errs, code := imagetest.Exec(t, s.c, "", append([]string{"stand-in"}, strings.Fields(command)...)...); code != 0 {
					t.Errorf("%s: %q %q %d", command, out, errs, code)
				}
			}
			if tt.signal != 0 {
				if err := s.c.Signal(tt.signal); err != nil {
					t.Fatal(err)
				}
			}
			if exit := imagetest.Ended(t, s.c); exit.Code != tt.code {
				t.Errorf("ended: %+v", exit)
			}
		})
	}
}

func TestStandInStarts(t *testing.T) {
	plan := app()
	plan.After = time.Hour
	s := startStandIn(t, plan)
	imagetest.Logged(t, s.log, `it starts after 1h0m0s`)
	if got := s.probe(t, slowly, "3000", "/"); got != "refused" {
		t.Errorf("HTTP before it has started: %s", got)
	}
	for ctx := imagetest.Context(t); ; { // its log comes before its file
		out, errs, code := imagetest.Exec(t, s.c, "", "pg_isready")
		if code == 1 && strings.HasSuffix(errs, "the app has not started yet\n") {
			break
		}
		if ctx.Err() != nil {
			t.Fatalf("exec before it has started: %q %q %d", out, errs, code)
		}
	}
}

func TestStandInRefusesWhatIsWrong(t *testing.T) {
	s := startStandIn(t, app()).begun(t)
	for _, tt := range []struct{ command, says string }{
		{"explode", `there is no command "explode"`},
		{"slow", "slow needs a time such as 3s, from 1ms to 1h"},
		{"slow 3", `slow needs a time such as 3s, from 1ms to 1h, not "3"`},
		{"slow -1s", `not "-1s"`},
		{"slow 2h", `not "2h"`},
		{"fail", "fail needs an HTTP status"},
		{"fail 200", `not "200"`},
		{"crash 256", `an exit code from 0 to 255, not "256"`},
		{"crash 1 /ready", "crash ends the whole container"},
		{"recover /ready", "recover mends everything"},
		{"refuse /ready", "refuse is about ports"},
		{"hang :1", "it does not listen on :1; its ports are :3000, :8443, :9000, :5353"},
		{"hang redy", `"redy" is no path (/ready), no port (:8080) and none of its gRPC services and programs: orders, pg_isready, /app/health`},
		{"hang" + strings.Repeat(" /a", 17), "at most 16"},
		{"status now", `there is no command "status"`},
	} {
		t.Run(tt.command, func(t *testing.T) {
			out, errs, code := imagetest.Exec(t, s.c, "", append([]string{"stand-in"}, strings.Fields(tt.command)...)...)
			if code != 2 || out != "" || !strings.Contains(errs, tt.says) || !strings.HasSuffix(errs, "\nstand-in --help says what there is\n") {
				t.Errorf("%q %q %d", out, errs, code)
			}
		})
	}
	if got := s.probe(t, slowly, "3000", "/"); got != "200" {
		t.Errorf("afterwards: %s", got)
	}
}

// TestStandInOfManyPorts has as many as it may, two of which somebody else has already.
func TestStandInOfManyPorts(t *testing.T) {
	b := imagetest.New(t)
	log := filepath.Join(t.TempDir(), "0.log")
	b.Start(t, "hashicorp/http-echo", sandbox.ContainerConfig{Name: "other", Args: []string{"-listen=:10007", "-text=other"}})
	listening(t, b, "10.244.0.7:10007")
	plan := standin.Plan{Image: "many:ports"}
	for i := range standin.MaxPorts {
		plan.Ports = append(plan.Ports, standin.Port{Number: 10000 + i, HTTP: true})
	}
	s := &standIn{Bed: b, log: log}
	s.c = b.Start(t, "", sandbox.ContainerConfig{
		Image: images.StandIn(), Files: plan.Files(), LogPath: log, Mounts: []sandbox.Mount{{Source: t.TempDir(), Target: standin.Dir}},
	})
	s.begun(t)
	imagetest.Logged(t, log, `It answers HTTP on 10000, .*, 10011 and 244 more\.\n`)
	imagetest.Logged(t, log, `port 10007: bind: address already in use; it goes on without this port`)
	for _, port := range []string{"10000", "10100", "10255"} {
		if got := s.probe(t, slowly, port, "/"); got != "200" {
			t.Errorf("port %s: %s", port, got)
		}
	}
	if _, body, _ := get(imagetest.Context(t), t, b, "10.244.0.7:10007", "/"); body != "other\n" {
		t.Errorf("the other container's port: %q", body)
	}
	if out := s.does(t, "status"); !strings.HasSuffix(out, "\nport 10007: bind: address already in use\n") {
		t.Errorf("status: %q", out)
	}
	s.does(t, "refuse")
	s.does(t, "recover")
	if got := s.probe(t, slowly, "10255", "/"); got != "200" {
		t.Errorf("after refusing: %s", got)
	}
}

func TestStandInPrograms(t *testing.T) {
	own := images.StandIn().Programs
	for name, fault := range map[string]string{
		"pg_isready": "", "/app/health": "", "/usr/bin/mysqladmin": "", "health-check.sh": "",
		"cat": "has that program itself", "/bin/sh": "has that program itself", "stand-in": "has that program itself",
		"bin/x": "neither a name nor an absolute path", "/app/../x": "neither a name nor an absolute path", "/": "neither a name nor an absolute path",
		"..": "no program can be there", "/proc/x": "no program can be there", "a b": "characters", "a\x1b": "characters", "": "characters",
		strings.Repeat("a", 129): "more than 128",
	} {
		if got := standin.WhyNoProgram(name, own); (got == "") != (fault == "") || !strings.Contains(got, fault) {
			t.Errorf("%.20q: %q, want %q", name, got, fault)
		}
	}
}
