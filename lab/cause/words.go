package cause

import (
	"fmt"
	"time"
	"unicode"
	"unicode/utf8"

	"healthlab/lab"
)

// How much of a text from outside is told, in letters: of a name, within a sentence, and in a line of evidence.
const maxName, maxQuote, maxLine = 80, 200, 400

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

// reasoned puts a reason and its message together.
func reasoned(reason, message string) string {
	reason, message = lab.Line(reason, maxName), lab.Line(message, maxLine)
	if reason == "" || message == "" {
		return reason + message
	}
	return reason + ": " + message
}

// within is a sentence that stands within another one: its English begins in lower case, unless with a name such as SIGKILL.
func within(sentence lab.Text) lab.Text {
	first, size := utf8.DecodeRuneInString(sentence.En)
	if next, _ := utf8.DecodeRuneInString(sentence.En[size:]); !unicode.IsUpper(next) {
		sentence.En = string(unicode.ToLower(first)) + sentence.En[size:]
	}
	return sentence
}

// long is how long something takes, in whole seconds, as people say it.
func long(d time.Duration) lab.Text {
	s := max(int64(d.Round(time.Second)/time.Second), 0)
	switch {
	case s < 120:
		return lab.Textf("%d초", "%d s", s)
	case s < 2*60*60 && s%60 == 0:
		return lab.Textf("%d분", "%d min", s/60)
	case s < 2*60*60:
		return lab.Textf("%d분 %d초", "%d min %d s", s/60, s%60)
	}
	return lab.Textf("%d시간", "%d h", s/(60*60))
}

// code is an exit code with the particle that Korean puts after it, 로 or 으로, as its last digit is read.
func code(n int) lab.Text {
	switch n % 10 {
	case 0, 3, 6, -3, -6:
		return lab.Textf("%d으로", "%d", n)
	}
	return lab.Textf("%d로", "%d", n)
}

// signalName is a signal's name.
func signalName(n int) string {
	switch n {
	case 1:
		return "SIGHUP"
	case 2:
		return "SIGINT"
	case 3:
		return "SIGQUIT"
	case 4:
		return "SIGILL"
	case 5:
		return "SIGTRAP"
	case 6:
		return "SIGABRT"
	case 7:
		return "SIGBUS"
	case 8:
		return "SIGFPE"
	case sigKill:
		return "SIGKILL"
	case 10:
		return "SIGUSR1"
	case 11:
		return "SIGSEGV"
	case 12:
		return "SIGUSR2"
	case 13:
		return "SIGPIPE"
	case 14:
		return "SIGALRM"
	case sigTerm:
		return "SIGTERM"
	}
	return fmt.Sprintf("signal%d", n)
}

const sigKill, sigTerm = 9, 15

// ownFault reports whether a signal is one that the kernel sends a program for what it has done.
func ownFault(signal int) bool {
	switch signal {
	case 4, 5, 6, 7, 8, 11, 13, 31:
		return true
	}
	return false
}

// memory is a number of bytes as manifests have it.
func memory(bytes int64) string {
	switch {
	case bytes%(1<<30) == 0:
		return fmt.Sprintf("%dGi", bytes>>30)
	case bytes%(1<<20) == 0:
		return fmt.Sprintf("%dMi", bytes>>20)
	case bytes%(1<<10) == 0:
		return fmt.Sprintf("%dKi", bytes>>10)
	}
	return fmt.Sprintf("%d", bytes)
}
