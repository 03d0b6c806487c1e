package sandbox

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"sort"
	"strings"
)

// FS is what a container sees as its files: a root directory, and further ones mounted into it. Each is an os.Root, so
// the kernel, not path arithmetic, keeps everything inside; symbolic links are followed here, because an absolute link
// means the container's root and os.Root refuses those. Paths are slash-separated and absolute, errors are
// *fs.PathError around an Errno. An FS may be used by many goroutines.
type FS struct {
	root    layer
	mounts  []layer // longest target first
	quota   *quota
	virtual func(name string) (virtualFile, bool) // /dev and /proc; nil: none
}

// layer is one directory or file of the host that appears at target.
type layer struct {
	target   string
	root     *os.Root
	file     string // name inside root when a single file is mounted
	readOnly bool
	quota    *quota // nil: that of the FS
}

// maxLinks is how many symbolic links one path may pass, as in Linux.
const maxLinks = 40

// openLayer opens a mount's source.
func openLayer(m Mount) (layer, error) {
	info, err := os.Stat(m.Source)
	if err != nil {
		return layer{}, err
	}
	l := layer{target: path.Clean("/" + m.Target), readOnly: m.ReadOnly}
	dir := m.Source
	if !info.IsDir() {
		dir, l.file = filepath.Split(m.Source)
	}
	l.root, err = os.OpenRoot(dir)
	return l, err
}

// quotaOf returns what bounds the writing into a layer.
func (f *FS) quotaOf(l layer) *quota {
	if l.quota != nil {
		return l.quota
	}
	return f.quota
}

func (f *FS) addMount(l layer) {
	f.mounts = append(f.mounts, l)
	sort.SliceStable(f.mounts, func(i, j int) bool { return len(f.mounts[i].target) > len(f.mounts[j].target) })
}

func (f *FS) close() {
	for _, l := range f.mounts {
		_ = l.root.Close()
	}
	if f.root.root != nil {
		_ = f.root.root.Close()
	}
}

// at returns the layer that holds a clean path without symbolic links, and the path inside it.
func (f *FS) at(name string) (layer, string) {
	for _, l := range f.mounts {
		switch {
		case l.file != "":
			if name == l.target {
				return l, l.file
			}
		case name == l.target:
			return l, "."
		case strings.HasPrefix(name, strings.TrimSuffix(l.target, "/")+"/"):
			return l, filepath.FromSlash(strings.TrimPrefix(strings.TrimPrefix(name, l.target), "/"))
		}
	}
	if name == "/" {
		return f.root, "."
	}
	return f.root, filepath.FromSlash(name[1:])
}

// Resolve follows the symbolic links of an absolute path, the last element's only if follow is set. The last element
// need not exist.
func (f *FS) Resolve(name string, follow bool) (string, error) {
	todo := strings.Split(name, "/")
	current, links := "/", 0
	for len(todo) > 0 {
		element := todo[0]
		todo = todo[1:]
		switch element {
		case "", ".":
			continue
		case "..":
			current = path.Dir(current)
			continue
		}
		if len(element) > 255 {
			return "", pathError("open", name, ENAMETOOLONG)
		}
		if strings.ContainsAny(element, "\x00") {
			return "", pathError("open", name, EINVAL)
		}
		next := path.Join(current, element)
		last := !slices.ContainsFunc(todo, func(s string) bool { return s != "" })
		info, err := f.lstat(next)
		switch {
		case err != nil && last && errnoOf(err) == ENOENT:
			return next, nil
		case err != nil:
			return "", pathError("open", name, err)
		case info.Mode()&fs.ModeSymlink != 0 && (!last || follow || (len(todo) > 0)):
			if links++; links > maxLinks {
				return "", pathError("open", name, ELOOP)
			}
			target, err := f.readlink(next)
			if err != nil {
				return "", pathError("open", name, err)
			}
			if strings.HasPrefix(target, "/") {
				current = "/"
			}
			todo = append(strings.Split(target, "/"), todo...)
			continue
		case !last && !info.IsDir(), last && len(todo) > 0 && !info.IsDir():
			return "", pathError("open", name, ENOTDIR)
		}
		current = next
	}
	return current, nil
}

func (f *FS) lstat(name string) (fs.FileInfo, error) {
	if f.virtual != nil {
		if v, ok := f.virtual(name); ok {
			return v, nil
		}
	}
	l, inside := f.at(name)
	info, err := l.root.Lstat(inside)
	if err != nil {
		return nil, err
	}
	return named{info, path.Base(name)}, nil
}

func (f *FS) readlink(name string) (string, error) {
	if f.virtual != nil {
		if v, ok := f.virtual(name); ok {
			return v.link, nil
		}
	}
	l, inside := f.at(name)
	target, err := l.root.Readlink(inside)
	return filepath.ToSlash(target), err
}

// named gives a file the name that it has in the container.
type named struct {
	fs.FileInfo
	name string
}

func (n named) Name() string { return n.name }

// Stat describes a file, following symbolic links.
func (f *FS) Stat(name string) (fs.FileInfo, error) { return f.stat(name, true) }

// Lstat describes a file without following a symbolic link at the end.
func (f *FS) Lstat(name string) (fs.FileInfo, error) { return f.stat(name, false) }

func (f *FS) stat(name string, follow bool) (fs.FileInfo, error) {
	if name == "" {
		return nil, pathError("stat", name, ENOENT)
	}
	clean, err := f.Resolve(name, follow)
	if err != nil {
		return nil, err
	}
	info, err := f.lstat(clean)
	if err != nil {
		return nil, pathError("stat", name, err)
	}
	return named{info, path.Base(name)}, nil
}

// Readlink returns where a symbolic link points.
func (f *FS) Readlink(name string) (string, error) {
	clean, err := f.Resolve(name, false)
	if err != nil {
		return "", err
	}
	target, err := f.readlink(clean)
	return target, pathError("readlink", name, err)
}

// ReadDir returns the entries of a directory by name.
func (f *FS) ReadDir(name string) ([]fs.FileInfo, error) {
	clean, err := f.Resolve(name, true)
	if err != nil {
		return nil, err
	}
	if f.virtual != nil {
		if v, ok := f.virtual(clean); ok {
			if v.list == nil {
				return nil, pathError("open", name, ENOTDIR)
			}
			return v.list(), nil
		}
	}
	l, inside := f.at(clean)
	dir, err := l.root.Open(inside)
	if err != nil {
		return nil, pathError("open", name, err)
	}
	defer dir.Close()
	if info, err := dir.Stat(); err == nil && !info.IsDir() {
		return nil, pathError("open", name, ENOTDIR)
	}
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return nil, pathError("open", name, err)
	}
	sort.Strings(names)
	infos := make([]fs.FileInfo, 0, len(names))
	for _, n := range names {
		if info, err := f.lstat(path.Join(clean, n)); err == nil { // it may be gone meanwhile
			infos = append(infos, info)
		}
	}
	return infos, nil
}

// writable resolves a path for a change of the directory entry itself.
func (f *FS) writable(op, name string, follow bool) (layer, string, error) {
	clean, err := f.Resolve(name, follow)
	if err != nil {
		return layer{}, "", err
	}
	if f.virtual != nil {
		if _, ok := f.virtual(clean); ok {
			return layer{}, "", pathError(op, name, EPERM)
		}
	}
	l, inside := f.at(clean)
	if l.readOnly {
		return layer{}, "", pathError(op, name, EROFS)
	}
	return l, inside, nil
}

// mountpoint reports whether a mount sits at inside of l or below, which keeps it from being removed.
func (f *FS) mountpoint(l layer, inside string) bool {
	name := l.target
	if l.file == "" { // a file that is mounted has nothing inside
		name = path.Join(l.target, filepath.ToSlash(inside))
	}
	return slices.ContainsFunc(f.mounts, func(m layer) bool {
		return m.target == name || strings.HasPrefix(m.target, strings.TrimSuffix(name, "/")+"/")
	})
}

// Mkdir makes a directory.
func (f *FS) Mkdir(name string, mode fs.FileMode) error {
	l, inside, err := f.writable("mkdir", name, true)
	if err != nil {
		return err
	}
	if err := f.quotaOf(l).take(entryBytes); err != nil {
		return pathError("mkdir", name, err)
	}
	if err := l.root.Mkdir(inside, mode.Perm()|0o700); err != nil {
		f.quotaOf(l).give(entryBytes)
		return pathError("mkdir", name, err)
	}
	if mode&othersWrite != 0 {
		_ = l.root.Chmod(inside, mode.Perm()|0o700) // the host's umask has taken it away
	}
	return nil
}

// MkdirAll makes a directory and those above it; one that exists is no error.
func (f *FS) MkdirAll(name string, mode fs.FileMode) error {
	current := "/"
	for element := range strings.SplitSeq(strings.Trim(name, "/"), "/") {
		current = path.Join(current, element)
		if info, err := f.Stat(current); err == nil {
			if !info.IsDir() {
				return pathError("mkdir", name, ENOTDIR)
			}
			continue
		}
		if err := f.Mkdir(current, mode); err != nil {
			return err
		}
	}
	return nil
}

// Remove removes a file or an empty directory.
func (f *FS) Remove(name string) error {
	l, inside, err := f.writable("remove", name, false)
	if err != nil {
		return err
	}
	if f.mountpoint(l, inside) {
		return pathError("remove", name, EBUSY)
	}
	info, err := l.root.Lstat(inside)
	if err != nil {
		return pathError("remove", name, err)
	}
	if err := l.root.Remove(inside); err != nil {
		return pathError("remove", name, err)
	}
	f.quotaOf(l).give(entryBytes + sizeOf(info))
	return nil
}

// Rename moves a file within one directory tree; across mounts it fails with EXDEV.
func (f *FS) Rename(from, to string) error {
	l1, in1, err := f.writable("rename", from, false)
	if err != nil {
		return err
	}
	l2, in2, err := f.writable("rename", to, false)
	if err != nil {
		return err
	}
	if f.mountpoint(l1, in1) || f.mountpoint(l2, in2) {
		return pathError("rename", from, EBUSY)
	}
	if l1.root != l2.root {
		return pathError("rename", from, EXDEV)
	}
	old, _ := l2.root.Lstat(in2)
	if err := l1.root.Rename(in1, in2); err != nil {
		return pathError("rename", from, err)
	}
	if old != nil && in1 != in2 {
		f.quotaOf(l2).give(entryBytes + sizeOf(old))
	}
	return nil
}

// Symlink makes a symbolic link at name that points to target.
func (f *FS) Symlink(target, name string) error {
	l, inside, err := f.writable("symlink", name, false)
	if err != nil {
		return err
	}
	if err := f.quotaOf(l).take(entryBytes); err != nil {
		return pathError("symlink", name, err)
	}
	if err := l.root.Symlink(target, inside); err != nil {
		f.quotaOf(l).give(entryBytes)
		return pathError("symlink", name, err)
	}
	return nil
}

func sizeOf(info fs.FileInfo) int64 {
	if info.Mode().IsRegular() {
		return info.Size()
	}
	return 0
}
