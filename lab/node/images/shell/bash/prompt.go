package bash

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"

	"healthlab/lab/node/sandbox"
)

// prompt is the shell on a terminal.
func (sh *shell) prompt() {
	sh.p.Ignore(sandbox.SIGTERM, sandbox.SIGQUIT, sandbox.SIGTSTP)
	interrupts := sh.p.Notify(sandbox.SIGINT)
	term := sh.p.Terminal()
	life := sh.ctx
	pending := ""
	if v := sh.find("PS1"); v == nil {
		sh.scopes[0].vars["PS1"] = &variable{str: `\u@\h:\w\$ `, set: true}
		sh.scopes[0].vars["PS2"] = &variable{str: "> ", set: true}
	}
	for life.Err() == nil {
		name := "PS1"
		if pending != "" {
			name = "PS2"
		}
		drain(interrupts)
		line, err := term.ReadLine(life, sh.promptText(sh.value(name)))
		switch {
		case errors.Is(err, sandbox.ErrInterrupt):
			sh.status, pending = 130, ""
			continue
		case err != nil:
			if life.Err() == nil {
				fmt.Fprintln(sh.p.Stderr, "exit")
			}
			return
		}
		pending += line + "\n"
		if strings.TrimSpace(pending) == "" {
			pending = ""
			continue
		}
		if !sh.typed(life, interrupts, &pending) {
			return
		}
	}
}

// typed runs what was typed if it is complete. It reports whether the shell goes on.
func (sh *shell) typed(life context.Context, interrupts <-chan sandbox.Signal, pending *string) (on bool) {
	ctx, cancel := context.WithCancel(life)
	var watching sync.WaitGroup
	interrupted := false // read after Wait
	watching.Go(func() {
		select {
		case <-interrupts:
			interrupted = true
			cancel()
		case <-ctx.Done():
		}
	})
	sh.ctx = ctx
	var complete bool
	_, crashed := sh.guard(func() {
		complete = sh.runLine(*pending)
		on = true
	})
	cancel()
	watching.Wait()
	sh.ctx = life
	select {
	case <-interrupts: // it ended the command before it was noticed here
		interrupted = true
	default:
	}
	switch {
	case interrupted && life.Err() == nil:
		fmt.Fprintln(sh.p.Stdout)
		sh.status, *pending = 130, ""
		sh.reset()
		return true
	case crashed:
		return false
	case !complete && on && len(*pending) < maxValue:
		return true
	}
	*pending = ""
	return on
}

// reset forgets what was running.
func (sh *shell) reset() {
	sh.depth, sh.trusted, sh.loops, sh.breaks, sh.returns, sh.next = 0, 0, 0, 0, false, false
	if len(sh.frames) > 0 {
		sh.params = sh.frames[0].params
	}
	sh.frames, sh.scopes, sh.text = nil, sh.scopes[:1], &text{}
	for n := range sh.fds {
		if n > 2 {
			sh.point(n, nil)
		}
	}
	sh.substitutes = nil
	sh.adopt()
}

// runLine runs a line. What is not complete is asked to be gone on with.
func (sh *shell) runLine(script string) (complete bool) {
	units, err := sh.parse(script)
	if err != nil {
		var incomplete interface{ Incomplete() bool }
		if errors.As(err, &incomplete) && incomplete.Incomplete() {
			return false
		}
		sh.reportSyntax(err, "")
		sh.status = 2
		return true
	}
	sh.line = 1
	sh.whole(func() { sh.units(units, false) })
	sh.reportJobs()
	return true
}

func drain(ch <-chan sandbox.Signal) {
	for {
		select {
		case <-ch:
		default:
			return
		}
	}
}

// promptText expands a prompt.
func (sh *shell) promptText(text string) string {
	if !strings.ContainsAny(text, "\\$`") {
		return text
	}
	dir := sh.dir
	if home := sh.value("HOME"); home != "" && home != "/" && (dir == home || strings.HasPrefix(dir, home+"/")) {
		dir = "~" + dir[len(home):]
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' || i+1 == len(text) {
			b.WriteByte(text[i])
			continue
		}
		i++
		host := sh.p.Hostname()
		switch c := text[i]; c {
		case 'h':
			host, _, _ = strings.Cut(host, ".")
			b.WriteString(host)
		case 'H':
			b.WriteString(host)
		case 'u':
			b.WriteString("root")
		case 'w':
			b.WriteString(dir)
		case 'W':
			if dir == "~" {
				b.WriteString(dir)
			} else {
				b.WriteString(path.Base(dir))
			}
		case '$':
			b.WriteString("#")
		case 's':
			b.WriteString("bash")
		case 'v':
			b.WriteString("5.2")
		case 'V':
			b.WriteString("5.2.15")
		case 'd':
			b.WriteString(time.Now().UTC().Format("Mon Jan 02"))
		case 't':
			b.WriteString(time.Now().UTC().Format("15:04:05"))
		case 'T':
			b.WriteString(time.Now().UTC().Format("03:04:05"))
		case '@':
			b.WriteString(time.Now().UTC().Format("03:04 PM"))
		case 'A':
			b.WriteString(time.Now().UTC().Format("15:04"))
		case 'j':
			b.WriteString(strconv.Itoa(len(sh.jobs)))
		case '!', '#':
			b.WriteString("1")
		case 'n':
			b.WriteByte('\n')
		case 'r':
			b.WriteByte('\r')
		case 'a':
			b.WriteByte('\a')
		case 'e':
			b.WriteByte('\x1b')
		case '[', ']':
		case '\\':
			b.WriteByte('\\')
		default:
			meaning, n, _ := escape(text[i-1:], ansiEscapes, sh.utf8())
			b.WriteString(meaning)
			i += n - 2
		}
	}
	expanded := b.String()
	if strings.ContainsAny(expanded, "$`") && sh.shopts["promptvars"] {
		if w, err := newParser().Document(strings.NewReader(expanded)); err == nil && w != nil {
			old := sh.source
			sh.source = unit{src: expanded}
			expanded = joined(sh.expand(w.Parts, inDocument))
			sh.source = old
		}
	}
	return expanded
}
