package images

import (
	"cmp"
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"healthlab/lab/node/sandbox"
)

// ErrInvalidName is the kubelet's InvalidImageName: the reference cannot name any image.
var ErrInvalidName = errors.New("invalid reference format")

// ErrNotFound says that there is no such image or tag, the kubelet's ErrImagePull.
var ErrNotFound = errors.New("not found")

// notFoundError says that there is no such tag: what there is instead, and then what containerd says.
type notFoundError struct{ text string }

func (e *notFoundError) Error() string        { return e.text }
func (e *notFoundError) Is(target error) bool { return target == ErrNotFound }

// unknownError says that nothing is known of an image.
type unknownError struct{ *sandbox.UnknownImageError }

func (e unknownError) Is(target error) bool { return target == ErrNotFound }
func (e unknownError) Unwrap() error        { return e.UnknownImageError }

var (
	repositoryPattern = regexp.MustCompile(`^[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?::[0-9]+)?(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*$`)
	tagPattern        = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$`)
	digestPattern     = regexp.MustCompile(`^[a-z0-9]+:[0-9a-f]{32,}$`)
)

// Find returns the image that a reference names, with or without registry, tag and digest, and the tag, "latest" where
// none is given; the image's environment has the version that the tag stands for. With a digest the tag does not count,
// and the digest is not compared: what runs is the built-in image, and the status of the container shows its own digest.
// The error is ErrInvalidName, or ErrNotFound (with a sandbox.UnknownImageError where not only the tag is unknown), whose text begins with what there is instead and ends with containerd's.
func Find(ref string) (image *sandbox.Image, tag string, err error) {
	repository, tag, digest, err := parse(ref)
	if err != nil {
		return nil, "", fmt.Errorf("couldn't parse image name %q: %w", ref, err)
	}
	full := repository + ":" + tag
	if digest != "" {
		full = repository + "@" + digest
	}
	pull := fmt.Sprintf("failed to pull and unpack image %[1]q: failed to resolve reference %[1]q: ", full)
	image, home := named(Table(), repository)
	if image == nil {
		return nil, "", unknownError{&sandbox.UnknownImageError{
			Image: familiar(full), Instead: instead(repository),
			Pull: pull + "pull access denied, repository does not exist or may require authorization: server message: " +
				"insufficient_scope: authorization failed",
		}}
	}
	has := tagsOf(home, image.Name)
	version, ok := has.version(tag)
	if !ok && digest == "" {
		return nil, "", &notFoundError{fmt.Sprintf("healthlab has no image %s; of %s it has %s: rpc error: code = NotFound desc = %s%s: not found",
			familiar(full), familiar(repository), has, pull, full)}
	}
	image = ofVersion(image, home, tag, version)
	if image.VersionEnv != "" && version != "" {
		versioned := *image
		versioned.Env = append(slices.Clone(image.Env), image.VersionEnv+"="+version)
		image = &versioned
	}
	return image, tag, nil
}

// named returns the image that a canonical repository is, and under which name the image's tags are listed.
func named(table []*sandbox.Image, repository string) (image *sandbox.Image, home string) {
	home = mirrored(repository)
	for _, name := range []string{home, copied(home)} {
		for _, image := range table {
			if canonical(image.Name) == name || slices.ContainsFunc(image.Aliases, func(a string) bool { return canonical(a) == name }) {
				return image, home
			}
		}
	}
	return nil, ""
}

// mirrored returns the repository that another one is, in a registry that mirrors a registry as a whole or is an older name
// of it.
func mirrored(repository string) string {
	for _, m := range []struct{ mirror, of string }{
		{"public.ecr.aws/docker/", "docker.io/"},
		{"mirror.gcr.io/", "docker.io/"},
		{"k8s.gcr.io/", "registry.k8s.io/"},
		{"gcr.io/google_containers/", "registry.k8s.io/"},
		{"gcr.io/google-containers/", "registry.k8s.io/"},
		{"gcr.io/kubernetes-e2e-test-images/", "registry.k8s.io/e2e-test-images/"},
		{"us.gcr.io/k8s-artifacts-prod/", "registry.k8s.io/"},
		{"eu.gcr.io/k8s-artifacts-prod/", "registry.k8s.io/"},
		{"asia.gcr.io/k8s-artifacts-prod/", "registry.k8s.io/"},
		{"registry.aliyuncs.com/google_containers/", "registry.k8s.io/"},
	} {
		if rest, ok := strings.CutPrefix(repository, m.mirror); ok {
			return m.of + rest
		}
	}
	return repository
}

// copied returns the image of Docker's library that a repository is a copy of by its name: nginx in somebody's part of a
// public registry. It is empty where names say nothing: in Docker Hub itself, and in registries that are not public.
func copied(repository string) string {
	registry, rest, _ := strings.Cut(repository, "/")
	public := []string{"quay.io", "ghcr.io", "gcr.io", "public.ecr.aws", "registry.k8s.io", "registry.gitlab.com"}
	if !slices.Contains(public, registry) || buildsItsOwn(path.Dir(rest)) {
		return ""
	}
	return "docker.io/library/" + strings.TrimSuffix(path.Base(rest), "-slim")
}

// buildsItsOwn reports whether an organization's images are not what Docker's library has under the same name: other
// ports, users and directories.
func buildsItsOwn(owner string) bool {
	first, _, _ := strings.Cut(owner, "/")
	return slices.Contains([]string{"bitnami", "bitnamilegacy", "chainguard", "linuxserver", "nginxinc", "sclorg", "ubi8", "ubi9"}, first)
}

// parse splits a reference into its canonical repository, tag and digest.
func parse(ref string) (repository, tag, digest string, err error) {
	repository, digest, hashed := strings.Cut(ref, "@")
	if hashed && !digestPattern.MatchString(digest) {
		return "", "", "", ErrInvalidName
	}
	tag = "latest"
	if i := strings.LastIndex(repository, ":"); i > strings.LastIndex(repository, "/") {
		repository, tag = repository[:i], repository[i+1:]
	}
	if !repositoryPattern.MatchString(repository) || !tagPattern.MatchString(tag) {
		return "", "", "", ErrInvalidName
	}
	return canonical(repository), tag, digest, nil
}

// canonical adds what the default registry lets people leave out.
func canonical(repository string) string {
	first, rest, nested := strings.Cut(repository, "/")
	switch {
	case !nested:
		return "docker.io/library/" + repository
	case first == "index.docker.io", first == "registry-1.docker.io":
		return canonical(rest)
	case first == "docker.io" && !strings.Contains(rest, "/"):
		return "docker.io/library/" + rest
	case first == "docker.io", strings.ContainsAny(first, ".:"), first == "localhost":
		return repository
	}
	return "docker.io/" + repository
}

// familiar is a name as people write it.
func familiar(name string) string {
	return strings.TrimPrefix(strings.TrimPrefix(name, "docker.io/"), "library/")
}

// nearest is how many images a message names.
const nearest = 3

// instead names the built-in images whose names are nearest to a repository's. Where none is near, the first ones of
// the table are for general use.
func instead(repository string) string {
	type candidate struct {
		name string
		far  int
	}
	wanted := path.Base(repository)
	var list []candidate
	for _, image := range Table() {
		list = append(list, candidate{familiar(image.Name), distance(wanted, path.Base(image.Name))})
	}
	slices.SortStableFunc(list, func(a, b candidate) int { return cmp.Compare(a.far, b.far) })
	var names []string
	for _, c := range list[:nearest] {
		names = append(names, c.name)
	}
	return "the nearest built-in images are " + strings.Join(names, ", ") + " (healthlab images lists all)"
}

// unlike is the distance of names that have nothing in common.
const unlike = 1000

// distance is Levenshtein's of two names, less where one holds the other, and the same for all that are more than half
// different.
func distance(a, b string) int {
	if len(a) > 2 && len(b) > 2 && (strings.Contains(a, b) || strings.Contains(b, a)) {
		return 1
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := before
			if a[i] != b[j] {
				cost++
			}
			before = row[j+1]
			row[j+1] = min(row[j+1]+1, row[j]+1, cost)
		}
	}
	if d := row[len(b)]; 2*d <= max(len(a), len(b)) {
		return d
	}
	return unlike
}
