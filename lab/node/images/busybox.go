package images

import (
	"slices"
	"strings"

	"healthlab/lab/node/images/tools"
	"healthlab/lab/node/sandbox"
)

func busybox() *sandbox.Image {
	return &sandbox.Image{
		Name: "docker.io/library/busybox",
		Does: sandbox.Text{
			Ko: "셸과 기본 도구",
			En: "a shell with the usual small tools",
		},
		Size:     2_200_000,
		Cmd:      []string{"sh"},
		Files:    files(nil),
		Programs: withTools(nil),
	}
}

// busyboxBefore129 is what tags up to 1.28 run. Much teaching material asks for it because of its nslookup.
func busyboxBefore129() *sandbox.Image {
	image := busybox()
	image.Does = sandbox.Text{
		Ko: "1.28까지의 태그: nslookup이 검색 목록을 따릅니다",
		En: "tags up to 1.28: nslookup follows the search list",
	}
	image.Digest = digest(image.Name + " before 1.29")
	image.Programs["/usr/bin/nslookup"] = tools.NslookupBefore129
	return image
}

// ofVersion returns the image that a tag of a repository runs where not all tags run the same. home is the repository or
// what it is a mirror of.
func ofVersion(image *sandbox.Image, home, tag, version string) *sandbox.Image {
	if image.Name != "docker.io/library/busybox" {
		return image
	}
	if version == "" {
		version = tag
	}
	old := slices.ContainsFunc(strings.Fields("1.21 1.22 1.23 1.24 1.25 1.26 1.27 1.28"), func(series string) bool {
		return version == series || strings.HasPrefix(version, series+".") || strings.HasPrefix(version, series+"-")
	})
	// The project's own copy has not been renewed since 1.24 under "latest".
	if old || home == "registry.k8s.io/busybox" && tag == "latest" {
		return busyboxBefore129()
	}
	return image
}
