package sandbox

import (
	"fmt"
	"strconv"
	"strings"
)

// Signal is a signal with the number that Linux gives it on amd64 and arm64, also where healthlab runs on another
// system. The zero Signal is none: sending it only asks whether the process exists.
type Signal int

// The signals that programs and the node agent use by name.
const (
	SIGHUP   Signal = 1
	SIGINT   Signal = 2
	SIGQUIT  Signal = 3
	SIGABRT  Signal = 6
	SIGKILL  Signal = 9
	SIGUSR1  Signal = 10
	SIGSEGV  Signal = 11
	SIGUSR2  Signal = 12
	SIGPIPE  Signal = 13
	SIGALRM  Signal = 14
	SIGTERM  Signal = 15
	SIGCHLD  Signal = 17
	SIGCONT  Signal = 18
	SIGSTOP  Signal = 19
	SIGTSTP  Signal = 20
	SIGTTIN  Signal = 21
	SIGTTOU  Signal = 22
	SIGURG   Signal = 23
	SIGWINCH Signal = 28
)

// lastSignal is SIGRTMAX.
const lastSignal Signal = 64

// signalName returns the name without SIG, or "" for numbers that have none. It follows signal(7).
func signalName(s Signal) string {
	names := [...]string{
		"", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM",
		"TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF",
		"WINCH", "POLL", "PWR", "SYS",
	}
	switch {
	case s > 0 && int(s) < len(names):
		return names[s]
	case s == 34:
		return "RTMIN"
	case s > 34 && s < lastSignal:
		return "RTMIN+" + strconv.Itoa(int(s)-34)
	case s == lastSignal:
		return "RTMAX"
	}
	return ""
}

// String returns the full name, such as SIGTERM, or the number where there is none.
func (s Signal) String() string {
	if name := signalName(s); name != "" {
		return "SIG" + name
	}
	return strconv.Itoa(int(s))
}

// Description returns what shells print about a process that the signal ended, such as "Terminated".
func (s Signal) Description() string {
	switch s { //nolint:exhaustive // the rest has no words of its own
	case SIGHUP:
		return "Hangup"
	case SIGINT:
		return "Interrupt"
	case SIGQUIT:
		return "Quit"
	case SIGABRT:
		return "Aborted"
	case SIGKILL:
		return "Killed"
	case SIGUSR1:
		return "User defined signal 1"
	case SIGSEGV:
		return "Segmentation fault"
	case SIGUSR2:
		return "User defined signal 2"
	case SIGPIPE:
		return "Broken pipe"
	case SIGALRM:
		return "Alarm clock"
	case SIGTERM:
		return "Terminated"
	}
	return s.String()
}

// ParseSignal understands a number ("10"), a name ("USR1") and a full name ("SIGUSR1"), in either case.
func ParseSignal(text string) (Signal, error) {
	if n, err := strconv.Atoi(text); err == nil {
		if n < 0 || Signal(n) > lastSignal {
			return 0, fmt.Errorf("signal %q: numbers go from 0 to %d", text, lastSignal)
		}
		return Signal(n), nil
	}
	name := strings.TrimPrefix(strings.ToUpper(text), "SIG")
	switch name {
	case "":
		return 0, fmt.Errorf("signal %q: a name such as SIGTERM or a number is needed", text)
	case "IOT":
		name = "ABRT"
	case "CLD":
		name = "CHLD"
	case "IO":
		name = "POLL"
	}
	for s := Signal(1); s <= lastSignal; s++ {
		if signalName(s) == name {
			return s, nil
		}
	}
	return 0, fmt.Errorf("signal %q is unknown: use a name such as SIGTERM or a number", text)
}

// harmless reports whether the default action is to do nothing.
func (s Signal) harmless() bool {
	return s == SIGCHLD || s == SIGURG || s == SIGWINCH || s == SIGCONT
}

// stops reports whether the default action is to stop the process.
func (s Signal) stops() bool {
	return s == SIGSTOP || s == SIGTSTP || s == SIGTTIN || s == SIGTTOU
}
