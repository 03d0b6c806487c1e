package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"healthlab/lab/node/images/entrypoint"
	"healthlab/lab/node/sandbox"
)

// cluster is what a data directory keeps, in a file below it.
type cluster struct {
	User, Password, Database string
	Trust                    bool // everybody may connect
}

const clusterFile = "/global/healthlab.json"

// maxFile is how much of a small file is read.
const maxFile = 64 << 10

// dataDir is PGDATA, or where the version of the image has its data.
func dataDir(p *sandbox.Process) string {
	if dir := p.Getenv("PGDATA"); dir != "" {
		return p.Path(dir)
	}
	major, _, _ := strings.Cut(version(p), ".")
	const newLayout = 18
	if n, err := strconv.Atoi(major); err == nil && n >= newLayout {
		return "/var/lib/postgresql/" + major + "/docker"
	}
	return "/var/lib/postgresql/data"
}

// Entrypoint is the image's docker-entrypoint.sh: it makes the data directory if there is none, and becomes the command.
func Entrypoint(ctx context.Context, p *sandbox.Process) int {
	args := p.Args[1:]
	if len(args) > 0 && strings.HasPrefix(args[0], "-") {
		args = append([]string{"postgres"}, args...)
	}
	if len(args) == 0 {
		return 0
	}
	if args[0] == "postgres" && !wantsHelp(args[1:]) {
		if code := prepare(ctx, p); code != 0 {
			return code
		}
	}
	return entrypoint.Become(p, args)
}

func wantsHelp(args []string) bool {
	for _, a := range args {
		if a == "-?" || a == "--help" || a == "-V" || a == "--version" || a == "--describe-config" {
			return true
		}
	}
	return false
}

// prepare makes the data directory unless it is there.
func prepare(ctx context.Context, p *sandbox.Process) int {
	data := dataDir(p)
	if info, err := p.FS().Stat(data + "/PG_VERSION"); err == nil && info.Size() > 0 {
		fmt.Fprintf(p.Stdout, "\nPostgreSQL Database directory appears to contain a database; Skipping initialization\n\n")
		return 0
	}
	c := cluster{User: "postgres", Trust: p.Getenv("POSTGRES_HOST_AUTH_METHOD") == "trust"}
	for name, into := range map[string]*string{"POSTGRES_PASSWORD": &c.Password, "POSTGRES_USER": &c.User, "POSTGRES_DB": &c.Database} {
		value, err := entrypoint.Variable(p, name)
		if errors.Is(err, entrypoint.ErrBoth) {
			fmt.Fprintf(p.Stderr, "error: both %[1]s and %[1]s_FILE are set (but are exclusive)\n", name)
			return 1
		}
		if err != nil {
			fmt.Fprintf(p.Stderr, "/usr/local/bin/docker-entrypoint.sh: line 21: %v\n", err)
			return 1
		}
		if value != "" {
			*into = value
		}
	}
	if c.Database == "" {
		c.Database = c.User
	}
	if c.Password == "" && !c.Trust {
		fmt.Fprint(p.Stderr, noPassword)
		return 1
	}
	if c.Trust {
		fmt.Fprint(p.Stderr, trustWarning)
	}
	if code := initdb(p, data, c); code != 0 {
		return code
	}
	tell := func(what, name string) {
		if what == "not running" {
			name += ": healthlab's postgres has no tables"
		}
		fmt.Fprintf(p.Stdout, "/usr/local/bin/docker-entrypoint.sh: %s %s\n", what, name)
	}
	if code := entrypoint.Scripts(ctx, p, tell); code != 0 {
		return code
	}
	fmt.Fprintf(p.Stdout, "\nPostgreSQL init process complete; ready for start up.\n\n")
	return 0
}

// What the image says about missing passwords, which people look for.
const (
	noPassword = `Error: Database is uninitialized and superuser password is not specified.
       You must specify POSTGRES_PASSWORD to a non-empty value for the
       superuser. For example, "-e POSTGRES_PASSWORD=password" on "docker run".

       You may also use "POSTGRES_HOST_AUTH_METHOD=trust" to allow all
       connections without a password. This is *not* recommended.

       See PostgreSQL documentation about "trust":
       https://www.postgresql.org/docs/current/auth-trust.html
`
	trustWarning = `********************************************************************************
WARNING: POSTGRES_HOST_AUTH_METHOD has been set to "trust". This will allow
         anyone with access to the Postgres port to access your database without
         a password, even if POSTGRES_PASSWORD is set.
********************************************************************************
`
)

// initdb makes a data directory, as far as there is something to keep in it.
func initdb(p *sandbox.Process, data string, c cluster) int {
	fs := p.FS()
	fmt.Fprintf(p.Stdout, "The files belonging to this database system will be owned by user \"postgres\".\nThis user must also own the server process.\n\n"+
		"The database cluster will be initialized with locale \"en_US.utf8\".\nThe default database encoding has accordingly been set to \"UTF8\".\n"+
		"The default text search configuration will be set to \"english\".\n\nData page checksums are disabled.\n\n")
	if entries, err := fs.ReadDir(data); err == nil && len(entries) > 0 {
		fmt.Fprintf(p.Stderr, "initdb: error: directory %q exists but is not empty\n", data)
		for _, e := range entries {
			if e.Name() == "lost+found" {
				fmt.Fprintln(p.Stderr, "initdb: detail: It contains a lost+found directory, perhaps due to it being a mount point.")
				fmt.Fprintln(p.Stderr, "initdb: hint: Using a mount point directly as the data directory is not recommended.\nCreate a subdirectory under the mount point.")
				return 1
			}
		}
		fmt.Fprintf(p.Stderr, "initdb: hint: If you want to create a new database system, either remove or empty the directory %q or run initdb with an argument other than %q.\n", data, data)
		return 1
	}
	kept, err := json.Marshal(c)
	method := "scram-sha-256"
	if c.Trust {
		method = "trust"
	}
	major, _, _ := strings.Cut(version(p), ".")
	err = errors.Join(err, fs.MkdirAll(data, 0o700), fs.MkdirAll(data+"/base", 0o700), fs.MkdirAll(data+"/global", 0o700), fs.MkdirAll(data+"/pg_wal", 0o700))
	for _, f := range [][2]string{
		{clusterFile, string(kept)},
		{"/PG_VERSION", major + "\n"},
		{"/postgresql.conf", "listen_addresses = '*'\n"},
		{"/pg_hba.conf", "local all all trust\nhost all all 127.0.0.1/32 trust\nhost all all ::1/128 trust\n\nhost all all all " + method + "\n"},
	} {
		err = errors.Join(err, fs.WriteFile(data+f[0], []byte(f[1]), 0o600))
	}
	if err != nil {
		fmt.Fprintf(p.Stderr, "initdb: error: could not write to directory %q: %v\n", data, entrypoint.Why(err))
		return 1
	}
	fmt.Fprintf(p.Stdout, "fixing permissions on existing directory %s ... ok\ncreating subdirectories ... ok\ncreating configuration files ... ok\n\n"+
		"Success. You can now start the database server using:\n\n    pg_ctl -D %[1]s -l logfile start\n\n", data)
	return 0
}

// kept is what the data directory keeps.
func (s *server) kept() (c cluster) {
	data, err := s.p.FS().ReadFile(s.data+clusterFile, maxFile)
	if err != nil || json.Unmarshal(data, &c) != nil {
		return cluster{} // nobody is known then
	}
	return c
}
