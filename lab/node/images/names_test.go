package images_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"healthlab/lab/node/images"
)

func TestFind(t *testing.T) {
	hash := "@sha256:" + strings.Repeat("a", 64)
	pull := func(full string) string {
		return `failed to pull and unpack image "` + full + `": failed to resolve reference "` + full + `": `
	}
	const denied = "pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed"
	tests := []struct{ ref, name, tag, version, err string }{
		{ref: "alpine", name: "docker.io/library/alpine", tag: "latest"},
		{ref: "alpine:3.19", name: "docker.io/library/alpine", tag: "3.19"},
		{ref: "alpine:3", name: "docker.io/library/alpine", tag: "3"},
		{ref: "docker.io/alpine", name: "docker.io/library/alpine", tag: "latest"},
		{ref: "docker.io/library/alpine:edge", name: "docker.io/library/alpine", tag: "edge"},
		{ref: "index.docker.io/library/busybox:1.36-musl", name: "docker.io/library/busybox", tag: "1.36-musl"},
		{ref: "registry.k8s.io/busybox:1.27.2", name: "docker.io/library/busybox", tag: "1.27.2"},
		{ref: "registry.k8s.io/busybox", name: "docker.io/library/busybox", tag: "latest"},
		{ref: "k8s.gcr.io/busybox", name: "docker.io/library/busybox", tag: "latest"},
		{ref: "registry.k8s.io/e2e-test-images/busybox:1.29-4" + hash, name: "docker.io/library/busybox", tag: "1.29-4"},
		{ref: "registry.k8s.io/e2e-test-images/busybox:1.37.0-2", name: "docker.io/library/busybox", tag: "1.37.0-2"},
		{ref: "registry.k8s.io/e2e-test-images/agnhost:2.40", name: "registry.k8s.io/e2e-test-images/agnhost", tag: "2.40"},
		{ref: "k8s.gcr.io/e2e-test-images/agnhost:2.39", name: "registry.k8s.io/e2e-test-images/agnhost", tag: "2.39"},
		{ref: "us.gcr.io/k8s-artifacts-prod/e2e-test-images/agnhost:2.12", name: "registry.k8s.io/e2e-test-images/agnhost", tag: "2.12"},
		{ref: "k8s.gcr.io/liveness", name: "registry.k8s.io/liveness", tag: "latest"},
		{ref: "gcr.io/google_containers/pause-amd64:3.0", err: "pull access denied"},
		{ref: "gcr.io/google_containers/pause:3.0", name: "registry.k8s.io/pause", tag: "3.0"},
		{ref: "brentley/ecsdemo-nodejs", name: "docker.io/brentley/ecsdemo-nodejs", tag: "latest"},
		{ref: "nginx:stable-alpine", name: "docker.io/library/nginx", tag: "stable-alpine", version: "NGINX_VERSION=1.28.3"},
		{ref: "nginx:1.25-alpine3.18-slim", name: "docker.io/library/nginx", tag: "1.25-alpine3.18-slim", version: "NGINX_VERSION=1.25.5"},
		{ref: "nginx:alpine", name: "docker.io/library/nginx", tag: "alpine", version: "NGINX_VERSION=1.29.8"},
		{ref: "nginx:1.14.2", name: "docker.io/library/nginx", tag: "1.14.2", version: "NGINX_VERSION=1.14.2"},
		{ref: "nginx:1.7.9", name: "docker.io/library/nginx", tag: "1.7.9", version: "NGINX_VERSION=1.7.9"},
		{ref: "nginx:1", name: "docker.io/library/nginx", tag: "1", version: "NGINX_VERSION=1.29.8"},
		{ref: "nginx" + hash, name: "docker.io/library/nginx", tag: "latest"},
		{ref: "nginx:no-such-tag" + hash, name: "docker.io/library/nginx", tag: "no-such-tag"},
		{ref: "registry.k8s.io/goproxy:0.1", name: "registry.k8s.io/goproxy", tag: "0.1"},
		{ref: "httpd:2.4-alpine", name: "docker.io/library/httpd", tag: "2.4-alpine"},

		{ref: "public.ecr.aws/docker/library/busybox:1.36", name: "docker.io/library/busybox", tag: "1.36"},
		{ref: "public.ecr.aws/nginx/nginx:1.25", name: "docker.io/library/nginx", tag: "1.25"},
		{ref: "mirror.gcr.io/library/busybox", name: "docker.io/library/busybox", tag: "latest"},
		{ref: "mirror.gcr.io/library/alpine:3.20", name: "docker.io/library/alpine", tag: "3.20"},
		{ref: "quay.io/quay/busybox", name: "docker.io/library/busybox", tag: "latest"},
		{ref: "quay.io/prometheus/busybox:latest", name: "docker.io/library/busybox", tag: "latest"},
		{ref: "ghcr.io/containerd/busybox:1.36", name: "docker.io/library/busybox", tag: "1.36"},
		{ref: "registry.k8s.io/nginx-slim:0.8", name: "docker.io/library/nginx", tag: "0.8"},
		{ref: "k8s.gcr.io/nginx-slim:0.24", name: "docker.io/library/nginx", tag: "0.24"},
		{ref: "registry.k8s.io/e2e-test-images/nginx:1.14-1", name: "docker.io/library/nginx", tag: "1.14-1", version: "NGINX_VERSION=1.14.2"},
		{ref: "registry.k8s.io/e2e-test-images/httpd:2.4.38-4", name: "docker.io/library/httpd", tag: "2.4.38-4"},
		{ref: "library/busybox", name: "docker.io/library/busybox", tag: "latest"},

		{ref: "nginx:1.161", err: `healthlab has no image nginx:1.161; of nginx it has 1.7.1 to 1.29.8, latest, mainline, stable: rpc error: code = NotFound desc = ` +
			pull("docker.io/library/nginx:1.161") + `docker.io/library/nginx:1.161: not found`},
		{ref: "nginx:nonexistent", err: "healthlab has no image nginx:nonexistent; of nginx it has "},
		{ref: "nginx:1.14.3", err: "docker.io/library/nginx:1.14.3: not found"},
		{ref: "nginx:1.14.02", err: "not found"},
		{ref: "nginx:1.14-1", err: "not found"},
		{ref: "nginx:1.14-", err: "not found"},
		{ref: "nginx:1.2", err: "not found"},
		{ref: "busybox:1.99", err: "docker.io/library/busybox:1.99: not found"},
		{ref: "alpine:no-such-tag", err: `docker.io/library/alpine:no-such-tag: not found`},
		{ref: "alpineee", err: `healthlab has no image alpineee:latest; the nearest built-in images are alpine, brentley/ecsdemo-nodejs, busybox (healthlab images lists all): ` +
			pull("docker.io/library/alpineee:latest") + denied},
		{ref: "node:18", name: "docker.io/library/node", tag: "18", version: "NODE_VERSION=18.20.8"},
		{ref: "node:lts-alpine", name: "docker.io/library/node", tag: "lts-alpine", version: "NODE_VERSION=24.13.0"},
		{ref: "node:14.17.0-slim", name: "docker.io/library/node", tag: "14.17.0-slim"},
		{ref: "node:18.99.0", err: "node:18.99.0: not found"},
		{ref: "python:3.11-slim", name: "docker.io/library/python", tag: "3.11-slim", version: "PYTHON_VERSION=3.11.15"},
		{ref: "python:3", name: "docker.io/library/python", tag: "3", version: "PYTHON_VERSION=3.14.3"},
		{ref: "python:3.9.25-alpine3.22", name: "docker.io/library/python", tag: "3.9.25-alpine3.22", version: "PYTHON_VERSION=3.9.25"},
		{ref: "python:4", err: "python:4: not found"},
		{ref: "postgres:16-alpine", name: "docker.io/library/postgres", tag: "16-alpine", version: "PG_VERSION=16.14"},
		{ref: "postgres:9.6", name: "docker.io/library/postgres", tag: "9.6", version: "PG_VERSION=9.6.24"},
		{ref: "public.ecr.aws/docker/library/mysql:8.0", name: "docker.io/library/mysql", tag: "8.0", version: "MYSQL_VERSION=8.0.46"},
		{ref: "mariadb:lts", name: "docker.io/library/mariadb", tag: "lts", version: "MARIADB_VERSION=11.8.6"},
		{ref: "ghcr.io/subicura/echo:v1", name: "ghcr.io/subicura/echo", tag: "v1"},
		{ref: "ghcr.io/subicura/echo:v3", err: "not found"},
		{ref: "rabbitmq:3", err: "healthlab has no image rabbitmq:3; the nearest built-in images are "},
		{ref: "example.com/alpine", err: "pull access denied"},
		{ref: "quay.io/bitnami/nginx", err: "healthlab has no image quay.io/bitnami/nginx:latest; the nearest built-in images are nginx, "},
		{ref: "someone/nginx", err: "pull access denied"},
		{ref: "Alpine", err: "invalid reference format"},
		{ref: "", err: "invalid reference format"},
		{ref: "alpine:", err: "invalid reference format"},
		{ref: "alpine@sha256:12", err: "invalid reference format"},
		{ref: "-x", err: "invalid reference format"},
	}
	for _, tt := range tests {
		t.Run(tt.ref, func(t *testing.T) {
			image, tag, err := images.Find(tt.ref)
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Errorf("error %v\nwant  %v", err, tt.err)
				}
				if wrong := strings.HasPrefix(tt.err, "invalid"); errors.Is(err, images.ErrNotFound) == wrong || errors.Is(err, images.ErrInvalidName) != wrong {
					t.Errorf("kind of error %v", err)
				}
				return
			}
			if err != nil || image.Name != tt.name || tag != tt.tag {
				t.Fatalf("%v %q %v", image, tag, err)
			}
			if tt.version != "" && !slices.Contains(image.Env, tt.version) {
				t.Errorf("environment %v, want %s", image.Env, tt.version)
			}
		})
	}
}
