package store

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"time"

	"healthlab/lab"
	"healthlab/lab/journal"
)

// Folder is where journals are kept. Its methods may be called from any goroutine, and by several programs at once.
type Folder struct {
	path string

	// How many files are kept, how large all of them may be together and one of them alone, in bytes.
	files       int
	total, file int64
}

// In is the folder at a path. It need not exist.
func In(path string) Folder {
	return Folder{path: path, files: 10, total: 64 << 20, file: 24 << 20}
}

// Kept is a file of the folder.
type Kept struct {
	Name, Path string
	Started    time.Time // in whole seconds
	Process    int       // ID of the process that has written it, or still does
	Size       int64     // in bytes
}

const (
	stamp  = "20060102T150405Z"
	suffix = ".journal.gz"
)

var named = regexp.MustCompile(`^(\d{8}T\d{6}Z)-(\d+)\.journal\.gz$`)

func fileName(started time.Time, process int) string {
	return fmt.Sprintf("%s-%d%s", started.UTC().Format(stamp), process, suffix)
}

// List returns the files that are named as journals are, the newest first. That there is no folder is no error.
func (f Folder) List() ([]Kept, error) {
	entries, err := os.ReadDir(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, lab.Errorf(err, "%s 디렉터리의 저널을 읽을 수 없습니다", "cannot read the journals in %s", f.path)
	}
	var all []Kept
	for _, e := range entries {
		parts := named.FindStringSubmatch(e.Name())
		if parts == nil || !e.Type().IsRegular() {
			continue
		}
		started, err := time.Parse(stamp, parts[1])
		process, wrong := strconv.Atoi(parts[2])
		info, gone := e.Info()
		if err == nil && wrong == nil && gone == nil {
			all = append(all, Kept{
				Name: e.Name(), Path: filepath.Join(f.path, e.Name()), Started: started, Process: process, Size: info.Size(),
			})
		}
	}
	slices.SortFunc(all, func(a, b Kept) int { return cmp.Or(b.Started.Compare(a.Started), cmp.Compare(b.Name, a.Name)) })
	return all, nil
}

// Path is the folder's.
func (f Folder) Path() string { return f.path }

// Find is the path of the journal that a user has named: a file, or the name of one in the folder, or nothing for the newest
// that has an entry. A healthlab that was killed as soon as it began leaves one without.
func (f Folder) Find(name string) (string, error) {
	if name != "" {
		if _, err := os.Stat(name); err != nil && filepath.Base(name) == name {
			if _, err := os.Stat(filepath.Join(f.path, name)); err == nil {
				return filepath.Join(f.path, name), nil
			}
		}
		return name, nil
	}
	all, err := f.List()
	if err != nil {
		return "", err
	}
	if len(all) == 0 {
		return "", lab.Errorf(nil, "%s에 저널이 없습니다. 실습을 한 번 하면 남습니다", "there is no journal in %s yet: each run of a lab leaves one", f.path)
	}
	for _, one := range all {
		if begun(one.Path) {
			return one.Path, nil
		}
	}
	return all[0].Path, nil
}

// Open opens a journal to be read. Anything but a regular file is refused: a pipe may never have an end.
func Open(path string) (*os.File, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, lab.Errorf(nil, "그런 파일이 없습니다", "there is no such file")
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, lab.Errorf(nil, "디렉터리입니다. 저널 파일을 고르십시오", "it is a directory: choose the file of a journal")
	case !info.Mode().IsRegular():
		return nil, lab.Errorf(nil, "일반 파일이 아닙니다. 파이프나 장치라면 내용을 먼저 파일로 저장하십시오",
			"it is no regular file: of a pipe or a device, save the content to a file first")
	}
	return os.Open(path)
}

// begun reports whether there is an entry to be read in a file, or a reason to be told why there is none.
func begun(path string) bool {
	file, err := os.Open(path)
	if err != nil {
		return true
	}
	defer func() { _ = file.Close() }() // only read from
	entries, err := journal.NewDecoder(file)
	if err != nil {
		info, failed := file.Stat()
		return failed != nil || info.Size() > 0
	}
	_, err = entries.Decode()
	return !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF)
}

// prune removes the oldest files until those that are left keep to the bounds. own is the name of one that is being written.
func (f Folder) prune(own string) error {
	all, err := f.List()
	if err != nil {
		return err
	}
	slices.SortStableFunc(all, func(a, b Kept) int { // it counts first, whatever the clock says
		switch {
		case a.Name == own:
			return -1
		case b.Name == own:
			return 1
		}
		return 0
	})
	kept, size := 0, int64(0)
	var failed error
	for _, one := range all {
		if one.Name != own && !ours(one.Path) {
			continue
		}
		if kept, size = kept+1, size+one.Size; one.Name == own || kept <= f.files && size <= f.total {
			continue
		}
		if err := os.Remove(one.Path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			failed = errors.Join(failed, err)
		}
	}
	return failed
}

// ours reports whether a file is a journal of this version, or was to become one.
func ours(path string) bool {
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer func() { _ = file.Close() }() // only read from
	if info, err := file.Stat(); err == nil && info.Size() == 0 {
		return true
	}
	_, err = journal.NewDecoder(io.LimitReader(file, 64<<10))
	return err == nil
}
