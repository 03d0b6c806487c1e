package embedded

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime/pprof"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	appsv1 "k8s.io/api/apps/v1"
	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"healthlab/lab"
	"healthlab/lab/node/images"
	"healthlab/lab/node/shim"
)

// patience is how long a test waits for something that takes a second on an idle machine.
const patience = 2 * time.Minute

// shared is the cluster of all tests that need just one; nil under -short.
var shared *Cluster

func TestMain(m *testing.M) {
	if shim.Called() {
		os.Exit(shim.Serve(images.Runnable()))
	}
	flag.Parse()
	os.Exit(run(m))
}

func run(m *testing.M) (code int) {
	// A benchmark alone wants the process for itself.
	if !testing.Short() && flag.Lookup("test.bench").Value.String() == "" {
		dir, err := os.MkdirTemp("", "healthlab-")
		if err != nil {
			fmt.Println(err)
			return 1
		}
		defer func() { _ = os.RemoveAll(dir) }() // an etcd that was given up may still write there
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if shared, err = Start(ctx, Options{StateDir: dir}); err != nil {
			fmt.Println(err)
			return 1
		}
	}
	code = m.Run()
	if shared != nil {
		if err := shared.Close(); err != nil {
			fmt.Println(err)
			_ = pprof.Lookup("goroutine").WriteTo(os.Stdout, 1)
			return 1
		}
	}
	if leaks := ownLeaks(); leaks != "" && code == 0 {
		fmt.Println("goroutines left behind:", leaks)
		return 1
	}
	return code
}

// ownLeaks are the goroutines that were left by healthlab, but for those in which etcd has given up. Which ones Kubernetes leaves, as the package's doc says, depends
// on how far its start had come when a cluster was closed.
func ownLeaks() string {
	err := goleak.Find()
	if err == nil {
		return ""
	}
	var own strings.Builder
	for _, goroutine := range strings.Split(err.Error(), " Goroutine ") {
		gaveUp := slices.ContainsFunc([]string{"(*lastWords).OnWrite", "(*lastWords).listen", "embedded.embedEtcd", "embedded.closeEtcd"},
			func(name string) bool { return strings.Contains(goroutine, name) })
		if strings.Contains(goroutine, "healthlab/lab") && !gaveUp {
			own.WriteString(goroutine)
		}
	}
	return own.String()
}

func sharedCluster(t *testing.T) *Cluster {
	t.Helper()
	if shared == nil {
		t.Skip("needs a cluster; not under -short")
	}
	return shared
}

func startCluster(t *testing.T, o Options) *Cluster {
	t.Helper()
	if testing.Short() {
		t.Skip("needs a cluster; not under -short")
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c, err := Start(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func clientOf(t *testing.T, config *rest.Config) kubernetes.Interface {
	t.Helper()
	config.QPS = -1
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// eventually waits until what happens is true.
func eventually(t *testing.T, what string, happens func(context.Context) (bool, error)) {
	t.Helper()
	if err := wait.PollUntilContextTimeout(t.Context(), 50*time.Millisecond, patience, true, happens); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

func makeNamespace(t *testing.T, client kubernetes.Interface) string {
	t.Helper()
	namespace, err := client.CoreV1().Namespaces().Create(
		t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "test-"}}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return namespace.Name
}

func makeDeployment(t *testing.T, client kubernetes.Interface, namespace string, replicas int32) {
	t.Helper()
	labels := map[string]string{"app": "web"}
	_, err := client.AppsV1().Deployments(namespace).Create(t.Context(), &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: "web"},
		Spec: appsv1.DeploymentSpec{
			Replicas: &replicas,
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec: corev1.PodSpec{
					TerminationGracePeriodSeconds: new(int64), // sleep ignores SIGTERM
					Containers: []corev1.Container{{
						Name: "web", Image: "alpine", Command: []string{"sleep", "3600"},
					}},
				},
			},
		},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
}

func podsOf(t *testing.T, client kubernetes.Interface, namespace string, count int) []corev1.Pod {
	t.Helper()
	var pods *corev1.PodList
	eventually(t, fmt.Sprintf("%d pods", count), func(ctx context.Context) (done bool, err error) {
		pods, err = client.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{})
		return err == nil && len(pods.Items) == count, err
	})
	return pods.Items
}

func TestKubeconfig(t *testing.T) {
	c := sharedCluster(t)
	info, err := os.Stat(c.Kubeconfig())
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != 0o600 {
		t.Errorf("mode %o, want 600", got)
	}
	config, err := clientcmd.BuildConfigFromFlags("", c.Kubeconfig())
	if err != nil {
		t.Fatal(err)
	}
	version, err := clientOf(t, config).Discovery().ServerVersion()
	if err != nil {
		t.Fatal(err)
	}
	if version.GitVersion != Version || version.Major != "1" || version.Minor != "37" {
		t.Errorf("version %s (%s.%s), want %s", version.GitVersion, version.Major, version.Minor, Version)
	}
}

func TestCredentials(t *testing.T) {
	c := sharedCluster(t)
	stranger, err := newPKI(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name    string
		change  func(*rest.Config)
		refused func(error) bool
	}{
		{"the administrator's", func(*rest.Config) {}, func(err error) bool { return err == nil }},
		{"a certificate of another authority", func(r *rest.Config) {
			r.CertData, r.KeyData = stranger.admin.cert, stranger.admin.key
		}, apierrors.IsUnauthorized},
		{"a made-up token", func(r *rest.Config) {
			r.CertData, r.KeyData, r.BearerToken = nil, nil, "secret"
		}, apierrors.IsUnauthorized},
		{"none", func(r *rest.Config) { r.CertData, r.KeyData = nil, nil }, apierrors.IsUnauthorized},
		{"a client that trusts another authority", func(r *rest.Config) { r.CAData = stranger.ca }, func(err error) bool {
			return err != nil && strings.Contains(err.Error(), "certificate signed by unknown authority")
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			config := c.RESTConfig()
			tc.change(config)
			_, err := clientOf(t, config).CoreV1().Secrets("kube-system").List(t.Context(), metav1.ListOptions{})
			if !tc.refused(err) {
				t.Errorf("listing secrets: %v", err)
			}
		})
	}
}

func TestNodeIsReady(t *testing.T) {
	client := clientOf(t, sharedCluster(t).RESTConfig())
	node, err := client.CoreV1().Nodes().Get(t.Context(), NodeName, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, condition := range node.Status.Conditions {
		if condition.Type == corev1.NodeReady && condition.Status != corev1.ConditionTrue {
			t.Errorf("the node is not Ready: %s", condition.Message)
		}
	}
	if len(node.Spec.Taints) > 0 {
		t.Errorf("the node has taints: %v", node.Spec.Taints)
	}
}

// TestLogsOfAPod goes from the API server to the node agent, each of which verifies the other.
func TestKubernetesServiceExistsFromTheStart(t *testing.T) {
	c := sharedCluster(t)
	service, err := clientOf(t, c.RESTConfig()).CoreV1().Services("default").Get(
		t.Context(), "kubernetes", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got := service.Spec.ClusterIP; got != serviceIP {
		t.Errorf("address %s, want %s", got, serviceIP)
	}
}

func TestLogsOfAPod(t *testing.T) {
	client := clientOf(t, sharedCluster(t).RESTConfig())
	namespace := makeNamespace(t, client)
	eventually(t, "pod created", func(ctx context.Context) (bool, error) {
		_, err := client.CoreV1().Pods(namespace).Create(ctx, &corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Name: "hello"},
			Spec: corev1.PodSpec{RestartPolicy: corev1.RestartPolicyNever, Containers: []corev1.Container{{
				Name: "hello", Image: "alpine", Command: []string{"echo", "hello"},
			}}},
		}, metav1.CreateOptions{})
		return err == nil, ignoreForbidden(err)
	})
	eventually(t, "pod done", func(ctx context.Context) (bool, error) {
		pod, err := client.CoreV1().Pods(namespace).Get(ctx, "hello", metav1.GetOptions{})
		return err == nil && pod.Status.Phase == corev1.PodSucceeded, err
	})
	logs, err := client.CoreV1().Pods(namespace).GetLogs("hello", &corev1.PodLogOptions{}).DoRaw(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(logs), "hello\n"; got != want {
		t.Errorf("log %q, want %q", got, want)
	}
}

func TestRestrictedUser(t *testing.T) {
	c := sharedCluster(t)
	admin := clientOf(t, c.RESTConfig())
	namespace := makeNamespace(t, admin)
	ctx := t.Context()
	eventually(t, "default service account", func(ctx context.Context) (bool, error) {
		_, err := admin.CoreV1().ServiceAccounts(namespace).Get(ctx, "default", metav1.GetOptions{})
		return err == nil, ignoreNotFound(err)
	})
	role := &rbacv1.Role{
		ObjectMeta: metav1.ObjectMeta{Name: "reader"},
		Rules:      []rbacv1.PolicyRule{{APIGroups: []string{""}, Resources: []string{"pods"}, Verbs: []string{"list"}}},
	}
	if _, err := admin.RbacV1().Roles(namespace).Create(ctx, role, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	binding := &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: "reader"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: "reader"},
		Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Name: "default", Namespace: namespace}},
	}
	if _, err := admin.RbacV1().RoleBindings(namespace).Create(ctx, binding, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	token, err := admin.CoreV1().ServiceAccounts(namespace).CreateToken(
		ctx, "default", &authenticationv1.TokenRequest{}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	config := rest.AnonymousClientConfig(c.RESTConfig())
	config.BearerToken = token.Status.Token
	user := clientOf(t, config)
	eventually(t, "may list the pods of the namespace", func(ctx context.Context) (bool, error) {
		_, err := user.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{})
		if apierrors.IsForbidden(err) {
			return false, nil // the authorizer learns of the role from a watch
		}
		return err == nil, err
	})
	if _, err := user.CoreV1().Pods("default").List(ctx, metav1.ListOptions{}); !apierrors.IsForbidden(err) {
		t.Errorf("listing the pods of another namespace: %v, want forbidden", err)
	}
	if _, err := user.CoreV1().Secrets(namespace).List(ctx, metav1.ListOptions{}); !apierrors.IsForbidden(err) {
		t.Errorf("listing secrets: %v, want forbidden", err)
	}
}

func TestDeploymentMakesPods(t *testing.T) {
	client := clientOf(t, sharedCluster(t).RESTConfig())
	namespace := makeNamespace(t, client)
	makeDeployment(t, client, namespace, 3)
	for _, pod := range podsOf(t, client, namespace, 3) {
		if got, want := pod.Spec.ServiceAccountName, "default"; got != want {
			t.Errorf("pod %s has service account %q, want %q", pod.Name, got, want)
		}
	}
	eventually(t, "deployment available", func(ctx context.Context) (bool, error) {
		deployment, err := client.AppsV1().Deployments(namespace).Get(ctx, "web", metav1.GetOptions{})
		return err == nil && deployment.Status.AvailableReplicas == 3, err
	})

	// All that belongs to a deployment goes with it.
	background := metav1.DeletePropagationBackground
	if err := client.AppsV1().Deployments(namespace).Delete(
		t.Context(), "web", metav1.DeleteOptions{PropagationPolicy: &background}); err != nil {
		t.Fatal(err)
	}
	podsOf(t, client, namespace, 0)
}

func TestServiceHasEndpoints(t *testing.T) {
	client := clientOf(t, sharedCluster(t).RESTConfig())
	namespace := makeNamespace(t, client)
	if _, err := client.CoreV1().Services(namespace).Create(t.Context(), &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Name: "web"},
		Spec: corev1.ServiceSpec{
			Selector: map[string]string{"app": "web"}, Ports: []corev1.ServicePort{{Port: 80}},
		},
	}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	makeDeployment(t, client, namespace, 1)
	eventually(t, "endpoint slice", func(ctx context.Context) (bool, error) {
		slices, err := client.DiscoveryV1().EndpointSlices(namespace).List(ctx, metav1.ListOptions{})
		return err == nil && len(slices.Items) == 1 && len(slices.Items[0].Endpoints) == 1, err
	})
	eventually(t, "endpoints", func(ctx context.Context) (bool, error) {
		//nolint:staticcheck // kubectl get endpoints is what the guide shows
		endpoints, err := client.CoreV1().Endpoints(namespace).Get(ctx, "web", metav1.GetOptions{})
		return err == nil && len(endpoints.Subsets) == 1, ignoreNotFound(err)
	})
}

func TestAPIServerProxiesToPodsAndServices(t *testing.T) {
	client := clientOf(t, sharedCluster(t).RESTConfig())
	namespace := makeNamespace(t, client)
	labels := map[string]string{"app": "web"}
	if _, err := client.CoreV1().Services(namespace).Create(t.Context(), &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Name: "web"},
		Spec:       corev1.ServiceSpec{Selector: labels, Ports: []corev1.ServicePort{{Port: 80}}},
	}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "pod created", func(ctx context.Context) (bool, error) {
		_, err := client.CoreV1().Pods(namespace).Create(ctx, &corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Name: "web", Labels: labels},
			Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "web", Image: "nginx"}}},
		}, metav1.CreateOptions{})
		return err == nil, ignoreForbidden(err)
	})
	for _, c := range []struct {
		name string
		get  rest.ResponseWrapper
	}{
		{"pod", client.CoreV1().Pods(namespace).ProxyGet("", "web", "80", "/", nil)},
		{"service", client.CoreV1().Services(namespace).ProxyGet("", "web", "80", "/", nil)},
	} {
		t.Run(c.name, func(t *testing.T) {
			eventually(t, "an answer", func(ctx context.Context) (bool, error) {
				body, err := c.get.DoRaw(ctx)
				return err == nil && strings.Contains(string(body), "Welcome to nginx"), nil
			})
		})
	}
}

func TestQuotaIsCounted(t *testing.T) {
	client := clientOf(t, sharedCluster(t).RESTConfig())
	namespace := makeNamespace(t, client)
	if _, err := client.CoreV1().ResourceQuotas(namespace).Create(t.Context(), &corev1.ResourceQuota{
		ObjectMeta: metav1.ObjectMeta{Name: "pods"},
		Spec:       corev1.ResourceQuotaSpec{Hard: corev1.ResourceList{corev1.ResourcePods: resource.MustParse("2")}},
	}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "quota in force", func(ctx context.Context) (bool, error) {
		quota, err := client.CoreV1().ResourceQuotas(namespace).Get(ctx, "pods", metav1.GetOptions{})
		return err == nil && len(quota.Status.Hard) == 1, err
	})
	makeDeployment(t, client, namespace, 3)
	eventually(t, "quota used up", func(ctx context.Context) (bool, error) {
		quota, err := client.CoreV1().ResourceQuotas(namespace).Get(ctx, "pods", metav1.GetOptions{})
		if err != nil {
			return false, err
		}
		used := quota.Status.Used[corev1.ResourcePods]
		return used.Value() == 2, nil
	})
	podsOf(t, client, namespace, 2)
}

func TestNamespaceDeletionFinishes(t *testing.T) {
	client := clientOf(t, sharedCluster(t).RESTConfig())
	namespace := makeNamespace(t, client)
	makeDeployment(t, client, namespace, 2)
	podsOf(t, client, namespace, 2)
	if err := client.CoreV1().Namespaces().Delete(t.Context(), namespace, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "namespace gone", func(ctx context.Context) (bool, error) {
		_, err := client.CoreV1().Namespaces().Get(ctx, namespace, metav1.GetOptions{})
		return apierrors.IsNotFound(err), ignoreNotFound(err)
	})
}

// TestSecondCluster runs beside the shared one. Its sockets would have too long a name, so its etcd listens on ports.
func TestSecondCluster(t *testing.T) {
	first := sharedCluster(t)
	dir := filepath.Join(t.TempDir(), strings.Repeat("long", 25))
	var progress []string
	second := startCluster(t, Options{StateDir: dir, Progress: func(c lab.Component) {
		if c.State == lab.ComponentReady {
			progress = append(progress, c.Name)
		}
	}})
	if diff := cmp.Diff([]string{"pki", "etcd", "kube-apiserver"}, progress[:3]); diff != "" {
		t.Errorf("components that were ready first (-want +got):\n%s", diff)
	}
	// A client that watches must not hold up the end.
	watching, err := clientOf(t, second.RESTConfig()).CoreV1().Pods("").Watch(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer watching.Stop()
	left := clientOf(t, second.RESTConfig())

	if err := second.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
	wantFiles(t, dir, "lock")
	// Anybody may have its port by now, but not its certificate.
	if _, err := left.Discovery().ServerVersion(); err == nil {
		t.Error("the API server still answers")
	}
	select {
	case <-second.Done():
		t.Errorf("a closed cluster says that it died: %v", second.Err())
	default:
	}
	if err := second.Close(); err != nil {
		t.Errorf("close again: %v", err)
	}
	if _, err := clientOf(t, first.RESTConfig()).Discovery().ServerVersion(); err != nil {
		t.Errorf("the other cluster does not answer any more: %v", err)
	}
}

func TestSameStateDirectory(t *testing.T) {
	first := sharedCluster(t)
	dir := filepath.Dir(first.Kubeconfig())
	second := startCluster(t, Options{StateDir: dir})
	if got, want := second.Kubeconfig(), first.Kubeconfig()+"-"; !strings.HasPrefix(got, want) {
		t.Errorf("the second kubeconfig is %s, want %sPORT", got, want)
	}
	for _, c := range []*Cluster{first, second} {
		config, err := clientcmd.BuildConfigFromFlags("", c.Kubeconfig())
		if err != nil {
			t.Fatal(err)
		}
		if got, want := config.Host, c.RESTConfig().Host; got != want {
			t.Errorf("%s leads to %s, want %s", c.Kubeconfig(), got, want)
		}
	}
}

func TestStartFails(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	takenPort := taken.Addr().(*net.TCPAddr).Port
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		dir   string
		port  int
		want  []string
		slow  bool
		node  nodeStarter
		after string // the component whose start ends the context
	}{
		{name: "the port is taken", port: takenPort, want: []string{"listen for the API server", "address already in use"}},
		{name: "the state directory is a file", dir: file, want: []string{"state directory", "--state-dir", file}},
		{
			name: "the node agent fails", slow: true, want: []string{"start node: no room"},
			node: func(context.Context, nodeSeat) (nodeAgent, error) { return nil, errors.New("no room") },
		},
		{
			name: "the node agent never becomes ready", slow: true, after: "node",
			want: []string{"context canceled"},
			node: func(context.Context, nodeSeat) (nodeAgent, error) { return lazyAgent{}, nil },
		},
		{name: "the user leaves while etcd starts", slow: true, after: "etcd", want: []string{"context canceled"}},
		{name: "the user leaves while the API server starts", slow: true, after: "kube-apiserver", want: []string{"context canceled"}},
		{name: "the user leaves while controllers start", slow: true, after: "controllers", want: []string{"context canceled"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.slow {
				sharedCluster(t)
			}
			dir := c.dir
			if dir == "" {
				dir = t.TempDir()
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var port string
			var node nodeStarter = newNodeAgent
			if c.node != nil {
				node = c.node
			}
			_, err := start(ctx, Options{StateDir: dir, Port: c.port, Progress: func(p lab.Component) {
				if p.Name == c.after && p.State == lab.ComponentStarting {
					cancel()
				}
				if runs, _ := filepath.Glob(filepath.Join(dir, runPrefix+"*")); len(runs) == 1 {
					port = strings.TrimPrefix(filepath.Base(runs[0]), runPrefix)
				}
			}}, node)
			for _, want := range c.want {
				if !strings.Contains(message(err), want) {
					t.Errorf("error %v, want one with %q", err, want)
				}
			}
			if dir == file {
				return
			}
			for _, name := range files(t, dir) {
				if name != lockName {
					t.Errorf("%s is left behind", name)
				}
			}
			if port == "" {
				return
			}
			// A program that is just being started by another test has a copy of the listener until it really runs.
			for patience := time.Now().Add(10 * time.Second); ; {
				conn, err := net.Dial("tcp", "127.0.0.1:"+port)
				if err != nil {
					return
				}
				conn.Close()
				if time.Now().After(patience) {
					t.Fatal("the API server's port is still open")
				}
			}
		})
	}
}

// lazyAgent is a node agent that never becomes ready.
type lazyAgent struct{}

func (lazyAgent) Ready() <-chan struct{} { return nil }
func (lazyAgent) Close() error           { return nil }
func (lazyAgent) Dial(context.Context, string, string) (net.Conn, error) {
	return nil, errors.New("no pods")
}

// ignoreForbidden is for what a namespace refuses as long as it has no service account.
func ignoreForbidden(err error) error {
	if apierrors.IsForbidden(err) {
		return nil
	}
	return err
}

func ignoreNotFound(err error) error {
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}

// The API server makes its service itself, too, and may be quicker.
func TestServiceThatIsThereIsNotMadeAgain(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a control plane")
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := ensureService(ctx, clientOf(t, shared.RESTConfig()), kubernetesService(1)); err != nil {
		t.Error(err)
	}
}
