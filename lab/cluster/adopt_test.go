package cluster

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"healthlab/lab"
)

// written are the managed fields of an object that kubectl made, and whose status the kubelet has written since.
func written(at string) []any {
	return []any{
		map[string]any{"manager": "kubectl-run", "operation": "Update", "time": at},
		map[string]any{"manager": "kubelet", "operation": "Update", "time": "2030-01-01T00:00:00Z", "subresource": "status"},
	}
}

func (s *objectServer) metadata(path string) map[string]any {
	return s.objects[path]["metadata"].(map[string]any)
}

func TestForeignIsTold(t *testing.T) {
	manifest := filepath.Join(t.TempDir(), "liveness-app.yaml")
	if err := os.WriteFile(manifest, []byte("kind: Pod\nmetadata: {name: liveness-app}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	controlled := []any{map[string]any{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "shop", "uid": "r", "controller": true}}
	seen := lab.ForeignObject{
		Name: "pod/liveness-app", Owner: "kubectl-run", UID: "u-liveness-app", Generation: 1, Changed: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
	}
	as := func(change func(*lab.ForeignObject)) lab.ForeignObject {
		o := seen
		change(&o)
		return o
	}
	for _, tt := range []struct {
		name   string
		args   []string
		change func(metadata map[string]any)
		want   *lab.Foreign // nil: it is not stopped
		msg    string
	}{
		{
			"who wrote it last",
			[]string{"apply", "-f", manifest},
			nil,
			&lab.Foreign{Objects: []lab.ForeignObject{seen}, File: manifest}, "adopt it with",
		},
		{
			"what manages it",
			[]string{"apply", "-f", manifest},
			func(m map[string]any) { m["labels"] = map[string]any{lab.ManagedByLabel: "Helm"} },
			&lab.Foreign{Objects: []lab.ForeignObject{as(func(o *lab.ForeignObject) { o.Owner = "Helm" })}, File: manifest}, "adopt it with",
		},
		{
			"the owner that is noted",
			[]string{"delete", "pod/liveness-app"},
			func(m map[string]any) { m["annotations"] = map[string]any{lab.OwnerAnnotation: "lee@desk"} },
			&lab.Foreign{Objects: []lab.ForeignObject{as(func(o *lab.ForeignObject) { o.Owner = "lee@desk" })}}, "mark it with",
		},
		{
			"controlled by another object",
			[]string{"apply", "-f", manifest},
			func(m map[string]any) { m["ownerReferences"] = controlled },
			&lab.Foreign{Objects: []lab.ForeignObject{as(func(o *lab.ForeignObject) { o.Controller = "replicaset/shop" })}, File: manifest},
			"another object controls it",
		},
		{
			"a command in what another object controls",
			[]string{"exec", "liveness-app", "--", "ls"},
			func(m map[string]any) { m["ownerReferences"] = controlled }, nil, "",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newObjectServer(t)
			s.put(nsPath, marked)
			s.put(podPath, nil)
			s.metadata(podPath)["generation"], s.metadata(podPath)["managedFields"] = 1, written("2026-01-02T03:04:05Z")
			if tt.change != nil {
				tt.change(s.metadata(podPath))
			}
			_, err := s.guarded(t, nil).Act(t.Context(), tt.args, &bytes.Buffer{})
			var got *lab.Foreign
			if errors.As(err, &got) != (tt.want != nil) || tt.want == nil && err != nil {
				t.Fatalf("got %v", err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("foreign (-want +got):\n%s", diff)
			}
			var told *lab.Error
			if errors.As(err, &told) && !strings.Contains(told.Msg.En, tt.msg) {
				t.Errorf("said %q, want %q", told.Msg.En, tt.msg)
			}
		})
	}
}

func TestAdopt(t *testing.T) {
	const service = nsPath + "/services/web"
	for _, tt := range []struct {
		name   string
		since  func(*objectServer) // what has happened since it was looked at
		config func(*Config)
		names  []string // instead of the pod and the service
		refuse string   // part of why not
		writes []string
		out    string
	}{
		{
			name: "both", writes: []string{"PATCH " + podPath, "PATCH " + service},
			out: "pod/liveness-app labeled app.kubernetes.io/managed-by=healthlab\nservice/web labeled",
		},
		{
			name: "only its status has changed", since: func(s *objectServer) {
				s.metadata(podPath)["resourceVersion"] = "8"
				s.metadata(podPath)["managedFields"].([]any)[1].(map[string]any)["time"] = "2031-01-01T00:00:00Z"
			}, writes: []string{"PATCH " + podPath, "PATCH " + service},
		},
		{
			name: "another one of the same name", since: func(s *objectServer) { s.metadata(podPath)["uid"] = "u2" },
			refuse: "pod/liveness-app has changed in the meantime",
		},
		{
			name: "scaled, or the like", since: func(s *objectServer) { s.metadata(service)["generation"] = 2 },
			refuse: "service/web has changed in the meantime",
		},
		{
			name: "written to", since: func(s *objectServer) { s.metadata(podPath)["managedFields"] = written("2026-01-02T03:04:06Z") },
			refuse: "pod/liveness-app has changed in the meantime",
		},
		{
			name: "taken over", since: func(s *objectServer) {
				s.metadata(podPath)["annotations"] = map[string]any{lab.OwnerAnnotation: "lee@desk"}
			}, refuse: "pod/liveness-app has changed in the meantime",
		},
		{name: "deleted", since: func(s *objectServer) { delete(s.objects, podPath) }, refuse: "pod/liveness-app has changed in the meantime"},
		{
			name: "written to at this very moment", since: func(s *objectServer) { s.conflict = podPath },
			refuse: "pod/liveness-app has changed in the meantime", writes: []string{"PATCH " + podPath},
		},
		{
			name: "controlled by now", since: func(s *objectServer) {
				s.metadata(podPath)["ownerReferences"] = []any{
					map[string]any{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "shop", "uid": "r", "controller": true},
				}
			}, refuse: "pod/liveness-app is controlled by replicaset/shop",
		},
		{name: "a namespace", names: []string{"namespace/healthchecks"}, refuse: "namespace/healthchecks cannot be adopted"},
		{
			name: "in a namespace that is no longer ours", since: func(s *objectServer) { s.put(nsPath, nil) },
			refuse: "holds objects that healthlab did not create",
		},
		{
			name: "in a system namespace", config: func(c *Config) { c.Namespace = "kube-system" },
			refuse: "nothing is written to namespace kube-system",
		},
		{name: "read-only", config: func(c *Config) { c.ReadOnly = true }, refuse: "nothing is adopted"},
		{
			name: "a dry run", config: func(c *Config) { c.DryRun = true },
			writes: []string{"PATCH " + podPath + "?dryRun", "PATCH " + service + "?dryRun"}, out: "managed-by=healthlab (server dry run)",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newObjectServer(t)
			s.put(nsPath, marked)
			for _, path := range []string{podPath, service} {
				s.put(path, nil)
				s.metadata(path)["generation"], s.metadata(path)["managedFields"] = 1, written("2026-01-02T03:04:05Z")
				s.metadata(path)["resourceVersion"] = "7"
			}
			names := tt.names
			if names == nil {
				names = []string{"pod/liveness-app", "service/web"}
			}
			var seen []lab.ForeignObject
			for _, name := range names {
				_, of, _ := strings.Cut(name, "/")
				seen = append(seen, lab.ForeignObject{
					Name: name, Owner: "kubectl-run", UID: "u-" + of, Generation: 1, Changed: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
				})
			}
			if tt.since != nil {
				tt.since(s)
			}
			var out bytes.Buffer
			err := s.guarded(t, tt.config).Adopt(t.Context(), seen, &out)
			var told *lab.Error
			switch {
			case tt.refuse == "" && err != nil:
				t.Errorf("got %v", err)
			case tt.refuse != "" && (!errors.As(err, &told) || !strings.Contains(told.Msg.En, tt.refuse) || told.Msg.Ko == ""):
				t.Errorf("got %v, want a refusal with %q", err, tt.refuse)
			}
			if diff := cmp.Diff(tt.writes, s.writes); diff != "" {
				t.Errorf("written (-want +got):\n%s", diff)
			}
			if !strings.Contains(out.String(), tt.out) || tt.refuse != "" && out.Len() > 0 {
				t.Errorf("said %q, want %q", out.String(), tt.out)
			}
		})
	}
}
