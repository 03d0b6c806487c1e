package embedded

import (
	"bytes"
	"errors"
	"io"
	"log"
	"runtime"
	"slices"
	"sync"
	_ "unsafe" // for go:linkname

	"github.com/go-logr/logr"
	"go.etcd.io/etcd/server/v3/storage/wal"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	"k8s.io/klog/v2"
)

// walSegment is the size in bytes of the files that etcd reserves two of.
const walSegment = 4 << 20

// process is what all clusters of a process share, because Kubernetes and etcd keep it in global variables: where logs
// go, and what happens when something gives up.
type process struct {
	mu sync.Mutex
	// clusters that have not been closed, oldest first.
	clusters []*Cluster // guarded by mu
	// started counts all clusters there ever were.
	started int // guarded by mu
}

// theProcess sets the global variables the first time it is called.
var theProcess = sync.OnceValue(func() *process {
	p := &process{}
	// With a logger of its own klog leaves standard error alone, even when it gives up.
	klog.SetLoggerWithOptions(logr.Discard(), klog.WriteKlogBuffer(func(line []byte) { _, _ = p.Write(line) }))
	// Kubernetes ends the process when, for example, the server is stopped before all that follows its start has been
	// done, as by a user who changes her mind. That is for the clusters' owner to decide.
	klog.OsExit = func(int) {
		p.giveUp()
		runtime.Goexit()
	}
	// A panic in one of Kubernetes' loops is logged and the loop goes on; it must not take the terminal with it.
	utilruntime.ReallyCrash = false
	wal.SegmentSizeBytes = walSegment
	etcdClientLogger = etcdLogger(p)
	return p
})

// etcdClientLogger is the logger of the API server's etcd clients. It is made in an init function, writes to standard error
// and cannot be set any other way; a line of it, as at every shutdown, would tear the console apart.
//
//go:linkname etcdClientLogger k8s.io/apiserver/pkg/storage/storagebackend/factory.etcd3ClientLogger
var etcdClientLogger *zap.Logger

// etcdLogger writes warnings and worse to w. That w takes nothing, on a full disk, it would tell on standard error.
func etcdLogger(w io.Writer) *zap.Logger {
	return zap.New(zapcore.NewCore(
		zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()), zapcore.AddSync(w), zap.WarnLevel,
	), zap.ErrorOutput(zapcore.AddSync(io.Discard)))
}

func (p *process) add(c *Cluster) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clusters = append(p.clusters, c)
	p.started++
}

func (p *process) remove(c *Cluster) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clusters = slices.DeleteFunc(p.clusters, func(other *Cluster) bool { return other == c })
}

// Write hands a line to the youngest cluster's log. What goroutines that Kubernetes leaves behind write when there is no
// cluster any more is dropped.
func (p *process) Write(line []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.clusters) == 0 {
		return len(line), nil
	}
	return p.clusters[len(p.clusters)-1].log.Write(line)
}

// giveUp tells the cluster that a component of it has ended. Where there have been several there is no telling whose it
// was, most likely a closed one's, and nobody is told.
func (p *process) giveUp() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.started == 1 && len(p.clusters) == 1 {
		p.clusters[0].fail(errors.New("kubernetes gave up; its log tells why"))
	}
}

// logSink lets several components write to one writer, one at a time.
type logSink struct {
	mu sync.Mutex
	w  io.Writer // guarded by mu
}

// Write hands whole lines on.
func (s *logSink) Write(line []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.w.Write(line)
}

// close drops what is written from now on: the writer is the caller's again.
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
