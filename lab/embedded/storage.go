package embedded

import (
	"context"
	"fmt"
	"time"

	v1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/klog/v2"
	storageutil "k8s.io/kubernetes/pkg/apis/storage/util"
	"k8s.io/kubernetes/pkg/controller/volume/ephemeral"
	"k8s.io/kubernetes/pkg/controller/volume/persistentvolume"
	"k8s.io/kubernetes/pkg/controller/volume/pvcprotection"
	"k8s.io/kubernetes/pkg/controller/volume/pvprotection"

	"healthlab/lab/node"
)

// storageClassName is what kind and minikube call theirs.
const storageClassName = "standard"

// addStorage adds the controllers that bind volumes to claims and keep both from going while they are used. Volumes are
// made by the node agent.
func (c *controllers) addStorage(ctx context.Context) error {
	core := c.informers.Core().V1()
	binder, err := persistentvolume.NewController(ctx, persistentvolume.ControllerParameters{
		KubeClient:                c.client,
		SyncPeriod:                15 * time.Second,
		VolumeInformer:            core.PersistentVolumes(),
		ClaimInformer:             core.PersistentVolumeClaims(),
		ClassInformer:             c.informers.Storage().V1().StorageClasses(),
		PodInformer:               core.Pods(),
		NodeInformer:              core.Nodes(),
		EnableDynamicProvisioning: true,
	})
	if err != nil {
		return fmt.Errorf("persistent volume controller: %w", err)
	}
	claims, err := pvcprotection.NewPVCProtectionController(
		klog.FromContext(ctx), core.PersistentVolumeClaims(), core.Pods(), c.client)
	if err != nil {
		return fmt.Errorf("claim protection controller: %w", err)
	}
	volumes, err := pvprotection.NewPVProtectionController(klog.FromContext(ctx), core.PersistentVolumes(), c.client)
	if err != nil {
		return fmt.Errorf("volume protection controller: %w", err)
	}
	ephemerals, err := ephemeral.NewController(ctx, c.client, core.Pods(), core.PersistentVolumeClaims())
	if err != nil {
		return fmt.Errorf("ephemeral volume controller: %w", err)
	}
	c.runs = append(c.runs, binder.Run)
	c.run(claims.Run)
	c.run(volumes.Run)
	c.run(ephemerals.Run)
	return nil
}

// ensureStorageClass returns when there is the default StorageClass.
func ensureStorageClass(ctx context.Context, config *rest.Config) error {
	client, err := kubernetes.NewForConfig(protobuf(config))
	if err != nil {
		return err
	}
	// As kind's, whose claims too are bound only when a pod wants them.
	reclaim, binding := v1.PersistentVolumeReclaimDelete, storagev1.VolumeBindingWaitForFirstConsumer
	_, err = client.StorageV1().StorageClasses().Create(ctx, &storagev1.StorageClass{
		ObjectMeta: metav1.ObjectMeta{
			Name:        storageClassName,
			Annotations: map[string]string{storageutil.IsDefaultStorageClassAnnotation: "true"},
		},
		Provisioner:       node.Provisioner,
		ReclaimPolicy:     &reclaim,
		VolumeBindingMode: &binding,
	}, metav1.CreateOptions{})
	if err != nil && !apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("make the default storage class: %w", err)
	}
	return nil
}
