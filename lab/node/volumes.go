package node

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	v1 "k8s.io/api/core/v1"
)

// volumeError says which volume could not be made.
type volumeError struct {
	volume string
	err    error
}

func (e *volumeError) Error() string {
	return fmt.Sprintf("MountVolume.SetUp failed for volume %q : %v", e.volume, e.err)
}

func (e *volumeError) Unwrap() error { return e.err }

// volume is a volume that is there.
type volume struct {
	dir string // on the host
	// ofObjects says that it is made from API objects. Such a volume is read-only.
	ofObjects bool
	// readOnly says that no container may write into it.
	readOnly bool
	// memory is how much may be written where it counts as a container's memory; zero for volumes on disk.
	memory int64
}

// memoryOf returns how much an emptyDir of medium Memory takes at the most; zero for all others.
func memoryOf(v *v1.EmptyDirVolumeSource) int64 {
	switch {
	case v == nil || v.Medium != v1.StorageMediumMemory:
		return 0
	case v.SizeLimit != nil && v.SizeLimit.Value() > 0:
		return v.SizeLimit.Value()
	}
	return memory() // the container's own limit comes first
}

// makeVolumes makes the pod's volumes, by name, and brings those that are made from API objects up to date. A volume
// that could not be made is an error, and an event as all problems are; one that is there already is used as it is.
func (w *podWorker) makeVolumes(ctx context.Context, pod *v1.Pod) (map[string]volume, error) {
	w.refreshed, w.labels, w.annotations = time.Now(), pod.Labels, pod.Annotations
	volumes := map[string]volume{}
	var problems []error
	for i := range pod.Spec.Volumes {
		v := &pod.Spec.Volumes[i]
		made, err := w.makeVolume(ctx, pod, v)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			err = &volumeError{v.Name, err}
			w.agent.events.pod(pod, v1.EventTypeWarning, "FailedMount", "%v", err)
			if _, missing := os.Stat(made.dir); made.dir == "" || missing != nil {
				problems = append(problems, err)
				continue
			}
		}
		volumes[v.Name] = made
	}
	return volumes, errors.Join(problems...)
}

// stale reports whether the pod's volumes should be looked at again: every now and then, because ConfigMaps and Secrets
// change, and whenever that changes of which the pod itself may have files.
func (w *podWorker) stale(pod *v1.Pod) bool {
	return slices.ContainsFunc(pod.Spec.Volumes, func(v v1.Volume) bool { return ofObjects(&v) }) && (time.Since(w.refreshed) > refreshInterval ||
		!maps.Equal(w.labels, pod.Labels) || !maps.Equal(w.annotations, pod.Annotations))
}

// ofObjects reports whether the volume is made from API objects.
func ofObjects(v *v1.Volume) bool {
	return v.ConfigMap != nil || v.Secret != nil || v.DownwardAPI != nil || v.Projected != nil
}

// makeVolume makes one volume, or finds it. Of a volume that is made from API objects, the directory is told with an error
// too: it may be there from before.
func (w *podWorker) makeVolume(ctx context.Context, pod *v1.Pod, v *v1.Volume) (volume, error) {
	dir := filepath.Join(w.dir, "volumes", v.Name)
	switch {
	case v.EmptyDir != nil:
		return volume{dir: dir, memory: memoryOf(v.EmptyDir)}, os.MkdirAll(dir, 0o777)
	case v.HostPath != nil:
		dir, err := w.agent.disk.hostPath(v.HostPath)
		return volume{dir: dir}, err
	case v.PersistentVolumeClaim != nil:
		return w.agent.claimed(ctx, pod.Namespace, v.PersistentVolumeClaim.ClaimName, v.PersistentVolumeClaim.ReadOnly)
	case v.Ephemeral != nil:
		return w.agent.claimed(ctx, pod.Namespace, pod.Name+"-"+v.Name, false)
	}
	made := volume{dir: dir, ofObjects: true, readOnly: true}
	files, err := w.volumeFiles(ctx, pod, v)
	if err != nil {
		return made, err
	}
	if _, err := os.Stat(dir); err == nil {
		return made, updateFiles(dir, files)
	}
	// A volume appears under its name only when it is whole.
	unfinished := dir + ".new"
	if err := os.RemoveAll(unfinished); err != nil {
		return made, err
	}
	if err := writeFiles(unfinished, files); err != nil {
		return made, err
	}
	return made, os.Rename(unfinished, dir)
}

func writeFiles(dir string, files map[string]volumeFile) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		local := filepath.FromSlash(name)
		if !filepath.IsLocal(local) {
			return fmt.Errorf("path %q leads out of the volume", name)
		}
		path := filepath.Join(dir, local)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		// The owner may always write: it is healthlab itself that removes the file in the end.
		if err := os.WriteFile(path, files[name].Data, files[name].Mode|0o600); err != nil {
			return err
		}
	}
	return nil
}

// updateFiles makes dir hold the files and no others. Each file changes as a whole.
func updateFiles(dir string, files map[string]volumeFile) error {
	changed := map[string]volumeFile{}
	for name, f := range files {
		have, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil || !bytes.Equal(have, f.Data) {
			changed[name] = f
		}
	}
	unfinished := dir + ".new"
	if err := errors.Join(os.RemoveAll(unfinished), writeFiles(unfinished, changed)); err != nil {
		return err
	}
	for name := range changed {
		path := filepath.Join(dir, filepath.FromSlash(name))
		err := os.MkdirAll(filepath.Dir(path), 0o755)
		if err = errors.Join(err, os.Rename(filepath.Join(unfinished, filepath.FromSlash(name)), path)); err != nil {
			return err
		}
	}
	return errors.Join(os.RemoveAll(unfinished), filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if _, wanted := files[filepath.ToSlash(filepath.Clean(name))]; err == nil && !wanted {
			return os.Remove(path)
		}
		return err
	}))
}
