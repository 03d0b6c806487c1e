package images

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"healthlab/lab/node/images/curl"
	"healthlab/lab/node/images/tools"
	"healthlab/lab/node/sandbox"
)

// The certificate for localhost that is in the image. As with the original's, everybody has its key: it proves nothing.
var (
	//go:embed agnhost/localhost.crt
	agnhostCertificate []byte
	//go:embed agnhost/localhost.key
	agnhostKey []byte
)

func agnhost() *sandbox.Image {
	image := &sandbox.Image{
		Name:    "registry.k8s.io/e2e-test-images/agnhost",
		Aliases: []string{"registry.k8s.io/agnhost"},
		Does: sandbox.Text{
			Ko: "liveness(10초 동안 200, 그 뒤 500), netexec, grpc-health-checking, guestbook, pause, porter, serve-hostname, test-webserver, net, connect, tcp-reset, port-forward-tester, no-snat-test, mounttest, nonewprivs, logs-generator, entrypoint-tester, h2c-server, etc-hosts, dns-suffix, dns-server-list",
			En: "liveness (200 for ten seconds, then 500), netexec, grpc-health-checking, guestbook, pause, porter, serve-hostname, test-webserver, net, connect, tcp-reset, port-forward-tester, no-snat-test, mounttest, nonewprivs, logs-generator, entrypoint-tester, h2c-server, etc-hosts, dns-suffix, dns-server-list",
		},
		Size: 54_000_000,
		// As in the original, arguments choose what it does.
		Entrypoint: []string{"/agnhost"},
		Cmd:        []string{"pause"},
		Files:      files(nil),
		Programs: withBash(withTools(map[string]sandbox.Program{
			"/agnhost": runAgnhost, "/agnhost-2": runAgnhost, "/usr/bin/curl": curl.Run,
			"/usr/bin/nslookup": tools.NslookupOfBIND,
		})),
	}
	image.Files["/uploads"] = sandbox.ImageFile{Mode: dir}
	image.Files["/localhost.crt"] = sandbox.ImageFile{Data: agnhostCertificate}
	image.Files["/localhost.key"] = sandbox.ImageFile{Data: agnhostKey}
	return image
}

func liveness() *sandbox.Image {
	return &sandbox.Image{
		Name: "registry.k8s.io/liveness",
		Does: sandbox.Text{
			Ko: "agnhost liveness의 옛 이름: 8080번 포트의 /healthz. 10초 동안 200, 그 뒤 500",
			En: "the older name of agnhost liveness: /healthz on 8080, 200 for ten seconds, then 500",
		},
		Size:       4_900_000,
		Entrypoint: []string{"/server"},
		Programs: map[string]sandbox.Program{"/server": func(ctx context.Context, p *sandbox.Process) int {
			return agnhostLiveness(ctx, &agnhostCall{Process: p})
		}},
	}
}

func serveHostname() *sandbox.Image {
	return &sandbox.Image{
		Name: "registry.k8s.io/serve_hostname",
		Does: sandbox.Text{
			Ko: "agnhost serve-hostname의 옛 이름: 9376번 포트에서 호스트 이름으로 응답",
			En: "the older name of agnhost serve-hostname: answers with the hostname on 9376",
		},
		Size:       4_500_000,
		Entrypoint: []string{"/serve_hostname"},
		Programs: map[string]sandbox.Program{"/serve_hostname": func(ctx context.Context, p *sandbox.Process) int {
			flags := pflag.NewFlagSet("serve_hostname", pflag.ContinueOnError)
			run := agnhostServeHostname(flags)
			call := &agnhostCall{Process: p}
			if err := flags.Parse(p.Args[1:]); err != nil {
				return call.fatal("%v", err)
			}
			return run(ctx, call)
		}},
	}
}

// agnhostCall is a subcommand of agnhost that has been called. The flags are those of the original
// (kubernetes, test/images/agnhost at 2.66).
type agnhostCall struct {
	*sandbox.Process
	rest []string // arguments that are no flags
}

// log prints a line as Go's log package does.
func (c *agnhostCall) log(format string, args ...any) {
	fmt.Fprintf(c.Stderr, time.Now().UTC().Format("2006/01/02 15:04:05")+" "+format+"\n", args...)
}

// fatal is log.Fatalf.
func (c *agnhostCall) fatal(format string, args ...any) int {
	c.log(format, args...)
	return 1
}

// agnhostCommand defines its flags and returns what runs once they are parsed.
type agnhostCommand func(flags *pflag.FlagSet) func(ctx context.Context, c *agnhostCall) int

func agnhostCommands() map[string]agnhostCommand {
	plain := func(run func(context.Context, *agnhostCall) int) agnhostCommand {
		return func(*pflag.FlagSet) func(context.Context, *agnhostCall) int { return run }
	}
	return map[string]agnhostCommand{
		"dns-server-list": plain(agnhostResolv("nameserver")), "dns-suffix": plain(agnhostResolv("search")),
		"etc-hosts": plain(agnhostHosts), "h2c-server": agnhostH2C,
		"connect": agnhostConnect, "grpc-health-checking": agnhostGRPC, "liveness": plain(agnhostLiveness), "logs-generator": agnhostLogs,
		"net": agnhostNet, "netexec": agnhostNetexec, "pause": plain(agnhostPause), "porter": agnhostPorter,
		"serve-hostname": agnhostServeHostname, "test-webserver": agnhostWebserver, "guestbook": agnhostGuestbook, "mounttest": agnhostMounttest,
		"port-forward-tester": plain(agnhostPortForward), "tcp-reset": agnhostTCPReset, "no-snat-test": agnhostNoSNAT,
		"nonewprivs": plain(agnhostUser),
	}
}

// agnhostElsewhere are the original's other subcommands: they need what is not here, such as Git, a registry or the
// API server, or do what a container must not do here, such as eating up the machine.
func agnhostElsewhere() []string {
	return []string{
		"audit-proxy", "crd-conversion-webhook", "external-metrics", "fake-gitserver", "fake-registry-server", "inclusterclient",
		"mtlsclient", "mtlsserver", "nettest", "no-snat-test-proxy", "podcertificatesigner", "resource-consumer-controller", "stress",
		"test-service-account-issuer-discovery", "webhook",
	}
}

// runAgnhost is the command line of the Kubernetes project's test image.
func runAgnhost(ctx context.Context, p *sandbox.Process) int {
	names := slices.Sorted(maps.Keys(agnhostCommands()))
	list := "entrypoint-tester " + strings.Join(names, " ")
	if len(p.Args) < 2 || p.Args[1] == "help" || p.Args[1] == "--help" {
		fmt.Fprintf(p.Stdout, "Usage:\n  app [command]\n\nAvailable Commands:\n  %s\n", strings.ReplaceAll(list, " ", "\n  "))
		return 0
	}
	name := p.Args[1]
	if name == "entrypoint-tester" {
		fmt.Fprintln(p.Stdout, p.Args)
		return 0
	}
	command := agnhostCommands()[name]
	switch {
	case slices.Contains(agnhostElsewhere(), name):
		fmt.Fprintf(p.Stderr, "Error: healthlab does not have agnhost %s; there is: %s\n", name, list)
		return 1
	case name == "--version":
		fmt.Fprintln(p.Stdout, "app version 2.66.1")
		return 0
	case command == nil:
		fmt.Fprintf(p.Stderr, "Error: unknown command %q for \"app\"\nRun 'app --help' for usage.\n", name)
		return 1
	}
	flags := pflag.NewFlagSet(name, pflag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.IntP("v", "v", 0, "number for the log level verbosity")
	run := command(flags)
	switch err := flags.Parse(p.Args[2:]); {
	case errors.Is(err, pflag.ErrHelp):
		fmt.Fprintf(p.Stdout, "Usage:\n  app %s [flags]\n\nFlags:\n%s", name, flags.FlagUsages())
		return 0
	case err != nil:
		fmt.Fprintf(p.Stderr, "Error: %v\nUsage:\n  app %s [flags]\n\nFlags:\n%s\n", err, name, flags.FlagUsages())
		return 1
	case flags.NArg() > 0 && name != "connect":
		fmt.Fprintf(p.Stderr, "Error: accepts at most 0 arg(s), received %d\n", flags.NArg())
		return 1
	}
	return run(ctx, &agnhostCall{Process: p, rest: flags.Args()})
}

// agnhostUser says who runs it (test/images/agnhost/nonewprivs/main.go): everything is root's here.
func agnhostUser(_ context.Context, c *agnhostCall) int {
	fmt.Fprintln(c.Stdout, "Effective uid: 0")
	return 0
}

// agnhostPause waits for a signal, and leaves it as the termination message.
func agnhostPause(ctx context.Context, c *agnhostCall) int {
	fmt.Fprintln(c.Stdout, "Paused")
	signals := c.Notify(sandbox.SIGINT, sandbox.SIGTERM)
	fmt.Fprintln(c.Stdout, "Signals registered")
	select {
	case sig := <-signals:
		code, name := 2, "terminated"
		if sig == sandbox.SIGINT {
			code, name = 1, "interrupt"
		}
		message := fmt.Sprintf("exiting because of signal %q\n", name)
		to := c.Getenv("TERMINATION_MESSAGE_PATH")
		if to == "" {
			to = "/dev/termination-log"
		}
		_ = c.FS().WriteFile(c.Path(to), []byte(message), 0o644) // the log has it too
		fmt.Fprint(c.Stdout, message)
		return code
	case <-ctx.Done():
		return 0
	}
}

// agnhostLiveness answers /healthz with 200 for ten seconds and with 500 from then on.
func agnhostLiveness(ctx context.Context, c *agnhostCall) int {
	started := time.Now()
	mux := http.NewServeMux()
	mux.HandleFunc("/started", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprint(w, time.Since(started))
	})
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) {
		if up := time.Since(started).Seconds(); up > 10 {
			w.WriteHeader(http.StatusInternalServerError)
			_, _ = fmt.Fprintf(w, "error: %v", up)
			return
		}
		_, _ = fmt.Fprint(w, "ok")
	})
	mux.HandleFunc("/redirect", func(w http.ResponseWriter, r *http.Request) {
		loc, err := url.QueryUnescape(r.URL.Query().Get("loc"))
		if err != nil {
			http.Error(w, fmt.Sprintf("invalid redirect: %q", r.URL.Query().Get("loc")), http.StatusBadRequest)
			return
		}
		http.Redirect(w, r, loc, http.StatusFound)
	})
	s, err := serve(ctx, c.Process, ":8080", mux)
	if err != nil {
		return c.fatal("%v", err)
	}
	defer s.close()
	return goSignals(ctx, c.Process)
}

// agnhostLogs prints lines as an API server's, evenly over a time.
func agnhostLogs(flags *pflag.FlagSet) func(context.Context, *agnhostCall) int {
	total := flags.IntP("log-lines-total", "t", 0, "Total lines that should be generated by the end of the run")
	duration := flags.DurationP("run-duration", "d", 0, "Total duration of the run")
	return func(ctx context.Context, c *agnhostCall) int {
		klog := func(level, text string) {
			fmt.Fprintf(c.Stderr, "%s%s %7d logs_generator.go:67] %s\n", level, time.Now().UTC().Format("0102 15:04:05.000000"), c.PID(), text)
		}
		if *total <= 0 {
			klog("F", fmt.Sprintf("Invalid total number of lines: %d", *total))
			return 255
		}
		if *duration <= 0 {
			klog("F", fmt.Sprintf("Invalid duration: %v", *duration))
			return 255
		}
		ticker := time.NewTicker(max(1, *duration/time.Duration(*total)))
		defer ticker.Stop()
		for id := range *total {
			klog("I", apiLogLine(id))
			select {
			case <-ticker.C:
			case <-ctx.Done():
				return 0
			}
		}
		return 0
	}
}
