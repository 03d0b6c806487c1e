package embedded

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"

	"healthlab/lab/statefile"
)

const (
	runPrefix      = "run-"
	kubeconfigName = "kubeconfig"
	lockName       = "lock"
	// pathNeeded is how many bytes the paths of a run's own files may be longer than that of its directory: with etcd's, and
	// those of the volumes of containers.
	pathNeeded = 512
	// ownerMark is the file in a run's directory that says that this run's kubeconfig has the stable name.
	ownerMark = "owns-kubeconfig"
)

// runDir is where one run keeps its files: a directory of its own inside the state directory, which only the user can
// read, named after the API server's port, which no two live runs on a machine share. A lock on a file in it is held as
// long as the run lives.
type runDir struct {
	dir        string
	kubeconfig string
	published  bool
	lock       *os.File
}

// claim makes the directory of a run whose API server listens on port, and removes what killed runs left behind. Runs that
// are alive, in this process or another, are left alone; the first of them has the kubeconfig with the stable name, any
// other has kubeconfig-PORT.
func claim(stateDir string, port int) (_ *runDir, err error) {
	if err := os.MkdirAll(stateDir, 0o700); err != nil {
		return nil, err
	}
	// One at a time: a directory just made and not locked yet would look like a leftover.
	gate, err := openLocked(filepath.Join(stateDir, lockName), true)
	if err != nil {
		return nil, err
	}
	defer gate.Close()

	stableTaken, err := sweep(stateDir)
	if err != nil {
		return nil, err
	}
	if err := checkRoom(stateDir); err != nil {
		return nil, err
	}
	p := &runDir{
		dir:        filepath.Join(stateDir, runPrefix+strconv.Itoa(port)),
		kubeconfig: filepath.Join(stateDir, kubeconfigName),
	}
	if stableTaken {
		p.kubeconfig += "-" + strconv.Itoa(port)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.remove())
		}
	}()
	if err := os.Mkdir(p.dir, 0o700); err != nil {
		return p, fmt.Errorf("make the directory of this run: %w", err)
	}
	if p.lock, err = openLocked(filepath.Join(p.dir, lockName), false); err != nil {
		return p, err
	}
	// Of a path that is too long the system says so although there is no such file.
	if _, err := os.Lstat(filepath.Join(p.dir, strings.Repeat("-/", pathNeeded/2))); errors.Is(err, syscall.ENAMETOOLONG) {
		return p, syscall.ENAMETOOLONG
	}
	if !stableTaken {
		if err := os.WriteFile(filepath.Join(p.dir, ownerMark), nil, 0o600); err != nil {
			return p, fmt.Errorf("mark the kubeconfig as this run's: %w", err)
		}
	}
	return p, nil
}

// sweep removes what dead runs left in stateDir and says whether a live one has the stable kubeconfig.
func sweep(stateDir string) (stableTaken bool, err error) {
	entries, err := os.ReadDir(stateDir)
	if err != nil {
		return false, fmt.Errorf("look for leftovers: %w", err)
	}
	for _, e := range entries {
		port, isRun := strings.CutPrefix(e.Name(), runPrefix)
		if !isRun || !e.IsDir() {
			continue
		}
		dir := filepath.Join(stateDir, e.Name())
		lock, err := openLocked(filepath.Join(dir, lockName), false)
		if errors.Is(err, errLocked) {
			if _, err := os.Stat(filepath.Join(dir, ownerMark)); err == nil {
				stableTaken = true
			}
			continue
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return false, fmt.Errorf("look for leftovers: %w", err)
		}
		if err == nil {
			// Windows does not remove a file that is open. The gate keeps others out meanwhile.
			lock.Close()
		}
		if err := errors.Join(
			os.RemoveAll(dir),
			removeIfThere(filepath.Join(stateDir, kubeconfigName+"-"+port)),
		); err != nil {
			return false, fmt.Errorf("remove what an earlier run left behind: %w", err)
		}
	}
	return stableTaken, nil
}

// publish writes the kubeconfig where kubectl users find it; nobody ever sees half of it.
func (p *runDir) publish(kubeconfig []byte) error {
	if err := statefile.WriteBy(p.dir, p.kubeconfig, kubeconfig); err != nil {
		return fmt.Errorf("write the kubeconfig: %w", err)
	}
	p.published = true
	return nil
}

// containerProgram writes the program that runs containers and returns where it is. There may be none: healthlab then
// starts itself.
func (p *runDir) containerProgram(program []byte) (string, error) {
	if len(program) == 0 {
		return "", nil
	}
	name := filepath.Join(p.dir, "healthlab-container")
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	if err := os.WriteFile(name, program, 0o700); err != nil {
		return "", fmt.Errorf("write the program that runs containers: %w", err)
	}
	return name, nil
}

// remove deletes all that the run has written. The kubeconfig goes first: it is of no use any more.
func (p *runDir) remove() error {
	var err error
	if p.published {
		err = removeIfThere(p.kubeconfig)
	}
	if p.lock != nil {
		err = errors.Join(err, p.lock.Close())
	}
	return errors.Join(err, os.RemoveAll(p.dir))
}

var errLocked = errors.New("in use by another healthlab")

func openLocked(name string, wait bool) (*os.File, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	ok, err := lockFile(f, wait)
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("lock %s: %w", name, err)
	}
	if !ok {
		f.Close()
		return nil, fmt.Errorf("lock %s: %w", name, errLocked)
	}
	return f, nil
}

func removeIfThere(name string) error {
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
