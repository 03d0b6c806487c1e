package bash

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"mvdan.cc/sh/v3/syntax"

	"healthlab/lab/node/sandbox"
)

// start starts a subshell. change may point its descriptors elsewhere.
func (sh *shell) start(body func(child *shell), change func(*sandbox.Command)) (*sandbox.Process, error) {
	cmd := sandbox.Command{Args: sh.p.Args, Env: sh.environment(), Program: sh.program(body)}
	sh.equip(&cmd)
	if change != nil {
		change(&cmd)
	}
	return sh.p.Start(cmd)
}

// runSubshell runs a subshell and returns its status.
func (sh *shell) runSubshell(body func(child *shell), text string) int {
	process, err := sh.start(body, nil)
	if err != nil {
		return sh.cannotFork(err)
	}
	return sh.await(process, text)
}

// cannotFork ends the shell, as bash does when there can be no more processes.
func (sh *shell) cannotFork(err error) int {
	why := err.Error()
	sh.errorf("fork: retry: %s", why)
	sh.errorf("fork: %s", why)
	sh.status = 254
	panic(leave{})
}

func (sh *shell) subshell(st *syntax.Stmt, c *syntax.Subshell) {
	if sh.tail == st && sh.level > 0 { // this process is the subshell's already
		sh.tail = nil
		if len(c.Stmts) == 1 && len(st.Redirs) == 0 {
			sh.tail = c.Stmts[0]
		}
		sh.stmts(c.Stmts)
		return
	}
	sh.status = sh.runSubshell(func(child *shell) {
		if len(c.Stmts) == 1 {
			child.tail = c.Stmts[0]
		}
		child.stmts(c.Stmts)
	}, printed(&syntax.Stmt{Cmd: c}, sh.source))
	sh.pipeStatus = []int{sh.status}
}

// stages are a pipeline's commands, which the parser nests to the left.
func stages(c *syntax.BinaryCmd) (list []*syntax.Stmt, all []bool) {
	for {
		list, all = append(list, c.Y), append(all, c.Op == syntax.PipeAll)
		inner, ok := c.X.Cmd.(*syntax.BinaryCmd)
		if !ok || c.X.Negated || len(c.X.Redirs) > 0 || inner.Op != syntax.Pipe && inner.Op != syntax.PipeAll {
			list = append(list, c.X)
			slices.Reverse(list)
			slices.Reverse(all)
			return list, append(all, false)
		}
		c = inner
	}
}

// pipeline runs each stage in a process, connected by pipes.
func (sh *shell) pipeline(_ *syntax.Stmt, c *syntax.BinaryCmd) {
	list, all := stages(c)
	here := sh.shopts["lastpipe"] && !sh.options['m']
	var processes []*sandbox.Process
	var input io.Reader
	release := func() {}
	var kept io.ReadCloser
	for i, st := range list {
		last := i == len(list)-1
		if last && here {
			break
		}
		var output io.Writer
		next := func() {}
		var reader io.Reader
		switch {
		case last:
		case here && i == len(list)-2:
			kept, output, next = sh.p.PipeFrom()
		default:
			reader, output, next = sh.p.Pipe()
		}
		in, both := input, all[i]
		process, err := sh.start(func(child *shell) {
			child.tail = st
			if both {
				child.point(2, child.fds[1].use())
			}
			child.stmt(st)
		}, func(cmd *sandbox.Command) {
			if in != nil {
				cmd.Stdin = in
			}
			if output != nil {
				cmd.Stdout = output
			}
		})
		release()
		release = next
		input = reader
		if err != nil {
			release()
			sh.cannotFork(err)
		}
		processes = append(processes, process)
	}
	release()
	own := 0
	if here {
		old := sh.fds[0]
		sh.fds[0] = &stream{in: kept, users: 1, shut: func() { _ = kept.Close() }}
		sh.stmt(list[len(list)-1])
		own = sh.status
		sh.point(0, old)
	}
	codes := make([]int, 0, len(list))
	for i, p := range processes { // also after Ctrl-C, to reach every stage
		codes = append(codes, sh.await(p, sh.raw(list[i].Pos(), list[i].End())))
	}
	if here {
		codes = append(codes, own)
	}
	sh.pipeStatus = codes
	sh.status = codes[len(codes)-1]
	if sh.option("pipefail") {
		sh.status = 0
		for _, code := range codes {
			if code != 0 {
				sh.status = code
			}
		}
	}
}

// startBackground runs a command in a process that nobody waits for.
func (sh *shell) startBackground(st *syntax.Stmt) {
	inner := *st
	inner.Background = false
	text := printed(&inner, sh.source)
	process, err := sh.start(func(child *shell) {
		child.p.Ignore(sandbox.SIGINT, sandbox.SIGQUIT)
		child.tail = &inner
		child.stmt(&inner)
	}, func(cmd *sandbox.Command) {
		if !sh.interactive {
			cmd.Stdin = strings.NewReader("")
		}
	})
	if err != nil {
		sh.cannotFork(err)
	}
	sh.background = process.PID()
	const many = 256
	if len(sh.jobs) >= many {
		sh.jobs = slices.DeleteFunc(sh.jobs, func(j *job) bool { return ended(j.process) })
	}
	sh.jobs = append(sh.jobs, &job{process: process, text: text})
	if sh.interactive {
		fmt.Fprintf(sh.errs(), "[%d] %d\n", len(sh.jobs), process.PID())
	}
	sh.status = 0
}

func ended(p *sandbox.Process) bool {
	select {
	case <-p.Done():
		return true
	default:
		return false
	}
}

// commandSubstitution is the output of commands, without the line ends at its end.
func (sh *shell) commandSubstitution(c *syntax.CmdSubst) string {
	if name := onlyFile(c.Stmts); name != nil {
		return sh.fileContent(name)
	}
	if len(c.Stmts) == 0 {
		sh.substitute = 0
		return ""
	}
	from, childs, started := sh.p.PipeFrom()
	process, err := sh.start(func(child *shell) {
		if len(c.Stmts) == 1 {
			child.tail = c.Stmts[0]
		}
		if !child.shopts["inherit_errexit"] {
			delete(child.options, 'e')
		}
		child.traceLevel++
		child.stmts(c.Stmts)
	}, func(cmd *sandbox.Command) { cmd.Stdout = childs })
	started()
	defer from.Close()
	if err != nil {
		sh.cannotFork(err)
	}
	data, err := io.ReadAll(io.LimitReader(waiting{sh, from}, maxValue+1))
	if err == nil && len(data) > maxValue {
		die(errNoMemory)
	}
	_ = from.Close()
	sh.substitute = sh.await(process, "")
	sh.status = sh.substitute
	return sh.withoutZeros(string(data))
}

func (sh *shell) withoutZeros(text string) string {
	if strings.Contains(text, "\x00") {
		sh.warn("command substitution: ignored null byte in input")
		text = strings.ReplaceAll(text, "\x00", "")
	}
	return strings.TrimRight(text, "\n")
}

// onlyFile is the file of $(<file).
func onlyFile(list []*syntax.Stmt) *syntax.Word {
	if len(list) == 1 && list[0].Cmd == nil && len(list[0].Redirs) == 1 && list[0].Redirs[0].Op == syntax.RdrIn && !list[0].Background {
		return list[0].Redirs[0].Word
	}
	return nil
}

func (sh *shell) fileContent(word *syntax.Word) string {
	name := sh.literal(word)
	s, err := sh.open(name, syntax.RdrIn)
	if err != nil {
		sh.errorf("%s: %s", name, reason(err))
		sh.substitute = 1
		return ""
	}
	defer s.release()
	sh.substitute = 0
	data, err := io.ReadAll(io.LimitReader(waiting{sh, s.in}, maxValue+1))
	if err != nil {
		sh.errorf("%s: %s", name, reason(err))
		sh.substitute = 1
	}
	if len(data) > maxValue {
		die(errNoMemory)
	}
	return sh.withoutZeros(string(data))
}

// processSubstitution starts <(…) or >(…) and returns the name of the descriptor that it is connected with.
func (sh *shell) processSubstitution(c *syntax.ProcSubst) string {
	n := 63
	for sh.fds[n] != nil && n > 10 {
		n--
	}
	var s *stream
	body := func(child *shell) {
		if len(c.Stmts) == 1 {
			child.tail = c.Stmts[0]
		}
		child.stmts(c.Stmts)
	}
	var process *sandbox.Process
	var err error
	if c.Op == syntax.CmdIn {
		from, childs, started := sh.p.PipeFrom()
		process, err = sh.start(body, func(cmd *sandbox.Command) { cmd.Stdout = childs })
		started()
		s = &stream{in: from, users: 1, shut: func() { _ = from.Close() }}
	} else {
		childs, to, started := sh.p.PipeTo()
		process, err = sh.start(body, func(cmd *sandbox.Command) { cmd.Stdin = childs })
		started()
		s = &stream{out: to, users: 1, shut: func() { _ = to.Close() }}
	}
	if err != nil {
		s.release()
		sh.cannotFork(err)
	}
	sh.background = process.PID()
	sh.substitution = &job{process: process}
	sh.fds[n] = s
	sh.substitutes = append(sh.substitutes, n)
	return "/dev/fd/" + strconv.Itoa(n)
}

// closeSubstitutes closes the descriptors of process substitutions that were made since there were so many.
func (sh *shell) closeSubstitutes(from int) {
	for _, n := range sh.substitutes[from:] {
		sh.point(n, nil)
	}
	sh.substitutes = sh.substitutes[:from]
}

// timed is time: it prints how long a pipeline took.
func (sh *shell) timed(c *syntax.TimeClause) {
	began := time.Now()
	if c.Stmt != nil {
		sh.stmt(c.Stmt)
	}
	took := time.Since(began)
	format := "\nreal\t%3lR\nuser\t%3lU\nsys\t%3lS"
	if v := sh.get("TIMEFORMAT"); v != nil && v.set {
		format = v.str
	}
	if c.PosixFormat {
		format = "real %2R\nuser %2U\nsys %2S"
	}
	if format == "" {
		return
	}
	fmt.Fprintln(sh.errs(), timeFormat(format, took))
}

// timeFormat fills TIMEFORMAT in. Programs take no time of their own here.
func timeFormat(format string, took time.Duration) string {
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			b.WriteByte(format[i])
			continue
		}
		i++
		digits, long := 3, false
		if format[i] >= '0' && format[i] <= '9' {
			digits = min(int(format[i]-'0'), 3)
			i++
		}
		if i < len(format) && format[i] == 'l' {
			long = true
			i++
		}
		if i == len(format) {
			break
		}
		d := time.Duration(0)
		switch format[i] {
		case 'R':
			d = took
		case 'U', 'S':
		case 'P':
			b.WriteString("0.00")
			continue
		default:
			b.WriteByte(format[i])
			continue
		}
		if long {
			fmt.Fprintf(&b, "%dm%.*fs", int(d.Minutes()), digits, (d % time.Minute).Seconds())
		} else {
			fmt.Fprintf(&b, "%.*f", digits, d.Seconds())
		}
	}
	return b.String()
}
