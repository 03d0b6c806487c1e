package embedded

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	v1 "k8s.io/api/core/v1"
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

// ensureService returns when there is the kubernetes service, of which every container is told in its environment. The
// API server makes it too, but not before it has done all that follows its start.
func ensureService(ctx context.Context, config *rest.Config, port int) error {
	client, err := kubernetes.NewForConfig(protobuf(config))
	if err != nil {
		return err
	}
	singleStack := v1.IPFamilyPolicySingleStack
	// As pkg/controlplane/controller/kubernetesservice would make it, which keeps it from now on.
	service := &v1.Service{
		ObjectMeta: metav1.ObjectMeta{
			Name:   "kubernetes",
			Labels: map[string]string{"provider": "kubernetes", "component": "apiserver"},
		},
		Spec: v1.ServiceSpec{
			ClusterIP:       serviceIP,
			IPFamilyPolicy:  &singleStack,
			SessionAffinity: v1.ServiceAffinityNone,
			Type:            v1.ServiceTypeClusterIP,
			Ports: []v1.ServicePort{{
				Name: "https", Protocol: v1.ProtocolTCP, Port: 443, TargetPort: intstr.FromInt(port),
			}},
		},
	}
	// The range of service addresses takes a moment to appear.
	again := wait.Backoff{Duration: 10 * time.Millisecond, Factor: 1.5, Cap: 200 * time.Millisecond, Steps: math.MaxInt}
	var last error
	if err := wait.ExponentialBackoffWithContext(ctx, again, func(ctx context.Context) (bool, error) {
		services := client.CoreV1().Services(v1.NamespaceDefault)
		if _, last = services.Create(ctx, service, metav1.CreateOptions{}); last == nil {
			return true, nil
		}
		// Where the API server was quicker, the error is not that the service exists but that its address is taken.
		_, err := services.Get(ctx, service.Name, metav1.GetOptions{})
		return err == nil, nil
	}); err != nil {
		return fmt.Errorf("make the kubernetes service: %w", errors.Join(err, last))
	}
	return nil
}
