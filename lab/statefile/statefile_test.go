package statefile

import (
	"encoding/json"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// Readers see one whole content or another, whoever writes at the same time, and no draft is left.
func TestWriteReplacesInOneGo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state", "file.json")
	whole := map[string]string{"a": "one", "b": "two"}
	if err := WriteJSON(path, whole); err != nil {
		t.Fatal(err)
	}
	var writers sync.WaitGroup
	for range 4 {
		writers.Go(func() {
			for range 50 {
				if err := WriteJSON(path, whole); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range 200 {
		content, err := os.ReadFile(path)
		var got map[string]string
		if err == nil {
			err = json.Unmarshal(content, &got)
		}
		if err != nil || len(got) != len(whole) {
			t.Fatalf("read %q: %v", content, err)
		}
	}
	writers.Wait()
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestWriteThatFailsLeavesTheOldContent(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file.json")
	if err := Write(path, []byte("old")); err != nil {
		t.Fatal(err)
	}
	if err := WriteJSON(path, func() {}); err == nil {
		t.Error("a function was written")
	}
	if err := Write(filepath.Join(path, "below"), []byte("new")); err == nil {
		t.Error("a file is no directory")
	}
	if content, err := os.ReadFile(path); err != nil || string(content) != "old" {
		t.Errorf("content %q, %v", content, err)
	}
}

// A draft is in the directory that was asked for, so that nothing beside the file is touched where that fails.
func TestWriteByKeepsItsDraftElsewhere(t *testing.T) {
	dir, elsewhere := t.TempDir(), t.TempDir()
	path := filepath.Join(dir, "file")
	if err := WriteBy(elsewhere, path, []byte("content")); err != nil {
		t.Fatal(err)
	}
	if err := WriteBy(filepath.Join(elsewhere, "none"), path, []byte("new")); err == nil {
		t.Error("written without a place for the draft")
	}
	if content, err := os.ReadFile(path); err != nil || string(content) != "content" {
		t.Errorf("content %q, %v", content, err)
	}
	for _, d := range []struct {
		dir  string
		want int
	}{{dir, 1}, {elsewhere, 0}} {
		if left, err := os.ReadDir(d.dir); err != nil || len(left) != d.want {
			t.Errorf("in %s: %v, %v; want %d", d.dir, left, err, d.want)
		}
	}
}
