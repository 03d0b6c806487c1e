package lab_test

import (
	"testing"
	"time"

	"healthlab/lab"
)

func TestReadBackOff(t *testing.T) {
	for name, test := range map[string]struct {
		message string
		want    time.Duration
	}{
		"a kubelet's":        {"back-off 1m20s restarting failed container=app pod=web_ns(8f5c)", 80 * time.Second},
		"of an image":        {`Back-off pulling image "nonesuch"`, 0},
		"without a duration": {"back-off soon", 0},
		"longer than any":    {"back-off 9999h restarting failed container=app", 0},
		"before its start":   {"back-off -10s restarting failed container=app", 0},
		"nothing":            {"", 0},
	} {
		t.Run(name, func(t *testing.T) {
			if got := lab.ReadBackOff(test.message); got != test.want {
				t.Errorf("ReadBackOff(%q) = %v, want %v", test.message, got, test.want)
			}
		})
	}
}
