package node

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	v1 "k8s.io/api/core/v1"
)

// disk holds the files of the node itself, which hostPath and persistent volumes are made of. They belong to the run and
// are none of the machine's. Paths are resolved within it: a link that a container has made leads nowhere else.
type disk struct {
	root *os.Root
}

// newDisk makes the disk with what pods expect on each node: hosts is its /etc/hosts.
func newDisk(dir string, hosts []byte) (*disk, error) {
	if err := os.MkdirAll(filepath.Join(dir, "etc"), 0o700); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, "etc", "hosts"), hosts, 0o600); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	return &disk{root}, nil
}

// close removes all files.
func (d *disk) close() error { return errors.Join(d.root.Close(), os.RemoveAll(d.root.Name())) }

// inside returns what a path of the node is called below root.
func inside(name string) (string, error) {
	local, err := filepath.Localize(strings.TrimPrefix(path.Clean("/"+name), "/"))
	if name == "" || err != nil && path.Clean("/"+name) != "/" {
		return "", fmt.Errorf("path %q: not one that this node can have", name)
	}
	if local == "" {
		local = "."
	}
	return local, nil
}

// hostPath returns the host's name for a hostPath volume, which is made where its type says so (pkg/volume/hostpath). A
// path without a type becomes a directory, as container runtimes have it.
func (d *disk) hostPath(source *v1.HostPathVolumeSource) (string, error) {
	local, err := inside(source.Path)
	if err != nil {
		return "", err
	}
	want := v1.HostPathUnset
	if source.Type != nil {
		want = *source.Type
	}
	info, err := d.root.Stat(local)
	if errors.Is(err, fs.ErrNotExist) {
		if err = d.create(local, want); err == nil {
			info, err = d.root.Stat(local)
		}
	}
	failed := func(what string) (string, error) {
		return "", fmt.Errorf("hostPath type check failed: %s is not a %s", source.Path, what)
	}
	switch directory := err == nil && info.IsDir(); want {
	case v1.HostPathDirectory, v1.HostPathDirectoryOrCreate:
		if !directory {
			return failed("directory")
		}
	case v1.HostPathFile, v1.HostPathFileOrCreate:
		if err != nil || directory {
			return failed("file")
		}
	case v1.HostPathSocket:
		return failed("socket file")
	case v1.HostPathCharDev:
		return failed("character device")
	case v1.HostPathBlockDev:
		return failed("block device")
	case v1.HostPathUnset:
	}
	return filepath.Join(d.root.Name(), local), err
}

// create makes what a hostPath volume of that type makes where there is nothing.
func (d *disk) create(local string, want v1.HostPathType) error {
	switch want {
	case v1.HostPathUnset, v1.HostPathDirectoryOrCreate:
		return d.root.MkdirAll(local, 0o755)
	case v1.HostPathFileOrCreate:
		f, err := d.root.OpenFile(local, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
		if err != nil {
			return err
		}
		return f.Close()
	case v1.HostPathDirectory, v1.HostPathFile, v1.HostPathSocket, v1.HostPathCharDev, v1.HostPathBlockDev:
	}
	return fs.ErrNotExist
}

// localPath returns the host's name for a path that must be there already.
func (d *disk) localPath(name string) (string, error) {
	local, err := inside(name)
	if err != nil {
		return "", err
	}
	if _, err := d.root.Stat(local); err != nil {
		return "", fmt.Errorf("path %q does not exist", name)
	}
	return filepath.Join(d.root.Name(), local), nil
}

// remove removes a directory with all that is in it. It need not exist.
func (d *disk) remove(name string) error {
	local, err := inside(name)
	if err != nil {
		return err
	}
	return d.root.RemoveAll(local)
}
