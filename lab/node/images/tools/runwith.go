package tools

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"healthlab/lab/node/sandbox"
)

// timeProgram is time. Of the processor's time only the whole is known, so user and sys are 0.
func timeProgram(ctx context.Context, p *sandbox.Process) int {
	found, args, ok := optionSpec{letters: "+pvo:af:"}.parse(p)
	if !ok {
		return 1
	}
	set := asSet(found)
	if has(set, 'f') || has(set, 'v') {
		return failf(p, "-f and -v are not supported here")
	}
	if len(args) == 0 {
		return usage(p)
	}
	out := p.Stderr
	if n, given := set['o']; given {
		flag := os.O_WRONLY | os.O_CREATE | os.O_TRUNC
		if has(set, 'a') {
			flag = os.O_WRONLY | os.O_CREATE | os.O_APPEND
		}
		file, err := p.OpenFile(n, flag, 0o666)
		if err != nil {
			return failf(p, "can't open '%s': %s", n, Reason(err))
		}
		defer file.Close()
		out = file
	}
	start := time.Now()
	child, err := p.Start(sandbox.Command{Path: args[0], Args: args})
	code := 0
	if err != nil {
		code = notStarted(p, args[0], err, "can't execute '%s': %s")
	} else {
		code = wait(ctx, child)
	}
	if ctx.Err() != nil {
		return 1
	}
	switch {
	case err == nil && child.ExitSignal() != 0:
		fmt.Fprintf(out, "Command terminated by signal %d\n", int(child.ExitSignal()))
	case code != 0:
		fmt.Fprintf(out, "Command exited with non-zero status %d\n", code)
	}
	took := time.Since(start)
	if has(set, 'p') {
		fmt.Fprintf(out, "real %.2f\nuser 0.00\nsys 0.00\n", took.Seconds())
	} else {
		fmt.Fprintf(out, "real\t%s\nuser\t0m 0.00s\nsys\t0m 0.00s\n", clock(took))
	}
	return code
}

// clock is a duration as time prints it: 1m 2.50s, or 1h 2m 03s.
func clock(d time.Duration) string {
	if d >= time.Hour {
		return fmt.Sprintf("%dh %dm %02ds", int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60)
	}
	return fmt.Sprintf("%dm %.2fs", int(d.Minutes()), d.Seconds()-60*float64(int(d.Minutes())))
}

// nohup runs a program that a hangup does not end. Output to a terminal goes to nohup.out.
func nohup(_ context.Context, p *sandbox.Process) int {
	_, args, ok := optionSpec{letters: "+"}.parse(p)
	if !ok {
		return 1
	}
	if len(args) == 0 {
		return usage(p)
	}
	p.Ignore(sandbox.SIGHUP)
	cmd := sandbox.Command{Path: args[0], Args: args}
	if p.OnTerminal() {
		const file = "nohup.out"
		out, err := p.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
		if err != nil {
			return failf(p, "can't open '%s': %s", file, Reason(err))
		}
		defer out.Close()
		failf(p, "appending output to %s", file)
		cmd.Stdout, cmd.Stderr = out, out
	}
	return replace(p, cmd)
}

// nice runs a program. There is one priority: others are accepted where a real container would not notice, and refused where
// they would make a program faster.
func nice(_ context.Context, p *sandbox.Process) int {
	found, args, ok := optionSpec{letters: "+n:"}.parse(p)
	if !ok {
		return 1
	}
	for _, v := range values(found, 'n') {
		if _, err := strconv.Atoi(v); err != nil {
			return failf(p, "invalid number '%s'", v)
		}
	}
	if len(args) == 0 {
		if len(found) > 0 {
			return usage(p)
		}
		fmt.Fprintln(p.Stdout, 0)
		return 0
	}
	return replace(p, sandbox.Command{Path: args[0], Args: args})
}

// setsid runs a program; sessions are not kept apart here.
func setsid(_ context.Context, p *sandbox.Process) int {
	found, args, ok := optionSpec{letters: "+c"}.parse(p)
	switch {
	case !ok:
		return 1
	case len(args) == 0:
		return usage(p)
	case len(found) > 0:
		return failf(p, "-c is not supported here")
	}
	return replace(p, sandbox.Command{Path: args[0], Args: args})
}

// watch runs a command again and again.
func watch(ctx context.Context, p *sandbox.Process) int {
	found, args, ok := optionSpec{letters: "+dtn:"}.parse(p)
	if !ok {
		return 1
	}
	set := asSet(found)
	every := 2 * time.Second
	if v, given := set['n']; given {
		d, err := parseSeconds(v)
		if err != nil {
			return failf(p, "invalid number '%s'", v)
		}
		every = max(d, 100*time.Millisecond)
	}
	if len(args) == 0 {
		return usage(p)
	}
	command := strings.Join(args, " ")
	width := 80
	if t := p.Terminal(); t != nil {
		width = max(int(t.Size().Columns), 20)
	}
	for ctx.Err() == nil {
		head := "\x1b[H\x1b[J"
		if !has(set, 't') {
			now := time.Now().UTC().Format("2006-01-02 15:04:05")
			left := fmt.Sprintf("Every %.1fs: %s", every.Seconds(), command)
			left = left[:min(len(left), max(0, width-len(now)-1))]
			head += fmt.Sprintf("%-*s%s\n\n", width-len(now), left, now)
		}
		if _, err := fmt.Fprint(p.Stdout, head); err != nil {
			return 1
		}
		if _, started := run(ctx, p, sandbox.Command{Path: "/bin/sh", Args: []string{"sh", "-c", command}}); !started {
			return 1
		}
		if !pause(ctx, every) {
			break
		}
	}
	return 1
}

// pause waits, and reports false when the process has ended meanwhile.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// top shows the processes, and with -b as plain text. What they use is not known for each of them.
func top(ctx context.Context, p *sandbox.Process) int {
	found, args, ok := optionSpec{letters: "d:n:bHm"}.parse(p)
	if !ok {
		return 1
	}
	if len(args) > 0 {
		return usage(p)
	}
	set := asSet(found)
	every, rounds := 5*time.Second, uint64(0)
	if v, given := set['d']; given {
		d, err := parseSeconds(v)
		if err != nil {
			return failf(p, "invalid number '%s'", v)
		}
		every = max(d, 100*time.Millisecond)
	}
	if v, given := set['n']; given {
		n, err := strconv.ParseUint(v, 10, 31)
		if err != nil || n == 0 {
			return failf(p, "invalid number '%s'", v)
		}
		rounds = n
	}
	if has(set, 'm') {
		return failf(p, "-m is not supported here")
	}
	height := 0
	if t := p.Terminal(); t != nil && !has(set, 'b') {
		height = int(t.Size().Rows)
	}
	for n := uint64(1); ; n++ {
		if !topOnce(p, has(set, 'b'), height) || n == rounds || !pause(ctx, every) {
			return 0
		}
	}
}

func topOnce(p *sandbox.Process, plain bool, height int) bool {
	var b strings.Builder
	if !plain {
		b.WriteString("\x1b[H\x1b[J")
	}
	memory := meminfo(p)
	fmt.Fprintf(&b, "Mem: %dK used, %dK free, 0K shrd, %dK buff, %dK cached\n",
		memory["MemTotal"]-memory["MemFree"], memory["MemFree"], memory["Buffers"], memory["Cached"])
	load := "0.00 0.00 0.00"
	if data, err := p.FS().ReadFile("/proc/loadavg", 100); err == nil {
		load = strings.TrimSpace(string(data))
	}
	fmt.Fprintf(&b, "CPU:   0%% usr   0%% sys   0%% nic 100%% idle   0%% io   0%% irq   0%% sirq\nLoad average: %s\n", load)
	b.WriteString("  PID  PPID USER     STAT   VSZ %VSZ CPU %CPU COMMAND\n")
	for i, info := range p.Processes() {
		if height > 0 && i >= height-5 {
			break
		}
		state := info.State
		if info.PID == p.PID() {
			state = "R"
		}
		fmt.Fprintf(&b, "%5d %5d %-8s %-4s %5d %4.1f %3d %4.1f %s\n", info.PID, info.PPID, "root", state, 0, 0.0, 0, 0.0, strings.Join(info.Args, " "))
	}
	_, err := p.Stdout.Write([]byte(b.String()))
	return err == nil
}

// meminfo is /proc/meminfo, in kB.
func meminfo(p *sandbox.Process) map[string]int64 {
	kB := map[string]int64{}
	data, err := p.FS().ReadFile("/proc/meminfo", 4096)
	if err != nil {
		return kB
	}
	for line := range strings.Lines(string(data)) {
		if f := strings.Fields(line); len(f) > 1 {
			kB[strings.TrimSuffix(f[0], ":")], _ = strconv.ParseInt(f[1], 10, 64)
		}
	}
	return kB
}

// clearScreen is clear.
func clearScreen(_ context.Context, p *sandbox.Process) int {
	if _, err := p.Stdout.Write([]byte("\x1b[H\x1b[J")); err != nil {
		return 1
	}
	return 0
}
