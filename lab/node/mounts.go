package node

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	v1 "k8s.io/api/core/v1"

	"healthlab/lab/node/sandbox"
	"healthlab/lab/podspec"
)

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
			if v.ofObjects {
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
	if pod.Spec.HostNetwork {
		b.WriteString("# Kubernetes-managed hosts file (host network).\n")
		b.Write(nodeHosts(podIP, hostname))
	} else {
		b.WriteString("# Kubernetes-managed hosts file.\n" +
			"127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n" +
			"fe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n")
		name := hostname
		if pod.Spec.Subdomain != "" {
			name = hostname + "." + pod.Spec.Subdomain + "." + pod.Namespace + ".svc.cluster.local\t" + hostname
		}
		fmt.Fprintf(&b, "%s\t%s\n", podIP, name)
	}
	if len(pod.Spec.HostAliases) > 0 {
		b.WriteString("\n# Entries added by HostAliases.\n")
		for _, h := range pod.Spec.HostAliases {
			fmt.Fprintf(&b, "%s\t%s\n", h.IP, strings.Join(h.Hostnames, "\t"))
		}
	}
	return []byte(b.String())
}

// nodeHosts returns the node's own /etc/hosts.
func nodeHosts(ip, name string) []byte {
	return []byte("127.0.0.1\tlocalhost\n" + ip + "\t" + name + "\n")
}
