package embedded

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
)

// said waits for an event about an object.
func said(t *testing.T, client kubernetes.Interface, namespace, object, reason, text string) {
	t.Helper()
	eventually(t, object+" "+reason+": "+text, func(ctx context.Context) (bool, error) {
		events, err := client.CoreV1().Events(namespace).List(
			ctx, metav1.ListOptions{FieldSelector: "involvedObject.name=" + object})
		if err != nil {
			return false, err
		}
		return slices.ContainsFunc(events.Items, func(e corev1.Event) bool {
			return e.Reason == reason && strings.Contains(e.Message, text)
		}), nil
	})
}

func createPod(t *testing.T, client kubernetes.Interface, namespace, manifest string) {
	t.Helper()
	pod := decode[corev1.Pod](t, manifest)
	eventually(t, "pod created", func(ctx context.Context) (bool, error) {
		_, err := client.CoreV1().Pods(namespace).Create(ctx, pod, metav1.CreateOptions{})
		return err == nil, ignoreForbidden(err)
	})
}

// awaitPod waits until a pod is as wanted.
func awaitPod(
	t *testing.T, client kubernetes.Interface, namespace, name, what string, is func(*corev1.Pod) bool,
) *corev1.Pod {
	t.Helper()
	var pod *corev1.Pod
	defer func() {
		if t.Failed() && pod != nil {
			t.Logf("%s: %s", name, pod.Status.String())
		}
	}()
	eventually(t, name+" "+what, func(ctx context.Context) (bool, error) {
		got, err := client.CoreV1().Pods(namespace).Get(ctx, name, metav1.GetOptions{})
		if err == nil {
			pod = got
		}
		return err == nil && is(got), ignoreNotFound(err)
	})
	return pod
}

// ended reports whether a pod has ended.
func ended(pod *corev1.Pod) bool {
	return pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed
}

func TestWhatAPodOfAnyNodeMayAsk(t *testing.T) {
	client := clientOf(t, sharedCluster(t).RESTConfig())
	namespace := makeNamespace(t, client)
	createPod(t, client, namespace, `
metadata: {name: asks}
spec:
  restartPolicy: Never
  containers:
  - name: app
    image: busybox
    command: [sh, -c, "echo one; echo -n DONE; exit 3"]
    terminationMessagePolicy: FallbackToLogsOnError
    securityContext: {privileged: true}
    resources: {requests: {cpu: "20", memory: 40Gi}}
`)
	pod := awaitPod(t, client, namespace, "asks", "ended", ended)
	got := pod.Status.ContainerStatuses[0].State.Terminated
	if got == nil || got.Message != "one\nDONE" || got.ExitCode != 3 {
		t.Errorf("got %+v", got)
	}
	said(t, client, namespace, "asks", "Unsupported", "without container app: privileged")
}

// TestJobs holds what a Job asks of the controllers beyond running pods.
func TestJobs(t *testing.T) {
	client := clientOf(t, sharedCluster(t).RESTConfig())
	namespace := makeNamespace(t, client)
	const template = `
  template:
    spec:
      restartPolicy: Never
      containers:
      - name: app
        image: busybox
        command: [sh, -c, 'case $JOB_COMPLETION_INDEX in 1) exit 7;; esac; sleep 0']
`
	for _, tc := range []struct {
		name, spec string
		want       string // condition and reason
		succeeded  string // indexes
		failed     string
	}{
		{
			"indexed", "completionMode: Indexed\n  completions: 4\n  parallelism: 4\n  backoffLimitPerIndex: 0",
			"Failed FailedIndexes", "0,2,3", "1",
		},
		{
			"policy", "completionMode: Indexed\n  completions: 4\n  parallelism: 4\n  podFailurePolicy:\n    rules:\n" +
				"    - {action: FailJob, onExitCodes: {operator: In, values: [7]}}", "Failed PodFailurePolicy", "", "",
		},
		{
			"success", "completionMode: Indexed\n  completions: 4\n  parallelism: 4\n  backoffLimitPerIndex: 1\n  successPolicy:\n" +
				"    rules:\n    - {succeededIndexes: '0'}", "Complete SuccessPolicy", "0", "",
		},
		{
			"tidy", "completions: 1\n  ttlSecondsAfterFinished: 0", "gone", "", "",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			job := decode[batchv1.Job](t, "metadata: {name: "+tc.name+"}\nspec:\n  "+tc.spec+template)
			jobs := client.BatchV1().Jobs(namespace)
			if _, err := jobs.Create(t.Context(), job, metav1.CreateOptions{}); err != nil {
				t.Fatal(err)
			}
			var got string
			var status batchv1.JobStatus
			eventually(t, tc.name+" ended", func(ctx context.Context) (bool, error) {
				job, err := jobs.Get(ctx, tc.name, metav1.GetOptions{})
				if apierrors.IsNotFound(err) {
					got = "gone"
					return true, nil
				}
				if err != nil {
					return false, err
				}
				for _, c := range job.Status.Conditions {
					if c.Status == corev1.ConditionTrue && (c.Type == batchv1.JobFailed || c.Type == batchv1.JobComplete) {
						got, status = string(c.Type)+" "+c.Reason, job.Status
						return tc.want != "gone", nil
					}
				}
				return false, nil
			})
			failed := ""
			if status.FailedIndexes != nil {
				failed = *status.FailedIndexes
			}
			if got != tc.want || tc.failed != "" && failed != tc.failed ||
				tc.succeeded != "" && !strings.HasPrefix(status.CompletedIndexes, tc.succeeded) {
				t.Errorf("got %s, completed %q, failed %q", got, status.CompletedIndexes, failed)
			}
		})
	}
	t.Run("suspended", func(t *testing.T) {
		job := decode[batchv1.Job](t, "metadata: {name: later}\nspec:\n  suspend: true"+template)
		if _, err := client.BatchV1().Jobs(namespace).Create(t.Context(), job, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
		said(t, client, namespace, "later", "Suspended", "Job suspended")
		if _, err := client.BatchV1().Jobs(namespace).Patch(t.Context(), "later", types.MergePatchType,
			[]byte(`{"spec": {"suspend": false}}`), metav1.PatchOptions{}); err != nil {
			t.Fatal(err)
		}
		said(t, client, namespace, "later", "Completed", "Job completed")
	})
}

// TestDaemonsAndBudgets holds DaemonSets, budgets, evictions, taints that evict, and what an autoscaler says.
func TestDaemonsAndBudgets(t *testing.T) {
	c := startCluster(t, Options{StateDir: t.TempDir()}) // its node is tainted
	client := clientOf(t, c.RESTConfig())
	namespace := makeNamespace(t, client)
	ctx := t.Context()
	daemon := decode[appsv1.DaemonSet](t, `
metadata: {name: daemon}
spec:
  selector: {matchLabels: {app: daemon}}
  template:
    metadata: {labels: {app: daemon}}
    spec:
      terminationGracePeriodSeconds: 0
      tolerations: [{operator: Exists}]
      containers: [{name: app, image: alpine, command: [sleep, "3600"]}]
`)
	if _, err := client.AppsV1().DaemonSets(namespace).Create(ctx, daemon, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	makeDeployment(t, client, namespace, 1)
	if _, err := client.PolicyV1().PodDisruptionBudgets(namespace).Create(ctx, decode[policyv1.PodDisruptionBudget](t, `
metadata: {name: web}
spec: {minAvailable: 1, selector: {matchLabels: {app: web}}}
`), metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.AutoscalingV2().HorizontalPodAutoscalers(namespace).Create(
		ctx, decode[autoscalingv2.HorizontalPodAutoscaler](t, `
metadata: {name: scaler}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 1
  maxReplicas: 3
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}}]
`), metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	var web corev1.Pod
	eventually(t, "all run", func(ctx context.Context) (bool, error) {
		pods, err := client.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{})
		if err != nil {
			return false, err
		}
		running := 0
		for _, pod := range pods.Items {
			if pod.Status.Phase == corev1.PodRunning {
				running++
			}
			if pod.Labels["app"] == "web" {
				web = pod
			}
		}
		budget, err := client.PolicyV1().PodDisruptionBudgets(namespace).Get(ctx, "web", metav1.GetOptions{})
		return err == nil && running == 2 && budget.Status.CurrentHealthy == 1, err
	})
	said(t, client, namespace, "scaler", "FailedGetResourceMetric", "unable to fetch metrics from resource metrics API")
	err := client.PolicyV1().Evictions(namespace).Evict(ctx, &policyv1.Eviction{
		ObjectMeta: metav1.ObjectMeta{Name: web.Name, Namespace: namespace},
	})
	if !apierrors.IsTooManyRequests(err) {
		t.Errorf("eviction against the budget: %v", err)
	}
	if _, err := client.CoreV1().Nodes().Patch(ctx, NodeName, types.StrategicMergePatchType,
		[]byte(`{"spec": {"taints": [{"key": "out", "effect": "NoExecute"}]}}`), metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "evicted", func(ctx context.Context) (bool, error) {
		pod, err := client.CoreV1().Pods(namespace).Get(ctx, web.Name, metav1.GetOptions{})
		return apierrors.IsNotFound(err) || err == nil && pod.DeletionTimestamp != nil, ignoreNotFound(err)
	})
	awaitReadinessOf(t, client, namespace, "app=daemon", 1)
}

func awaitReadinessOf(t *testing.T, client kubernetes.Interface, namespace, selector string, count int) {
	t.Helper()
	eventually(t, selector, func(ctx context.Context) (bool, error) {
		pods, err := client.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{LabelSelector: selector})
		if err != nil {
			return false, err
		}
		running := slices.DeleteFunc(pods.Items, func(p corev1.Pod) bool {
			return p.Status.Phase != corev1.PodRunning || p.DeletionTimestamp != nil
		})
		return len(running) == count, nil
	})
}

// TestCronJobRunsNow holds that a CronJob makes its Job; it starts in the minute that is missed last.
func TestCronJobRunsNow(t *testing.T) {
	client := clientOf(t, sharedCluster(t).RESTConfig())
	namespace := makeNamespace(t, client)
	cron := decode[batchv1.CronJob](t, `
metadata: {name: tick}
spec:
  schedule: "* * * * *"
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers: [{name: app, image: busybox, command: ["true"]}]
`)
	crons := client.BatchV1().CronJobs(namespace)
	made, err := crons.Create(t.Context(), cron, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	// As if it had run an hour ago: the run that was missed last is made at once.
	made.Status.LastScheduleTime = &metav1.Time{Time: time.Now().Add(-time.Hour)}
	if _, err := crons.UpdateStatus(t.Context(), made, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	said(t, client, namespace, "tick", "SawCompletedJob", "condition: Complete")
}

// TestAllContainersRestart is what Kubernetes' own spec of the rule asks: a pod begins anew, init containers and sidecars
// with it, whichever container asks for it, as often as it does.
func TestAllContainersRestart(t *testing.T) {
	client := clientOf(t, sharedCluster(t).RESTConfig())
	namespace := makeNamespace(t, client)
	const rule = `
    restartPolicy: Never
    restartPolicyRules: [{action: RestartAllContainers, exitCodes: {operator: In, values: [42]}}]
    volumeMounts: [{name: work, mountPath: /mnt}]`
	// twice ends with 42 twice, then as it is told.
	const twice = `
    command: [sh, -c, "[ -f /mnt/second ] && exec THEN; [ -f /mnt/first ] && touch /mnt/second; touch /mnt/first; exit 42"]`
	const quiet = `
    command: [sleep, "1000"]`
	const sidecar = "\n    restartPolicy: Always" + quiet
	for name, tc := range map[string]struct{ init, regular string }{
		"regular": {sidecar, strings.Replace(twice, "THEN", "sleep 1000", 1) + rule},
		"init": {sidecar + "\n  - name: once\n    image: busybox" +
			strings.Replace(twice, "THEN", "true", 1) + rule, quiet},
	} {
		t.Run(name, func(t *testing.T) {
			createPod(t, client, namespace, `
metadata: {name: `+name+`}
spec:
  restartPolicy: Never
  terminationGracePeriodSeconds: 0
  initContainers:
  - name: done
    image: busybox
    command: ["true"]
  - name: sidecar
    image: busybox`+tc.init+`
  containers:
  - name: source
    image: busybox`+tc.regular+`
  - name: other
    image: busybox
    command: [sleep, "1000"]
  volumes: [{name: work, emptyDir: {}}]
`)
			want := map[string]int32{"done": 2, "sidecar": 2, "source": 2, "other": 2, "once": 2}
			if name == "init" { // the regular containers have not run before
				want["source"], want["other"] = 0, 0
			}
			pod := awaitPod(t, client, namespace, name, "restarted", func(pod *corev1.Pod) bool {
				all := slices.Concat(pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses)
				return pod.Status.Phase == corev1.PodRunning && !slices.ContainsFunc(all, func(s corev1.ContainerStatus) bool {
					return s.RestartCount != want[s.Name] || s.Name != "done" && s.Name != "once" && s.State.Running == nil
				})
			})
			for _, c := range pod.Status.Conditions {
				restarting := c.Type == corev1.AllContainersRestarting
				if restarting != (c.Status == corev1.ConditionFalse) {
					t.Errorf("condition %+v", c)
				}
			}
			for _, s := range slices.Concat(pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses) {
				if end := s.LastTerminationState.Terminated; want[s.Name] > 0 && (end == nil || end.Reason != "RestartingAllContainers") {
					t.Errorf("%s: %+v", s.Name, s.LastTerminationState)
				}
			}
		})
	}
}
