package tools

import (
	"context"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"time"

	"healthlab/lab/node/sandbox"
)

func uname(_ context.Context, p *sandbox.Process) int {
	set, _, ok := options(p, "amnrspvio", "")
	if !ok {
		return 1
	}
	machine := machineName()
	var words []string
	for _, part := range []struct {
		option byte
		text   string
	}{{'s', "Linux"}, {'n', p.Hostname()}, {'r', "6.18.0-healthlab"}, {'v', "#1 SMP"}, {'m', machine}, {'p', "unknown"}, {'i', "unknown"}, {'o', "Linux"}} {
		all := has(set, 'a') && part.text != "unknown"
		if has(set, part.option) || all || (len(set) == 0 && part.option == 's') {
			words = append(words, part.text)
		}
	}
	fmt.Fprintln(p.Stdout, strings.Join(words, " "))
	return 0
}

func machineName() string {
	if machine := map[string]string{"amd64": "x86_64", "arm64": "aarch64"}[runtime.GOARCH]; machine != "" {
		return machine
	}
	return runtime.GOARCH
}

func arch(_ context.Context, p *sandbox.Process) int {
	_, args, ok := optionSpec{}.parse(p)
	switch {
	case !ok:
		return 1
	case len(args) > 0:
		return usage(p)
	}
	fmt.Fprintln(p.Stdout, machineName())
	return 0
}

func hostname(_ context.Context, p *sandbox.Process) int {
	set, names, ok := options(p, "ifsdv", "F")
	switch {
	case !ok:
		return 1
	case has(set, 'd'):
		fmt.Fprintln(p.Stdout)
	case len(names) > 0 || has(set, 'F'):
		return failf(p, "sethostname: Operation not permitted")
	case has(set, 'i'):
		fmt.Fprintln(p.Stdout, p.PodIP())
	default:
		fmt.Fprintln(p.Stdout, p.Hostname())
	}
	return 0
}

func nproc(_ context.Context, p *sandbox.Process) int {
	found, _, ok := optionSpec{letters: "\x01\x02:", long: map[string]byte{"all": 1, "ignore": 2}}.parse(p)
	if !ok {
		return 1
	}
	n := runtime.NumCPU()
	for _, v := range values(found, 2) {
		less, err := strconv.ParseUint(v, 10, 16)
		if err != nil {
			return failf(p, "invalid number '%s'", v)
		}
		n = max(1, n-int(less))
	}
	fmt.Fprintln(p.Stdout, n)
	return 0
}

func uptime(_ context.Context, p *sandbox.Process) int {
	up := p.Uptime()
	fmt.Fprintf(p.Stdout, " %s up %d min,  load average: 0.00, 0.00, 0.00\n",
		time.Now().UTC().Format("15:04:05"), int(up.Minutes()))
	return 0
}

func free(_ context.Context, p *sandbox.Process) int {
	set, _, ok := options(p, "bkmgh", "")
	if !ok {
		return 1
	}
	kB := meminfo(p)
	show := func(n int64) string {
		switch {
		case has(set, 'b'):
			return strconv.FormatInt(n*1024, 10)
		case has(set, 'm'):
			return strconv.FormatInt(n/1024, 10)
		case has(set, 'g'):
			return strconv.FormatInt(n>>20, 10)
		case has(set, 'h'):
			return human(n*1024, true)
		}
		return strconv.FormatInt(n, 10)
	}
	total, left, cached := kB["MemTotal"], kB["MemFree"], kB["Buffers"]+kB["Cached"]
	fmt.Fprintf(p.Stdout, "%17s %11s %11s %11s %11s %11s\n", "total", "used", "free", "shared", "buff/cache", "available")
	fmt.Fprintf(p.Stdout, "Mem:  %11s %11s %11s %11s %11s %11s\n", show(total), show(total-left-cached), show(left), show(0), show(cached), show(kB["MemAvailable"]))
	fmt.Fprintf(p.Stdout, "Swap: %11s %11s %11s\n", show(0), show(0), show(0))
	return 0
}
