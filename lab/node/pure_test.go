package node

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"healthlab/probes"
)

// fakeObjects has one ConfigMap and one Secret.
type fakeObjects struct{}

func (fakeObjects) configMap(_ context.Context, _, name string) (*v1.ConfigMap, error) {
	if name != "conf" {
		return nil, apierrors.NewNotFound(v1.Resource("configmap"), name)
	}
	return &v1.ConfigMap{Data: map[string]string{"key": "value", "other": "x"}}, nil
}

func (fakeObjects) secret(_ context.Context, _, name string) (*v1.Secret, error) {
	if name != "hush" {
		return nil, apierrors.NewNotFound(v1.Resource("secret"), name)
	}
	return &v1.Secret{Data: map[string][]byte{"key": []byte("secret")}}, nil
}

func TestEnvironment(t *testing.T) {
	yes := true
	from := func(s v1.EnvVarSource) []v1.EnvVar { return []v1.EnvVar{{Name: "X", ValueFrom: &s}} }
	confKey := func(name, key string, optional *bool) v1.EnvVarSource {
		return v1.EnvVarSource{ConfigMapKeyRef: &v1.ConfigMapKeySelector{
			LocalObjectReference: v1.LocalObjectReference{Name: name}, Key: key, Optional: optional,
		}}
	}
	tests := map[string]struct {
		env     []v1.EnvVar
		envFrom []v1.EnvFromSource
		want    map[string]string
		err     string
	}{
		"a config map's key": {env: from(confKey("conf", "key", nil)), want: map[string]string{"X": "value"}},
		"no such key": {
			env: from(confKey("conf", "none", nil)), err: "couldn't find key none in ConfigMap default/conf",
		},
		"no such config map":  {env: from(confKey("none", "key", nil)), err: `configmap "none" not found`},
		"but it was optional": {env: from(confKey("none", "key", &yes)), want: map[string]string{}},
		"a secret's key": {
			env: from(v1.EnvVarSource{SecretKeyRef: &v1.SecretKeySelector{
				LocalObjectReference: v1.LocalObjectReference{Name: "hush"}, Key: "key",
			}}),
			want: map[string]string{"X": "secret"},
		},
		"no such secret": {
			envFrom: []v1.EnvFromSource{{SecretRef: &v1.SecretEnvSource{
				LocalObjectReference: v1.LocalObjectReference{Name: "none"},
			}}},
			err: `secret "none" not found`,
		},
		"a whole config map, overridden": {
			envFrom: []v1.EnvFromSource{{Prefix: "P_", ConfigMapRef: &v1.ConfigMapEnvSource{
				LocalObjectReference: v1.LocalObjectReference{Name: "conf"},
			}}},
			env:  []v1.EnvVar{{Name: "P_other", Value: "mine of $(P_key) $(KUBERNETES_SERVICE_HOST)"}},
			want: map[string]string{"P_key": "value", "P_other": "mine of value $(KUBERNETES_SERVICE_HOST)"},
		},
		"the pod's own fields": {
			env: []v1.EnvVar{
				{Name: "IP", ValueFrom: &v1.EnvVarSource{FieldRef: &v1.ObjectFieldSelector{FieldPath: "status.podIP"}}},
				{Name: "NAME", ValueFrom: &v1.EnvVarSource{FieldRef: &v1.ObjectFieldSelector{FieldPath: "metadata.name"}}},
				{Name: "L", ValueFrom: &v1.EnvVarSource{FieldRef: &v1.ObjectFieldSelector{FieldPath: "metadata.labels['app']"}}},
				{Name: "CPU", ValueFrom: &v1.EnvVarSource{ResourceFieldRef: &v1.ResourceFieldSelector{Resource: "limits.cpu"}}},
			},
			want: map[string]string{"IP": "10.244.0.9", "NAME": "a", "L": "lab", "CPU": "2"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			pod := testPod("a", func(p *v1.Pod) {
				p.Labels = map[string]string{"app": "lab"}
				c := &p.Spec.Containers[0]
				c.Env, c.EnvFrom = test.env, test.envFrom
				c.Resources.Limits = v1.ResourceList{v1.ResourceCPU: resource.MustParse("1500m")}
			})
			got, err := environment(t.Context(), fakeObjects{}, pod, &pod.Spec.Containers[0], where{PodIP: "10.244.0.9"})
			if test.err != "" {
				if err == nil || err.Error() != test.err {
					t.Errorf("err %v, want %s", err, test.err)
				}
				return
			}
			if diff := cmp.Diff(test.want, got); err != nil || diff != "" {
				t.Error(err, diff)
			}
		})
	}
}

func TestServiceEnv(t *testing.T) {
	services := []*v1.Service{
		{
			ObjectMeta: metav1.ObjectMeta{Name: "kubernetes", Namespace: "default"},
			Spec: v1.ServiceSpec{ClusterIP: "10.96.0.1", Ports: []v1.ServicePort{
				{Name: "https", Port: 443, Protocol: v1.ProtocolTCP},
			}},
		},
		{
			ObjectMeta: metav1.ObjectMeta{Name: "my-web", Namespace: "lab"},
			Spec:       v1.ServiceSpec{ClusterIP: "10.96.0.7", Ports: []v1.ServicePort{{Port: 80}}},
		},
		{ObjectMeta: metav1.ObjectMeta{Name: "headless", Namespace: "lab"}, Spec: v1.ServiceSpec{ClusterIP: "None"}},
		{ObjectMeta: metav1.ObjectMeta{Name: "far", Namespace: "x"}, Spec: v1.ServiceSpec{ClusterIP: "10.96.0.8"}},
	}
	env := serviceEnv(services, "lab", true)
	for name, want := range map[string]string{
		"KUBERNETES_SERVICE_HOST":       "10.96.0.1",
		"KUBERNETES_SERVICE_PORT_HTTPS": "443",
		"KUBERNETES_PORT_443_TCP":       "tcp://10.96.0.1:443",
		"MY_WEB_SERVICE_PORT":           "80",
		"MY_WEB_PORT_80_TCP_ADDR":       "10.96.0.7",
	} {
		if env[name] != want {
			t.Errorf("%s=%q, want %q", name, env[name], want)
		}
	}
	for name := range env {
		if strings.HasPrefix(name, "FAR") || strings.HasPrefix(name, "HEADLESS") {
			t.Error(name)
		}
	}
	env = serviceEnv(services, "lab", false)
	if env["MY_WEB_SERVICE_HOST"] != "" || env["KUBERNETES_SERVICE_HOST"] == "" {
		t.Errorf("without links: %v", env)
	}
}

func TestIPPool(t *testing.T) {
	p, err := newIPPool("10.244.0.0/29")
	if err != nil {
		t.Fatal(err)
	}
	take := func() string {
		ip, err := p.take()
		if err != nil {
			return err.Error()
		}
		return ip
	}
	var got []string
	for range 3 {
		got = append(got, take())
	}
	p.giveBack("10.244.0.2")
	for range 4 {
		got = append(got, take())
	}
	want := []string{
		"10.244.0.2", "10.244.0.3", "10.244.0.4", "10.244.0.5", "10.244.0.6", "10.244.0.2",
		"no address is left in 10.244.0.0/29",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, bad := range []string{"", "10.0.0.1", "10.0.0.0/30", "fd00::/64"} {
		if _, err := newIPPool(bad); err == nil {
			t.Errorf("%q was taken for a pod CIDR", bad)
		}
	}
}

func TestAttemptEvents(t *testing.T) {
	tests := map[string]struct {
		attempt         probes.Attempt
		reason, message string
	}{
		"success": {attempt: probes.Attempt{Outcome: probes.Success}},
		"warning": {
			probes.Attempt{Outcome: probes.Success, Warning: true, Message: "Probe terminated redirects, Response body: "},
			"ProbeWarning", "Readiness probe warning: Probe terminated redirects, Response body: ",
		},
		"failure": {probes.Attempt{Outcome: probes.Failure, Message: "m\n"}, "Unhealthy", "Readiness probe failed: m\n"},
		"unknown": {
			probes.Attempt{Outcome: probes.Unknown, Message: "m"},
			"Unhealthy", "Readiness probe errored and resulted in unknown state: m",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			test.attempt.Key.Kind = probes.Readiness
			reason, message := attemptEvent(test.attempt)
			if reason != test.reason || message != test.message {
				t.Errorf("%s %q", reason, message)
			}
		})
	}
}

func TestGracePeriods(t *testing.T) {
	seconds := func(n int64) *int64 { return &n }
	pod := testPod("a", func(p *v1.Pod) {
		p.Spec.Containers[0].LivenessProbe = tcpProbe(1)
		p.Spec.Containers[0].LivenessProbe.TerminationGracePeriodSeconds = seconds(60)
	})
	c := &pod.Spec.Containers[0]
	deleted := pod.DeepCopy()
	deleted.DeletionGracePeriodSeconds = seconds(5)
	forced := pod.DeepCopy()
	forced.DeletionGracePeriodSeconds = seconds(0)
	for name, test := range map[string]struct{ got, want int64 }{
		"the pod's":                       {gracePeriod(pod, kill{Container: c}), 30},
		"the probe's, even if longer":     {gracePeriod(pod, kill{Container: c, Cause: probes.Liveness}), 60},
		"another probe's is not asked":    {gracePeriod(pod, kill{Container: c, Cause: probes.Startup}), 30},
		"the deletion's":                  {gracePeriod(deleted, kill{Container: c, Cause: probes.Liveness}), 5},
		"the whole pod's":                 {podGracePeriod(pod), 30},
		"the whole pod's, being deleted":  {podGracePeriod(deleted), 5},
		"the whole pod's, without any":    {podGracePeriod(forced), 1},
		"the whole pod's, without a spec": {podGracePeriod(&v1.Pod{}), 1},
	} {
		if test.got != test.want {
			t.Errorf("%s: %d, want %d", name, test.got, test.want)
		}
	}
}

func TestReadinessGates(t *testing.T) {
	pod := testPod("a", func(p *v1.Pod) {
		p.Spec.ReadinessGates = []v1.PodReadinessGate{{ConditionType: "lab/ok"}}
	})
	in := statusInput{
		Pod: pod, Now: time.Unix(1, 0), Verdict: func(string, probes.Kind, string) probes.Verdict { return probes.Passing },
		View: view{Sandbox: sandboxReady, IP: "10.244.0.2", Containers: map[string]containerView{
			"app": {Runs: []run{{ID: "1", State: runRunning}}},
		}},
	}
	tests := map[string]struct {
		have    []v1.PodCondition
		status  v1.ConditionStatus
		message string
	}{
		"nobody has said anything": {
			status: v1.ConditionFalse, message: `corresponding condition of pod readiness gate "lab/ok" does not exist.`,
		},
		"closed": {
			have:   []v1.PodCondition{{Type: "lab/ok", Status: v1.ConditionFalse}},
			status: v1.ConditionFalse, message: `the status of pod readiness gate "lab/ok" is not "True", but False`,
		},
		"open": {have: []v1.PodCondition{{Type: "lab/ok", Status: v1.ConditionTrue}}, status: v1.ConditionTrue},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			in := in
			in.Pod = pod.DeepCopy()
			in.Pod.Status.Conditions = test.have
			s, _ := podStatus(in)
			ready := s.Conditions[len(test.have)+2]
			if ready.Type != v1.PodReady || ready.Status != test.status || ready.Message != test.message {
				t.Errorf("%+v", ready)
			}
			if all := s.Conditions[len(test.have)+3]; all.Status != v1.ConditionTrue {
				t.Errorf("%+v", all)
			}
		})
	}
}

func TestUnsupported(t *testing.T) {
	yes := true
	pod := testPod("a", func(p *v1.Pod) {
		p.Spec.HostNetwork = true
		c := &p.Spec.Containers[0]
		c.SecurityContext = &v1.SecurityContext{Privileged: &yes}
		c.Resources.Limits = v1.ResourceList{v1.ResourceMemory: resource.MustParse("1Gi")}
		c.Ports = []v1.ContainerPort{{HostPort: 80}}
	})
	want := []string{
		"container app: privileged (it means nothing here: there is nothing to be privileged over)",
	}
	if diff := cmp.Diff(want, unsupported(pod)); diff != "" {
		t.Error(diff)
	}
	if got := unsupported(testPod("b", nil)); len(got) > 0 {
		t.Error(got)
	}
}
