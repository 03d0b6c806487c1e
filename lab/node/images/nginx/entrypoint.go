package nginx

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"

	"healthlab/lab/node/sandbox"
)

// maxTemplate is how large a template may be.
const maxTemplate = 1 << 20

// Entrypoint is the image's /docker-entrypoint.sh: it runs the scripts of /docker-entrypoint.d, fills in the templates of
// /etc/nginx/templates with the environment, and becomes the command.
func Entrypoint(ctx context.Context, p *sandbox.Process) int {
	args := p.Args[1:]
	if len(args) == 0 {
		return 0
	}
	say := func(format string, a ...any) {
		if p.Getenv("NGINX_ENTRYPOINT_QUIET_LOGS") == "" {
			fmt.Fprintf(p.Stdout, format+"\n", a...)
		}
	}
	if args[0] == "nginx" || args[0] == "nginx-debug" {
		scripts, _ := p.FS().ReadDir("/docker-entrypoint.d") // without it there are none
		if len(scripts) == 0 {
			say("/docker-entrypoint.sh: No files found in /docker-entrypoint.d/, skipping configuration")
		} else {
			say("/docker-entrypoint.sh: /docker-entrypoint.d/ is not empty, will attempt to perform configuration")
			say("/docker-entrypoint.sh: Looking for shell scripts in /docker-entrypoint.d/")
		}
		for _, f := range scripts {
			name := "/docker-entrypoint.d/" + f.Name()
			switch {
			case !strings.HasSuffix(name, ".sh"):
				say("/docker-entrypoint.sh: Ignoring %s", name)
				continue
			case f.Mode()&0o111 == 0:
				say("/docker-entrypoint.sh: Ignoring %s, not executable", name)
				continue
			}
			say("/docker-entrypoint.sh: Launching %s", name)
			child, err := p.Start(sandbox.Command{Path: name})
			if err != nil {
				fmt.Fprintf(p.Stderr, "/docker-entrypoint.sh: %s: %v\n", name, err)
				return 1
			}
			select {
			case <-child.Done():
			case <-ctx.Done():
				return 1
			}
			if code := child.ExitCode(); code != 0 {
				return code
			}
		}
		if len(scripts) > 0 {
			say("/docker-entrypoint.sh: Configuration complete; ready for start up")
		}
	}
	code, err := p.Exec(sandbox.Command{Path: args[0], Args: args})
	if err != nil {
		var failed *sandbox.StartError
		if errors.As(err, &failed) && failed.Code == 127 {
			fmt.Fprintf(p.Stderr, "/docker-entrypoint.sh: exec: line 47: %s: not found\n", args[0])
			return 127
		}
		fmt.Fprintf(p.Stderr, "/docker-entrypoint.sh: exec: line 47: %s: Permission denied\n", args[0])
		return 126
	}
	return code
}

// Templates is the image's 20-envsubst-on-templates.sh.
func Templates(_ context.Context, p *sandbox.Process) int {
	or := func(key, otherwise string) string {
		if v := p.Getenv(key); v != "" {
			return v
		}
		return otherwise
	}
	from, to := or("NGINX_ENVSUBST_TEMPLATE_DIR", "/etc/nginx/templates"), or("NGINX_ENVSUBST_OUTPUT_DIR", "/etc/nginx/conf.d")
	suffix := or("NGINX_ENVSUBST_TEMPLATE_SUFFIX", ".template")
	const me = "20-envsubst-on-templates.sh"
	entries, _ := p.FS().ReadDir(from) // without it there are none
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), suffix)
		if !ok || strings.HasPrefix(name, "..") {
			continue
		}
		data, err := p.FS().ReadFile(path.Join(from, e.Name()), maxTemplate)
		if err != nil {
			continue
		}
		out := path.Join(to, name)
		fmt.Fprintf(p.Stdout, "%s: info: Running envsubst on %s to %s\n", me, path.Join(from, e.Name()), out)
		if err := p.FS().WriteFile(out, []byte(substitute(string(data), p.Env)), 0o644); err != nil {
			fmt.Fprintf(p.Stderr, "%s: ERROR: %s exists, but %s is not writable\n", me, from, to)
			return 0
		}
	}
	return 0
}

// substitute replaces $NAME and ${NAME} for variables that there are; nginx's own stay.
func substitute(text string, env []string) string {
	var pairs []string
	for _, kv := range env {
		k, v, _ := strings.Cut(kv, "=")
		pairs = append(pairs, "${"+k+"}", v)
	}
	text = strings.NewReplacer(pairs...).Replace(text)
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "$")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		n := 0
		for n < len(rest) && isWord(rest[n]) {
			n++
		}
		value := "$" + rest[:n]
		for _, kv := range env {
			if k, v, _ := strings.Cut(kv, "="); k == rest[:n] && n > 0 {
				value = v
			}
		}
		b.WriteString(value)
		text = rest[n:]
	}
}
