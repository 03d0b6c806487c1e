package node

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	authv1 "k8s.io/api/authentication/v1"
	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"healthlab/lab/node/sandbox"
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

// makeVolumes makes the pod's volumes below dir and returns their host directories by volume name. Volumes that are
// there already keep their content. The errors are *volumeError, joined.
func (a *Agent) makeVolumes(ctx context.Context, pod *v1.Pod, podIP, dir string) (map[string]string, error) {
	paths := map[string]string{}
	var problems []error
	for i := range pod.Spec.Volumes {
		v := &pod.Spec.Volumes[i]
		path := filepath.Join(dir, v.Name)
		if _, err := os.Stat(path); err != nil {
			if err := a.makeVolume(ctx, pod, v, podIP, path); err != nil {
				problems = append(problems, &volumeError{v.Name, err})
				continue
			}
		}
		paths[v.Name] = path
	}
	return paths, errors.Join(problems...)
}

func (a *Agent) makeVolume(ctx context.Context, pod *v1.Pod, v *v1.Volume, podIP, path string) error {
	if v.EmptyDir != nil {
		return os.MkdirAll(path, 0o777)
	}
	files, err := a.volumeFiles(ctx, pod, v, podIP)
	if err != nil {
		return err
	}
	// A volume appears under its name only when it is whole.
	unfinished := path + ".new"
	if err := os.RemoveAll(unfinished); err != nil {
		return err
	}
	if err := writeFiles(unfinished, files); err != nil {
		return err
	}
	return os.Rename(unfinished, path)
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

// volumeFiles returns the content of a volume that is made from API objects.
func (a *Agent) volumeFiles(
	ctx context.Context, pod *v1.Pod, v *v1.Volume, podIP string,
) (map[string]volumeFile, error) {
	at := where{PodIP: podIP, HostIP: a.cfg.Address}
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
		return a.projectedFiles(ctx, pod, v.Projected, at)
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

func (a *Agent) projectedFiles(
	ctx context.Context, pod *v1.Pod, p *v1.ProjectedVolumeSource, at where,
) (map[string]volumeFile, error) {
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
			files, err = a.tokenFile(ctx, pod, src.ServiceAccountToken, m)
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

// tokenFile asks the API server for a token that is bound to the pod.
func (a *Agent) tokenFile(
	ctx context.Context, pod *v1.Pod, p *v1.ServiceAccountTokenProjection, m fs.FileMode,
) (map[string]volumeFile, error) {
	request := &authv1.TokenRequest{Spec: authv1.TokenRequestSpec{
		ExpirationSeconds: p.ExpirationSeconds,
		BoundObjectRef: &authv1.BoundObjectReference{
			APIVersion: "v1", Kind: "Pod", Name: pod.Name, UID: pod.UID,
		},
	}}
	if p.Audience != "" {
		request.Spec.Audiences = []string{p.Audience}
	}
	got, err := a.cfg.Client.CoreV1().ServiceAccounts(pod.Namespace).
		CreateToken(ctx, pod.Spec.ServiceAccountName, request, metav1.CreateOptions{})
	if err != nil {
		return nil, fmt.Errorf("failed to fetch token: %w", err)
	}
	return map[string]volumeFile{p.Path: {[]byte(got.Status.Token), m}}, nil
}

// mounts returns what the container sees of the volumes.
func mounts(c *v1.Container, volumes, env map[string]string) ([]sandbox.Mount, error) {
	var out []sandbox.Mount
	for _, m := range c.VolumeMounts {
		source, ok := volumes[m.Name]
		if !ok {
			return nil, fmt.Errorf("cannot find volume %q to mount into container %q", m.Name, c.Name)
		}
		sub := m.SubPath
		if m.SubPathExpr != "" {
			sub = expand(m.SubPathExpr, env)
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
		}
		out = append(out, sandbox.Mount{Source: source, Target: m.MountPath, ReadOnly: m.ReadOnly})
	}
	return out, nil
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
