package cluster

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"healthlab/lab"
)

// objectServer holds objects by their paths, and answers GET and LIST over real HTTP. It notes what it is asked to write.
type objectServer struct {
	*httptest.Server

	mu       sync.Mutex
	objects  map[string]map[string]any // by path
	comes    string                    // the path of an object that is there when it is asked for again
	conflict string                    // the path of an object that is written to by somebody else whenever it is written to
	writes   []string
}

func newObjectServer(t *testing.T) *objectServer {
	t.Helper()
	s := &objectServer{objects: map[string]map[string]any{}}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	return s
}

const (
	nsPath  = "/api/v1/namespaces/healthchecks"
	podPath = nsPath + "/pods/liveness-app"
)

// discovered is what the server says that it has.
var discovered = map[string]any{
	"/api": metav1.APIVersions{TypeMeta: metav1.TypeMeta{Kind: "APIVersions"}, Versions: []string{"v1"}},
	"/apis": metav1.APIGroupList{TypeMeta: metav1.TypeMeta{Kind: "APIGroupList", APIVersion: "v1"}, Groups: []metav1.APIGroup{{
		Name:             "example.com",
		Versions:         []metav1.GroupVersionForDiscovery{{GroupVersion: "example.com/v1", Version: "v1"}},
		PreferredVersion: metav1.GroupVersionForDiscovery{GroupVersion: "example.com/v1", Version: "v1"},
	}}},
	"/api/v1": metav1.APIResourceList{
		TypeMeta: metav1.TypeMeta{Kind: "APIResourceList", APIVersion: "v1"}, GroupVersion: "v1", APIResources: []metav1.APIResource{
			{Name: "pods", Kind: "Pod", Namespaced: true, Verbs: []string{"list"}},
			{Name: "pods/exec", Kind: "PodExecOptions", Namespaced: true, Verbs: []string{"create"}},
			{Name: "events", Kind: "Event", Namespaced: true, Verbs: []string{"list"}},
			{Name: "configmaps", Kind: "ConfigMap", Namespaced: true, Verbs: []string{"list"}},
			{Name: "nodes", Kind: "Node", Verbs: []string{"list"}},
		},
	},
	"/apis/example.com/v1": metav1.APIResourceList{
		TypeMeta: metav1.TypeMeta{Kind: "APIResourceList", APIVersion: "v1"}, GroupVersion: "example.com/v1",
		APIResources: []metav1.APIResource{{Name: "widgets", Kind: "Widget", Namespaced: true, Verbs: []string{"list"}}},
	},
}

var marked = map[string]any{lab.ManagedByLabel: lab.ManagedBy}

func (s *objectServer) put(path string, labels map[string]any) {
	name := path[strings.LastIndexByte(path, '/')+1:]
	s.objects[path] = map[string]any{"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": map[string]any{"name": name, "uid": "u-" + name, "labels": labels}}
	if path == nsPath {
		s.objects[path]["kind"], s.objects[path]["apiVersion"] = "Namespace", "v1"
		s.objects[path]["status"] = map[string]any{"phase": "Active"}
	}
}

func (s *objectServer) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	if r.Method != http.MethodGet {
		write := r.Method + " " + r.URL.Path
		if r.URL.Query().Get("dryRun") != "" {
			write += "?dryRun"
		}
		s.writes = append(s.writes, write)
		if s.conflict == r.URL.Path {
			w.WriteHeader(http.StatusConflict)
			_ = json.NewEncoder(w).Encode(map[string]any{
				"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "Conflict", "message": "conflict", "code": 409,
			})
			return
		}
		kind, version := "PartialObjectMetadata", "meta.k8s.io/v1"
		if r.URL.Path == nsPath {
			kind, version = "Namespace", "v1"
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"kind": kind, "apiVersion": version, "metadata": map[string]any{}})
		return
	}
	if s.comes == r.URL.Path && s.objects[s.comes] == nil {
		defer s.put(s.comes, nil)
	}
	if resources, ok := discovered[r.URL.Path]; ok {
		_ = json.NewEncoder(w).Encode(resources)
		return
	}
	items := []any{}
	for path, object := range s.objects {
		if path == r.URL.Path {
			_ = json.NewEncoder(w).Encode(object)
			return
		}
		if rest, ok := strings.CutPrefix(path, r.URL.Path+"/"); ok && !strings.Contains(rest, "/") {
			items = append(items, object)
		}
	}
	last := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
	if last == "configmaps" || last == "widgets" || slices.ContainsFunc(kinds(), func(k kind) bool { return k.resource.Resource == last }) {
		_ = json.NewEncoder(w).Encode(map[string]any{
			"kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1", "metadata": map[string]any{}, "items": items,
		})
		return
	}
	w.WriteHeader(http.StatusNotFound)
	_ = json.NewEncoder(w).Encode(map[string]any{
		"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound", "message": "not found", "code": 404,
	})
}

// guarded opens the server as a real cluster.
func (s *objectServer) guarded(t *testing.T, change func(*Config)) *Client {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	config := Config{
		Kubeconfig: writeConfig(t, strings.ReplaceAll(twoContexts, "http://127.0.0.1:1", s.URL)), Real: true, Owner: "kim@laptop",
		KubectlCommand: []string{self, "as-kubectl"},
	}
	if change != nil {
		change(&config)
	}
	c, err := Open(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestAct(t *testing.T) {
	manifest := filepath.Join(t.TempDir(), "liveness-app.yaml")
	if err := os.WriteFile(manifest, []byte("kind: Pod\nmetadata: {name: liveness-app}\n---\n# nothing\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	apply := []string{"apply", "-f", manifest}
	terminating := func(s *objectServer) {
		s.put(nsPath, marked)
		s.objects[nsPath]["status"] = map[string]any{"phase": "Terminating"}
	}
	tests := []struct {
		name   string
		args   []string
		there  func(*objectServer)
		config func(*Config)
		ran    string // part of what was run; empty: nothing was
		refuse string // part of why not
		writes []string
	}{
		{
			name: "a pod is applied on the server's side", args: apply, there: func(s *objectServer) { s.put(nsPath, marked) },
			ran: "apply --server-side --field-manager=healthlab -f " + manifest,
		},
		{
			name: "what a student wrote without the label gets it", args: apply, there: func(s *objectServer) {
				s.put(nsPath, marked)
				s.comes = podPath
			}, ran: "pod/liveness-app labeled", writes: []string{"PATCH " + podPath},
		},
		{
			name: "a pod of ours is applied again", args: apply, there: func(s *objectServer) {
				s.put(nsPath, marked)
				s.put(podPath, marked)
			}, ran: "apply",
		},
		{
			name: "a pod of somebody else's is left alone", args: apply, there: func(s *objectServer) {
				s.put(nsPath, marked)
				s.put(podPath, nil)
			}, refuse: "adopt it with `kubectl label pod/liveness-app",
		},
		{name: "a namespace of somebody else's", args: apply, there: func(s *objectServer) {
			s.put(nsPath, nil)
			s.put(nsPath+"/services/shop", nil)
		}, refuse: "holds objects that healthlab did not create: service/shop"},
		{name: "a namespace that is being deleted", args: apply, there: terminating, refuse: "is being deleted"},
		{
			name: "a system namespace", args: apply, config: func(c *Config) { c.Namespace = "kube-system" },
			refuse: "nothing is written to namespace kube-system",
		},
		{
			name: "another namespace", args: []string{"-n", "other", "delete", "pod/a"},
			there: func(s *objectServer) { s.put(nsPath, marked) }, refuse: "labs change nothing outside namespace healthchecks",
		},
		{
			name: "deleting everything", args: []string{"delete", "pods", "--all"},
			there: func(s *objectServer) { s.put(nsPath, marked) }, refuse: "only objects given by name",
		},
		{
			name: "deleting what is not ours", args: []string{"delete", "pod", "liveness-app"}, there: func(s *objectServer) {
				s.put(nsPath, marked)
				s.put(podPath, nil)
			}, refuse: "pod/liveness-app was not made by healthlab",
		},
		{
			name: "deleting what is ours", args: []string{"delete", "pod/liveness-app", "--wait=false"}, there: func(s *objectServer) {
				s.put(nsPath, marked)
				s.put(podPath, marked)
			}, ran: "delete pod/liveness-app --wait=false",
		},
		{
			name: "a command in a pod of somebody else's", args: []string{"exec", "liveness-app", "--", "kill", "1"},
			there: func(s *objectServer) {
				s.put(nsPath, marked)
				s.put(podPath, nil)
			}, refuse: "pod/liveness-app was not made by healthlab",
		},
		{
			name: "a namespace that was just made is marked", args: []string{"create", "namespace", "healthchecks"}, ran: "create namespace",
			writes: []string{"PATCH " + nsPath},
		},
		{name: "reading needs no rails", args: []string{"-n", "kube-system", "get", "pods"}, ran: "get pods"},
		{
			name: "read-only reads", args: []string{"get", "pods"}, config: func(c *Config) { c.ReadOnly = true }, ran: "get pods",
		},
		{
			name: "read-only does nothing else", args: []string{"exec", "p", "--", "ls"}, config: func(c *Config) { c.ReadOnly = true },
			refuse: "read-only",
		},
		{
			name: "a dry run asks the server", args: apply, there: func(s *objectServer) { s.put(nsPath, marked) },
			config: func(c *Config) { c.DryRun = true }, ran: "--output=yaml --dry-run=server --server-side",
		},
		{
			name: "a dry run without a namespace stays here", args: apply, config: func(c *Config) { c.DryRun = true },
			ran: "--output=yaml --dry-run=client",
		},
		{
			name: "a dry run runs nothing in containers", args: []string{"exec", "p", "--", "ls"}, config: func(c *Config) { c.DryRun = true },
			ran: "+ kubectl exec p -- ls\n(dry run",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newObjectServer(t)
			if tt.there != nil {
				tt.there(s)
			}
			var out bytes.Buffer
			_, err := s.guarded(t, tt.config).Act(t.Context(), tt.args, &out)
			if tt.refuse != "" {
				var told *lab.Error
				if !errors.As(err, &told) || !strings.Contains(told.Msg.En, tt.refuse) || told.Msg.Ko == "" {
					t.Errorf("got %v, want a refusal with %q", err, tt.refuse)
				}
				if out.Len() > 0 {
					t.Errorf("run nevertheless: %s", out.String())
				}
			} else if err != nil {
				t.Errorf("got %v", err)
			}
			if tt.ran != "" && !strings.Contains(out.String(), tt.ran) {
				t.Errorf("%q was not run (%v):\n%s", tt.ran, err, out.String())
			}
			if diff := cmp.Diff(tt.writes, s.writes); diff != "" {
				t.Errorf("written by healthlab itself (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReads(t *testing.T) {
	for _, tt := range []struct {
		line string
		want bool
	}{
		{"get pods -A", true},
		{"-n kube-system logs p", true},
		{"--namespace=x describe pod p", true},
		{"auth can-i delete pods", true},
		{"rollout status deployment/a", true},
		{"config view", true},
		{"rollout restart deployment/a", false},
		{"config use-context b", false},
		{"auth reconcile -f x", false},
		{"delete pod p", false},
		{"exec p -- ls", false},
		{"cp p:/a b", false},
		{"port-forward p 80", false},
		{"someplugin get", false},
		{"--as get delete pod p", false}, // what looks like the verb is a flag's value
	} {
		t.Run(tt.line, func(t *testing.T) {
			if got := parse(strings.Fields(tt.line)).reads(); got != tt.want {
				t.Errorf("got %t, want %t", got, tt.want)
			}
		})
	}
}

func TestReadOnlyTouchesNoContainer(t *testing.T) {
	c := newObjectServer(t).guarded(t, func(c *Config) { c.ReadOnly = true })
	if _, _, err := c.Exec(t.Context(), "p", "c", []string{"ls"}, 10, func(time.Duration) {}); err == nil || !strings.Contains(err.Error(), "read-only") {
		t.Errorf("Exec: %v", err)
	}
	if conn, _, err := c.Dial(t.Context(), "p", 80); err == nil || !strings.Contains(err.Error(), "read-only") {
		t.Errorf("Dial: %v, %v", conn, err)
	}
}

func TestRemains(t *testing.T) {
	s := newObjectServer(t)
	s.put(nsPath, marked)
	s.put(podPath, marked)
	s.put(nsPath+"/services/shop", nil)
	names := func() []string {
		t.Helper()
		remains, err := s.guarded(t, nil).Remains(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, o := range remains {
			names = append(names, o.Name)
		}
		return names
	}
	if diff := cmp.Diff([]string{"pod/liveness-app"}, names()); diff != "" {
		t.Errorf("beside somebody else's service (-want +got):\n%s", diff)
	}
	delete(s.objects, nsPath+"/services/shop")
	if diff := cmp.Diff([]string{"pod/liveness-app", "namespace/healthchecks"}, names()); diff != "" {
		t.Errorf("in a namespace of its own (-want +got):\n%s", diff)
	}
	s.put(nsPath, nil)
	if diff := cmp.Diff([]string{"pod/liveness-app"}, names()); diff != "" {
		t.Errorf("in a namespace that was there before (-want +got):\n%s", diff)
	}
	s.put(nsPath, marked)
	s.put(nsPath+"/configmaps/kube-root-ca.crt", nil)
	s.put(nsPath+"/events/e", nil)
	s.put("/apis/example.com/v1/namespaces/healthchecks/widgets/mine", marked)
	want := []string{"pod/liveness-app", "widget.example.com/mine", "namespace/healthchecks"}
	if diff := cmp.Diff(want, names()); diff != "" {
		t.Errorf("with what a lab of the user's own made (-want +got):\n%s", diff)
	}
	s.put(nsPath+"/configmaps/somebody-elses", nil)
	if diff := cmp.Diff(want[:2], names()); diff != "" {
		t.Errorf("beside somebody else's configuration (-want +got):\n%s", diff)
	}
	s.put(nsPath, nil)
	s.put(nsPath+"/services/shop", nil)
	if _, err := s.guarded(t, nil).Remains(t.Context()); err == nil || !strings.Contains(err.Error(), "service/shop") {
		t.Errorf("in somebody else's namespace: %v", err)
	}
}

func TestDeleteLeavesWhatIsNoLongerOurs(t *testing.T) {
	s := newObjectServer(t)
	s.put(podPath, nil)
	var deleted []lab.Remnant
	err := s.guarded(t, nil).Delete(t.Context(), []lab.Remnant{{
		Name: "pod/liveness-app", Version: "v1", Resource: "pods",
	}}, func(o lab.Remnant) {
		deleted = append(deleted, o)
	})
	if err == nil || len(deleted) > 0 || len(s.writes) > 0 {
		t.Errorf("deleted %v, requests %v, error %v", deleted, s.writes, err)
	}
}

func TestContexts(t *testing.T) {
	got, err := Contexts(writeConfig(t, twoContexts))
	if err != nil {
		t.Fatal(err)
	}
	want := []lab.Context{
		{Name: "broken"}, {Name: "one", Server: "http://127.0.0.1:1", Current: true}, {Name: "two", Server: "http://127.0.0.1:1"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("contexts (-want +got):\n%s", diff)
	}
	if _, err := Contexts("/nowhere"); err == nil || !strings.Contains(err.Error(), "/nowhere") {
		t.Errorf("a missing file: %v", err)
	}
}
