package store

import (
	"bufio"
	"fmt"
	"log/slog"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"

	"healthlab/lab"
	"healthlab/lab/journal"
)

// asWriter is the variable by which a test's own binary knows that it is to keep a journal in a folder until it is killed.
const asWriter = "HEALTHLAB_TEST_KEEP_IN"

func TestMain(m *testing.M) {
	if folder := os.Getenv(asWriter); folder != "" {
		keepForever(folder)
	}
	goleak.VerifyTestMain(m)
}

// keepForever keeps the journal of something that happens every 10 ms, and prints the number of each entry once it has.
func keepForever(folder string) {
	j := journal.New()
	In(folder).Keep(j.Subscribe(journal.WithEntries()), slog.New(slog.DiscardHandler))
	out := bufio.NewWriter(os.Stdout)
	for ticks := time.NewTicker(10 * time.Millisecond); ; <-ticks.C {
		e := j.Append(time.Now(), journal.PodChosen{Pod: "web"})
		j.Publish(&lab.Snapshot{Revision: e.Seq})
		fmt.Fprintln(out, e.Seq, time.Now().UnixMilli())
		_ = out.Flush()
	}
}
