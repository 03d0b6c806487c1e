package embedded

import (
	"bytes"
	"context"
	"os"
	"strconv"
	"testing"
	"time"

	"healthlab/lab"
)

// BenchmarkStart measures a whole start: until the API answers (api-ms), until the node is Ready (node-ms), until it is
// all gone again (close-ms), and what the process then has in memory (rss-MB, where the system tells).
func BenchmarkStart(b *testing.B) {
	var api, ready, closed time.Duration
	var memory float64
	for b.Loop() {
		begin := time.Now()
		ctx, cancel := context.WithTimeout(b.Context(), patience)
		c, err := Start(ctx, Options{StateDir: b.TempDir(), Progress: func(p lab.Component) {
			if p.State != lab.ComponentReady {
				return
			}
			switch p.Name {
			case "kube-apiserver":
				api += time.Since(begin)
			case "node":
				ready += time.Since(begin)
			}
		}})
		cancel()
		if err != nil {
			b.Fatal(err)
		}
		memory = max(memory, residentMB())
		begin = time.Now()
		if err := c.Close(); err != nil {
			b.Fatal(err)
		}
		closed += time.Since(begin)
	}
	for unit, d := range map[string]time.Duration{"api-ms": api, "node-ms": ready, "close-ms": closed} {
		b.ReportMetric(float64(d.Milliseconds())/float64(b.N), unit)
	}
	b.ReportMetric(memory, "rss-MB")
}

// residentMB is the resident memory of this process, 0 if the system does not tell.
func residentMB() float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range bytes.Lines(status) {
		if fields := bytes.Fields(line); len(fields) == 3 && string(fields[0]) == "VmRSS:" {
			kB, _ := strconv.ParseFloat(string(fields[1]), 64)
			return kB / 1024
		}
	}
	return 0
}
