package lab

import (
	"strings"
	"time"
)

// ReadBackOff reads how long a kubelet waits before it starts a container once more, from the message of one that is in
// CrashLoopBackOff: "back-off 10s restarting failed container=…" (pkg/kubelet/kuberuntime/kuberuntime_manager.go, doBackOff). It is
// zero if that is not said, or cannot be.
func ReadBackOff(message string) time.Duration {
	rest, ok := strings.CutPrefix(message, "back-off ")
	if !ok {
		return 0
	}
	word, _, _ := strings.Cut(rest, " ")
	d, err := time.ParseDuration(word)
	if err != nil || d < 0 || d > time.Hour {
		return 0
	}
	return d
}
