package embedded

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"go.etcd.io/etcd/client/pkg/v3/transport"
	"go.etcd.io/etcd/server/v3/embed"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

const (
	// socketPathLimit is the longest path of a Unix socket that every system takes.
	socketPathLimit = 100
	// etcdQuota is how many bytes etcd's database may grow to; etcd then refuses what would add to it. A little more than
	// that is reserved in the address space.
	etcdQuota = 512 << 20
	// etcdFarewell is how long an etcd that has given up is waited for: what its ended goroutine had locked stays locked.
	etcdFarewell = time.Second
)

// etcdEndpoint is where the API server finds etcd.
type etcdEndpoint struct {
	url string
	// tls says that the endpoint is a TCP port that any user of this machine can connect to, so both sides have to show
	// the certificate for internal use.
	tls bool
}

// startEtcd starts a cluster of one member that keeps its data in dir. It listens for clients on a Unix socket in dir, which
// only the user may enter, or, where that is not to be had, on a free port of 127.0.0.1.
func startEtcd(ctx context.Context, dir string, p *pki, log io.Writer) (etcdEndpoint, running, error) {
	words := newLastWords()
	cfg := embed.NewConfig()
	cfg.Dir = filepath.Join(dir, "etcd")
	cfg.ZapLoggerBuilder = embed.NewZapLoggerBuilder(
		etcdLogger(log).WithOptions(zap.WithFatalHook(words), zap.WithPanicHook(words)))
	// The data does not outlive the process, so it need not survive a crash of the machine.
	cfg.UnsafeNoFsync = true
	cfg.QuotaBackendBytes = etcdQuota
	// The only member has nobody to wait for: with the defaults it would take a second to elect itself.
	cfg.TickMs, cfg.ElectionMs = 10, 100
	cfg.EnableGRPCGateway = false

	socket := filepath.Join(dir, "etcd.sock")
	useTLS := runtime.GOOS == "windows" || len(socket) > socketPathLimit
	client := url.URL{Scheme: "unix", Path: socket}
	if useTLS {
		client = url.URL{Scheme: "https", Host: "127.0.0.1:0"}
		cfg.ClientTLSInfo = transport.TLSInfo{
			CertFile: p.internalCert, KeyFile: p.internalKey, TrustedCAFile: p.caFile, ClientCertAuth: true,
		}
	}
	cfg.ListenClientUrls, cfg.AdvertiseClientUrls = []url.URL{client}, []url.URL{client}
	// The only member has no peers either, so it does not listen for any: of the URL of a Unix socket etcd's peer listener
	// would drop the path, and listen where everybody may connect. It must have an address nevertheless; nobody dials it.
	cfg.ListenPeerUrls, cfg.AdvertisePeerUrls = nil, []url.URL{{Scheme: "http", Host: "127.0.0.1:0"}}
	cfg.InitialCluster = cfg.InitialClusterFromName(cfg.Name)

	server, err := embedEtcd(cfg, words)
	if err != nil {
		return etcdEndpoint{}, running{}, err
	}
	part := running{died: words.said, stop: func(ctx context.Context) error { return closeEtcd(ctx, server, words) }}
	words.listening.Go(func() { words.listen(server.Err()) })
	select {
	case <-server.Server.ReadyNotify():
	case err = <-words.said:
	case <-server.Server.StopNotify():
		err = errors.New("it stopped while starting")
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil {
		return etcdEndpoint{}, part, err
	}
	if useTLS {
		client.Host = server.Clients[0].Addr().String()
		return etcdEndpoint{url: client.String(), tls: true}, part, nil
	}
	return etcdEndpoint{url: fmt.Sprintf("unix://%s", socket)}, part, nil
}

// embedEtcd is embed.StartEtcd in a goroutine of its own, which may have to be left behind: see lastWords.
func embedEtcd(cfg *embed.Config, words *lastWords) (server *embed.Etcd, err error) {
	started := make(chan struct{})
	go func() {
		defer close(started)
		server, err = embed.StartEtcd(cfg)
	}()
	select {
	case <-started:
		return server, err
	case said := <-words.said:
		return nil, said
	}
}

// closeEtcd ends etcd, and one that has given up as far as it can be ended.
func closeEtcd(ctx context.Context, server *embed.Etcd, words *lastWords) error {
	closed := make(chan struct{})
	go func() {
		server.Close() // closes its reports too
		words.listening.Wait()
		close(closed)
	}()
	select {
	case <-closed:
		return nil
	case <-words.gaveUp:
		ctx, cancel := context.WithTimeout(ctx, etcdFarewell)
		defer cancel()
		_ = waitFor(ctx, closed) // that it has died is told already
		return nil
	case <-ctx.Done():
		return waitFor(ctx, closed)
	}
}

// lastWords is what etcd says last. When it cannot write, on a full disk for example, etcd logs that in whatever goroutine
// notices, as fatal or as a panic, and means to take the process along: with the console, the terminal as it is, and all
// files left behind. Instead that goroutine goes no further, and the cluster is told why and closed. The goroutine waits
// for the end of the process rather than to end itself: its deferred calls would unlock and close what others go on using
// in a state that etcd has not expected, and their panics nobody could catch. Looking how full the disk is beforehand, as
// is done too, cannot replace this: the disk may become full at any moment.
type lastWords struct {
	said      chan error // at most one
	gaveUp    chan struct{}
	once      sync.Once
	listening sync.WaitGroup
}

func newLastWords() *lastWords {
	return &lastWords{said: make(chan error, 1), gaveUp: make(chan struct{})}
}

// OnWrite implements zapcore.CheckWriteHook.
func (w *lastWords) OnWrite(entry *zapcore.CheckedEntry, fields []zapcore.Field) {
	err := errors.New(entry.Message)
	for _, f := range fields {
		if cause, ok := f.Interface.(error); ok {
			err = fmt.Errorf("%s: %w", entry.Message, cause)
		}
	}
	w.once.Do(func() { close(w.gaveUp) })
	w.tell(err)
	select {}
}

// listen tells what etcd reports in the orderly way.
func (w *lastWords) listen(reports <-chan error) {
	for err := range reports {
		w.tell(err)
	}
}

func (w *lastWords) tell(err error) {
	select {
	case w.said <- err:
	default: // the first word counts
	}
}
