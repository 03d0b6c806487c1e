package embedded

import (
	"context"
	"fmt"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
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
	return waitForObject(ctx, client.CoreV1().Namespaces().Watch, "namespace", v1.NamespaceNodeLease)
}

// waitForService returns when there is the kubernetes service, of which every container is told in its environment.
func waitForService(ctx context.Context, config *rest.Config) error {
	client, err := kubernetes.NewForConfig(protobuf(config))
	if err != nil {
		return err
	}
	return waitForObject(ctx, client.CoreV1().Services(v1.NamespaceDefault).Watch, "service", "kubernetes")
}

// waitForObject returns when the object exists that the API server makes by itself.
func waitForObject(
	ctx context.Context, follow func(context.Context, metav1.ListOptions) (watch.Interface, error), kind, name string,
) error {
	seen, err := follow(ctx, metav1.ListOptions{
		FieldSelector: fields.OneTermEqualSelector(metav1.ObjectNameField, name).String(),
	})
	if err != nil {
		return fmt.Errorf("wait for %s %s: %w", kind, name, err)
	}
	defer seen.Stop()
	select {
	case _, ok := <-seen.ResultChan():
		if !ok {
			return fmt.Errorf("wait for %s %s: the watch ended", kind, name)
		}
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for %s %s: %w", kind, name, ctx.Err())
	}
}
