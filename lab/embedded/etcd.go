package embedded

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"runtime"

	"go.etcd.io/etcd/client/pkg/v3/transport"
	"go.etcd.io/etcd/server/v3/embed"
)

// socketPathLimit is the longest path of a Unix socket that every system takes.
const socketPathLimit = 100

// etcdEndpoint is where the API server finds etcd.
type etcdEndpoint struct {
	url string
	// tls says that the endpoint is a TCP port that any user of this machine can connect to, so both sides have to show
	// the certificate for internal use.
	tls bool
}

// startEtcd starts a cluster of one member that keeps its data in dir. It listens on Unix sockets in dir or, where those
// are not to be had, on free ports of 127.0.0.1.
func startEtcd(ctx context.Context, dir string, p *pki, log io.Writer) (etcdEndpoint, running, error) {
	cfg := embed.NewConfig()
	cfg.Dir = filepath.Join(dir, "etcd")
	cfg.ZapLoggerBuilder = embed.NewZapLoggerBuilder(etcdLogger(log))
	// The data does not outlive the process, so it need not survive a crash of the machine.
	cfg.UnsafeNoFsync = true
	// The only member has nobody to wait for: with the defaults it would take a second to elect itself.
	cfg.TickMs, cfg.ElectionMs = 10, 100
	cfg.EnableGRPCGateway = false

	socket := filepath.Join(dir, "etcd.sock")
	useTLS := runtime.GOOS == "windows" || len(socket) > socketPathLimit
	client, peer := url.URL{Scheme: "unix", Path: socket}, url.URL{Scheme: "unix", Path: filepath.Join(dir, "peer.sock")}
	if useTLS {
		client = url.URL{Scheme: "https", Host: "127.0.0.1:0"}
		peer = client
		cfg.ClientTLSInfo = transport.TLSInfo{
			CertFile: p.internalCert, KeyFile: p.internalKey, TrustedCAFile: p.caFile, ClientCertAuth: true,
		}
		cfg.PeerTLSInfo = cfg.ClientTLSInfo
	}
	cfg.ListenClientUrls, cfg.AdvertiseClientUrls = []url.URL{client}, []url.URL{client}
	cfg.ListenPeerUrls, cfg.AdvertisePeerUrls = []url.URL{peer}, []url.URL{peer}
	cfg.InitialCluster = cfg.InitialClusterFromName(cfg.Name)

	server, err := embed.StartEtcd(cfg)
	if err != nil {
		return etcdEndpoint{}, running{}, err
	}
	part := running{died: server.Err(), stop: func(ctx context.Context) error {
		closed := make(chan struct{})
		go func() {
			server.Close()
			close(closed)
		}()
		return waitFor(ctx, closed)
	}}
	select {
	case <-server.Server.ReadyNotify():
	case err := <-server.Err():
		server.Close()
		return etcdEndpoint{}, running{}, err
	case <-server.Server.StopNotify():
		server.Close()
		return etcdEndpoint{}, running{}, errors.New("it stopped while starting")
	case <-ctx.Done():
		server.Close()
		return etcdEndpoint{}, running{}, ctx.Err()
	}
	if useTLS {
		client.Host = server.Clients[0].Addr().String()
		return etcdEndpoint{url: client.String(), tls: true}, part, nil
	}
	return etcdEndpoint{url: fmt.Sprintf("unix://%s", socket)}, part, nil
}
