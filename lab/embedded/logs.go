package embedded

import (
	"bytes"
	"flag"
	"io"
	"log"
	"sync"

	"go.etcd.io/etcd/server/v3/storage/wal"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	"k8s.io/klog/v2"
)

// walSegment is the size in bytes of the files that etcd reserves two of.
const walSegment = 4 << 20

// setUpProcess sets what Kubernetes and etcd keep in global variables. The first cluster of a process does it.
var setUpProcess = sync.OnceValue(func() error {
	flags := flag.NewFlagSet("klog", flag.ContinueOnError)
	klog.InitFlags(flags)
	for name, value := range map[string]string{
		"logtostderr":     "false",
		"stderrthreshold": "FATAL",
		"one_output":      "true",
	} {
		if err := flags.Set(name, value); err != nil {
			return err
		}
	}
	// A panic in one of Kubernetes' loops is logged and the loop goes on; it must not take the terminal with it.
	utilruntime.ReallyCrash = false
	wal.SegmentSizeBytes = walSegment
	return nil
})

// logSink is the writer that all components of a run log to. Goroutines that Kubernetes' libraries leave behind may
// still write when the run is over; from then on nothing is written any more.
type logSink struct {
	mu sync.Mutex
	w  io.Writer // guarded by mu
}

// Write hands whole lines on, one writer at a time.
func (s *logSink) Write(line []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.w.Write(line)
}

// Sync is there for etcd's logger. Lines are written as they come.
func (s *logSink) Sync() error { return nil }

func (s *logSink) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.w = io.Discard
}

// httpErrorLog is for what the HTTP server has to say, without handshakes that failed: a client that does not trust this
// run's certificate is no news.
func (s *logSink) httpErrorLog() *log.Logger {
	return log.New(withoutHandshakes{s}, "", log.LstdFlags|log.LUTC)
}

type withoutHandshakes struct{ to io.Writer }

func (w withoutHandshakes) Write(line []byte) (int, error) {
	if bytes.Contains(line, []byte("TLS handshake error")) {
		return len(line), nil
	}
	return w.to.Write(line)
}
