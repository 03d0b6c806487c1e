package images

import "healthlab/lab/node/sandbox"

func tardyNginx() *sandbox.Image {
	image := nginxOn("80")
	image.Name = "docker.io/sysnet4admin/tardy-nginx"
	image.Does = sandbox.Text{
		Ko: "60초 동안 잠든 뒤에 80번 포트에서 시작하는 nginx", En: "nginx that sleeps for 60 seconds before it starts on 80",
	}
	image.Size = 13_000_000
	image.VersionEnv = ""
	image.Env = []string{"NGINX_VERSION=1.26.0"}
	image.Cmd = []string{"/startup.sh"}
	delete(image.Programs, "/usr/bin/curl") // it builds on the slim variant
	for name, f := range map[string]sandbox.ImageFile{
		"/startup.sh":                      {Mode: 0o755, Data: []byte("#!/bin/bash\n\necho \"deep sleep\" > /var/log/sleep.log && sleep 60\nnginx -g \"daemon off;\"\n")},
		"/usr/share/nginx/html/index.html": {Data: []byte("tardy again\n")},
		"/var/log/sleep.log":               {Mode: link, Data: []byte("/proc/1/fd/1")},
	} {
		image.Files[name] = f
	}
	return image
}
