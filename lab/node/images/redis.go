package images

import (
	"healthlab/lab/node/images/redis"
	"healthlab/lab/node/sandbox"
)

func redisImage() *sandbox.Image {
	image := &sandbox.Image{
		Name: "docker.io/library/redis",
		Does: sandbox.Text{
			Ko: "6379번 포트의 redis(메모리에만 저장)와 redis-cli", En: "redis on 6379, in memory only, and redis-cli",
		},
		Size:       45_000_000,
		VersionEnv: "REDIS_VERSION",
		Entrypoint: []string{"docker-entrypoint.sh"},
		Cmd:        []string{"redis-server"},
		Dir:        "/data",
		Files:      files(nil),
		Programs:   withBash(withTools(map[string]sandbox.Program{"/usr/local/bin/redis-server": redis.Server, "/usr/local/bin/redis-cli": redis.CLI})),
	}
	image.Files["/data"] = sandbox.ImageFile{Mode: dir}
	image.Files["/usr/local/bin/docker-entrypoint.sh"] = sandbox.ImageFile{Mode: 0o755, Data: []byte("#!/bin/sh\nset -e\n\n" +
		"# options and configuration files are for redis-server\nif [ \"${1#-}\" != \"$1\" ] || [ \"${1%.conf}\" != \"$1\" ]; then\n  set -- redis-server \"$@\"\nfi\n\nexec \"$@\"\n")}
	return image
}
