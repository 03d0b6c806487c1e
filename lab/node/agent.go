package node

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	typedv1 "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/record"
	"k8s.io/client-go/util/flowcontrol"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"healthlab/lab/node/clusterdns"
	"healthlab/lab/node/network"
	"healthlab/lab/node/sandbox"
	"healthlab/lab/node/services"
	"healthlab/lab/witness"
	"healthlab/probes"
)

const maxPods = 2000

// Config is what an Agent is made from.
type Config struct {
	// Client talks to the API server. It should not be limited to a few requests a second.
	Client kubernetes.Interface
	// Name of the node; default node-1.
	Name string
	// Address is where the kubelet API listens; default 127.0.0.1. The node's own address is the pod network's first one.
	Address string
	// Listener, if not nil, is what the kubelet API listens on; the agent closes it. Default: a free port of Address.
	Listener net.Listener
	// Cert is the kubelet API's serving certificate. The API server must be able to verify it.
	Cert tls.Certificate
	// ClientCA has signed the certificates of those who may use the kubelet API: the API server.
	ClientCA *x509.CertPool
	// PodCIDR is the pod network, IPv4; default 10.244.0.0/16. Its first address is the node's own.
	PodCIDR string
	// ClusterDNS is the address of the Service that leads to the cluster's name server, which the agent is on port 53 of the
	// pod network's first address. Empty: there is none.
	ClusterDNS string
	// ClusterDomain is what the cluster's names end with; default cluster.local.
	ClusterDomain string
	// APIServer is where the API server listens on this machine. If it is valid, pods reach it by the same port of the pod
	// network's first address.
	APIServer netip.AddrPort
	// Dir is a directory for logs, volumes and root directories. It is made if absent; Close removes what the agent put
	// there.
	Dir string
	// Images finds the built-in images (images.Find).
	Images LookUp
	// StandIn is the image that may run in place of one that Images does not find, if a pod or its namespace asks for that
	// (lab.StandInAnnotation). Nil: nothing ever does.
	StandIn *sandbox.Image
	// StandIns has all pods ask for stand-ins that do not say otherwise.
	StandIns bool
	// Runtime makes what runs the containers.
	Runtime func(RuntimeConfig) (Runtime, error)
	// Log is where the agent says what no event says; default: nowhere.
	Log *slog.Logger
	// Version is the kubelet version that the node reports; default v1.37.2.
	Version string
}

func (c *Config) setDefaults() error {
	if c.Client == nil || c.Images == nil || c.Runtime == nil || c.Dir == "" || c.ClientCA == nil || len(c.Cert.Certificate) == 0 {
		return errors.New("node agent: Client, Images, Runtime, Dir, Cert and ClientCA are needed")
	}
	for _, d := range []struct {
		field *string
		value string
	}{{&c.Name, "node-1"}, {&c.Address, "127.0.0.1"}, {&c.PodCIDR, "10.244.0.0/16"}, {&c.Version, "v1.37.2"}, {&c.ClusterDomain, "cluster.local"}} {
		if *d.field == "" {
			*d.field = d.value
		}
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return nil
}

// Agent is a running node agent.
type Agent struct {
	cfg       Config
	log       *slog.Logger
	events    events
	images    *imageStore
	crashes   *flowcontrol.Backoff
	ips       *ipPool
	services  *services.Objects
	proxy     *services.Proxy
	net       *network.Switch
	claims    network.Claims
	dns       *clusterdns.Server // nil: there is none
	runtime   Runtime
	disk      *disk
	hostPorts hostPorts
	prober    *probes.Engine
	attempts  *witness.Log
	server    *server
	ready     chan struct{}
	cancel    context.CancelFunc
	wg        sync.WaitGroup
	close     func() error
	stopping  context.Context

	mu      sync.Mutex
	workers map[types.UID]*podWorker
}

// Start starts the agent. It returns as soon as the kubelet API listens; Ready tells when the node is Ready in the
// API, which the agent goes on trying to reach however long that takes. ctx ends the agent like Close, which must be
// called in any case.
func Start(ctx context.Context, cfg Config) (*Agent, error) {
	if err := cfg.setDefaults(); err != nil {
		return nil, err
	}
	ips, err := newIPPool(cfg.PodCIDR)
	if err != nil {
		return nil, fmt.Errorf("node agent: %w", err)
	}
	objects, err := services.NewObjects(cfg.Client)
	if err != nil {
		return nil, fmt.Errorf("node agent: %w", err)
	}
	proxy := services.NewProxy(objects, cfg.Name)
	a := &Agent{
		cfg: cfg, log: cfg.Log, ips: ips, services: objects, proxy: proxy,
		net:     network.NewSwitch(ips.gateway(), proxy),
		crashes: flowcontrol.NewBackOff(10*time.Second, 5*time.Minute),
		ready:   make(chan struct{}), attempts: witness.NewLog(),
		workers: map[types.UID]*podWorker{},
	}
	if err := os.MkdirAll(a.podsDir(), 0o700); err != nil {
		return nil, fmt.Errorf("node agent: %w", err)
	}
	if a.disk, err = newDisk(filepath.Join(cfg.Dir, "disk"), nodeHosts(a.net.Host().String(), cfg.Name)); err != nil {
		return nil, fmt.Errorf("node agent: %w", err)
	}
	ctx, a.cancel = context.WithCancel(ctx)
	a.stopping = ctx
	if a.runtime, err = cfg.Runtime(RuntimeConfig{
		Dir: filepath.Join(cfg.Dir, "sandbox"), Network: a.net, OutOfMemory: a.outOfMemory,
	}); err != nil {
		a.cancel()
		return nil, errors.Join(fmt.Errorf("node agent: start the container runtime: %w", err), a.disk.close())
	}
	broadcaster := record.NewBroadcaster(record.WithContext(ctx))
	broadcaster.StartRecordingToSink(&typedv1.EventSinkImpl{Interface: cfg.Client.CoreV1().Events("")})
	a.events = events{broadcaster.NewRecorder(scheme.Scheme, v1.EventSource{Component: "kubelet", Host: cfg.Name})}
	a.images = newImageStore(cfg.Images, a.instead, a.events)
	objects.OnAnnotated(a.onAnnotated)
	a.prober = probes.New(probes.Config{Report: a.report})
	if a.server, err = startServer(ctx, a); err != nil {
		a.cancel()
		broadcaster.Shutdown()
		return nil, errors.Join(err, a.runtime.Close(), a.disk.close())
	}
	if err := a.startNetwork(ctx); err != nil {
		a.cancel()
		a.server.close()
		broadcaster.Shutdown()
		return nil, errors.Join(err, a.runtime.Close())
	}
	a.close = sync.OnceValue(func() error {
		a.cancel()
		a.wg.Wait() // workers take their pods down
		a.prober.Close()
		a.server.close()
		if a.dns != nil {
			a.dns.Close()
		}
		broadcaster.Shutdown()
		return errors.Join(a.runtime.Close(), os.RemoveAll(a.podsDir()), a.disk.close())
	})
	a.wg.Go(func() { a.keepNode(ctx) })
	a.watch(ctx, broadcaster)
	return a, nil
}

// startNetwork makes known what the node itself serves on the pod network.
func (a *Agent) startNetwork(ctx context.Context) error {
	host := network.Server{Pod: a.net.Host(), Bound: a.net.Host()}
	if a.cfg.APIServer.IsValid() {
		// It lets in who has a credential, wherever he comes from: nobody needs to claim a connection.
		api := host
		api.Port, api.Real = a.cfg.APIServer.Port(), a.cfg.APIServer
		if _, _, err := a.net.Announce(ctx, api); err != nil {
			return fmt.Errorf("node agent: lead pods to the API server: %w", err)
		}
	}
	if a.cfg.ClusterDNS == "" {
		return nil
	}
	host.Port = dnsPort
	packets, err := network.ListenPacket(ctx, a.net, host)
	if err != nil {
		return fmt.Errorf("node agent: cluster DNS: %w", err)
	}
	streams, err := network.Listen(ctx, a.net, &a.claims, host)
	if err != nil {
		return errors.Join(fmt.Errorf("node agent: cluster DNS: %w", err), packets.Close())
	}
	a.dns = clusterdns.Start(clusterdns.Config{Objects: a.services, Domain: a.cfg.ClusterDomain, Log: a.log}, packets, streams)
	return nil
}

// Ready is closed once the node is registered, Ready, and free of the not-ready taint.
func (a *Agent) Ready() <-chan struct{} { return a.ready }

// Dial connects from the node to a TCP port of a pod, as a probe does. The address is an IP literal and a port; errors
// and the connection's addresses are those of the pod network.
func (a *Agent) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	return a.runtime.Dial(ctx, network, address)
}

// Close takes every pod down without grace, stops serving, and waits until all of the agent's goroutines have ended.
// The API is left as it is. It may be called more than once.
func (a *Agent) Close() error { return a.close() }

func (a *Agent) podsDir() string { return filepath.Join(a.cfg.Dir, "pods") }

// watch keeps the workers in line with the pods that are bound to this node, and volumes with claims.
func (a *Agent) watch(ctx context.Context, broadcaster record.EventBroadcaster) {
	pods := informers.NewSharedInformerFactoryWithOptions(a.cfg.Client, 0,
		informers.WithTweakListOptions(func(o *metav1.ListOptions) {
			o.FieldSelector = fields.OneTermEqualSelector("spec.nodeName", a.cfg.Name).String()
		}))
	_, err := pods.Core().V1().Pods().Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(o any) { a.onPod(ctx, o, false) },
		UpdateFunc: func(_, o any) { a.onPod(ctx, o, false) },
		DeleteFunc: func(o any) { a.onPod(ctx, o, true) },
	})
	if err != nil { // only a stopped informer refuses handlers
		a.log.Error("watch pods", "err", err)
	}
	storage := informers.NewSharedInformerFactory(a.cfg.Client, 0)
	provision := a.watchClaims(storage, broadcaster)
	a.wg.Go(func() { provision(ctx) })
	pods.Start(ctx.Done())
	storage.Start(ctx.Done())
	a.services.Start(ctx)
	a.wg.Go(func() {
		<-ctx.Done()
		pods.Shutdown()
		storage.Shutdown()
		a.services.Wait()
	})
}

// onPod hands a pod to its worker. Late, duplicate and lost events do no harm: a worker is known by the pod's UID, and
// a pod of the same name with another UID that exists means that the one before is gone.
func (a *Agent) onPod(ctx context.Context, object any, gone bool) {
	if last, ok := object.(cache.DeletedFinalStateUnknown); ok {
		object = last.Obj
	}
	pod, ok := object.(*v1.Pod)
	if !ok || pod.Spec.NodeName != a.cfg.Name {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if w := a.workers[pod.UID]; w != nil {
		w.update(pod, gone)
		return
	}
	if gone || ctx.Err() != nil {
		return
	}
	for _, w := range a.workers {
		if w.isNamed(pod.Namespace, pod.Name) {
			w.update(nil, true)
		}
	}
	w := newPodWorker(a, pod)
	a.workers[pod.UID] = w
	a.wg.Go(func() {
		w.run(ctx)
		a.mu.Lock()
		defer a.mu.Unlock()
		delete(a.workers, w.uid)
	})
}

// worker returns the worker of the pod of that name, or nil.
func (a *Agent) worker(namespace, name string) *podWorker {
	a.mu.Lock()
	defer a.mu.Unlock()
	var found *podWorker
	for _, w := range a.workers {
		if w.isNamed(namespace, name) && (found == nil || !w.isGone()) {
			found = w
		}
	}
	return found
}

func (a *Agent) allWorkers() []*podWorker {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Collect(maps.Values(a.workers))
}

// report takes an attempt of a probe: it is told to who listens, with the container's ID as the API has it, events are made
// as the kubelet makes them, and the pod is looked at if the verdict changed.
func (a *Agent) report(attempt probes.Attempt) {
	a.mu.Lock()
	w := a.workers[types.UID(attempt.Key.Pod)]
	a.mu.Unlock()
	if w == nil {
		return
	}
	pod, _ := w.known()
	a.events.attempt(pod, attempt)
	told := attempt
	told.ContainerID = idScheme + attempt.ContainerID
	a.attempts.Add(pod.Namespace, pod.Name, told)
	if attempt.Changed && (attempt.Key.Kind != probes.Liveness || attempt.Verdict == probes.Failing) {
		w.poke()
	}
}
