package node

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/scheme"
	listersv1 "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/record"
	"k8s.io/client-go/tools/reference"
	"k8s.io/client-go/util/workqueue"
)

const (
	// Provisioner is what a StorageClass names whose volumes are directories of this node.
	Provisioner = "healthlab/local-path"

	// What the persistent volume controller says to a provisioner that it does not know, and what it wants to hear
	// (pkg/controller/volume/persistentvolume).
	annotationProvisioner     = "volume.kubernetes.io/storage-provisioner"
	annotationSelectedNode    = "volume.kubernetes.io/selected-node"
	annotationProvisionedBy   = "pv.kubernetes.io/provisioned-by"
	provisionedDir            = "/var/local-path-provisioner/"
	maxVolumes                = 500
	firstRetry, lastRetryWait = 200 * time.Millisecond, 30 * time.Second
)

// claimed returns the volume that is bound to a claim (pkg/volume/util/operationexecutor and the kubelet's
// desired_state_of_world_populator).
func (a *Agent) claimed(ctx context.Context, namespace, name string, readOnly bool) (volume, error) {
	claim, err := a.cfg.Client.CoreV1().PersistentVolumeClaims(namespace).Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return volume{}, fmt.Errorf("failed to fetch PVC from API server: %w", err)
	}
	if claim.Status.Phase != v1.ClaimBound || claim.Spec.VolumeName == "" {
		return volume{}, fmt.Errorf("PVC %s/%s is not bound", namespace, name)
	}
	pv, err := a.cfg.Client.CoreV1().PersistentVolumes().Get(ctx, claim.Spec.VolumeName, metav1.GetOptions{})
	if err != nil {
		return volume{}, fmt.Errorf("failed to fetch PV %s from API server: %w", claim.Spec.VolumeName, err)
	}
	if pv.Spec.ClaimRef == nil || pv.Spec.ClaimRef.UID != claim.UID {
		return volume{}, fmt.Errorf("PV %s is not bound to PVC %s/%s", pv.Name, namespace, name)
	}
	v := volume{readOnly: readOnly}
	switch {
	case pv.Spec.HostPath != nil:
		v.dir, err = a.disk.hostPath(pv.Spec.HostPath)
	case pv.Spec.Local != nil:
		v.dir, err = a.disk.localPath(pv.Spec.Local.Path)
	default:
		err = fmt.Errorf("PV %s: this node has only hostPath and local volumes", pv.Name)
	}
	return v, err
}

// provisioner makes a volume for each claim that the persistent volume controller gives to it, and takes it away when the
// claim is gone, as Rancher's local-path-provisioner does on kind. Its queue has one worker.
type provisioner struct {
	agent    *Agent
	recorder record.EventRecorder
	queue    workqueue.TypedRateLimitingInterface[provisioning]
	claims   listersv1.PersistentVolumeClaimLister
	volumes  listersv1.PersistentVolumeLister
}

// provisioning names a claim that wants a volume, or, without a namespace, a volume that may be of no more use.
type provisioning struct{ namespace, name string }

// watchClaims makes the provisioner and its informers. It returns what the provisioner does until the context ends.
func (a *Agent) watchClaims(storage informers.SharedInformerFactory, broadcaster record.EventBroadcaster) func(context.Context) {
	claims, volumes := storage.Core().V1().PersistentVolumeClaims(), storage.Core().V1().PersistentVolumes()
	p := &provisioner{
		agent:    a,
		recorder: broadcaster.NewRecorder(scheme.Scheme, v1.EventSource{Component: Provisioner}),
		queue: workqueue.NewTypedRateLimitingQueue(
			workqueue.NewTypedItemExponentialFailureRateLimiter[provisioning](firstRetry, lastRetryWait)),
		claims: claims.Lister(), volumes: volumes.Lister(),
	}
	for _, informer := range []cache.SharedInformer{claims.Informer(), volumes.Informer()} {
		if _, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
			AddFunc:    p.consider,
			UpdateFunc: func(_, o any) { p.consider(o) },
		}); err != nil { // only a stopped informer refuses handlers
			a.log.Error("watch claims", "err", err)
		}
	}
	return p.run
}

// consider puts an object into the queue if it is the provisioner's to deal with.
func (p *provisioner) consider(object any) {
	switch o := object.(type) {
	case *v1.PersistentVolumeClaim:
		if p.wants(o) {
			p.queue.Add(provisioning{o.Namespace, o.Name})
		}
	case *v1.PersistentVolume:
		if unused(o) {
			p.queue.Add(provisioning{"", o.Name})
		}
	}
}

// wants reports whether a volume is to be made for the claim.
func (p *provisioner) wants(claim *v1.PersistentVolumeClaim) bool {
	node, selected := claim.Annotations[annotationSelectedNode]
	return claim.Annotations[annotationProvisioner] == Provisioner && claim.Spec.VolumeName == "" &&
		claim.DeletionTimestamp == nil && (!selected || node == p.agent.cfg.Name)
}

// unused reports whether the volume is one of the provisioner's own whose claim is gone, and goes with it.
func unused(pv *v1.PersistentVolume) bool {
	return pv.Annotations[annotationProvisionedBy] == Provisioner && pv.Status.Phase == v1.VolumeReleased &&
		pv.Spec.PersistentVolumeReclaimPolicy == v1.PersistentVolumeReclaimDelete && pv.DeletionTimestamp == nil
}

func (p *provisioner) run(ctx context.Context) {
	stop := context.AfterFunc(ctx, p.queue.ShutDown)
	defer stop()
	for {
		item, closed := p.queue.Get()
		if closed {
			return
		}
		err := p.handle(ctx, item)
		if err != nil && ctx.Err() == nil {
			p.agent.log.Warn("provision", "namespace", item.namespace, "name", item.name, "err", err)
			p.queue.AddRateLimited(item)
		} else {
			p.queue.Forget(item)
		}
		p.queue.Done(item)
	}
}

func (p *provisioner) handle(ctx context.Context, item provisioning) error {
	if item.namespace == "" {
		pv, err := p.volumes.Get(item.name)
		if err != nil || !unused(pv) {
			return ignoreNotFound(err)
		}
		return p.remove(ctx, pv)
	}
	claim, err := p.claims.PersistentVolumeClaims(item.namespace).Get(item.name)
	if err != nil || !p.wants(claim) {
		return ignoreNotFound(err)
	}
	made, err := p.provision(ctx, claim)
	if err != nil {
		p.event(claim, v1.EventTypeWarning, "ProvisioningFailed", "failed to provision volume with StorageClass %q: %v",
			className(claim), err)
		return err
	}
	if made != "" {
		p.event(claim, v1.EventTypeNormal, "ProvisioningSucceeded", "Successfully provisioned volume %s", made)
	}
	return nil
}

func ignoreNotFound(err error) error {
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}

func (p *provisioner) event(claim *v1.PersistentVolumeClaim, kind, reason, format string, args ...any) {
	if ref, err := reference.GetReference(scheme.Scheme, claim); err == nil { // the scheme knows claims
		p.recorder.Eventf(ref, kind, reason, format, args...)
	}
}

func className(claim *v1.PersistentVolumeClaim) string {
	if claim.Spec.StorageClassName == nil {
		return ""
	}
	return *claim.Spec.StorageClassName
}

// provision makes the volume for a claim and returns its name, or "" if it was there. The persistent volume controller
// binds the two.
func (p *provisioner) provision(ctx context.Context, claim *v1.PersistentVolumeClaim) (string, error) {
	if err := p.check(claim); err != nil {
		return "", err
	}
	class, err := p.agent.cfg.Client.StorageV1().StorageClasses().Get(ctx, className(claim), metav1.GetOptions{})
	if err != nil {
		return "", err
	}
	ref, err := reference.GetReference(scheme.Scheme, claim)
	if err != nil {
		return "", err
	}
	name := "pvc-" + string(claim.UID)
	create := v1.HostPathDirectoryOrCreate
	reclaim := v1.PersistentVolumeReclaimDelete
	if class.ReclaimPolicy != nil {
		reclaim = *class.ReclaimPolicy
	}
	pv := &v1.PersistentVolume{
		ObjectMeta: metav1.ObjectMeta{Name: name, Annotations: map[string]string{annotationProvisionedBy: Provisioner}},
		Spec: v1.PersistentVolumeSpec{
			PersistentVolumeReclaimPolicy: reclaim,
			AccessModes:                   claim.Spec.AccessModes,
			VolumeMode:                    claim.Spec.VolumeMode,
			StorageClassName:              class.Name,
			ClaimRef:                      ref,
			Capacity:                      v1.ResourceList{v1.ResourceStorage: claim.Spec.Resources.Requests[v1.ResourceStorage]},
			PersistentVolumeSource: v1.PersistentVolumeSource{HostPath: &v1.HostPathVolumeSource{
				Path: directoryOf(name, claim), Type: &create,
			}},
			NodeAffinity: &v1.VolumeNodeAffinity{Required: &v1.NodeSelector{NodeSelectorTerms: []v1.NodeSelectorTerm{{
				MatchExpressions: []v1.NodeSelectorRequirement{{
					Key: v1.LabelHostname, Operator: v1.NodeSelectorOpIn, Values: []string{p.agent.cfg.Name},
				}},
			}}}},
		},
	}
	_, err = p.agent.cfg.Client.CoreV1().PersistentVolumes().Create(ctx, pv, metav1.CreateOptions{})
	if apierrors.IsAlreadyExists(err) {
		return "", nil
	}
	return name, err
}

// directoryOf names the directory of a claim's volume. No file system takes more than 255 bytes.
func directoryOf(volume string, claim *v1.PersistentVolumeClaim) string {
	name := volume + "_" + claim.Namespace + "_" + claim.Name
	return provisionedDir + name[:min(len(name), 255)]
}

// check refuses what a directory cannot be, and more volumes than a lab ever needs.
func (p *provisioner) check(claim *v1.PersistentVolumeClaim) error {
	switch {
	case claim.Spec.VolumeMode != nil && *claim.Spec.VolumeMode == v1.PersistentVolumeBlock:
		return errors.New("volumes of this node are directories: volumeMode Block is not supported")
	case claim.Spec.DataSource != nil || claim.Spec.DataSourceRef != nil:
		return errors.New("dataSource is not supported")
	case claim.Spec.Selector != nil:
		return errors.New("claim.Spec.Selector is not supported")
	}
	all, err := p.volumes.List(labels.Everything())
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(pv *v1.PersistentVolume) bool {
		return pv.Annotations[annotationProvisionedBy] != Provisioner
	})
	if len(all) >= maxVolumes {
		return fmt.Errorf("the node has %d volumes, and that is all it makes; delete claims first", len(all))
	}
	return nil
}

// remove removes a volume with what is in it.
func (p *provisioner) remove(ctx context.Context, pv *v1.PersistentVolume) error {
	if h := pv.Spec.HostPath; h != nil && strings.HasPrefix(h.Path, provisionedDir) {
		if err := p.agent.disk.remove(h.Path); err != nil {
			return err
		}
	}
	return ignoreNotFound(p.agent.cfg.Client.CoreV1().PersistentVolumes().Delete(ctx, pv.Name, metav1.DeleteOptions{
		Preconditions: metav1.NewUIDPreconditions(string(pv.UID)),
	}))
}
