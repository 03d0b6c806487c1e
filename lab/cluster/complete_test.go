package cluster

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"healthlab/lab"
)

func words(words ...string) []lab.Candidate {
	var all []lab.Candidate
	for _, w := range words {
		all = append(all, lab.Candidate{Word: w})
	}
	return all
}

func TestCompleteAsksKubectlOnThisCluster(t *testing.T) {
	c := open(t, "http://127.0.0.1:1")
	t.Run("the hidden command comes first, then cluster and namespace", func(t *testing.T) {
		got, err := c.Complete(t.Context(), []string{"get", "po"})
		want := "po __complete --kubeconfig=" + c.config.Kubeconfig + " --context=one --namespace=ns get po"
		if diff := cmp.Diff(words(want), got.Candidates); diff != "" || err != nil {
			t.Errorf("error %v; candidates (-want +got):\n%s", err, diff)
		}
	})
	t.Run("is killed", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		if _, err := c.Complete(ctx, []string{"hang"}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v, want the context's", err)
		}
	})
	t.Run("is missing", func(t *testing.T) {
		c := open(t, "http://127.0.0.1:1")
		c.config.KubectlCommand = []string{filepath.Join(t.TempDir(), "none")}
		var told *lab.Error
		if _, err := c.Complete(t.Context(), nil); !errors.As(err, &told) {
			t.Errorf("error %v, want a *lab.Error", err)
		}
	})
}

func TestCompletionOf(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a.yaml", "b.json", "c.txt", ".hidden.yaml", "d/e.yaml", "잎.yaml"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	t.Setenv("HOME", dir)
	t.Setenv("USERPROFILE", dir)
	for _, c := range []struct {
		name, output, word string
		want               lab.Completion
	}{
		{"descriptions", "get\tDisplay\nset\n:4\n", "", lab.Completion{
			Candidates: []lab.Candidate{{Word: "get", About: "Display"}, {Word: "set"}},
		}},
		{"others are dropped", "pods\nnodes\n:4\n", "po", lab.Completion{Candidates: words("pods")}},
		{"flags in order", "--as\n--all\n-f\n:4\n", "-", lab.Completion{Candidates: words("--all", "--as", "-f")}},
		{"flags as they come", "--as\n--all\n:36\n", "-", lab.Completion{Candidates: words("--as", "--all")}},
		{"no space", "deploy/\n:6\n", "", lab.Completion{Candidates: words("deploy/"), NoSpace: true}},
		{"value of a flag", "json\nyaml\n:4\n", "--output=y", lab.Completion{Candidates: words("--output=yaml")}},
		{"error", "json\n:1\n", "", lab.Completion{}},
		{"no directive", "json\n", "", lab.Completion{}},
		{"nothing", "", "", lab.Completion{}},
		{"control characters", "a\x1b[2Jb\nac\n:4\n", "a", lab.Completion{Candidates: words("ac")}},
		{"files of some kinds", "json\nyaml\n:8\n", "", lab.Completion{Candidates: words("a.yaml", "b.json", "d/", "잎.yaml")}},
		{"files in a directory", "yaml\n:8\n", "d/", lab.Completion{Candidates: words("d/e.yaml")}},
		{"files at home", "yaml\n:8\n", "~/a", lab.Completion{Candidates: words("~/a.yaml")}},
		{"file of a flag", "yaml\n:8\n", "--filename=a", lab.Completion{Candidates: words("--filename=a.yaml")}},
		{"hidden files", "yaml\n:8\n", ".h", lab.Completion{Candidates: words(".hidden.yaml")}},
		{"directories", ":16\n", "", lab.Completion{Candidates: words("d/")}},
		{"any file", ":0\n", "c", lab.Completion{Candidates: words("c.txt")}},
		{"no files", ":4\n", "c", lab.Completion{}},
		{"no such directory", ":0\n", "nowhere/", lab.Completion{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := completionOf(c.output, c.word)
			if len(got.Candidates) == 0 {
				got.Candidates = nil
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("completion (-want +got):\n%s", diff)
			}
		})
	}
}
