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
	"strconv"
	"strings"
	"time"

	authv1 "k8s.io/api/authentication/v1"
	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"healthlab/lab/node/sandbox"
	"healthlab/lab/podspec"
)

// volumeFile is one file of a volume that is made from API objects.
type volumeFile struct {
	Data []byte
	Mode fs.FileMode
}

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
	// readOnly is what all volumes made from API objects are.
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
		made := volume{
			dir: filepath.Join(w.dir, "volumes", v.Name), readOnly: v.EmptyDir == nil, memory: memoryOf(v.EmptyDir),
		}
		err := w.makeVolume(ctx, pod, v, made.dir)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			err = &volumeError{v.Name, err}
			w.agent.events.pod(pod, v1.EventTypeWarning, "FailedMount", "%v", err)
			if _, missing := os.Stat(made.dir); missing != nil {
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
	ofObjects := slices.ContainsFunc(pod.Spec.Volumes, func(v v1.Volume) bool { return v.EmptyDir == nil })
	return ofObjects && (time.Since(w.refreshed) > refreshInterval ||
		!maps.Equal(w.labels, pod.Labels) || !maps.Equal(w.annotations, pod.Annotations))
}

func (w *podWorker) makeVolume(ctx context.Context, pod *v1.Pod, v *v1.Volume, dir string) error {
	if v.EmptyDir != nil {
		return os.MkdirAll(dir, 0o777)
	}
	files, err := w.volumeFiles(ctx, pod, v)
	if err != nil {
		return err
	}
	if _, err := os.Stat(dir); err == nil {
		return updateFiles(dir, files)
	}
	// A volume appears under its name only when it is whole.
	unfinished := dir + ".new"
	if err := os.RemoveAll(unfinished); err != nil {
		return err
	}
	if err := writeFiles(unfinished, files); err != nil {
		return err
	}
	return os.Rename(unfinished, dir)
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

// volumeFiles returns the content of a volume that is made from API objects.
func (w *podWorker) volumeFiles(ctx context.Context, pod *v1.Pod, v *v1.Volume) (map[string]volumeFile, error) {
	a := w.agent
	at := where{PodIP: w.ip, HostIP: a.cfg.Address}
	switch {
	case v.ConfigMap != nil:
		s := v.ConfigMap
		return a.configMapFiles(ctx, pod.Namespace, s.Name, s.Items, mode(s.DefaultMode), isTrue(s.Optional))
	case v.Secret != nil:
		s := v.Secret
		return a.secretFiles(ctx, pod.Namespace, s.SecretName, s.Items, mode(s.DefaultMode), isTrue(s.Optional))
	case v.DownwardAPI != nil:
		return downwardFiles(pod, v.DownwardAPI.Items, mode(v.DownwardAPI.DefaultMode), at)
	case v.Projected != nil:
		return w.projectedFiles(ctx, pod, v.Name, v.Projected, at)
	case v.HostPath != nil:
		return nil, fmt.Errorf("hostPath %q: containers of this node see nothing of its machine", v.HostPath.Path)
	}
	return nil, fmt.Errorf("this node has only emptyDir, configMap, secret, downwardAPI and projected volumes")
}

func mode(m *int32) fs.FileMode {
	if m == nil {
		return 0o644
	}
	return fs.FileMode(*m) & fs.ModePerm
}

func (a *Agent) configMapFiles(
	ctx context.Context, namespace, name string, items []v1.KeyToPath, m fs.FileMode, optional bool,
) (map[string]volumeFile, error) {
	cm, err := a.configMap(ctx, namespace, name)
	if apierrors.IsNotFound(err) && optional {
		return map[string]volumeFile{}, nil
	}
	if err != nil {
		return nil, err
	}
	data := maps.Clone(cm.BinaryData)
	if data == nil {
		data = map[string][]byte{}
	}
	for k, v := range cm.Data {
		data[k] = []byte(v)
	}
	return keysToFiles(data, items, m, optional, "configmap")
}

func (a *Agent) secretFiles(
	ctx context.Context, namespace, name string, items []v1.KeyToPath, m fs.FileMode, optional bool,
) (map[string]volumeFile, error) {
	s, err := a.secret(ctx, namespace, name)
	if apierrors.IsNotFound(err) && optional {
		return map[string]volumeFile{}, nil
	}
	if err != nil {
		return nil, err
	}
	return keysToFiles(s.Data, items, m, optional, "secret")
}

func keysToFiles(
	data map[string][]byte, items []v1.KeyToPath, m fs.FileMode, optional bool, kind string,
) (map[string]volumeFile, error) {
	files := map[string]volumeFile{}
	if len(items) == 0 {
		for k, v := range data {
			files[k] = volumeFile{v, m}
		}
		return files, nil
	}
	for _, item := range items {
		v, ok := data[item.Key]
		if !ok {
			if optional {
				continue
			}
			return nil, fmt.Errorf("%s references non-existent %s key: %s", kind, kind, item.Key)
		}
		f := volumeFile{v, m}
		if item.Mode != nil {
			f.Mode = mode(item.Mode)
		}
		files[item.Path] = f
	}
	return files, nil
}

func downwardFiles(
	pod *v1.Pod, items []v1.DownwardAPIVolumeFile, m fs.FileMode, at where,
) (map[string]volumeFile, error) {
	files := map[string]volumeFile{}
	for _, item := range items {
		var (
			value string
			err   error
		)
		switch {
		case item.FieldRef != nil:
			value, err = fieldValue(pod, item.FieldRef.FieldPath, at)
		case item.ResourceFieldRef != nil:
			value, err = resourceValue(pod, &v1.Container{}, item.ResourceFieldRef)
		}
		if err != nil {
			return nil, err
		}
		f := volumeFile{[]byte(value), m}
		if item.Mode != nil {
			f.Mode = mode(item.Mode)
		}
		files[item.Path] = f
	}
	return files, nil
}

func (w *podWorker) projectedFiles(
	ctx context.Context, pod *v1.Pod, name string, p *v1.ProjectedVolumeSource, at where,
) (map[string]volumeFile, error) {
	a := w.agent
	all := map[string]volumeFile{}
	for _, src := range p.Sources {
		var (
			files map[string]volumeFile
			err   error
		)
		switch m := mode(p.DefaultMode); {
		case src.ConfigMap != nil:
			s := src.ConfigMap
			files, err = a.configMapFiles(ctx, pod.Namespace, s.Name, s.Items, m, isTrue(s.Optional))
		case src.Secret != nil:
			s := src.Secret
			files, err = a.secretFiles(ctx, pod.Namespace, s.Name, s.Items, m, isTrue(s.Optional))
		case src.DownwardAPI != nil:
			files, err = downwardFiles(pod, src.DownwardAPI.Items, m, at)
		case src.ServiceAccountToken != nil:
			files, err = w.tokenFile(ctx, pod, name, src.ServiceAccountToken, m)
		default:
			err = fmt.Errorf("a projected source is of a kind that this node does not have")
		}
		if err != nil {
			return nil, err
		}
		maps.Copy(all, files)
	}
	return all, nil
}

// token is a service account token with the time at which to ask for another one.
type token struct {
	text string
	till time.Time
}

// tokenFile asks the API server for a token that is bound to the pod, and again when four fifths of its life are over.
func (w *podWorker) tokenFile(
	ctx context.Context, pod *v1.Pod, volume string, p *v1.ServiceAccountTokenProjection, m fs.FileMode,
) (map[string]volumeFile, error) {
	key := volume + "/" + p.Path
	if t, ok := w.tokens[key]; ok && time.Now().Before(t.till) {
		return map[string]volumeFile{p.Path: {[]byte(t.text), m}}, nil
	}
	request := &authv1.TokenRequest{Spec: authv1.TokenRequestSpec{
		ExpirationSeconds: p.ExpirationSeconds,
		BoundObjectRef: &authv1.BoundObjectReference{
			APIVersion: "v1", Kind: "Pod", Name: pod.Name, UID: pod.UID,
		},
	}}
	if p.Audience != "" {
		request.Spec.Audiences = []string{p.Audience}
	}
	got, err := w.agent.cfg.Client.CoreV1().ServiceAccounts(pod.Namespace).
		CreateToken(ctx, pod.Spec.ServiceAccountName, request, metav1.CreateOptions{})
	if err != nil {
		return nil, fmt.Errorf("failed to fetch token: %w", err)
	}
	life := time.Until(got.Status.ExpirationTimestamp.Time)
	w.tokens[key] = token{got.Status.Token, time.Now().Add(life * 4 / 5)}
	return map[string]volumeFile{p.Path: {[]byte(got.Status.Token), m}}, nil
}

// subPath expands a path within a volume. Unlike in a command, every variable must have a value
// (pkg/kubelet/container/helpers.go, ExpandContainerVolumeMounts).
func subPath(expr string, env map[string]string) (string, error) {
	missing := map[string]bool{}
	path := podspec.Expand(expr, func(name string) (string, bool) {
		if env[name] == "" {
			missing[name] = true
		}
		return env[name], true
	})
	if len(missing) > 0 {
		return "", fmt.Errorf("missing value for %s", strings.Join(slices.Sorted(maps.Keys(missing)), ", "))
	}
	return path, nil
}

// mounts returns what the container sees of the volumes. A part of a volume that is made from API objects stays as it
// is for as long as the container runs, so such parts are copied to copies.
func mounts(c *v1.Container, volumes map[string]volume, env map[string]string, copies string) ([]sandbox.Mount, error) {
	if err := os.RemoveAll(copies); err != nil {
		return nil, err
	}
	var out []sandbox.Mount
	for i, m := range c.VolumeMounts {
		v, ok := volumes[m.Name]
		source := v.dir
		if !ok {
			return nil, fmt.Errorf("cannot find volume %q to mount into container %q", m.Name, c.Name)
		}
		sub := m.SubPath
		if m.SubPathExpr != "" {
			var err error
			if sub, err = subPath(m.SubPathExpr, env); err != nil {
				return nil, err
			}
		}
		if sub != "" {
			local := filepath.FromSlash(strings.TrimSuffix(sub, "/"))
			if !filepath.IsLocal(local) {
				return nil, fmt.Errorf("subPath %q of volume %q leads out of the volume", sub, m.Name)
			}
			source = filepath.Join(source, local)
			if _, err := os.Stat(source); err != nil {
				if err := os.MkdirAll(source, 0o750); err != nil {
					return nil, fmt.Errorf("failed to create subPath directory for volumeMount %q of container %q: %w",
						m.Name, c.Name, err)
				}
			}
			if v.readOnly {
				copied := filepath.Join(copies, strconv.Itoa(i))
				if err := copyTo(copied, source); err != nil {
					return nil, fmt.Errorf("failed to prepare subPath for volumeMount %q of container %q: %w", m.Name, c.Name, err)
				}
				source = copied
			}
		}
		out = append(out, sandbox.Mount{
			Source: source, Target: m.MountPath, ReadOnly: m.ReadOnly || v.readOnly, MemoryBytes: v.memory,
		})
	}
	return out, nil
}

// copyTo copies a file or a directory.
func copyTo(to, from string) error {
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return os.CopyFS(to, os.DirFS(from))
	}
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, data, info.Mode().Perm())
}

// hostsFile returns the content of a pod's /etc/hosts.
func hostsFile(pod *v1.Pod, podIP, hostname string) []byte {
	var b strings.Builder
	b.WriteString("# Kubernetes-managed hosts file.\n")
	b.WriteString("127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n")
	name := hostname
	if pod.Spec.Subdomain != "" {
		name = hostname + "." + pod.Spec.Subdomain + "." + pod.Namespace + ".svc.cluster.local\t" + hostname
	}
	fmt.Fprintf(&b, "%s\t%s\n", podIP, name)
	if len(pod.Spec.HostAliases) > 0 {
		b.WriteString("\n# Entries added by HostAliases.\n")
		for _, h := range pod.Spec.HostAliases {
			fmt.Fprintf(&b, "%s\t%s\n", h.IP, strings.Join(h.Hostnames, "\t"))
		}
	}
	return []byte(b.String())
}
