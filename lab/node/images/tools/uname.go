package tools

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"time"

	"healthlab/lab/node/sandbox"
)

func uname(_ context.Context, p *sandbox.Process) int {
	set, _, ok := options(p, "asnrvmpio", "")
	if !ok {
		return 1
	}
	machine := map[string]string{"amd64": "x86_64", "arm64": "aarch64"}[runtime.GOARCH]
	if machine == "" {
		machine = runtime.GOARCH
	}
	var words []string
	for _, part := range []struct {
		option byte
		text   string
	}{{'s', "Linux"}, {'n', p.Hostname()}, {'r', "6.18.0-healthlab"}, {'v', "#1 SMP"}, {'m', machine}, {'o', "Linux"}} {
		if has(set, part.option) || has(set, 'a') || (len(set) == 0 && part.option == 's') {
			words = append(words, part.text)
		}
	}
	fmt.Fprintln(p.Stdout, strings.Join(words, " "))
	return 0
}

func hostname(_ context.Context, p *sandbox.Process) int {
	set, names, ok := options(p, "ifsd", "")
	switch {
	case !ok:
		return 1
	case len(names) > 0:
		return failf(p, "sethostname: Operation not permitted")
	case has(set, 'i'):
		fmt.Fprintln(p.Stdout, p.PodIP())
	default:
		fmt.Fprintln(p.Stdout, p.Hostname())
	}
	return 0
}

func nproc(_ context.Context, p *sandbox.Process) int {
	fmt.Fprintln(p.Stdout, runtime.NumCPU())
	return 0
}

func uptime(_ context.Context, p *sandbox.Process) int {
	up := p.Uptime()
	fmt.Fprintf(p.Stdout, " %s up %d min,  load average: 0.00, 0.00, 0.00\n",
		time.Now().UTC().Format("15:04:05"), int(up.Minutes()))
	return 0
}

func free(_ context.Context, p *sandbox.Process) int {
	data, err := p.FS().ReadFile("/proc/meminfo", 4096)
	if err != nil {
		return failf(p, "%s", Reason(err))
	}
	_, _ = p.Stdout.Write(data)
	return 0
}
