package images

import (
	"healthlab/lab/node/images/entrypoint"
	"healthlab/lab/node/images/mysql"
	"healthlab/lab/node/sandbox"
)

func mysqlImage() *sandbox.Image {
	f := mysql.MySQL()
	image := databaseImage(f, map[string]sandbox.Program{
		"/usr/sbin/mysqld": f.Server, "/usr/bin/mysqladmin": f.Admin, "/usr/bin/mysql": f.Client,
	})
	image.Name, image.VersionEnv, image.Size = "docker.io/library/mysql", "MYSQL_VERSION", 245_000_000
	image.Does = sandbox.Text{
		Ko: "3306번 포트의 mysqld와 mysqladmin ping. 테이블은 없고, mysql은 SELECT 1 같은 것만 압니다",
		En: "mysqld on 3306 and mysqladmin ping; no tables, mysql knows SELECT 1 and the like",
	}
	return image
}

func mariadbImage() *sandbox.Image {
	f := mysql.MariaDB()
	image := databaseImage(f, map[string]sandbox.Program{
		"/usr/sbin/mariadbd": f.Server, "/usr/sbin/mysqld": f.Server, "/usr/bin/mariadb-admin": f.Admin, "/usr/bin/mysqladmin": f.Admin,
		"/usr/bin/mariadb": f.Client, "/usr/bin/mysql": f.Client, "/usr/local/bin/healthcheck.sh": f.Healthcheck,
	})
	image.Name, image.VersionEnv, image.Size = "docker.io/library/mariadb", "MARIADB_VERSION", 115_000_000
	image.Does = sandbox.Text{
		Ko: "3306번 포트의 mariadbd, mysqladmin ping, healthcheck.sh. 테이블은 없고, mariadb는 SELECT 1 같은 것만 압니다",
		En: "mariadbd on 3306, mysqladmin ping and healthcheck.sh; no tables, mariadb knows SELECT 1 and the like",
	}
	return image
}

// databaseImage is what both have.
func databaseImage(f mysql.Flavor, programs map[string]sandbox.Program) *sandbox.Image {
	programs["/usr/local/bin/docker-entrypoint.sh"] = f.Entrypoint
	image := &sandbox.Image{
		Entrypoint: []string{"docker-entrypoint.sh"},
		Cmd:        []string{f.Daemon},
		Files:      files(nil),
		Programs:   withBash(withTools(programs)),
	}
	for name, f := range map[string]sandbox.ImageFile{
		"/run/mysqld": {Mode: dir}, "/var/run": {Mode: link, Data: []byte("/run")}, "/var/lib/mysql": {Mode: dir}, entrypoint.InitDir: {Mode: dir},
	} {
		image.Files[name] = f
	}
	return image
}
