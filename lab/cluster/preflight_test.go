package cluster

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"

	"healthlab/lab"
)

// preflightServer answers what Preflight asks.
type preflightServer struct {
	version    string
	denied     string // resource that the rules leave out
	incomplete bool   // the rules tell nothing; only single questions do
	enforced   string // the Pod Security level
	quota      *corev1.ResourceQuota
	policies   map[string][]networkingv1.PolicyType
	writes     []string // requests that would have written something
}

func (s *preflightServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	answer := func(v any) { _ = json.NewEncoder(w).Encode(v) }
	last := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
	switch {
	case last == "version":
		answer(map[string]string{"gitVersion": s.version})
	case last == "healthchecks":
		answer(corev1.Namespace{
			TypeMeta: metav1.TypeMeta{Kind: "Namespace", APIVersion: "v1"}, Status: corev1.NamespaceStatus{Phase: corev1.NamespaceActive},
			ObjectMeta: metav1.ObjectMeta{Name: last, Labels: map[string]string{
				lab.ManagedByLabel: lab.ManagedBy, "pod-security.kubernetes.io/enforce": s.enforced,
			}},
		})
	case last == "selfsubjectrulesreviews":
		review := authorizationv1.SelfSubjectRulesReview{
			TypeMeta: metav1.TypeMeta{Kind: "SelfSubjectRulesReview", APIVersion: "authorization.k8s.io/v1"},
		}
		review.Status.Incomplete = s.incomplete
		for _, n := range needs() {
			if n.resource != s.denied && !s.incomplete {
				review.Status.ResourceRules = append(review.Status.ResourceRules, authorizationv1.ResourceRule{
					Verbs: []string{"*"}, APIGroups: []string{n.group}, Resources: []string{n.resource},
				})
			}
		}
		answer(review)
	case last == "selfsubjectaccessreviews":
		review := decoded[*authorizationv1.SelfSubjectAccessReview](r)
		asked := review.Spec.ResourceAttributes
		review.Status.Allowed = strings.TrimSuffix(asked.Resource+"/"+asked.Subresource, "/") != s.denied
		answer(review)
	case last == "resourcequotas":
		list := corev1.ResourceQuotaList{TypeMeta: metav1.TypeMeta{Kind: "ResourceQuotaList", APIVersion: "v1"}}
		if s.quota != nil {
			list.Items = append(list.Items, *s.quota)
		}
		answer(list)
	case last == "networkpolicies":
		list := networkingv1.NetworkPolicyList{TypeMeta: metav1.TypeMeta{Kind: "NetworkPolicyList", APIVersion: "networking.k8s.io/v1"}}
		for name, types := range s.policies {
			list.Items = append(list.Items, networkingv1.NetworkPolicy{
				ObjectMeta: metav1.ObjectMeta{Name: name},
				Spec: networkingv1.NetworkPolicySpec{
					PolicyTypes: types, PodSelector: metav1.LabelSelector{MatchLabels: map[string]string{"app": "web"}},
				},
			})
		}
		answer(list)
	case last == "limitranges":
		answer(corev1.LimitRangeList{TypeMeta: metav1.TypeMeta{Kind: "LimitRangeList", APIVersion: "v1"}})
	case r.Method == http.MethodPost && last == "pods" && r.URL.Query().Get("dryRun") == "All":
		pod := decoded[*corev1.Pod](r)
		if s.enforced == "restricted" && pod.Spec.SecurityContext == nil {
			w.WriteHeader(http.StatusForbidden)
			answer(metav1.Status{
				TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: "Failure", Reason: metav1.StatusReasonForbidden, Code: 403,
			})
			return
		}
		answer(pod)
	default:
		s.writes = append(s.writes, r.Method+" "+r.URL.Path)
		w.WriteHeader(http.StatusNotFound)
	}
}

// decoded reads an object in whatever encoding the client has chosen.
func decoded[T runtime.Object](r *http.Request) T {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	object, kind, err := scheme.Codecs.UniversalDeserializer().Decode(body, nil, nil)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	object.GetObjectKind().SetGroupVersionKind(*kind)
	return object.(T)
}

func TestPreflight(t *testing.T) {
	quota := func(hard, used string) *corev1.ResourceQuota {
		return &corev1.ResourceQuota{ObjectMeta: metav1.ObjectMeta{Name: "class"}, Status: corev1.ResourceQuotaStatus{
			Hard: corev1.ResourceList{"pods": resource.MustParse(hard)}, Used: corev1.ResourceList{"pods": resource.MustParse(used)},
		}}
	}
	for _, tt := range []struct {
		name       string
		server     preflightServer
		readOnly   bool
		want       []string // what is not ok, as state and subject
		restricted bool
	}{
		{name: "everything", server: preflightServer{version: "v1.37.2"}},
		{
			name: "an old server", server: preflightServer{version: "v1.31.0-eks-1"},
			want: []string{"limited API server"},
		},
		{
			name: "no exec, by the rules", server: preflightServer{version: "v1.32.0", denied: "pods/exec"},
			want: []string{"limited run commands in containers"},
		},
		{
			name:   "no port-forward, asked singly",
			server: preflightServer{version: "v1.33.0", denied: "pods/portforward", incomplete: true},
			want:   []string{"limited port-forward"},
		},
		{
			name: "no pods", server: preflightServer{version: "v1.37.2", denied: "pods"},
			want: []string{"blocked watch pods", "limited apply and delete pods"},
		},
		{
			name: "restricted pods", server: preflightServer{version: "v1.37.2", enforced: "restricted"}, restricted: true,
		},
		{
			name: "too little quota", server: preflightServer{version: "v1.37.2", quota: quota("10", "8")},
			want: []string{"limited quota"},
		},
		{
			name: "quota that asks for requests",
			server: preflightServer{version: "v1.37.2", quota: &corev1.ResourceQuota{ObjectMeta: metav1.ObjectMeta{Name: "class"}, Spec: corev1.ResourceQuotaSpec{
				Hard: corev1.ResourceList{corev1.ResourceRequestsCPU: resource.MustParse("4")},
			}}},
			want: []string{"blocked quota"},
		},
		{
			name: "read-only asks for no rights to write", server: preflightServer{version: "v1.37.2", denied: "pods/exec"}, readOnly: true,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			server := httptest.NewServer(&tt.server)
			defer server.Close()
			c, err := Open(Config{
				Kubeconfig: writeConfig(t, strings.ReplaceAll(twoContexts, "http://127.0.0.1:1", server.URL)), Real: true, ReadOnly: tt.readOnly,
			})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			found := c.Preflight(t.Context())
			var got []string
			for _, f := range found.Findings {
				if f.State != lab.FindingOK && f.Subject.En != "image pull" {
					got = append(got, string(f.State)+" "+f.Subject.En)
				}
				if f.Subject.Ko == "" || f.Found.Ko == "" || (f.Without.Ko == "") != (f.Without.En == "") {
					t.Errorf("not told in Korean: %+v", f)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
			if found.Restricted != tt.restricted {
				t.Errorf("restricted %t", found.Restricted)
			}
			if len(tt.server.writes) > 0 {
				t.Errorf("unexpected requests: %v", tt.server.writes)
			}
		})
	}
}

func TestSupportedVersions(t *testing.T) {
	for _, tt := range []struct {
		version string
		want    lab.FindingState
		without string // in English
	}{
		{"v1.31.14", lab.FindingLimited, "made for 1.32 to 1.37; others may differ"},
		{"v1.32.0-alpha.1", lab.FindingOK, ""},
		{"v1.32.0", lab.FindingOK, ""},
		{"v1.32.9-gke.1548000", lab.FindingOK, ""},
		{"v1.33.5-eks-113cf36", lab.FindingOK, ""},
		{"v1.34.1+k3s1", lab.FindingOK, ""},
		{"v1.37.99", lab.FindingOK, ""},
		{"v1.38.0", lab.FindingLimited, "made for 1.32 to 1.37; others may differ"},
		{"v1.132.0", lab.FindingLimited, "made for 1.32 to 1.37; others may differ"},
		{"v2.34.0", lab.FindingLimited, "unknown version, not tested"},
		{"v0.0.0-master+$Format:%H$", lab.FindingLimited, "unknown version, not tested"},
		{"dev", lab.FindingLimited, "unknown version, not tested"},
		{"", lab.FindingLimited, "unknown version, not tested"},
	} {
		t.Run(tt.version, func(t *testing.T) {
			state, without := supported(tt.version)
			if state != tt.want || without.En != tt.without || (without.Ko == "") != (without.En == "") {
				t.Errorf("%s, %q / %q; want %s, %q", state, without.En, without.Ko, tt.want, tt.without)
			}
		})
	}
}

// The newest version is the embedded one, the oldest is what `make compat` tries, and the READMEs tell both.
func TestSupportedVersionsAreTried(t *testing.T) {
	for _, tt := range []struct{ file, want string }{
		{"../../go.mod", fmt.Sprintf("\tk8s.io/kubernetes v1.%d.", newestMinor)},
		{"../embedded/oldest/go.mod", fmt.Sprintf("\tk8s.io/kubernetes v1.%d.", oldestMinor)},
		{"../../README.md", fmt.Sprintf("Kubernetes 1.%d to 1.%d", oldestMinor, newestMinor)},
		{"../../README.ko.md", fmt.Sprintf("쿠버네티스 1.%d부터 1.%d까지", oldestMinor, newestMinor)},
	} {
		t.Run(tt.file, func(t *testing.T) {
			text, err := os.ReadFile(tt.file)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(text), tt.want) {
				t.Errorf("%q is missing", tt.want)
			}
		})
	}
}

func TestPreflightOfWhatIsNoCluster(t *testing.T) {
	for _, tt := range []struct {
		name, want string
		serve      http.HandlerFunc
	}{
		{"a web page", "does not seem to be a Kubernetes API server", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte("<html>"))
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			server := httptest.NewServer(tt.serve)
			defer server.Close()
			found := open(t, server.URL).Preflight(t.Context())
			if f, blocked := found.Blocked(); !blocked || !strings.Contains(f.Found.En, tt.want) || len(found.Findings) != 1 {
				t.Errorf("findings %+v", found.Findings)
			}
		})
	}
}

func TestPreflightListsThePoliciesOnWhatReachesPods(t *testing.T) {
	server := httptest.NewServer(&preflightServer{version: "v1.37.2", policies: map[string][]networkingv1.PolicyType{
		"in": nil, "out": {networkingv1.PolicyTypeEgress},
	}})
	defer server.Close()
	got := open(t, server.URL).Preflight(t.Context()).Policies
	if diff := cmp.Diff([]lab.NetworkPolicy{{Name: "in", Selector: "app=web"}}, got); diff != "" {
		t.Error(diff)
	}
}
