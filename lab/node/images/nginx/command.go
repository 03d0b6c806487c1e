package nginx

import (
	"context"
	"fmt"
	"path"
	"strconv"
	"strings"

	"healthlab/lab/node/sandbox"
)

// options are those of the command line.
type options struct {
	version, help, test, dump, quiet bool
	signal, file, global, prefix     string
}

// parseOptions reads the command line as nginx does (nginx.c, ngx_get_options).
func parseOptions(args []string) (options, error) {
	o := options{file: "/etc/nginx/nginx.conf", prefix: "/etc/nginx"}
	for i := 0; i < len(args); i++ {
		if !strings.HasPrefix(args[i], "-") {
			return o, fmt.Errorf("invalid option: %q", args[i])
		}
		for at := 1; at < len(args[i]); at++ {
			c := args[i][at]
			var into *string
			wants := "parameter"
			switch c {
			case '?', 'h':
				o.version, o.help = true, true
			case 'v', 'V':
				o.version = true
			case 't':
				o.test = true
			case 'T':
				o.test, o.dump = true, true
			case 'q':
				o.quiet = true
			case 's':
				into = &o.signal
			case 'c':
				into, wants = &o.file, "file name"
			case 'g':
				into = &o.global
			case 'p':
				into, wants = &o.prefix, "directory name"
			case 'e':
				into, wants = new(string), "file name"
			default:
				return o, fmt.Errorf("invalid option: %q", string(c))
			}
			if into == nil {
				continue
			}
			*into = args[i][at+1:]
			if *into == "" {
				if i++; i >= len(args) {
					return o, fmt.Errorf("option \"-%c\" requires %s", c, wants)
				}
				*into = args[i]
			}
			if c == 's' && (*into != "stop" && *into != "quit" && *into != "reopen" && *into != "reload") {
				return o, fmt.Errorf("invalid option: \"-s %s\"", *into)
			}
			break
		}
	}
	if !strings.HasPrefix(o.file, "/") {
		o.file = path.Join(o.prefix, o.file)
	}
	o.prefix = strings.TrimSuffix(o.prefix, "/")
	return o, nil
}

const usage = `Usage: nginx [-?hvVtTq] [-s signal] [-p prefix]
             [-e filename] [-c filename] [-g directives]

Options:
  -?,-h         : this help
  -v            : show version and exit
  -V            : show version and configure options then exit
  -t            : test configuration and exit
  -T            : test configuration, dump it and exit
  -q            : suppress non-error messages during configuration testing
  -s signal     : send signal to a master process: stop, quit, reopen, reload
  -p prefix     : set prefix path (default: /etc/nginx/)
  -e filename   : set error log file (default: /var/log/nginx/error.log)
  -c filename   : set configuration file (default: /etc/nginx/nginx.conf)
  -g directives : set global directives out of configuration file

`

// Run is the program nginx, of a version such as 1.27.0.
func Run(version string) sandbox.Program {
	return func(ctx context.Context, p *sandbox.Process) int {
		if v := p.Getenv("NGINX_VERSION"); v != "" {
			version, _, _ := strings.Cut(v, "-")
			return run(ctx, p, version)
		}
		return run(ctx, p, version)
	}
}

func run(ctx context.Context, p *sandbox.Process, version string) int {
	o, err := parseOptions(p.Args[1:])
	if err != nil {
		fmt.Fprintf(p.Stderr, "nginx: %v\n", err)
		return 1
	}
	if o.version {
		fmt.Fprintf(p.Stderr, "nginx version: nginx/%s\n", version)
		if o.help {
			fmt.Fprint(p.Stderr, usage)
		}
		return 0
	}
	s := newServer(p, version, o)
	defer s.logs.close()
	cfg, err := s.load(ctx)
	switch {
	case o.test:
		return s.tested(cfg, err)
	case err != nil:
		s.emergency(err)
		return 1
	case o.signal != "":
		return s.send(cfg)
	}
	if cfg.daemon {
		started := make(chan struct{})
		child, err := p.Start(sandbox.Command{Path: p.Args[0], Args: p.Args, Program: func(ctx context.Context, p *sandbox.Process) int {
			return newServer(p, version, o).live(ctx, cfg, func() { close(started) })
		}})
		if err != nil {
			s.emergency(configError(fmt.Sprintf("fork() failed (%s)", errno(err))))
			return 1
		}
		select {
		case <-started:
			return 0
		case <-child.Done():
			return child.ExitCode()
		case <-ctx.Done():
			return 1
		}
	}
	return s.live(ctx, cfg, func() {})
}

// emergency reports what keeps the server from starting: to whoever started it, and to the log.
func (s *Server) emergency(err error) {
	line := stamp(0, s.p.PID()) + err.Error()
	s.logs.write("/var/log/nginx/error.log", line)
	fmt.Fprintf(s.p.Stderr, "nginx: [emerg] %v\n", err)
}

// tested reports about a configuration.
func (s *Server) tested(cfg *config, err error) int {
	if err == nil {
		if !s.options.quiet {
			fmt.Fprintf(s.p.Stderr, "nginx: the configuration file %s syntax is ok\n", s.options.file)
		}
		err = s.prepare(cfg)
	}
	if err != nil {
		s.emergency(err)
		fmt.Fprintf(s.p.Stderr, "nginx: configuration file %s test failed\n", s.options.file)
		return 1
	}
	if !s.options.quiet {
		fmt.Fprintf(s.p.Stderr, "nginx: configuration file %s test is successful\n", s.options.file)
	}
	if s.options.dump {
		for _, f := range cfg.dump {
			fmt.Fprintf(s.p.Stdout, "# configuration file %s:\n%s\n", f.name, f.text)
		}
	}
	return 0
}

// send is -s: a signal to the process whose ID is in the file.
func (s *Server) send(cfg *config) int {
	data, err := s.p.FS().ReadFile(cfg.pidFile, 64)
	if err != nil {
		fmt.Fprintf(s.p.Stderr, "nginx: [error] open() %q failed (%s)\n", cfg.pidFile, errno(err))
		return 1
	}
	text := strings.TrimSpace(string(data))
	pid, err := strconv.Atoi(text)
	if err != nil || pid <= 0 {
		fmt.Fprintf(s.p.Stderr, "nginx: [error] invalid PID number %q in %q\n", text, cfg.pidFile)
		return 1
	}
	sig := map[string]sandbox.Signal{
		"stop": sandbox.SIGTERM, "quit": sandbox.SIGQUIT, "reopen": sandbox.SIGUSR1, "reload": sandbox.SIGHUP,
	}[s.options.signal]
	if err := s.p.Kill(pid, sig); err != nil {
		fmt.Fprintf(s.p.Stderr, "nginx: [alert] kill(%d, %d) failed (3: No such process)\n", pid, int(sig))
		return 1
	}
	return 0
}
