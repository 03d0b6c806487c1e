package images

import (
	"healthlab/lab/node/images/entrypoint"
	"healthlab/lab/node/images/postgres"
	"healthlab/lab/node/sandbox"
)

func postgresImage() *sandbox.Image {
	image := &sandbox.Image{
		Name: "docker.io/library/postgres",
		Does: sandbox.Text{
			Ko: "5432번 포트의 postgres와 pg_isready. 테이블은 없고, psql은 SELECT 1 같은 것만 압니다",
			En: "postgres on 5432 and pg_isready; no tables, psql knows SELECT 1 and the like",
		},
		Size:       160_000_000,
		VersionEnv: "PG_VERSION",
		Entrypoint: []string{"docker-entrypoint.sh"},
		Cmd:        []string{"postgres"},
		StopSignal: sandbox.SIGINT,
		Files:      files(nil),
		Programs: withBash(withTools(map[string]sandbox.Program{
			"/usr/local/bin/docker-entrypoint.sh": postgres.Entrypoint, "/usr/local/bin/postgres": postgres.Server,
			"/usr/local/bin/pg_isready": postgres.IsReady, "/usr/local/bin/psql": postgres.Psql,
		})),
	}
	for _, name := range []string{"/var/run/postgresql", "/var/lib/postgresql", entrypoint.InitDir} {
		image.Files[name] = sandbox.ImageFile{Mode: dir}
	}
	return image
}
