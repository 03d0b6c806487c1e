package tools

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"healthlab/lab/node/sandbox"
)

// sleepFor waits; it reports whether the time has passed.
func sleepFor(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func sleep(ctx context.Context, p *sandbox.Process) int {
	if len(p.Args) < 2 {
		fmt.Fprintln(p.Stderr, "sleep: missing operand")
		return 1
	}
	var total time.Duration
	for _, a := range p.Args[1:] {
		d, err := parseSeconds(a)
		if err != nil {
			return failf(p, "invalid number '%s'", a)
		}
		total += d
	}
	if sleepFor(ctx, total) {
		return 0
	}
	return 1
}

// parseSeconds understands 1, 0.5, 10s, 5m, 2h, 1d and infinity.
func parseSeconds(text string) (time.Duration, error) {
	const most = 100 * 365 * 24 * time.Hour
	if text == "infinity" || text == "inf" {
		return most, nil
	}
	unit := time.Second
	for suffix, d := range map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour} {
		if t, ok := strings.CutSuffix(text, suffix); ok {
			text, unit = t, d
			break
		}
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || f < 0 {
		return 0, sandbox.EINVAL
	}
	if f *= float64(unit); f > float64(most) {
		return most, nil
	}
	return time.Duration(f), nil
}

func usleep(ctx context.Context, p *sandbox.Process) int {
	if len(p.Args) < 2 {
		return failf(p, "missing operand")
	}
	n, err := strconv.Atoi(p.Args[1])
	if err != nil || n < 0 {
		return failf(p, "invalid number '%s'", p.Args[1])
	}
	sleepFor(ctx, time.Duration(n)*time.Microsecond)
	return 0
}

func killProgram(_ context.Context, p *sandbox.Process) int {
	return kill(p, p.Args[1:], p.Stdout, p.Stderr, "kill: ")
}

// kill is the program and the shell's builtin.
func kill(p *sandbox.Process, args []string, out, errs io.Writer, prefix string) int {
	if prefix != "kill: " {
		prefix += "kill: "
	}
	sig := sandbox.SIGTERM
	if len(args) > 0 && args[0] == "-l" {
		for s := sandbox.Signal(1); s <= 31; s++ {
			fmt.Fprintf(out, "%2d) %s\n", s, strings.TrimPrefix(s.String(), "SIG"))
		}
		return 0
	}
	if len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' && args[0] != "--" {
		text := args[0][1:]
		args = args[1:]
		if text == "s" || text == "n" {
			if len(args) == 0 {
				fmt.Fprintf(errs, "%soption requires an argument -- 's'\n", prefix)
				return 1
			}
			text, args = args[0], args[1:]
		} else if text[0] == 's' && len(text) > 1 {
			text = text[1:]
		}
		s, err := sandbox.ParseSignal(text)
		if err != nil {
			fmt.Fprintf(errs, "%sbad signal name '%s'\n", prefix, text)
			return 1
		}
		sig = s
	}
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		fmt.Fprintf(errs, "%syou need to specify whom to kill\n", prefix)
		return 1
	}
	code := 0
	for _, a := range args {
		pid, err := strconv.Atoi(a)
		if err != nil {
			fmt.Fprintf(errs, "%sinvalid number '%s'\n", prefix, a)
			code = 1
			continue
		}
		if err := p.Kill(pid, sig); err != nil {
			fmt.Fprintf(errs, "%scan't kill pid %d: %s\n", prefix, pid, Reason(err))
			code = 1
		}
	}
	return code
}

// byName returns the processes whose program has one of the names.
func byName(p *sandbox.Process, names []string) []sandbox.ProcessInfo {
	var found []sandbox.ProcessInfo
	for _, info := range p.Processes() {
		if info.PID != p.PID() && len(info.Args) > 0 && slices.Contains(names, path.Base(info.Args[0])) {
			found = append(found, info)
		}
	}
	return found
}

func killall(_ context.Context, p *sandbox.Process) int {
	args := p.Args[1:]
	sig := sandbox.SIGTERM
	if len(args) > 0 && strings.HasPrefix(args[0], "-") {
		s, err := sandbox.ParseSignal(args[0][1:])
		if err != nil {
			return failf(p, "bad signal name '%s'", args[0][1:])
		}
		sig, args = s, args[1:]
	}
	found := byName(p, args)
	for _, info := range found {
		_ = p.Kill(info.PID, sig) // it may have ended meanwhile
	}
	if len(found) == 0 {
		if name(p) == "killall" {
			return failf(p, "%s: no process killed", strings.Join(args, " "))
		}
		return 1
	}
	return 0
}

func pidof(_ context.Context, p *sandbox.Process) int {
	found := byName(p, p.Args[1:])
	if len(found) == 0 {
		return 1
	}
	var pids []string
	for _, info := range slices.Backward(found) {
		pids = append(pids, strconv.Itoa(info.PID))
	}
	separator := " "
	if name(p) == "pgrep" {
		slices.Reverse(pids)
		separator = "\n"
	}
	fmt.Fprintln(p.Stdout, strings.Join(pids, separator))
	return 0
}

func ps(_ context.Context, p *sandbox.Process) int {
	fmt.Fprintln(p.Stdout, "PID   USER     TIME  COMMAND")
	for _, info := range p.Processes() {
		fmt.Fprintf(p.Stdout, "%5d root      0:00 %s\n", info.PID, strings.Join(info.Args, " "))
	}
	return 0
}

func env(ctx context.Context, p *sandbox.Process) int {
	args := p.Args[1:]
	vars := p.Env
	for len(args) > 0 {
		switch {
		case args[0] == "-i" || args[0] == "-":
			vars = nil
		case args[0] == "-u" && len(args) > 1:
			args = args[1:]
			vars = slices.DeleteFunc(slices.Clone(vars), func(kv string) bool { return strings.HasPrefix(kv, args[0]+"=") })
		case strings.Contains(args[0], "="):
			name, _, _ := strings.Cut(args[0], "=")
			vars = slices.DeleteFunc(slices.Clone(vars), func(kv string) bool { return strings.HasPrefix(kv, name+"=") })
			vars = append(vars, args[0])
		default:
			return replace(p, sandbox.Command{Path: args[0], Args: args, Env: append([]string{}, vars...)})
		}
		args = args[1:]
	}
	for _, kv := range vars {
		fmt.Fprintln(p.Stdout, kv)
	}
	return 0
}

// replace runs another program in place of this one.
func replace(p *sandbox.Process, cmd sandbox.Command) int {
	own := name(p)
	code, err := p.Exec(cmd)
	if err == nil {
		return code
	}
	var start *sandbox.StartError
	if !errors.As(err, &start) {
		return failf(p, "%v", err)
	}
	fmt.Fprintf(p.Stderr, "%s: can't execute '%s': %s\n", own, cmd.Path, start.Errno)
	return start.Code
}

func printenv(_ context.Context, p *sandbox.Process) int {
	if len(p.Args) == 1 {
		for _, kv := range p.Env {
			fmt.Fprintln(p.Stdout, kv)
		}
		return 0
	}
	code := 0
	for _, n := range p.Args[1:] {
		i := slices.IndexFunc(p.Env, func(kv string) bool { return strings.HasPrefix(kv, n+"=") })
		if i < 0 {
			code = 1
			continue
		}
		fmt.Fprintln(p.Stdout, p.Env[i][len(n)+1:])
	}
	return code
}

func timeout(ctx context.Context, p *sandbox.Process) int {
	args := p.Args[1:]
	sig := sandbox.SIGTERM
	for len(args) > 1 && strings.HasPrefix(args[0], "-") {
		if args[0] == "-s" {
			s, err := sandbox.ParseSignal(args[1])
			if err != nil {
				return failf(p, "bad signal name '%s'", args[1])
			}
			sig, args = s, args[1:]
		}
		args = args[1:]
	}
	if len(args) < 2 {
		return failf(p, "missing operand")
	}
	limit, err := parseSeconds(args[0])
	if err != nil {
		return failf(p, "invalid number '%s'", args[0])
	}
	child, err := p.Start(sandbox.Command{Path: args[1], Args: args[1:]})
	if err != nil {
		var start *sandbox.StartError
		if errors.As(err, &start) {
			failf(p, "can't execute '%s': %s", args[1], start.Errno)
			return start.Code
		}
		return failf(p, "can't fork: %s", Reason(err))
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-child.Done():
		return child.ExitCode()
	case <-timer.C:
	case <-ctx.Done():
		return 1
	}
	_ = p.Kill(child.PID(), sig) // it may have ended meanwhile
	select {
	case <-child.Done():
	case <-ctx.Done():
	}
	return 128 + int(sig)
}

func xargs(ctx context.Context, p *sandbox.Process) int {
	set, args, ok := options(p, "r0t", "nI")
	if !ok {
		return 1
	}
	if len(set) > 0 && (has(set, 'n') || has(set, 'I')) {
		return failf(p, "-n and -I are not supported here")
	}
	data, err := io.ReadAll(io.LimitReader(p.Stdin, 1<<20))
	if err != nil {
		return failf(p, "%s", Reason(err))
	}
	if len(args) == 0 {
		args = []string{"echo"}
	}
	args = append(args, strings.Fields(string(data))...)
	child, err := p.Start(sandbox.Command{Path: args[0], Args: args, Stdin: devNull{}})
	if err != nil {
		failf(p, "%s: %s", args[0], Reason(sandbox.ENOENT))
		return 127
	}
	select {
	case <-child.Done():
		return child.ExitCode()
	case <-ctx.Done():
		return 1
	}
}

func date(_ context.Context, p *sandbox.Process) int {
	now := time.Now().UTC()
	args := p.Args[1:]
	for len(args) > 0 && args[0] == "-u" {
		args = args[1:]
	}
	if len(args) > 0 && strings.HasPrefix(args[0], "+") {
		fmt.Fprintln(p.Stdout, strftime(now, args[0][1:]))
		return 0
	}
	if len(args) > 0 && args[0] == "-R" {
		fmt.Fprintln(p.Stdout, now.Format(time.RFC1123Z))
		return 0
	}
	if len(args) > 0 {
		return failf(p, "invalid date '%s'", args[0])
	}
	fmt.Fprintln(p.Stdout, now.Format("Mon Jan _2 15:04:05 UTC 2006"))
	return 0
}

// strftime formats a time by the usual letters.
func strftime(t time.Time, format string) string {
	layouts := map[byte]string{
		'Y': "2006", 'm': "01", 'd': "02", 'H': "15", 'M': "04", 'S': "05", 'y': "06", 'F': "2006-01-02", 'T': "15:04:05",
		'b': "Jan", 'B': "January", 'a': "Mon", 'A': "Monday", 'Z': "MST", 'z': "-0700", 'e': "_2", 'R': "15:04", 'p': "PM",
		'I': "03", 'j': "002", 'c': "Mon Jan _2 15:04:05 2006", 'D': "01/02/06", 'N': "000000000",
	}
	var out strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			out.WriteByte(format[i])
			continue
		}
		i++
		switch c := format[i]; {
		case c == 's':
			out.WriteString(strconv.FormatInt(t.Unix(), 10))
		case c == 'N':
			fmt.Fprintf(&out, "%09d", t.Nanosecond())
		case c == '%':
			out.WriteByte('%')
		case c == 'n':
			out.WriteByte('\n')
		case layouts[c] != "":
			out.WriteString(t.Format(layouts[c]))
		default:
			out.WriteString("%" + string(c))
		}
	}
	return out.String()
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

func id(_ context.Context, p *sandbox.Process) int {
	set, _, ok := options(p, "ugnGr", "")
	switch {
	case !ok:
		return 1
	case has(set, 'n'):
		fmt.Fprintln(p.Stdout, "root")
	case len(set) > 0:
		fmt.Fprintln(p.Stdout, "0")
	default:
		fmt.Fprintln(p.Stdout, "uid=0(root) gid=0(root) groups=0(root)")
	}
	return 0
}

func whoami(_ context.Context, p *sandbox.Process) int {
	fmt.Fprintln(p.Stdout, "root")
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

func pwd(_ context.Context, p *sandbox.Process) int {
	fmt.Fprintln(p.Stdout, p.Dir)
	return 0
}

func which(_ context.Context, p *sandbox.Process) int {
	code := 0
	for _, n := range p.Args[1:] {
		found, err := p.LookPath(n)
		if err != nil {
			code = 1
			continue
		}
		fmt.Fprintln(p.Stdout, found)
	}
	return code
}
