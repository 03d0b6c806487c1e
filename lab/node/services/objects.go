package services

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"strconv"
	"sync"
	"time"

	v1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"

	"healthlab/lab/node/network"
)

// syncTime is how long a reader waits until objects have been read for the first time.
const syncTime = 5 * time.Second

// The indexes of services and slices.
const (
	byIP       = "ip"
	byNodePort = "node port"
	byService  = "service"
)

// Objects are the cluster's Services, EndpointSlices and Namespaces, as far as they have been read. What it returns is shared:
// nobody may change it.
type Objects struct {
	factory  informers.SharedInformerFactory
	services cache.SharedIndexInformer

	mu         sync.Mutex
	ctx        context.Context // of the informers, set by Start
	slices     cache.SharedIndexInformer
	namespaces cache.SharedIndexInformer
	annotated  func(*v1.Namespace)
}

// NewObjects returns objects that are not read yet.
func NewObjects(client kubernetes.Interface) (*Objects, error) {
	factory := informers.NewSharedInformerFactoryWithOptions(client, 0, informers.WithTransform(withoutManagedFields))
	o := &Objects{factory: factory, services: factory.Core().V1().Services().Informer()}
	if err := o.services.AddIndexers(cache.Indexers{byIP: serviceIPs, byNodePort: nodePorts}); err != nil {
		return nil, fmt.Errorf("index services: %w", err)
	}
	return o, nil
}

func withoutManagedFields(object any) (any, error) {
	if accessor, err := meta.Accessor(object); err == nil {
		accessor.SetManagedFields(nil)
	}
	return object, nil
}

// Start begins to read Services. Reading ends with ctx, and Wait waits for it.
func (o *Objects) Start(ctx context.Context) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ctx = ctx
	o.factory.StartWithContext(ctx)
}

// Wait returns when nothing is read any more.
func (o *Objects) Wait() { o.factory.Shutdown() }

// Services returns all services.
func (o *Objects) Services(ctx context.Context) ([]*v1.Service, error) {
	if err := o.synced(ctx, o.services); err != nil {
		return nil, err
	}
	return typed[v1.Service](o.services.GetStore().List()), nil
}

// Service returns the service of a name, or nil.
func (o *Objects) Service(ctx context.Context, namespace, name string) (*v1.Service, error) {
	if err := o.synced(ctx, o.services); err != nil {
		return nil, err
	}
	object, _, err := o.services.GetStore().GetByKey(namespace + "/" + name)
	service, _ := object.(*v1.Service)
	return service, err
}

// ServicesAt returns the services that have an address.
func (o *Objects) ServicesAt(ctx context.Context, ip netip.Addr) ([]*v1.Service, error) {
	return o.servicesBy(ctx, byIP, ip.String())
}

// NodePort returns the services that have a node port.
func (o *Objects) NodePort(ctx context.Context, port uint16, proto network.Proto) ([]*v1.Service, error) {
	return o.servicesBy(ctx, byNodePort, nodePortKey(int32(port), proto))
}

func (o *Objects) servicesBy(ctx context.Context, index, key string) ([]*v1.Service, error) {
	if err := o.synced(ctx, o.services); err != nil {
		return nil, err
	}
	found, err := o.services.GetIndexer().ByIndex(index, key)
	return typed[v1.Service](found), err
}

// Slices returns the slices of a service.
func (o *Objects) Slices(ctx context.Context, namespace, name string) ([]*discoveryv1.EndpointSlice, error) {
	return o.slicesBy(ctx, byService, namespace+"/"+name)
}

// PodAt returns the name of the pod that has an address as an endpoint of a service, or else the address.
func (o *Objects) PodAt(ctx context.Context, namespace, service string, at netip.Addr) string {
	slices, _ := o.Slices(ctx, namespace, service) // without them there is no name
	for _, s := range slices {
		for i := range s.Endpoints {
			e := &s.Endpoints[i]
			if len(e.Addresses) == 0 || e.TargetRef == nil || e.TargetRef.Kind != "Pod" {
				continue
			}
			if ip, err := netip.ParseAddr(e.Addresses[0]); err == nil && ip.Unmap() == at {
				return e.TargetRef.Name
			}
		}
	}
	return at.String()
}

// SlicesAt returns the slices that have an endpoint with an address.
func (o *Objects) SlicesAt(ctx context.Context, ip netip.Addr) ([]*discoveryv1.EndpointSlice, error) {
	return o.slicesBy(ctx, byIP, ip.String())
}

func (o *Objects) slicesBy(ctx context.Context, index, key string) ([]*discoveryv1.EndpointSlice, error) {
	o.mu.Lock()
	if o.slices == nil {
		o.slices = o.factory.Discovery().V1().EndpointSlices().Informer()
		if err := o.slices.AddIndexers(cache.Indexers{byService: sliceService, byIP: sliceIPs}); err != nil {
			o.mu.Unlock()
			return nil, fmt.Errorf("index endpoint slices: %w", err)
		}
		o.begin()
	}
	informer := o.slices
	o.mu.Unlock()
	if err := o.synced(ctx, informer); err != nil {
		return nil, err
	}
	found, err := informer.GetIndexer().ByIndex(index, key)
	return typed[discoveryv1.EndpointSlice](found), err
}

// OnAnnotated has do called for namespaces that come with annotations or get others, from the first call of Namespace on.
// It is called before Start, and do must not block.
func (o *Objects) OnAnnotated(do func(*v1.Namespace)) { o.annotated = do }

// Namespace returns the namespace of a name, or nil.
func (o *Objects) Namespace(ctx context.Context, name string) (*v1.Namespace, error) {
	o.mu.Lock()
	if o.namespaces == nil {
		o.namespaces = o.factory.Core().V1().Namespaces().Informer()
		if err := o.tellAnnotated(); err != nil {
			o.mu.Unlock()
			return nil, err
		}
		o.begin()
	}
	informer := o.namespaces
	o.mu.Unlock()
	if err := o.synced(ctx, informer); err != nil {
		return nil, err
	}
	object, _, err := informer.GetStore().GetByKey(name)
	namespace, _ := object.(*v1.Namespace)
	return namespace, err
}

// tellAnnotated is for OnAnnotated; o.mu is held.
func (o *Objects) tellAnnotated() error {
	if o.annotated == nil {
		return nil
	}
	_, err := o.namespaces.AddEventHandler(cache.ResourceEventHandlerDetailedFuncs{
		AddFunc: func(now any, known bool) {
			if namespace, ok := now.(*v1.Namespace); ok && !known && len(namespace.Annotations) > 0 {
				o.annotated(namespace)
			}
		},
		UpdateFunc: func(before, now any) {
			old, _ := before.(*v1.Namespace)
			if namespace, ok := now.(*v1.Namespace); ok && old != nil && !maps.Equal(old.Annotations, namespace.Annotations) {
				o.annotated(namespace)
			}
		},
	})
	return err
}

// begin starts informers made since Start; o.mu is held.
func (o *Objects) begin() {
	if o.ctx != nil && o.ctx.Err() == nil {
		o.factory.StartWithContext(o.ctx)
	}
}

func (o *Objects) synced(ctx context.Context, informer cache.SharedIndexInformer) error {
	select {
	case <-informer.HasSyncedChecker().Done():
		return nil
	default:
	}
	o.mu.Lock()
	running := o.ctx
	o.mu.Unlock()
	if running == nil {
		return errors.New("the node does not watch services yet")
	}
	late := time.NewTimer(syncTime)
	defer late.Stop()
	select {
	case <-informer.HasSyncedChecker().Done():
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-running.Done():
		return running.Err()
	case <-late.C:
		return errors.New("services have not yet been read at least once")
	}
}

func typed[T any](objects []any) []*T {
	list := make([]*T, 0, len(objects))
	for _, object := range objects {
		if o, ok := object.(*T); ok {
			list = append(list, o)
		}
	}
	return list
}

// serviceIPs are the addresses that lead to a service: its own, and those from outside that kube-proxy takes too.
func serviceIPs(object any) ([]string, error) {
	s, ok := object.(*v1.Service)
	if !ok || s.Spec.Type == v1.ServiceTypeExternalName {
		return nil, nil
	}
	var ips []string
	add := func(texts ...string) {
		for _, text := range texts {
			if ip, err := netip.ParseAddr(text); err == nil {
				ips = append(ips, ip.Unmap().String())
			}
		}
	}
	add(s.Spec.ClusterIPs...)
	add(s.Spec.ExternalIPs...)
	for _, in := range s.Status.LoadBalancer.Ingress {
		if in.IPMode == nil || *in.IPMode == v1.LoadBalancerIPModeVIP {
			add(in.IP)
		}
	}
	return ips, nil
}

func nodePorts(object any) ([]string, error) {
	s, ok := object.(*v1.Service)
	if !ok {
		return nil, nil
	}
	var keys []string
	for _, p := range s.Spec.Ports {
		if proto, known := protoOf(p.Protocol); known && p.NodePort != 0 {
			keys = append(keys, nodePortKey(p.NodePort, proto))
		}
	}
	return keys, nil
}

func nodePortKey(port int32, proto network.Proto) string {
	return strconv.Itoa(int(proto)) + "/" + strconv.Itoa(int(port))
}

// protoOf returns a port's protocol; SCTP is not known.
func protoOf(p v1.Protocol) (network.Proto, bool) {
	switch p {
	case v1.ProtocolTCP, "":
		return network.TCP, true
	case v1.ProtocolUDP:
		return network.UDP, true
	case v1.ProtocolSCTP:
	}
	return 0, false
}

func sliceService(object any) ([]string, error) {
	s, ok := object.(*discoveryv1.EndpointSlice)
	if !ok || s.Labels[discoveryv1.LabelServiceName] == "" {
		return nil, nil
	}
	return []string{s.Namespace + "/" + s.Labels[discoveryv1.LabelServiceName]}, nil
}

func sliceIPs(object any) ([]string, error) {
	s, ok := object.(*discoveryv1.EndpointSlice)
	if !ok {
		return nil, nil
	}
	var ips []string
	for _, e := range s.Endpoints {
		ips = append(ips, e.Addresses...)
	}
	return ips, nil
}
