package cluster

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/informers"
	discoverylisters "k8s.io/client-go/listers/discovery/v1"

	"healthlab/lab"
	"healthlab/lab/traffic"
	"healthlab/lab/witness"
)

// forwardPatience is how long a port-forward to a pod may take to open, beside what a request may take.
const forwardPatience = 4 * time.Second

// Traffic sends requests to a Service of the lab's namespace by the plan's way until ctx ends. It calls begun once it knows how
// they are sent, and tell each second with what has come of them. By the node's agent it takes the right to create nodes/proxy;
// through port-forward those to get services, to list and watch endpointslices, and what Dial takes. The error is never nil; it
// is ctx's, or a *lab.Error.
func (c *Client) Traffic(ctx context.Context, plan lab.TrafficPlan, begun func(lab.TrafficPlan), tell func(lab.TrafficSecond)) error {
	if c.config.ReadOnly {
		return errReadOnly(lab.T("요청을 보내지 않습니다", "no requests are sent"))
	}
	var err error
	if plan.Way == lab.TrafficByNode {
		err = c.askNode(ctx, plan, begun, tell)
	} else {
		err = c.sendForward(ctx, plan, begun, tell)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return explain(c.info.Server, fmt.Errorf("send requests to service %s: %w", plan.Service, err))
}

// askNode has the node's agent send the requests.
func (c *Client) askNode(ctx context.Context, plan lab.TrafficPlan, begun func(lab.TrafficPlan), tell func(lab.TrafficSecond)) error {
	post := c.clientset.CoreV1().RESTClient().Post()
	answer, err := toAgent(post, witness.NodeName, traffic.Path, traffic.Query(c.config.Namespace, plan)).Stream(ctx)
	if err != nil {
		return err
	}
	defer answer.Close()
	return traffic.Read(answer, begun, func(s lab.TrafficSecond) {
		s.Pods = s.Pods[:min(len(s.Pods), lab.MaxTrafficPods)]
		tell(s)
	})
}

// sendForward sends the requests through port-forward: each to one of the endpoints that the Service would lead to, at random.
func (c *Client) sendForward(ctx context.Context, plan lab.TrafficPlan, begun func(lab.TrafficPlan), tell func(lab.TrafficSecond)) error {
	service, err := c.clientset.CoreV1().Services(c.config.Namespace).Get(ctx, plan.Service, metav1.GetOptions{})
	if err != nil {
		return err
	}
	plan, port, err := traffic.PlanFor(service, plan)
	if err != nil {
		return err
	}
	watching, stop := context.WithCancel(ctx)
	of := labels.SelectorFromSet(labels.Set{discoveryv1.LabelServiceName: plan.Service})
	factory := informers.NewSharedInformerFactoryWithOptions(c.clientset, 0, informers.WithNamespace(c.config.Namespace),
		informers.WithTweakListOptions(func(o *metav1.ListOptions) { o.LabelSelector = of.String() }))
	slices := factory.Discovery().V1().EndpointSlices()
	synced := slices.Informer().HasSynced // makes the informer
	factory.StartWithContext(watching)
	defer factory.Shutdown()
	defer stop()
	lister := slices.Lister().EndpointSlices(c.config.Namespace)
	begun(plan)
	stream := traffic.Stream{Plan: plan, Way: forwardPatience, Open: func(ctx context.Context) (net.Conn, string, error) {
		if !synced() {
			return nil, "", fmt.Errorf("%w: the endpoints are not known yet", traffic.ErrUnsent)
		}
		to, ok := choose(lister, of, port)
		if !ok {
			return nil, "", traffic.ErrNoPod
		}
		conn, _, err := c.Dial(ctx, to.pod, to.port)
		switch {
		case apierrors.IsForbidden(err):
			return nil, to.pod, fmt.Errorf("%w: %w", traffic.ErrOver, err)
		case err != nil:
			return nil, to.pod, fmt.Errorf("%w: %w", traffic.ErrUnsent, err)
		}
		return conn, to.pod, nil
	}}
	err = stream.Run(ctx, tell)
	var told *lab.Error
	if errors.As(err, &told) {
		return told
	}
	return err
}

// choose is one of the endpoints that a Service's port leads to, at random: those that are ready or, where none is, those that
// still serve while they terminate, as kube-proxy has it (pkg/proxy/topology.go, CategorizeEndpoints). Only pods can be forwarded to.
func choose(lister discoverylisters.EndpointSliceNamespaceLister, of labels.Selector, port corev1.ServicePort) (to podAddr, ok bool) {
	all, _ := lister.List(of) // of what is in memory: there is no error
	var ready, terminating []podAddr
	for _, slice := range all {
		i := slices.IndexFunc(slice.Ports, func(p discoveryv1.EndpointPort) bool {
			return p.Port != nil && (p.Name == nil && port.Name == "" || p.Name != nil && *p.Name == port.Name)
		})
		if i < 0 {
			continue
		}
		for _, e := range convertSlice(slice) {
			at := podAddr{e.Pod, int(*slice.Ports[i].Port)}
			switch {
			case e.Pod == "":
			case e.Ready:
				ready = append(ready, at)
			case e.Serving && e.Terminating:
				terminating = append(terminating, at)
			}
		}
	}
	if len(ready) == 0 {
		ready = terminating
	}
	if len(ready) == 0 {
		return podAddr{}, false
	}
	return ready[rand.IntN(len(ready))], true
}
