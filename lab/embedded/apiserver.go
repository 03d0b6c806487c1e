package embedded

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"sync"
	"time"

	"golang.org/x/net/http2"
	v1 "k8s.io/api/core/v1"
	utilerrors "k8s.io/apimachinery/pkg/util/errors"
	utilnet "k8s.io/apimachinery/pkg/util/net"
	apimachineryversion "k8s.io/apimachinery/pkg/version"
	genericapiserver "k8s.io/apiserver/pkg/server"
	"k8s.io/apiserver/pkg/server/dynamiccertificates"
	"k8s.io/apiserver/pkg/server/egressselector"
	"k8s.io/apiserver/pkg/util/compatibility"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	basecompatibility "k8s.io/component-base/compatibility"
	aggregatorapiserver "k8s.io/kube-aggregator/pkg/apiserver"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
	"k8s.io/kubernetes/cmd/kube-apiserver/app/options"
	"k8s.io/kubernetes/pkg/controlplane/reconcilers"

	"healthlab/lab/node/gate"
)

const (
	serviceRange = "10.96.0.0/16"
	// serviceIP is the first address of serviceRange: that of the kubernetes service.
	serviceIP = "10.96.0.1"
	// dnsIP is that of the kube-dns service: the tenth, as kubeadm has it.
	dnsIP = "10.96.0.10"
	// issuer signs service account tokens. It is a name, nobody connects to it.
	issuer = "https://kubernetes.default.svc.cluster.local"
)

// apiServer is the kube-apiserver of one run. Kubernetes' own serving loop writes to standard error and, when it ends,
// leaves the connections of watching clients open; so it is given a listener on which nothing ever arrives, and the same
// handler is served here.
type apiServer struct {
	server *http.Server
	cancel context.CancelFunc
	loops  sync.WaitGroup
	// drained is closed when Kubernetes' part of the server has ended.
	drained chan struct{}
	died    chan error
}

// startAPIServer returns when the API server answers requests on listener, which it then owns. The first request is let
// through as soon as there is somebody to answer it, which is a second before /readyz would say so: that also waits for
// the bootstrap roles of RBAC, which the system:masters do without.
func startAPIServer(
	ctx context.Context, listener net.Listener, p *pki, etcd etcdEndpoint, pods *podNetwork, errorLog *log.Logger,
) (_ running, err error) {
	opts, err := apiServerOptions(p, etcd)
	if err != nil {
		return running{}, err
	}
	// The components need an end of their own: ctx is only about starting them.
	serving, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer func() {
		if err != nil {
			cancel()
		}
	}()
	door := gate.New(listener)
	chain, err := newServerChain(serving, opts, newIdleListener(listener.Addr()), pods, door)
	if err != nil {
		return running{}, err
	}
	generic := chain.GenericAPIServer
	up := make(chan struct{})
	if err := generic.AddPostStartHook("healthlab-up", func(genericapiserver.PostStartHookContext) error {
		close(up)
		return nil
	}); err != nil {
		return running{}, err
	}
	prepared, err := chain.PrepareRun()
	if err != nil {
		return running{}, err
	}
	tlsConfig, err := servingTLS(p, generic.SecureServingInfo)
	if err != nil {
		return running{}, err
	}
	s := &apiServer{
		server: &http.Server{
			Handler:           generic.Handler,
			TLSConfig:         tlsConfig,
			ErrorLog:          errorLog,
			IdleTimeout:       90 * time.Second,
			ReadHeaderTimeout: 32 * time.Second,
		},
		cancel:  cancel,
		drained: make(chan struct{}),
		died:    make(chan error, 2), // one for each loop
	}
	if err := http2.ConfigureServer(s.server, &http2.Server{IdleTimeout: s.server.IdleTimeout}); err != nil {
		return running{}, err
	}
	s.loops.Go(func() {
		if err := s.server.Serve(tls.NewListener(door, tlsConfig)); !errors.Is(err, http.ErrServerClosed) {
			s.died <- fmt.Errorf("serve: %w", err)
		}
	})
	s.loops.Go(func() {
		defer close(s.drained)
		if err := prepared.Run(serving); serving.Err() == nil {
			s.died <- fmt.Errorf("ended by itself: %w", err)
		}
	})
	part := running{stop: s.stop, died: s.died}
	select {
	case <-up:
		return part, nil
	case err := <-s.died:
		return part, err
	case <-ctx.Done():
		return part, ctx.Err()
	}
}

// stop ends the server as a graceful termination does, and then cuts whatever connections are left: those of clients
// that watch would otherwise stay open as long as the clients like.
func (s *apiServer) stop(ctx context.Context) error {
	s.cancel()
	err := errors.Join(waitFor(ctx, s.drained), s.server.Close())
	ended := make(chan struct{})
	go func() {
		s.loops.Wait()
		close(ended)
	}()
	return errors.Join(err, waitFor(ctx, ended))
}

// newServerChain builds the aggregator, kube-apiserver and the server of custom resources, one behind the other.
func newServerChain(
	ctx context.Context, opts *options.ServerRunOptions, listener net.Listener, pods *podNetwork, door *gate.Listener,
) (*aggregatorapiserver.APIAggregator, error) {
	complete, err := opts.Complete(ctx)
	if err != nil {
		return nil, err
	}
	// Had it been known before, two RSA keys would have been made for a certificate that nobody asks for.
	complete.SecureServing.Listener = listener
	complete.SecureServing.BindPort = listener.Addr().(*net.TCPAddr).Port
	if errs := complete.Validate(); len(errs) > 0 {
		return nil, utilerrors.NewAggregate(errs)
	}
	config, err := app.NewConfig(complete)
	if err != nil {
		return nil, err
	}
	// It does not proxy to a node at a loopback address, so the node has one of the pod network, which leads back to here.
	config.KubeAPIs.Extra.KubeletClientConfig.Lookup = func(egressselector.NetworkContext) (utilnet.DialFunc, error) {
		return dialKubelet, nil
	}
	// What the API server proxies to pods and services goes to addresses that only this process knows.
	toPods := config.KubeAPIs.ControlPlane.ProxyTransport
	toPods.DialContext, toPods.Proxy = pods.dial, nil
	// Whoever gets past the chain has shown a credential, and one with the right to what is asked for.
	outer := config.Aggregator.GenericConfig
	build := outer.BuildHandlerChainFunc
	outer.BuildHandlerChainFunc = func(api http.Handler, c *genericapiserver.Config) http.Handler {
		return build(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			door.Proven(r.RemoteAddr)
			api.ServeHTTP(w, r)
		}), c)
	}
	completeConfig, err := config.Complete()
	if err != nil {
		return nil, err
	}
	return app.CreateServerChain(completeConfig)
}

// dialKubelet connects to the kubelet API, which listens on the loopback interface, at the port that the node tells.
func dialKubelet(ctx context.Context, network, address string) (net.Conn, error) {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	var dialer net.Dialer
	return dialer.DialContext(ctx, network, net.JoinHostPort("127.0.0.1", port))
}

func apiServerOptions(p *pki, etcd etcdEndpoint) (*options.ServerRunOptions, error) {
	// Feature gates and versions are registered globally by default, which would let only one API server into a process.
	registry := basecompatibility.NewComponentGlobalsRegistry()
	if err := registry.Register(
		basecompatibility.DefaultKubeComponent,
		versioned{compatibility.DefaultBuildEffectiveVersion()},
		utilfeature.DefaultMutableFeatureGate.DeepCopy(),
	); err != nil {
		return nil, err
	}
	s := options.NewServerRunOptions()
	s.GenericServerRunOptions.ComponentGlobalsRegistry = registry
	if err := registry.Set(); err != nil {
		return nil, err
	}

	s.SecureServing.BindPort = 0
	s.SecureServing.BindAddress = net.IPv4(127, 0, 0, 1)
	s.SecureServing.ExternalAddress = s.SecureServing.BindAddress
	s.ServiceClusterIPRanges = serviceRange
	// EndpointSlices may not hold the address 127.0.0.1; ensureServices makes that of the kubernetes service.
	s.EndpointReconcilerType = string(reconcilers.NoneEndpointReconcilerType)

	s.Etcd.StorageConfig.Transport.ServerList = []string{etcd.url}
	if etcd.tls {
		s.Etcd.StorageConfig.Transport.CertFile = p.internalCert
		s.Etcd.StorageConfig.Transport.KeyFile = p.internalKey
		s.Etcd.StorageConfig.Transport.TrustedCAFile = p.caFile
	}

	ca, err := dynamiccertificates.NewStaticCAContent("ca", p.ca)
	if err != nil {
		return nil, err
	}
	s.Authentication.ClientCert.CAContentProvider = ca
	// Any user of this machine can connect. Who shows no credential is told nothing, the version and /healthz neither.
	s.Authentication.Anonymous.Allow = false
	s.Authentication.ServiceAccounts.Issuers = []string{issuer}
	s.Authentication.ServiceAccounts.KeyFiles = []string{p.serviceAccountKey}
	s.ServiceAccountSigningKeyFile = p.serviceAccountKey
	s.Authorization.Modes = []string{"RBAC"}

	// The node's name means nothing to the machine's resolver.
	s.KubeletConfig.PreferredAddressTypes = []string{string(v1.NodeInternalIP)}
	s.KubeletConfig.TLSClientConfig.CAFile = p.caFile
	s.KubeletConfig.TLSClientConfig.CertFile = p.internalCert
	s.KubeletConfig.TLSClientConfig.KeyFile = p.internalKey

	// As on kind and minikube. The node says in an event that it gives no privileges.
	s.AllowPrivileged = true
	// It puts finalizers on objects that only the controller for gang scheduling would take off again.
	s.Admission.GenericAdmission.DisablePlugins = []string{"PodGroupProtection"}
	// One laptop's worth of clients needs no fair queuing, which costs memory and idle time.
	s.Features.EnablePriorityAndFairness = false
	s.Features.EnableProfiling = false
	return s, nil
}

// servingTLS is Kubernetes' own configuration for serving, without the machinery that reloads certificates. Client
// certificates are asked for; whether one is good is for the authenticator to say, which answers 401 if it is not.
func servingTLS(p *pki, info *genericapiserver.SecureServingInfo) (*tls.Config, error) {
	certificate, err := tls.X509KeyPair(p.server.cert, p.server.key)
	if err != nil {
		return nil, err
	}
	config := &tls.Config{
		MinVersion:   tls.VersionTLS12,
		Certificates: []tls.Certificate{certificate},
		ClientAuth:   tls.RequestClientCert,
		ClientCAs:    x509.NewCertPool(),
		NextProtos:   []string{"h2", "http/1.1"},
	}
	config.ClientCAs.AppendCertsFromPEM(p.ca)
	// The server's clients of itself ask for a name of their own and get a certificate of their own.
	for _, c := range info.SNICerts {
		loopback, err := tls.X509KeyPair(c.CurrentCertKeyContent())
		if err != nil {
			return nil, err
		}
		config.Certificates = append(config.Certificates, loopback)
	}
	return config, nil
}

// versioned makes the API server tell its real version: only Kubernetes' own build would stamp it in.
type versioned struct {
	basecompatibility.MutableEffectiveVersion
}

// Info returns what GET /version answers.
func (v versioned) Info() *apimachineryversion.Info {
	info := v.MutableEffectiveVersion.Info()
	if info != nil {
		info.GitVersion = Version
		info.GitCommit = ""
	}
	return info
}

// idleListener is a listener with the address of another one, on which nothing arrives.
type idleListener struct {
	addr   net.Addr
	ctx    context.Context
	cancel context.CancelFunc
}

func newIdleListener(addr net.Addr) *idleListener {
	ctx, cancel := context.WithCancel(context.Background())
	return &idleListener{addr: addr, ctx: ctx, cancel: cancel}
}

func (l *idleListener) Accept() (net.Conn, error) {
	<-l.ctx.Done()
	return nil, net.ErrClosed
}

func (l *idleListener) Close() error {
	l.cancel()
	return nil
}

func (l *idleListener) Addr() net.Addr { return l.addr }
