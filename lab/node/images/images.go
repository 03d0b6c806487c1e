package images

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"healthlab/lab/node/images/shell"
	"healthlab/lab/node/images/tools"
	"healthlab/lab/node/sandbox"
)

// Table returns every built-in image, in the order in which `healthlab images` prints them.
func Table() []*sandbox.Image {
	table := []*sandbox.Image{
		ecsdemoNodejs(), alpine(), busybox(), agnhost(), liveness(), nginx(), httpd(), goproxy(), etcd(), pause(),
	}
	for _, image := range table {
		image.Digest = digest(image.Name)
	}
	return table
}

// ErrInvalidName is the kubelet's InvalidImageName: the reference cannot name any image.
var ErrInvalidName = errors.New("invalid reference format")

// ErrNotFound says that there is no such image or tag, the kubelet's ErrImagePull.
var ErrNotFound = errors.New("not found")

var (
	repositoryPattern = regexp.MustCompile(`^[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?::[0-9]+)?(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*$`)
	tagPattern        = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$`)
	digestPattern     = regexp.MustCompile(`^[a-z0-9]+:[0-9a-f]{32,}$`)
	// versionPattern is a tag that an image without a list of tags has: a version, or a name in common use.
	versionPattern = regexp.MustCompile(
		`^(?:v?[0-9][A-Za-z0-9._-]*|(?:latest|stable|mainline|alpine|edge|musl|glibc|uclibc|slim)(?:[.-][A-Za-z0-9._-]*)?)$`)
)

// notFoundError has containerd's text, and the way out.
type notFoundError struct{ text string }

func (e *notFoundError) Error() string        { return e.text }
func (e *notFoundError) Is(target error) bool { return target == ErrNotFound }

// Find returns the image that a reference names, with or without registry, tag and digest, and the tag, "latest" where
// none is given. The error is ErrInvalidName, or ErrNotFound with containerd's text and the images that exist.
func Find(ref string) (image *sandbox.Image, tag string, err error) {
	repository, tag, err := parse(ref)
	if err != nil {
		return nil, "", fmt.Errorf("couldn't parse image name %q: %w", ref, err)
	}
	full := repository + ":" + tag
	pull := fmt.Sprintf("failed to pull and unpack image %q: failed to resolve reference %q: ", full, full)
	table := Table()
	i := slices.IndexFunc(table, func(image *sandbox.Image) bool {
		return canonical(image.Name) == repository ||
			slices.ContainsFunc(image.Aliases, func(a string) bool { return canonical(a) == repository })
	})
	if i < 0 {
		return nil, "", &notFoundError{pull + "pull access denied, repository does not exist or may require " +
			"authorization: server message: insufficient_scope: authorization failed (healthlab has no registry; " +
			"its built-in images are " + names(table) + ")"}
	}
	image = table[i]
	if !hasTag(image, tag) {
		return nil, "", &notFoundError{fmt.Sprintf("rpc error: code = NotFound desc = %s%s: not found", pull, full)}
	}
	return image, tag, nil
}

func hasTag(image *sandbox.Image, tag string) bool {
	if image.Tags == nil {
		return versionPattern.MatchString(tag)
	}
	return tag == "latest" || slices.Contains(image.Tags, tag)
}

// parse splits a reference into its canonical repository and tag.
func parse(ref string) (repository, tag string, err error) {
	repository, hash, hashed := strings.Cut(ref, "@")
	if hashed && !digestPattern.MatchString(hash) {
		return "", "", ErrInvalidName
	}
	tag = "latest"
	if i := strings.LastIndex(repository, ":"); i > strings.LastIndex(repository, "/") {
		repository, tag = repository[:i], repository[i+1:]
	}
	if !repositoryPattern.MatchString(repository) || !tagPattern.MatchString(tag) {
		return "", "", ErrInvalidName
	}
	return canonical(repository), tag, nil
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

// names lists images as people write them.
func names(table []*sandbox.Image) string {
	list := make([]string, len(table))
	for i, image := range table {
		list[i] = strings.TrimPrefix(strings.TrimPrefix(image.Name, "docker.io/"), "library/")
	}
	return strings.Join(list, ", ")
}

func digest(name string) string {
	sum := sha256.Sum256([]byte("healthlab built-in image " + name))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// withTools adds the shell and the small programs, as the image's own have them in /bin and /usr/bin.
func withTools(programs map[string]sandbox.Program) map[string]sandbox.Program {
	all := map[string]sandbox.Program{}
	small := tools.Table()
	maps.Copy(small, shell.Table())
	inBin := strings.Fields("arch ash base64 busybox cat chgrp chmod chown cp date dd df echo egrep false fgrep getopt grep gunzip gzip " +
		"hostname kill link ln ls mkdir mknod mktemp more mount mountpoint mv netstat nice pidof ping printenv ps pwd rev rm rmdir sed sh " +
		"sleep stat sync tar touch true umount uname usleep watch zcat")
	inSbin := strings.Fields("ifconfig ip route")
	for name, program := range small {
		dir := "/usr/bin"
		if slices.Contains(inBin, name) {
			dir = "/bin"
		}
		if slices.Contains(inSbin, name) {
			dir = "/sbin"
		}
		all[path.Join(dir, name)] = program
	}
	maps.Copy(all, programs)
	return all
}

// passwd is /etc/passwd and the like of images that have a shell.
func passwd() map[string]sandbox.ImageFile {
	return map[string]sandbox.ImageFile{
		"/etc/passwd": {Data: []byte("root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n")},
		"/etc/group":  {Data: []byte("root:x:0:\nnobody:x:65534:\n")},
	}
}

func files(more map[string]string) map[string]sandbox.ImageFile {
	all := passwd()
	for name, text := range more {
		all[name] = sandbox.ImageFile{Data: []byte(text)}
	}
	return all
}
