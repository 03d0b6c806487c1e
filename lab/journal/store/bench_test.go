package store

import (
	"fmt"
	"os"
	"testing"
	"time"

	"healthlab/lab"
	"healthlab/lab/journal"
	"healthlab/probes"
)

// BenchmarkKeepHour keeps an hour of pods that are probed once a second each, with a flush for each second. The readiness lab
// has one such attempt a second.
func BenchmarkKeepHour(b *testing.B) {
	for _, pods := range []int{1, 30} {
		b.Run(fmt.Sprintf("%d attempts a second", pods), func(b *testing.B) {
			var size int64
			for b.Loop() {
				size = keepHour(b, pods)
			}
			b.ReportMetric(float64(size), "bytes/hour")
			b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/3600*100, "%core")
		})
	}
}

func keepHour(b *testing.B, pods int) int64 {
	b.Helper()
	k := &Keeper{folder: In(b.TempDir()), log: quiet}
	start := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	if err := k.create(start); err != nil {
		b.Fatal(err)
	}
	for second := range 3600 {
		var batch journal.Batch
		for n := range pods {
			// Nothing happens at whole milliseconds.
			at := start.Add(time.Duration(second)*time.Second + time.Duration(n)*33_333_333 + time.Duration(second*7919%997)*1013)
			batch.Entries = append(batch.Entries, journal.Entry{
				Seq: uint64(second*pods + n + 1), At: at.Add(3217654),
				Body: journal.Attempted{Attempt: lab.Attempt{
					Pod: fmt.Sprintf("readiness-deployment-7d75c5f4c9-%05d", n), Container: "readiness-deployment",
					Attempt: probes.Attempt{
						Key: probes.Key{
							Pod: fmt.Sprintf("0b0e7f6a-2f0d-4c55-9a67-%012d", n), Container: "readiness-deployment", Kind: probes.Readiness,
						},
						ContainerID: fmt.Sprintf("containerd://%064x", uint64(n+1)*0x9e3779b97f4a7c15), Mechanism: probes.MechanismExec,
						Start: at, Took: time.Duration(3_000_000 + second*n*7919%500_000), Way: time.Duration(1_000_000 + second*(n+1)*104729%300_000),
						Outcome: probes.Success, Streak: second + 1, Threshold: 1, Verdict: probes.Passing, Next: at.Add(time.Second),
					},
				}},
			})
		}
		if _, err := k.take(batch); err != nil {
			b.Fatal(err)
		}
		if err := k.flush(); err != nil {
			b.Fatal(err)
		}
	}
	size := k.out.n
	if err := k.file.Close(); err != nil {
		b.Fatal(err)
	}
	if err := os.Remove(k.file.Name()); err != nil {
		b.Fatal(err)
	}
	return size
}
