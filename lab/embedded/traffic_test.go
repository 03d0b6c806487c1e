package embedded

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"healthlab/lab"
	"healthlab/lab/cluster"
	"healthlab/lab/traffic"
)

// TestTraffic is what users feel of a pod that hangs, one of three behind a Service: with a readiness probe every third request is
// lost until the probe has noticed, and none after that; without one there is no end to it.
func TestTraffic(t *testing.T) {
	c := sharedCluster(t)
	client := clientOf(t, c.RESTConfig())
	s := servicesTest{t: t, config: c.RESTConfig(), client: client, namespace: makeNamespace(t, client)}
	const (
		rate                       = 30
		period, timeout, threshold = 2 * time.Second, time.Second, 2
		// The first failure comes up to a period after the hang and takes the timeout; the last one that it takes is whole periods later.
		earliest = timeout + (threshold-1)*period
		latest   = earliest + period
	)
	for name, probe := range map[string]*corev1.Probe{
		"guarded": {
			ProbeHandler:  corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Path: "/", Port: intstr.FromInt32(8080)}},
			PeriodSeconds: int32(period / time.Second), TimeoutSeconds: int32(timeout / time.Second), FailureThreshold: threshold,
		},
		"bare": nil,
	} {
		t.Run(name, func(t *testing.T) {
			s.t = t
			pods := s.three(name, probe)
			hung := pods[0]
			var mu sync.Mutex
			var at time.Time // when it hung
			lost, sent := 0, 0
			var last time.Time // when one was lost
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			request := client.CoreV1().RESTClient().Post().Resource("nodes").Name(NodeName).SubResource("proxy").Suffix(traffic.Path)
			for key, values := range traffic.Query(s.namespace, lab.TrafficPlan{Service: name, Rate: rate}) {
				request.Param(key, values[0])
			}
			answer, err := request.Stream(ctx)
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Close()
			began := make(chan struct{})
			var ended sync.WaitGroup
			ended.Go(func() {
				seconds := 0
				err := traffic.Read(answer, func(lab.TrafficPlan) {}, func(second lab.TrafficSecond) {
					mu.Lock()
					defer mu.Unlock()
					if seconds++; seconds == 3 {
						close(began)
					}
					if at.IsZero() && second.All.Lost() > 0 {
						t.Errorf("lost before anything happened: %+v", second.All)
					}
					lost, sent = lost+second.All.Lost(), sent+second.All.Sent()
					if second.All.Lost() > 0 {
						last = time.Now()
					}
					for _, p := range second.Pods {
						if p.Pod != hung && p.Lost() > 0 {
							t.Errorf("%s lost %+v", p.Pod, p.TrafficCounts)
						}
					}
					if !at.IsZero() && time.Since(at) > latest+2*period+6*time.Second {
						stop()
					}
				})
				if !errors.Is(err, context.Canceled) {
					t.Errorf("Read: %v", err)
				}
			})
			<-began
			mu.Lock()
			at, sent = time.Now(), 0
			mu.Unlock()
			s.exec(hung, "stand-in hang")
			ended.Wait()
			t.Logf("%d of %d requests lost in %v, the last after %v", lost, sent, time.Since(at).Round(time.Second), last.Sub(at).Round(time.Second/10))
			if probe == nil {
				if share := float64(lost) / float64(sent); share < 0.2 || share > 0.5 || time.Since(last) > 3*time.Second {
					t.Errorf("%.0f %% were lost, the last %v ago", 100*share, time.Since(last))
				}
				return
			}
			// A request is lost a second after it was sent, and told of a second later at the most.
			if took := last.Sub(at); took < earliest || took > latest+period+lab.TrafficTimeout {
				t.Errorf("requests were lost for %v after the hang; the probe takes %v to %v", took, earliest, latest)
			}
			if least, most := (earliest-period).Seconds()*rate/3/2, (latest+period).Seconds()*rate/3*1.5; float64(lost) < least || float64(lost) > most {
				t.Errorf("%d were lost, want %.0f to %.0f", lost, least, most)
			}
		})
	}
}

// TestTrafficThroughPortForward sends requests as on a cluster whose nodes do not offer it: each to one of the ready pods.
func TestTrafficThroughPortForward(t *testing.T) {
	c := sharedCluster(t)
	client := clientOf(t, c.RESTConfig())
	s := servicesTest{t: t, config: c.RESTConfig(), client: client, namespace: makeNamespace(t, client)}
	pods := s.three("forwarded", nil)
	link, err := cluster.Open(cluster.Config{Kubeconfig: c.Kubeconfig(), Namespace: s.namespace})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(link.Close)
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	var all lab.TrafficCounts
	reached := map[string]lab.TrafficCounts{}
	hung := false
	plan := lab.TrafficPlan{Service: "forwarded", Rate: 20, Way: lab.TrafficByForward}
	err = link.Traffic(ctx, plan, func(p lab.TrafficPlan) {
		if p.Port != 80 || p.Speaks != lab.TrafficHTTP {
			t.Errorf("begun as %+v", p)
		}
	}, func(second lab.TrafficSecond) {
		all = all.Plus(second.All)
		for _, p := range second.Pods {
			reached[p.Pod] = reached[p.Pod].Plus(p.TrafficCounts)
		}
		switch {
		case !hung && len(reached) == 3 && all.Answered >= 40:
			hung = true
			s.exec(pods[0], "stand-in hang")
			s.exec(pods[1], "stand-in refuse")
		case hung && reached[pods[0]].TimedOut >= 10 && reached[pods[1]].Refused >= 10 && reached[pods[2]].Answered >= 30:
			stop()
		}
	})
	if !errors.Is(err, context.Canceled) || reached[pods[2]].Lost() > 0 {
		t.Errorf("%v, %+v", err, reached)
	}
	if err := link.Traffic(t.Context(), lab.TrafficPlan{Service: "none", Rate: 1, Way: lab.TrafficByForward}, nil, nil); !apierrors.IsNotFound(err) {
		t.Errorf("a Service that is not there: %v", err)
	}
	var told *lab.Error
	err = link.Traffic(t.Context(), lab.TrafficPlan{Service: "none", Rate: 1, Way: lab.TrafficByNode}, nil, nil)
	if !errors.As(err, &told) || told.Msg.En != "there is no Service none" {
		t.Errorf("a Service that is not there, by the node: %v", err)
	}
}

// three makes a Service of three stand-ins, and returns the names of its pods once they are ready.
func (s servicesTest) three(name string, probe *corev1.Probe) []string {
	s.t.Helper()
	ctx, labels := s.t.Context(), map[string]string{"app": name}
	_, err := s.client.AppsV1().Deployments(s.namespace).Create(ctx, &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: appsv1.DeploymentSpec{
			Replicas: new(int32(3)), Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels, Annotations: map[string]string{lab.StandInAnnotation: "true"}},
				Spec: corev1.PodSpec{Containers: []corev1.Container{{
					Name: "app", Image: "example.com/shop:1", Ports: []corev1.ContainerPort{{ContainerPort: 8080}}, ReadinessProbe: probe,
				}}},
			},
		},
	}, metav1.CreateOptions{})
	if err != nil {
		s.t.Fatal(err)
	}
	_, err = s.client.CoreV1().Services(s.namespace).Create(ctx, &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec:       corev1.ServiceSpec{Selector: labels, Ports: []corev1.ServicePort{{Name: "http", Port: 80, TargetPort: intstr.FromInt32(8080)}}},
	}, metav1.CreateOptions{})
	if err != nil {
		s.t.Fatal(err)
	}
	var names []string
	eventually(s.t, "three pods take requests", func(ctx context.Context) (bool, error) {
		names = nil
		slices, err := s.client.DiscoveryV1().EndpointSlices(s.namespace).List(ctx, metav1.ListOptions{LabelSelector: "kubernetes.io/service-name=" + name})
		if err != nil {
			return false, err
		}
		for _, slice := range slices.Items {
			for _, e := range slice.Endpoints {
				if e.Conditions.Ready != nil && *e.Conditions.Ready && e.TargetRef != nil {
					names = append(names, e.TargetRef.Name)
				}
			}
		}
		return len(names) == 3, nil
	})
	// A stand-in without a probe may still be about to listen.
	eventually(s.t, "all of them answer", func(context.Context) (bool, error) {
		for _, name := range names {
			if got := s.exec(name, "curl -s -o /dev/null -w %{http_code} http://localhost:8080/"); got != "200" {
				return false, nil
			}
		}
		return true, nil
	})
	return names
}
