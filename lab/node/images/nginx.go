package images

import (
	"fmt"

	"healthlab/lab/node/images/curl"
	"healthlab/lab/node/images/nginx"
	"healthlab/lab/node/sandbox"
)

// nginxVersion is that of images whose tag tells none.
const nginxVersion = "1.29.8"

func nginxImage() *sandbox.Image {
	image := nginxOn("80")
	image.Name = "docker.io/library/nginx"
	image.Does = sandbox.Text{
		Ko: "80번 포트의 HTTP. /etc/nginx의 설정과 /usr/share/nginx/html의 파일",
		En: "HTTP on 80, configured in /etc/nginx, serves /usr/share/nginx/html",
	}
	return image
}

func nginxUnprivileged() *sandbox.Image {
	image := nginxOn("8080")
	image.Name = "docker.io/nginxinc/nginx-unprivileged"
	image.Aliases = []string{"ghcr.io/nginxinc/nginx-unprivileged", "quay.io/nginx/nginx-unprivileged", "public.ecr.aws/nginx/nginx-unprivileged"}
	image.Does = sandbox.Text{Ko: "8080번 포트의 nginx", En: "nginx on 8080"}
	return image
}

// nginxOn is nginx with its default server on a port.
func nginxOn(port string) *sandbox.Image {
	image := &sandbox.Image{
		Size:       72_000_000,
		VersionEnv: "NGINX_VERSION",
		Entrypoint: []string{"/docker-entrypoint.sh"},
		Cmd:        []string{"nginx", "-g", "daemon off;"},
		StopSignal: sandbox.SIGQUIT,
		Files: files(map[string]string{
			"/etc/nginx/nginx.conf":            nginx.Conf,
			"/etc/nginx/mime.types":            nginx.MIMETypes,
			"/etc/nginx/conf.d/default.conf":   fmt.Sprintf(nginx.Site, port),
			"/usr/share/nginx/html/index.html": nginx.Index,
			"/usr/share/nginx/html/50x.html":   nginx.Broken,
		}),
		Programs: withBash(withTools(map[string]sandbox.Program{
			"/usr/bin/curl":   curl.Run,
			"/usr/sbin/nginx": nginx.Run(nginxVersion), "/docker-entrypoint.sh": nginx.Entrypoint,
			"/docker-entrypoint.d/20-envsubst-on-templates.sh": nginx.Templates,
		})),
	}
	for name, f := range map[string]sandbox.ImageFile{
		"/var/cache/nginx":          {Mode: dir},
		"/var/log/nginx/access.log": {Data: []byte("/dev/stdout"), Mode: link},
		"/var/log/nginx/error.log":  {Data: []byte("/dev/stderr"), Mode: link},
		"/var/run":                  {Mode: dir},
	} {
		image.Files[name] = f
	}
	return image
}
