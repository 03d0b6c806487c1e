package embedded

import (
	"context"
	"errors"
	"fmt"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
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
