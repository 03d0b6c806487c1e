package session

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"healthlab/lab"
)

// startReal runs a session on a real cluster of which found is found out.
func startReal(t *testing.T, found lab.Preflight, change func(*Config, *fakeCluster)) *harness {
	t.Helper()
	cluster := newFakeCluster()
	cluster.real, cluster.found = true, found
	return startOn(t, cluster, func(c *Config) {
		c.Lab, c.Owner = "readiness", "kim@laptop"
		c.Cluster = cluster.Info()
		if change != nil {
			change(c, cluster)
		}
	})
}

// slowPreflight takes a minute to look around.
type slowPreflight struct{ *fakeCluster }

func (s slowPreflight) Preflight(ctx context.Context) lab.Preflight {
	select {
	case <-time.After(time.Minute):
	case <-ctx.Done():
	}
	return s.fakeCluster.Preflight(ctx)
}

func TestNothingIsDoneOnARealClusterBeforePreflight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := startReal(t, lab.Preflight{At: time.Now()}, func(c *Config, cluster *fakeCluster) {
			c.Connect = func(context.Context, func(lab.Component)) (Cluster, error) { return slowPreflight{cluster}, nil }
		})
		if why := h.refused(lab.RunStep{}); !strings.Contains(why, "still being checked") {
			t.Errorf("refused with %q", why)
		}
		h.pass(time.Minute)
		h.do(lab.RunStep{})
		if h.now().Cluster.Preflight == nil {
			t.Error("what was found is not in the snapshot")
		}
	})
}

func TestPreflightWarns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		found := lab.Preflight{At: time.Now(), Findings: []lab.Finding{
			{Subject: text("API server"), State: lab.FindingOK, Found: text("v1.37.2")},
			{Subject: text("faults"), State: lab.FindingLimited, Found: text("no exec"), Without: text("no faults")},
			{Subject: text("images"), State: lab.FindingUnknown, Found: text("who knows")},
		}}
		h := startReal(t, found, nil)
		want := "Finding faults: no exec — no faults"
		if told := h.told(); !slices.Contains(told, want) || strings.Contains(strings.Join(told, "\n"), "who knows") {
			t.Errorf("told %q, want %q", told, want)
		}
		h.send(lab.LinkChanged{Problem: text("gone")}, lab.LinkChanged{Up: true})
		if told := h.told(); slices.Contains(told, want) {
			t.Errorf("told again after a reconnection: %q", told)
		}
	})
}

func TestManifestsAreWrittenForTheCluster(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := startReal(t, lab.Preflight{}, nil)
		path := filepath.Join(h.config.Dir, "app.yaml")
		if err := os.WriteFile(path, []byte(appYAML), 0o600); err != nil { // from an earlier run on the embedded cluster
			t.Fatal(err)
		}
		h.do(lab.RunStep{})
		content, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(content), lab.ManagedByLabel+": "+lab.ManagedBy) {
			t.Errorf("%v:\n%s", err, content)
		}
		if err := os.WriteFile(path, []byte("metadata:\n  namespace: other # mine\n  namespace: other\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		h.do(lab.RunStep{})
		tasks := h.now().Tasks
		if last := tasks[len(tasks)-1]; last.State != lab.TaskFailed || !strings.Contains(last.Problem.En, "edited for namespace other") {
			t.Errorf("task %+v", last)
		}
	})
}

// noExec is a cluster on which no command may be run in containers.
type noExec struct{ *fakeCluster }

func (noExec) Exec(context.Context, string, string, []string, int, func(time.Duration)) ([]byte, int, error) {
	return nil, 0, &lab.Error{Msg: text("read-only")}
}

func TestProbesThatAreNotPermittedSayWhy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := startReal(t, lab.Preflight{}, func(c *Config, fake *fakeCluster) {
			c.Connect = func(context.Context, func(lab.Component)) (Cluster, error) { return noExec{fake}, nil }
		})
		h.send(lab.PodChanged{Pod: web(true)})
		h.pass(5 * time.Second)
		probe := h.now().Pods[0].Containers[0].Probes[0]
		if probe.Unavailable != text("read-only") || len(probe.Recent) > 0 {
			t.Errorf("probe %+v", probe)
		}
	})
}

func TestDryRunWritesWhatWouldBeDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cluster := &reactingCluster{fakeCluster: newFakeCluster()}
		cluster.dryRun = true
		cluster.answers["create namespace healthchecks"] = answer{output: "+ kubectl create --dry-run=server\n"}
		began := time.Now()
		out, err := walkThrough(t, cluster, "readiness")
		if err != nil || !strings.Contains(out, "          + kubectl create --dry-run=server\n") {
			t.Errorf("Walk: %v\n%s", err, out)
		}
		if took := time.Since(began); took > walkStep {
			t.Errorf("it waited %v for goals that nothing could meet", took)
		}
	})
}
