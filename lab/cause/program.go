package cause

import (
	"strings"

	"healthlab/lab"
)

// startFault tells why a runtime could not start a container.
func startFault(message string) lab.Text {
	said := orDash(lab.Line(startError(message), maxQuote))
	switch programFault(message) {
	case programMissing:
		return lab.Textf("실행할 프로그램이 이미지에 없어 시작하지 못했습니다: %s", "It could not be started, because the image has no such program: %s", said)
	case programDenied:
		return lab.Textf("프로그램을 실행할 권한이 없어 시작하지 못했습니다: %s", "It could not be started, because the program may not be executed: %s", said)
	case faultOther:
	}
	return lab.Textf("컨테이너를 시작하지 못했습니다: %s", "It could not be started: %s", said)
}

// notRun tells why a runtime could not run a command in a container; zero if it is for another reason that it failed.
func notRun(message string) lab.Text {
	if !strings.Contains(message, "unable to start container process: ") && !strings.Contains(message, `exec: "`) {
		return lab.Text{}
	}
	said := lab.Line(startError(message), maxQuote)
	switch programFault(message) {
	case programMissing:
		return lab.Textf("실행할 프로그램이 이미지에 없습니다(%s)", "the image has no such program (%s)", said)
	case programDenied:
		return lab.Textf("프로그램을 실행할 권한이 없습니다(%s)", "the program may not be executed (%s)", said)
	case faultOther:
	}
	return lab.Text{}
}

// fault is why a program cannot be started.
type fault int

const (
	faultOther fault = iota
	programMissing
	programDenied
)

func programFault(message string) fault {
	switch {
	case strings.Contains(message, "executable file not found"), strings.Contains(message, "no such file or directory"):
		return programMissing
	case strings.Contains(message, "permission denied"):
		return programDenied
	}
	return faultOther
}

// startError is what a runtime's error says of the program itself.
func startError(message string) string {
	message = strings.TrimSuffix(strings.TrimSpace(message), ": unknown")
	const process = "unable to start container process: "
	if i := strings.LastIndex(message, `exec: "`); i >= 0 {
		return message[i:]
	}
	if i := strings.LastIndex(message, process); i >= 0 {
		return message[i+len(process):]
	}
	return message
}

// probeFault tells why an attempt could not be made.
func probeFault(message string) lab.Text {
	if why := notRun(message); !why.IsZero() {
		return why
	}
	return failure(message)
}

// hookFault tells why a hook failed, without whose it is (pkg/kubelet/lifecycle/handlers.go).
func hookFault(message string) lab.Text {
	if _, why, ok := strings.Cut(message, " failed - error: "); ok {
		if i := strings.LastIndex(why, ", message: "); i >= 0 {
			why = why[:i]
		}
		message = strings.Trim(why, ": ")
	}
	if why := notRun(message); !why.IsZero() {
		return why
	}
	return lab.Same(orDash(lab.Line(message, maxQuote)))
}
