package images

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// tags are the tags that a repository has.
type tags struct {
	// series are versions, the oldest first: "1.25.0-5" is 1.25.0 to 1.25.5, and 1.25 and 1 if whole is set.
	series string
	whole  bool
	// names are tags that mean a version: "stable=1.28.3". Without a version they mean the newest.
	names string
	// variants is a regular expression for what may follow on a version or name after a dash, or be a tag alone.
	variants string
	// any is a regular expression for tags that are not listed one by one. Empty with an empty series: whatever looks
	// like a version.
	any string
}

// versionPattern is a tag of an image whose tags are not listed: a version, or a name in common use.
const versionPattern = `v?[0-9][A-Za-z0-9._-]*|(?:stable|mainline|alpine|edge|musl|glibc|uclibc|slim|master|main)(?:[.-][A-Za-z0-9._-]*)?`

// tagsOf returns the tags of a repository. home is the repository or what it is a copy of, image the name of its image.
func tagsOf(home, image string) tags {
	const debian = `jessie|stretch|buster|bullseye|bookworm|trixie`
	table := map[string]tags{
		"docker.io/library/alpine": {
			series: "2.6-7 3.1-5 3.6.0-5 3.7.0-3 3.8.0-5 3.9.0-6 3.10.0-9 3.11.0-13 3.12.0-12 3.13.0-12 3.14.0-10 3.15.0-11 " +
				"3.16.0-9 3.17.0-10 3.18.0-12 3.19.0-9 3.20.0-10 3.21.0-7 3.22.0-4 3.23.0-5",
			whole: true, names: "edge", any: `20[0-9]{6}`,
		},
		"docker.io/library/busybox": {
			series: "1.21.0-1 1.22.0-1 1.23.0-2 1.24.0-2 1.25.0-1 1.26.0-2 1.27.0-2 1.28.0-4 1.29.0-3 1.30.0-1 1.31.0-1 1.32.0-1 " +
				"1.33.0-1 1.34.0-1 1.35.0 1.36.0-1 1.37.0",
			whole: true, names: "stable=1.36.1 unstable", variants: `glibc|musl|uclibc|uclibc-ng`, any: `1|1\.[0-9]|1\.1[0-9]|buildroot-20[0-9.]+`,
		},
		"docker.io/library/nginx": {
			series: "1.7.1-12 1.8.0-1 1.9.0-15 1.10.0-3 1.11.0-13 1.12.0-2 1.13.0-12 1.14.0-2 1.15.0-12 1.16.0-1 1.17.0-10 1.18.0 " +
				"1.19.0-10 1.20.0-2 1.21.0-6 1.22.0-1 1.23.0-4 1.24.0 1.25.0-5 1.26.0-3 1.27.0-5 1.28.0-3 1.29.0-8",
			whole: true, names: "mainline stable=1.28.3",
			variants: `(?:` + debian + `|alpine(?:3\.[0-9]+)?)(?:-(?:perl|slim|otel))?|perl|otel`,
		},
		"docker.io/nginxinc/nginx-unprivileged": {
			series: "1.12.0-2 1.13.0-12 1.14.0-2 1.15.0-12 1.16.0-1 1.17.0-10 1.18.0 1.19.0-10 1.20.0-2 1.21.0-6 1.22.0-1 1.23.0-4 " +
				"1.24.0 1.25.0-5 1.26.0-3 1.27.0-5 1.28.0-3 1.29.0-8",
			whole: true, names: "mainline stable=1.28.3",
			variants: `(?:` + debian + `|alpine(?:3\.[0-9]+)?)(?:-(?:perl|slim|otel))?|perl|otel`,
		},
		"registry.k8s.io/nginx-slim": {series: "0.1-27", any: `0\.2[0-9]`},
		"docker.io/library/httpd": {
			series: "2.2.29-34 2.4.10-66", whole: true, variants: debian + `|alpine(?:3\.[0-9]+)?`,
		},
		"docker.io/library/redis": {
			series: "2.6.17 2.8.6-23 3.0.0-7 3.2.0-13 4.0.0-14 5.0.0-14 6.0.0-20 6.2.0-21 7.0.0-15 7.2.0-12 7.4.0-7 8.0.0-5 8.2.0-4 8.4.0-2",
			whole:  true, variants: debian + `|alpine(?:3\.[0-9]+)?|32bit`,
		},
		"docker.io/library/postgres": {
			series: "9.0.0-23 9.1.0-24 9.2.0-24 9.3.0-25 9.4.0-26 9.5.0-25 9.6.0-24 10.0-23 11.0-22 12.0-22 13.0-23 14.0-23 15.0-18 16.0-14 17.0-10 18.0-4",
			whole:  true, variants: debian + `|alpine(?:3\.[0-9]+)?`,
		},
		"docker.io/kennethreitz/httpbin":                   {any: `latest`},
		"docker.io/mccutchen/go-httpbin":                   {any: `v?(?:1\.[01]\.[01]|2\.(?:[0-9]|1[0-9]|2[0-6])\.[0-2])`},
		"docker.io/sysnet4admin/tardy-nginx":               {any: `latest`},
		"docker.io/containersol/k8s-deployment-strategies": {any: `latest`},
		"ghcr.io/subicura/echo":                            {any: `v[12]`},
		"docker.io/library/mysql": {
			series: "5.5.40-62 5.6.17-51 5.7.4-44 8.0.0-46 8.1.0 8.2.0 8.3.0 8.4.0-9 9.0.0-1 9.1.0 9.2.0 9.3.0 9.4.0 9.5.0 9.6.0 9.7.0",
			whole:  true, names: "lts innovation", variants: `debian|oracle|oraclelinux[789]|` + debian,
		},
		"docker.io/library/mariadb": {
			series: "5.5.37-64 10.0.10-38 10.1.16-48 10.2.6-44 10.3.7-39 10.4.6-34 10.5.1-29 10.6.0-26 10.7.1-8 10.8.2-8 10.9.2-8 10.10.2-7 10.11.2-19 " +
				"11.0.2-6 11.1.2-6 11.2.2-6 11.3.2 11.4.2-10 11.5.2 11.6.2 11.7.2 11.8.2-6 12.0.2 12.1.2 12.2.2",
			whole: true, names: "lts=11.8.6", variants: `trusty|xenial|bionic|focal|jammy|noble|ubi|ubi9|` + debian,
		},
		"docker.io/library/node": {
			series: "4.9.1 6.17.1 8.17.0 9.11.2 10.24.1 11.15.0 12.22.12 13.14.0 14.21.0-3 15.14.0 16.20.0-2 17.9.0-1 " +
				"18.0.0 18.1.0 18.2.0 18.3.0 18.4.0 18.5.0 18.6.0 18.7.0 18.8.0 18.9.0-1 18.10.0 18.11.0 18.12.0-1 18.13.0 18.14.0-2 18.15.0 18.16.0-1 18.17.0-1 18.18.0-2 " +
				"18.19.0-1 18.20.0-8 19.9.0 20.0.0 20.1.0 20.2.0 20.3.0-1 20.4.0 20.5.0-1 20.6.0-1 20.7.0 20.8.0-1 20.9.0 20.10.0 20.11.0-1 20.12.0-2 20.13.0-1 20.14.0 " +
				"20.15.0-1 20.16.0 20.17.0 20.18.0-3 20.19.0-6 20.20.0-2 21.7.0-3 22.0.0 22.1.0 22.2.0 22.3.0 22.4.0-1 22.5.0-1 22.6.0 22.7.0 22.8.0 22.9.0 22.10.0 22.11.0 " +
				"22.12.0 22.13.0-1 22.14.0 22.15.0-1 22.16.0 22.17.0-1 22.18.0 22.19.0 22.20.0 22.21.0-1 22.22.0 23.11.0-1 24.0.0-2 24.1.0 24.2.0 24.3.0 24.4.0-1 24.5.0 " +
				"24.6.0 24.7.0 24.8.0 24.9.0 24.10.0 24.11.0-1 24.12.0 24.13.0 25.0.0 25.1.0 25.2.0-1 25.3.0",
			whole: true, names: "current lts=24.13.0 krypton=24.13.0 jod=22.22.0 iron=20.20.2 hydrogen=18.20.8 gallium=16.20.2 fermium=14.21.3 erbium=12.22.12 dubnium=10.24.1 carbon=8.17.0",
			variants: `alpine(?:3\.[0-9]+)?|slim|(?:` + debian + `)(?:-slim)?|onbuild`,
			any:      `(?:6|8|9|10|11|12|13|14|15|16|17|19|21|23)\.[0-9]{1,2}(?:\.[0-9])?`,
		},
		"docker.io/library/python": {
			series: "2.7.7-18 3.3.5-7 3.4.0-10 3.5.0-10 3.6.0-15 3.7.0-17 3.8.0-20 3.9.0-25 3.10.0-20 3.11.0-15 3.12.0-13 3.13.0-12 3.14.0-3",
			whole:  true, variants: `alpine(?:3\.[0-9]+)?|slim|(?:slim-)?(?:` + debian + `)|onbuild|windowsservercore.*`,
		},
		"registry.k8s.io/e2e-test-images/agnhost": {series: "2.0-66 2.66.1"},
		"registry.k8s.io/pause":                   {series: "0.8 1.0 2.0 3.0-10 3.10.1-2", any: `go|test|test2`},
		"registry.k8s.io/goproxy":                 {series: "0.1"},
		"docker.io/hashicorp/http-echo":           {series: "0.1.0-1 0.2.0-3 1.0.0-1", whole: true, names: "alpine"},
		"docker.io/traefik/whoami":                {series: "v1.0.0-1 v1.1.0 v1.2.0-1 v1.3.0 v1.4.0 v1.5.0 v1.6.0-1 v1.7.0-1 v1.8.0-7 v1.9.0 v1.10.0-4 v1.11.0", whole: true},
		"gcr.io/kuar-demo/kuard-amd64":            {any: `[0-9]+|(?:v0\.[0-9]+-[0-9]+-)?(?:blue|green|purple|test)`},
		"docker.io/luksa/kubia":                   {any: `v[1-4]`},
		"docker.io/luksa/kubia-unhealthy":         {any: `latest`},
		"docker.io/curlimages/curl":               {any: `[78]\.[0-9]+\.[0-9]+`},
	}
	if found, ok := table[home]; ok {
		return found
	}
	found := table[image]
	if strings.HasPrefix(home, "registry.k8s.io/") && found.series != "" {
		found.variants = strings.TrimPrefix(found.variants+"|[0-9]", "|") // a build of the project's own: 1.29-4
	}
	return found
}

// version returns the version that a tag stands for, which is empty where none is known, and whether there is the tag.
func (t tags) version(tag string) (version string, ok bool) {
	if tag == "latest" {
		return t.newest(), true
	}
	if t.series == "" && t.any == "" {
		return "", matches(versionPattern, tag)
	}
	if version, ok := t.plain(tag); ok {
		return version, true
	}
	if t.variants == "" {
		return "", false
	}
	if matches(t.variants, tag) {
		return t.newest(), true
	}
	for i, c := range tag {
		if c == '-' && matches(t.variants, tag[i+1:]) {
			if version, ok := t.plain(tag[:i]); ok {
				return version, true
			}
		}
	}
	return "", false
}

// plain is version for a tag without a variant.
func (t tags) plain(tag string) (version string, ok bool) {
	for name := range strings.FieldsSeq(t.names) {
		if name, means, given := strings.Cut(name, "="); name == tag {
			if given {
				return means, true
			}
			return t.newest(), true
		}
	}
	for s := range strings.FieldsSeq(t.series) {
		stem, from, to := span(s)
		if rest, ok := strings.CutPrefix(tag, stem+"."); ok {
			if n, err := strconv.Atoi(rest); err == nil && strconv.Itoa(n) == rest && n >= from && n <= to {
				version = tag
			}
		}
		if t.whole && (tag == stem || strings.HasPrefix(stem, tag+".")) { // the newest of them, which comes last
			version = fmt.Sprintf("%s.%d", stem, to)
		}
	}
	if version == "" && t.any != "" && matches(t.any, tag) {
		if matches(`[0-9]+\.[0-9]+\.[0-9]+`, tag) {
			return tag, true
		}
		return "", true
	}
	return version, version != ""
}

// newest is the version that comes last.
func (t tags) newest() string {
	list := strings.Fields(t.series)
	if len(list) == 0 {
		return ""
	}
	stem, _, to := span(list[len(list)-1])
	return fmt.Sprintf("%s.%d", stem, to)
}

// span splits "1.25.0-5" into 1.25, 0 and 5.
func span(series string) (stem string, from, to int) {
	i := strings.LastIndex(series, ".")
	first, last, ranged := strings.Cut(series[i+1:], "-")
	from, _ = strconv.Atoi(first) // the table's own numbers
	to = from
	if ranged {
		to, _ = strconv.Atoi(last)
	}
	return series[:i], from, to
}

// String tells what there is, for a message.
func (t tags) String() string {
	list := strings.Fields(t.series)
	if len(list) == 0 {
		return "latest"
	}
	stem, from, _ := span(list[0])
	text := fmt.Sprintf("%s.%d to %s, latest", stem, from, t.newest())
	for name := range strings.FieldsSeq(t.names) {
		name, _, _ = strings.Cut(name, "=")
		text += ", " + name
	}
	return text
}

func matches(pattern, tag string) bool {
	return regexp.MustCompile(`^(?:` + pattern + `)$`).MatchString(tag)
}
