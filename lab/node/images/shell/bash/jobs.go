package bash

import (
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"healthlab/lab/node/images/tools"
	"healthlab/lab/node/sandbox"
)

func modeOf(n uint64) fs.FileMode { return fs.FileMode(n) } //nolint:gosec // twelve bits

// jobOf finds a job by its number, as in %1, or by its process.
func (sh *shell) jobOf(word string) *job {
	if n, ok := strings.CutPrefix(word, "%"); ok {
		switch n {
		case "", "%", "+":
			if len(sh.jobs) > 0 {
				return sh.jobs[len(sh.jobs)-1]
			}
			return nil
		case "-":
			if len(sh.jobs) > 1 {
				return sh.jobs[len(sh.jobs)-2]
			}
			return nil
		}
		if i, err := strconv.Atoi(n); err == nil && i >= 1 && i <= len(sh.jobs) {
			return sh.jobs[i-1]
		}
		for _, j := range sh.jobs {
			if strings.HasPrefix(j.text, n) {
				return j
			}
		}
		return nil
	}
	pid, err := strconv.Atoi(word)
	if err != nil {
		return nil
	}
	if j := sh.substitution; j != nil && j.process.PID() == pid {
		return j
	}
	for _, j := range slices.Backward(sh.jobs) {
		if j.process.PID() == pid {
			return j
		}
	}
	return nil
}

func killBuiltin(sh *shell, words []string) int {
	args := slices.Clone(words[1:])
	if len(args) == 0 {
		sh.complain("kill: usage: kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]\n")
		return 2
	}
	if args[0] == "-l" || args[0] == "-L" {
		return sh.listSignals(args[1:])
	}
	sig := sandbox.SIGTERM
	if len(args[0]) > 1 && args[0][0] == '-' && args[0] != "--" {
		name := args[0][1:]
		args = args[1:]
		if (name == "s" || name == "n") && len(args) > 0 {
			name, args = args[0], args[1:]
		}
		var err error
		if sig, err = sandbox.ParseSignal(name); err != nil {
			return sh.fail(1, "kill: %s: invalid signal specification", name)
		}
	}
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		sh.complain("kill: usage: kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]\n")
		return 2
	}
	code := 0
	for _, a := range args {
		pid, err := strconv.Atoi(a)
		if strings.HasPrefix(a, "%") {
			j := sh.jobOf(a)
			if j == nil {
				code = sh.fail(1, "kill: %s: no such job", a)
				continue
			}
			pid, err = j.process.PID(), nil
		}
		if err != nil {
			code = sh.fail(1, "kill: %s: arguments must be process or job IDs", a)
			continue
		}
		if err := sh.p.Kill(pid, sig); err != nil {
			code = sh.fail(1, "kill: (%d) - %s", pid, tools.Reason(err))
		}
	}
	sh.takeSignals()
	return code
}

// listSignals is kill -l.
func (sh *shell) listSignals(args []string) int {
	if len(args) == 0 {
		var b strings.Builder
		column := 0
		for s := sandbox.Signal(1); s <= 64; s++ {
			if s == 32 || s == 33 {
				continue
			}
			name := s.String()
			if s > 49 && s < 64 {
				name = fmt.Sprintf("SIGRTMAX-%d", 64-s)
			}
			fmt.Fprintf(&b, "%2d) %s", s, name)
			if column++; column%5 == 0 || s == 64 {
				b.WriteByte('\n')
			} else {
				b.WriteByte('\t')
			}
		}
		fmt.Fprint(sh.out(), b.String())
		return 0
	}
	code := 0
	for _, a := range args {
		if n, err := strconv.Atoi(a); err == nil {
			if n > 128 {
				n -= 128
			}
			name := sandbox.Signal(n).String()
			if n == 0 {
				name = "EXIT"
			}
			if n < 0 || n > 64 {
				code = sh.fail(1, "kill: %s: invalid signal specification", a)
				continue
			}
			fmt.Fprintln(sh.out(), strings.TrimPrefix(name, "SIG"))
			continue
		}
		sig, err := sandbox.ParseSignal(a)
		if err != nil {
			code = sh.fail(1, "kill: %s: invalid signal specification", a)
			continue
		}
		fmt.Fprintln(sh.out(), int(sig))
	}
	return code
}

// waitFor waits for a job; a signal with a trap ends it.
func (sh *shell) waitFor(j *job) (code int, interrupted bool) {
	select {
	case <-j.process.Done():
	default:
		select {
		case <-j.process.Done():
		case sig := <-sh.signals:
			sh.pending = append(sh.pending, sig)
			return 128 + int(sig), true
		case <-sh.ctx.Done():
			die(sh.ctx.Err())
		}
	}
	if sig := j.process.ExitSignal(); !j.waited && !sh.interactive && sig != 0 && sig != sandbox.SIGINT && sig != sandbox.SIGPIPE && sig != sandbox.SIGTERM {
		sh.complain(fmt.Sprintf("%s%5d %-23s %s\n", sh.prefix(), j.process.PID(), sig.Description(), j.text))
	}
	if !j.waited {
		sh.childEnded()
	}
	j.waited = true
	return j.process.ExitCode(), false
}

func waitBuiltin(sh *shell, words []string) int {
	args := words[1:]
	next, name := false, ""
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' {
		switch args[0] {
		case "-n":
			next = true
		case "-f", "--":
		case "-p":
			if len(args) > 1 {
				name, args = args[1], args[1:]
			}
		default:
			sh.errorf("wait: %s: invalid option", args[0])
			sh.complain("wait: usage: wait [-fn] [-p var] [id ...]\n")
			return 2
		}
		args = args[1:]
	}
	if next {
		return sh.waitNext(args, name)
	}
	if len(args) == 0 {
		for _, j := range sh.jobs {
			if j.foreign {
				continue
			}
			if code, interrupted := sh.waitFor(j); interrupted {
				return code
			}
		}
		sh.forgetJobs()
		return 0
	}
	code := 0
	for _, a := range args {
		j := sh.jobOf(a)
		if j != nil && j.foreign {
			j = nil
		}
		switch {
		case j == nil && strings.HasPrefix(a, "%"):
			code = sh.fail(127, "wait: %s: no such job", a)
		case j == nil:
			if _, err := strconv.Atoi(a); err != nil {
				code = sh.fail(1, "wait: `%s': not a pid or valid job spec", a)
			} else {
				code = sh.fail(127, "wait: pid %s is not a child of this shell", a)
			}
		default:
			if name != "" {
				sh.set(name, strconv.Itoa(j.process.PID()))
			}
			var interrupted bool
			if code, interrupted = sh.waitFor(j); interrupted {
				return code
			}
		}
	}
	return code
}

// forgetJobs drops what has been waited for; what was asked for by its process may be asked for again.
func (sh *shell) forgetJobs() {
	sh.jobs = slices.DeleteFunc(sh.jobs, func(j *job) bool { return j.waited && sh.interactive })
}

// waitNext is wait -n: for the first of the jobs to end.
func (sh *shell) waitNext(args []string, name string) int {
	var list []*job
	for _, j := range sh.jobs {
		if !j.waited && !j.foreign && (len(args) == 0 || slices.ContainsFunc(args, func(a string) bool { return sh.jobOf(a) == j })) {
			list = append(list, j)
		}
	}
	if len(list) == 0 {
		return 127
	}
	first := make(chan *job, len(list))
	stop := make(chan struct{})
	defer close(stop)
	for _, j := range list {
		go func() {
			select {
			case <-j.process.Done():
				first <- j
			case <-stop:
			}
		}()
	}
	for _, j := range list { // the first that was started, of those that have ended
		if ended(j.process) {
			first <- j
			break
		}
	}
	select {
	case j := <-first:
		j.waited = true
		if name != "" {
			sh.set(name, strconv.Itoa(j.process.PID()))
		}
		return j.process.ExitCode()
	case sig := <-sh.signals:
		sh.pending = append(sh.pending, sig)
		return 128 + int(sig)
	case <-sh.ctx.Done():
		die(sh.ctx.Err())
	}
	return 0
}

func jobsBuiltin(sh *shell, words []string) int {
	option := ""
	if len(words) > 1 && strings.HasPrefix(words[1], "-") {
		option = words[1]
	}
	if len(words) > 1 && strings.HasPrefix(words[1], "%") && sh.jobOf(words[1]) == nil {
		return sh.fail(1, "jobs: %s: no such job", words[1])
	}
	for i, j := range sh.jobs {
		over := ended(j.process)
		if j.waited || over && (strings.Contains(option, "r") || strings.Contains(option, "p") && j.waited) {
			continue
		}
		if strings.Contains(option, "p") {
			fmt.Fprintln(sh.out(), j.process.PID())
			continue
		}
		fmt.Fprint(sh.out(), sh.jobLine(i, strings.Contains(option, "l")))
		if over {
			j.waited = true
		}
	}
	return 0
}

func (sh *shell) jobLine(i int, long bool) string {
	j := sh.jobs[i]
	mark := " "
	switch i {
	case len(sh.jobs) - 1:
		mark = "+"
	case len(sh.jobs) - 2:
		mark = "-"
	}
	state, tail := "Running", " &"
	if ended(j.process) {
		tail = ""
		switch code := j.process.ExitCode(); {
		case j.process.ExitSignal() != 0:
			state = j.process.ExitSignal().Description()
		case code != 0:
			state = "Exit " + strconv.Itoa(code)
		default:
			state = "Done"
		}
	}
	pid := ""
	if long {
		pid = fmt.Sprintf("%5d ", j.process.PID())
	}
	return fmt.Sprintf("[%d]%s %s %-23s %s%s\n", i+1, mark, pid, state, j.text, tail)
}

// reportJobs tells about background commands that have ended, on a terminal.
func (sh *shell) reportJobs() {
	left := 0
	for i, j := range sh.jobs {
		if !ended(j.process) {
			left = i + 1
			continue
		}
		if !j.waited {
			sh.complain(sh.jobLine(i, false))
			j.waited = true
		}
	}
	sh.jobs = sh.jobs[:left]
}

func disownBuiltin(sh *shell, words []string) int {
	for _, a := range words[1:] {
		if j := sh.jobOf(a); j != nil {
			sh.jobs = slices.DeleteFunc(sh.jobs, func(k *job) bool { return k == j })
		}
	}
	if len(words) > 1 {
		return 0
	}
	for i, j := range slices.Backward(sh.jobs) {
		if !j.waited {
			sh.jobs = slices.Delete(sh.jobs, i, i+1)
			return 0
		}
	}
	return sh.fail(1, "disown: current: no such job")
}

func jobControl(sh *shell, words []string) int {
	if words[0] == "fg" && sh.interactive {
		if j := sh.jobOf("%"); j != nil {
			fmt.Fprintln(sh.out(), j.text)
			return sh.await(j.process, j.text)
		}
		return sh.fail(1, "fg: current: no such job")
	}
	if words[0] == "suspend" {
		return sh.fail(1, "suspend: cannot suspend: no job control")
	}
	return sh.fail(1, "%s: no job control", words[0])
}
