package embedded

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"time"

	v1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// protobuf is config for clients of built-in kinds, which it makes smaller and faster to read.
func protobuf(config *rest.Config) *rest.Config {
	config = rest.CopyConfig(config)
	config.ContentType = runtime.ContentTypeProtobuf
	config.AcceptContentTypes = runtime.ContentTypeProtobuf + "," + runtime.ContentTypeJSON
	return config
}

// waitForNamespaces returns when the namespaces exist that every cluster has. The API server makes them after it has
// begun to answer; node leases are in the last one.
func waitForNamespaces(ctx context.Context, config *rest.Config) error {
	client, err := kubernetes.NewForConfig(protobuf(config))
	if err != nil {
		return err
	}
	seen, err := client.CoreV1().Namespaces().Watch(ctx, metav1.ListOptions{
		FieldSelector: fields.OneTermEqualSelector(metav1.ObjectNameField, v1.NamespaceNodeLease).String(),
	})
	if err != nil {
		return fmt.Errorf("wait for namespace %s: %w", v1.NamespaceNodeLease, err)
	}
	defer seen.Stop()
	select {
	case _, ok := <-seen.ResultChan():
		if !ok {
			return errors.New("wait for the first namespaces: the watch ended")
		}
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for namespace %s: %w", v1.NamespaceNodeLease, ctx.Err())
	}
}

// ensureServices returns when there are the two services that every cluster has, with their endpoints: the API server, of
// which every container is told in its environment, and DNS. The API server makes its own too, but not before it has done all
// that follows its start.
func ensureServices(ctx context.Context, config *rest.Config, port uint16) error {
	client, err := kubernetes.NewForConfig(protobuf(config))
	if err != nil {
		return err
	}
	both := []*v1.Service{kubernetesService(port), dnsService()}
	made := make(chan error, len(both))
	for _, service := range both {
		go func() { made <- ensureService(ctx, client, service) }()
	}
	var errs []error
	for range both {
		errs = append(errs, <-made)
	}
	return errors.Join(errs...)
}

// kubernetesService is as pkg/controlplane/controller/kubernetesservice would make it, which keeps it from now on.
func kubernetesService(port uint16) *v1.Service {
	return &v1.Service{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: v1.NamespaceDefault, Name: "kubernetes",
			Labels: map[string]string{"provider": "kubernetes", "component": "apiserver"},
		},
		Spec: v1.ServiceSpec{
			ClusterIP:      serviceIP,
			IPFamilyPolicy: new(v1.IPFamilyPolicySingleStack),
			Type:           v1.ServiceTypeClusterIP,
			Ports: []v1.ServicePort{
				{Name: "https", Protocol: v1.ProtocolTCP, Port: 443, TargetPort: intstr.FromInt32(int32(port))},
			},
			SessionAffinity: v1.ServiceAffinityNone,
		},
	}
}

// dnsService is the service of the cluster's name server as kubeadm makes it, without a selector: it is no pod.
func dnsService() *v1.Service {
	return &v1.Service{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: metav1.NamespaceSystem, Name: "kube-dns",
			Labels: map[string]string{
				"k8s-app": "kube-dns", "kubernetes.io/cluster-service": "true", "kubernetes.io/name": "CoreDNS",
			},
		},
		Spec: v1.ServiceSpec{
			ClusterIP: dnsIP,
			Type:      v1.ServiceTypeClusterIP,
			Ports: []v1.ServicePort{
				{Name: "dns", Protocol: v1.ProtocolUDP, Port: 53, TargetPort: intstr.FromInt32(53)},
				{Name: "dns-tcp", Protocol: v1.ProtocolTCP, Port: 53, TargetPort: intstr.FromInt32(53)},
			},
		},
	}
}

// ensureService returns when there is a service, which leads to the node's own address.
func ensureService(ctx context.Context, client kubernetes.Interface, service *v1.Service) error {
	services := client.CoreV1().Services(service.Namespace)
	// The range of service addresses takes a moment to appear.
	again := wait.Backoff{Duration: 10 * time.Millisecond, Factor: 1.5, Cap: 200 * time.Millisecond, Steps: math.MaxInt}
	var last error
	if err := wait.ExponentialBackoffWithContext(ctx, again, func(ctx context.Context) (bool, error) {
		if _, last = services.Create(ctx, service, metav1.CreateOptions{}); last == nil {
			return true, nil
		}
		// Where the API server was quicker, the error is not that the service exists but that its address is taken.
		_, err := services.Get(ctx, service.Name, metav1.GetOptions{})
		return err == nil, nil
	}); err != nil {
		return fmt.Errorf("make the service %s: %w", service.Name, errors.Join(err, last))
	}
	slices := client.DiscoveryV1().EndpointSlices(service.Namespace)
	_, err := slices.Create(ctx, sliceTo(service, nodeAddress()), metav1.CreateOptions{})
	if err != nil && !apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("make the endpoints of the service %s: %w", service.Name, err)
	}
	return nil
}

// sliceTo leads a service, whose target ports are numbers, to an address.
func sliceTo(service *v1.Service, address netip.Addr) *discoveryv1.EndpointSlice {
	slice := &discoveryv1.EndpointSlice{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: service.Namespace, Name: service.Name,
			Labels: map[string]string{discoveryv1.LabelServiceName: service.Name, discoveryv1.LabelManagedBy: "healthlab"},
		},
		AddressType: discoveryv1.AddressTypeIPv4,
		Endpoints: []discoveryv1.Endpoint{{
			Addresses: []string{address.String()}, Conditions: discoveryv1.EndpointConditions{Ready: new(true)},
		}},
	}
	for i := range service.Spec.Ports {
		p := &service.Spec.Ports[i]
		slice.Ports = append(slice.Ports, discoveryv1.EndpointPort{
			Name: &p.Name, Protocol: &p.Protocol, Port: &p.TargetPort.IntVal,
		})
	}
	return slice
}
