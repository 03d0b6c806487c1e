package session

import (
	"bytes"
	"fmt"
	"io/fs"
	"regexp"
	"strings"

	"healthlab/lab"
)

// variant is what a manifest has to be like for the cluster it is meant for. Manifests are changed as text, so that their
// comments and their layout stay.
type variant struct {
	namespace  string
	restricted bool   // it keeps to the restricted Pod Security Standard
	registry   string // before the names of images; empty: as they are
	marked     bool   // it carries healthlab's label and owner
	owner      string
}

// variant is what manifests have to be like for a cluster as a snapshot shows it.
func (c Config) variant(cluster lab.Cluster) variant {
	return variant{
		namespace: c.Cluster.Namespace, registry: c.Registry, marked: cluster.Real, owner: c.Owner,
		restricted: cluster.Preflight != nil && cluster.Preflight.Restricted,
	}
}

// Manifest is the text of a manifest as a step writes it for the cluster of a snapshot. It may be called from any goroutine, and
// reads the file.
func (s *Session) Manifest(cluster lab.Cluster, name string) (string, error) {
	return s.config.Manifest(cluster, name)
}

// Manifest is the text of a manifest as a step writes it for a cluster as a snapshot shows it. Of the configuration it needs
// Manifests, Registry, Owner and the cluster's namespace.
func (c Config) Manifest(cluster lab.Cluster, name string) (string, error) {
	text, err := c.variant(cluster).of(c.Manifests, name)
	if err != nil {
		return "", lab.Errorf(err, "매니페스트 %s 파일을 읽을 수 없습니다", "cannot read the manifest %s", name)
	}
	return string(text), nil
}

// of reads a manifest of healthlab's and makes it fit.
func (v variant) of(files fs.FS, name string) ([]byte, error) {
	manifest, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, err
	}
	if v.restricted {
		if restricted, err := fs.ReadFile(files, "restricted/"+name); err == nil {
			manifest = restricted
		}
	}
	manifest = inNamespace(manifest, v.namespace)
	if v.registry != "" {
		manifest = fromRegistry(manifest, v.registry)
	}
	if v.marked {
		manifest = mark(manifest, v.owner)
	}
	return manifest, nil
}

// namespaceLine is a manifest's line that names the namespace.
var namespaceLine = regexp.MustCompile(`(?m)^([ \t]*namespace:[ \t]*)(\S+)[ \t]*$`)

// inNamespace makes a manifest's objects belong to namespace instead of the one that the labs' texts speak of.
func inNamespace(manifest []byte, namespace string) []byte {
	return namespaceLine.ReplaceAllFunc(manifest, func(line []byte) []byte {
		parts := namespaceLine.FindSubmatch(line)
		if string(parts[2]) != "healthchecks" {
			return line
		}
		return append(bytes.Clone(parts[1]), namespace...)
	})
}

// imageLine is a manifest's line that names an image, which may be quoted.
var imageLine = regexp.MustCompile(`(?m)^([ \t]*(?:- )?image:[ \t]*["']?)([^\s"'#]+)`)

// fromRegistry has a manifest's images of Docker Hub come from below prefix, by their full names: that is how registries which
// stand in for Docker Hub know them. Images of other registries stay as they are.
func fromRegistry(manifest []byte, prefix string) []byte {
	return imageLine.ReplaceAllFunc(manifest, func(line []byte) []byte {
		parts := imageLine.FindSubmatch(line)
		name, ok := onDockerHub(string(parts[2]))
		if !ok {
			return line
		}
		return append(bytes.Clone(parts[1]), strings.TrimSuffix(prefix, "/")+"/"+name...)
	})
}

// onDockerHub is the full name of an image there, such as library/alpine; ok is false for one of another registry.
func onDockerHub(image string) (name string, ok bool) {
	first, rest, slash := strings.Cut(image, "/")
	switch {
	case slash && (first == "docker.io" || first == "index.docker.io"):
		image = rest
	case slash && (strings.ContainsAny(first, ".:") || first == "localhost"):
		return "", false
	}
	if !strings.Contains(image, "/") {
		image = "library/" + image
	}
	return image, true
}

// mark puts healthlab's label and owner into every metadata of a manifest, that of a pod template included.
func mark(manifest []byte, owner string) []byte {
	var out strings.Builder
	lines := strings.SplitAfter(string(manifest), "\n")
	for i := 0; i < len(lines); i++ {
		out.WriteString(lines[i])
		indent, ok := strings.CutSuffix(strings.TrimRight(lines[i], " \n"), "metadata:")
		if !ok || strings.TrimSpace(indent) != "" {
			continue
		}
		inner := indent + "  "
		label := fmt.Sprintf("%s  %s: %s\n", inner, lab.ManagedByLabel, lab.ManagedBy)
		labelled := false
		for i+1 < len(lines) && strings.HasPrefix(lines[i+1], inner) {
			i++
			out.WriteString(lines[i])
			if strings.TrimRight(lines[i], " \n") == inner+"labels:" {
				out.WriteString(label)
				labelled = true
			}
		}
		if !labelled {
			out.WriteString(inner + "labels:\n" + label)
		}
		fmt.Fprintf(&out, "%sannotations:\n%s  %s: %q\n", inner, inner, lab.OwnerAnnotation, owner)
	}
	return []byte(out.String())
}

// ownerLine is the line that mark writes.
var ownerLine = regexp.MustCompile(`(?m)^[ \t]*` + regexp.QuoteMeta(lab.OwnerAnnotation) + `: "([^"]*)"$`)

// untouched reports whether content is a manifest of healthlab's as it was written for any cluster.
func untouched(files fs.FS, name, registry string, content []byte) bool {
	line := namespaceLine.FindSubmatch(content)
	if line == nil {
		return false
	}
	v := variant{namespace: string(line[2])}
	if owner := ownerLine.FindSubmatch(content); owner != nil {
		v.marked, v.owner = true, string(owner[1])
	}
	for _, v.restricted = range []bool{false, true} {
		for _, v.registry = range []string{"", registry} {
			if made, err := v.of(files, name); err == nil && bytes.Equal(made, content) {
				return true
			}
		}
	}
	return false
}

// elsewhereNamespace is the first namespace in a manifest that is not namespace; empty if there is none.
func elsewhereNamespace(content []byte, namespace string) string {
	for _, line := range namespaceLine.FindAllSubmatch(content, -1) {
		if string(line[2]) != namespace {
			return string(line[2])
		}
	}
	return ""
}
