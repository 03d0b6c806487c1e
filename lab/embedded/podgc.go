package embedded

import (
	"cmp"
	"context"
	"fmt"
	"time"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	corelisters "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"
	"k8s.io/kubernetes/pkg/api/v1/pod"
)

const (
	collectPeriod = 20 * time.Second
	// quarantine is how long a node must be missed before its pods go.
	quarantine = 40 * time.Second
)

// podCollector removes pods that no node agent will ever end: those bound to a node that does not exist, and those deleted
// before they had a node.
//
// It does what pkg/controller/podgc/gc_controller.go does, whose package would bring ninety packages of the kubelet along. Left
// out is what one node never needs: a bound of 12,500 ended pods, and nodes that are marked as out of service.
type podCollector struct {
	client kubernetes.Interface
	pods   corelisters.PodLister
	nodes  corelisters.NodeLister
	synced []cache.InformerSynced
	// missed is since when nodes that pods are bound to have been missed. The goroutine in run owns it.
	missed map[string]time.Time
}

func newPodCollector(c *controllers) *podCollector {
	core := c.informers.Core().V1()
	return &podCollector{
		client: c.client, pods: core.Pods().Lister(), nodes: core.Nodes().Lister(),
		synced: []cache.InformerSynced{core.Pods().Informer().HasSynced, core.Nodes().Informer().HasSynced},
		missed: map[string]time.Time{},
	}
}

func (c *podCollector) run(ctx context.Context) {
	if !cache.WaitForCacheSync(ctx.Done(), c.synced...) {
		return
	}
	wait.UntilWithContext(ctx, func(ctx context.Context) {
		if err := c.collect(ctx, time.Now()); err != nil && ctx.Err() == nil {
			klog.FromContext(ctx).Error(err, "Collect pods")
		}
	}, collectPeriod)
}

// collect looks at all pods once.
func (c *podCollector) collect(ctx context.Context, now time.Time) error {
	all, err := c.pods.List(labels.Everything())
	if err != nil {
		return err
	}
	missed := map[string]time.Time{}
	gone := map[string]bool{} // what the API has said of nodes that are missed for long
	for _, p := range all {
		name := p.Spec.NodeName
		if name == "" {
			if p.DeletionTimestamp != nil {
				err = cmp.Or(err, c.remove(ctx, p, nil))
			}
			continue
		}
		if _, e := c.nodes.Get(name); e == nil {
			continue
		}
		since, known := c.missed[name]
		if !known {
			since = now
		}
		missed[name] = since
		if now.Sub(since) < quarantine {
			continue
		}
		if _, asked := gone[name]; !asked {
			_, e := c.client.CoreV1().Nodes().Get(ctx, name, metav1.GetOptions{})
			gone[name] = apierrors.IsNotFound(e)
		}
		if gone[name] {
			err = cmp.Or(err, c.remove(ctx, p, &v1.PodCondition{
				Type: v1.DisruptionTarget, Status: v1.ConditionTrue,
				ObservedGeneration: pod.CalculatePodConditionObservedGeneration(&p.Status, p.Generation, v1.DisruptionTarget),
				Reason:             "DeletionByPodGC", Message: "PodGC: node no longer exists",
			}))
		}
	}
	c.missed = missed
	return err
}

// remove makes the pod Failed, if it has not ended, and deletes it at once.
func (c *podCollector) remove(ctx context.Context, p *v1.Pod, condition *v1.PodCondition) error {
	if p.Status.Phase != v1.PodSucceeded && p.Status.Phase != v1.PodFailed {
		failed := p.DeepCopy()
		failed.Status.Phase, failed.Status.ObservedGeneration = v1.PodFailed, pod.CalculatePodStatusObservedGeneration(p)
		if condition != nil {
			pod.UpdatePodCondition(&failed.Status, condition)
		}
		// One that has changed meanwhile is looked at again the next time.
		_, err := c.client.CoreV1().Pods(p.Namespace).UpdateStatus(ctx, failed, metav1.UpdateOptions{})
		if apierrors.IsNotFound(err) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("pod %s/%s: %w", p.Namespace, p.Name, err)
		}
	}
	err := c.client.CoreV1().Pods(p.Namespace).Delete(ctx, p.Name, *metav1.NewDeleteOptions(0))
	if err != nil && !apierrors.IsNotFound(err) {
		return fmt.Errorf("pod %s/%s: %w", p.Namespace, p.Name, err)
	}
	return nil
}
