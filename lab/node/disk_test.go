package node

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	v1 "k8s.io/api/core/v1"
)

func TestHostPathsStayInTheRun(t *testing.T) {
	outside := t.TempDir()
	d, err := newDisk(filepath.Join(t.TempDir(), "disk"), []byte("127.0.0.1\tlocalhost\n"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := d.close(); err != nil {
			t.Error(err)
		}
	}()
	root := d.root.Name()
	if err := os.WriteFile(filepath.Join(root, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(root, "dir"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(root, "out")); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		path  string
		typed v1.HostPathType
		want  string // below root, or the error
	}{
		{"/", "", "/"},
		{"/tmp/x", "", "/tmp/x"},
		{"/a/../../b", "", "/b"},
		{"/dir", "Directory", "/dir"},
		{"/new/dir", "DirectoryOrCreate", "/new/dir"},
		{"/file", "File", "/file"},
		{"/new-file", "FileOrCreate", "/new-file"},
		{"/none", "Directory", "hostPath type check failed: /none is not a directory"},
		{"/file", "DirectoryOrCreate", "hostPath type check failed: /file is not a directory"},
		{"/dir", "File", "hostPath type check failed: /dir is not a file"},
		{"/var/run/docker.sock", "Socket", "hostPath type check failed: /var/run/docker.sock is not a socket file"},
		{"/dev/sda", "BlockDevice", "hostPath type check failed: /dev/sda is not a block device"},
		{"/dev/tty", "CharDevice", "hostPath type check failed: /dev/tty is not a character device"},
		{"/out", "", "escapes"},
		{"/out/x", "DirectoryOrCreate", "not a directory"},
		{"", "", "not one that this node can have"},
	} {
		t.Run(string(tc.typed)+tc.path, func(t *testing.T) {
			got, err := d.hostPath(&v1.HostPathVolumeSource{Path: tc.path, Type: &tc.typed})
			if err != nil {
				if !strings.Contains(err.Error(), tc.want) || tc.want[0] == '/' {
					t.Errorf("error %v, want %s", err, tc.want)
				}
				return
			}
			if want := filepath.Join(root, filepath.FromSlash(tc.want)); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
			if _, err := os.Stat(got); err != nil {
				t.Error(err)
			}
		})
	}
	if err := d.remove("/out/x"); err == nil {
		t.Error("removed what is outside")
	}
	if entries, err := os.ReadDir(outside); err != nil || len(entries) > 0 {
		t.Errorf("outside: %v, %v", entries, err)
	}
}
