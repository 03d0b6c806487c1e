package mysql

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"strings"
	"time"

	"healthlab/lab/node/images/entrypoint"
	"healthlab/lab/node/sandbox"
)

// dataDir is where the image has its data.
const dataDir = "/var/lib/mysql"

// accounts is what a data directory keeps, in a file below it.
type accounts struct {
	Users     map[string]string // their passwords
	Databases []string
}

const (
	accountsFile = "/mysql/healthlab.json"
	maxFile      = 64 << 10

	// Where MariaDB's healthcheck.sh finds its password.
	healthFile     = "/.my-healthcheck.cnf"
	healthPassword = "password="
)

// kept is what the data directory keeps.
func (s *server) kept() (a accounts) {
	data, err := s.p.FS().ReadFile(s.data+accountsFile, maxFile)
	if err != nil || json.Unmarshal(data, &a) != nil {
		return accounts{} // nobody is known then
	}
	return a
}

// entry is a line of the entrypoint.
func entry(p *sandbox.Process, kind, format string, args ...any) {
	to := p.Stdout
	if kind != "Note" {
		to = p.Stderr
	}
	fmt.Fprintf(to, "%s [%s] [Entrypoint]: %s\n", time.Now().UTC().Format("2006-01-02 15:04:05-07:00"), kind, fmt.Sprintf(format, args...))
}

// Entrypoint is the image's docker-entrypoint.sh: it makes the data directory if there is none, and becomes the command.
func (f Flavor) Entrypoint(ctx context.Context, p *sandbox.Process) int {
	args := p.Args[1:]
	if len(args) > 0 && strings.HasPrefix(args[0], "-") {
		args = append([]string{f.Daemon}, args...)
	}
	if len(args) == 0 {
		return 0
	}
	server := args[0] == f.Daemon || args[0] == "mysqld"
	for _, a := range args[1:] {
		if a == "--help" || a == "-?" || a == "-V" || a == "--version" || a == "--print-defaults" {
			server = false
		}
	}
	if server {
		entry(p, "Note", "Entrypoint script for %s Server %s started.", f.Name, strings.TrimSuffix(f.version(p), "-MariaDB"))
		data := dataDir
		for _, a := range args[1:] {
			if dir, ok := strings.CutPrefix(a, "--datadir="); ok {
				data = p.Path(dir)
			}
		}
		if _, err := p.FS().Stat(data + "/mysql"); err != nil {
			if code := f.prepare(ctx, p, data); code != 0 {
				return code
			}
		}
	}
	return entrypoint.Become(p, args)
}

// setting is a variable, which MariaDB also takes with its own name.
func (f Flavor) setting(p *sandbox.Process, name string) (value string, ok bool) {
	names := []string{"MYSQL_" + name}
	if f.mariadb() {
		names = []string{"MARIADB_" + name, "MYSQL_" + name}
	}
	for _, name := range names {
		value, err := entrypoint.Variable(p, name)
		if errors.Is(err, entrypoint.ErrBoth) {
			entry(p, "ERROR", "Both %[1]s and %[1]s_FILE are set (but are exclusive)", name)
			return "", false
		}
		if err != nil {
			entry(p, "ERROR", "%v", err)
			return "", false
		}
		if value != "" {
			return value, true
		}
	}
	return "", true
}

// prepare makes the data directory.
func (f Flavor) prepare(ctx context.Context, p *sandbox.Process, data string) int {
	given := map[string]string{}
	for _, name := range []string{"ROOT_PASSWORD", "USER", "PASSWORD", "DATABASE"} {
		value, ok := f.setting(p, name)
		if !ok {
			return 1
		}
		given[name] = value
	}
	allowed := given["ROOT_PASSWORD"] != ""
	for _, name := range f.passwords {
		if p.Getenv(name) == "" {
			continue
		}
		allowed = true
		if strings.Contains(name, "RANDOM") {
			given["ROOT_PASSWORD"] = rand.Text()
		}
	}
	switch {
	case !allowed:
		entry(p, "ERROR", "%s", f.required)
		return 1
	case given["USER"] == "root":
		entry(p, "ERROR", "MYSQL_USER=\"root\", MYSQL_USER and MYSQL_PASSWORD are for configuring a regular user and cannot be used for the root user")
		return 1
	case given["USER"] != "" && given["PASSWORD"] == "":
		entry(p, "Warn", "MYSQL_USER specified, but missing MYSQL_PASSWORD; MYSQL_USER will not be created")
	case given["USER"] == "" && given["PASSWORD"] != "":
		entry(p, "Warn", "MYSQL_PASSWORD specified, but missing MYSQL_USER; MYSQL_PASSWORD will be ignored")
	}
	entry(p, "Note", "Initializing database files")
	if entries, err := p.FS().ReadDir(data); err == nil && len(entries) > 0 && !f.mariadb() {
		f.note(p, "ERROR", "MY-010457", "--initialize specified but the data directory has files in it. Aborting.")
		f.note(p, "ERROR", "MY-013236", "The designated data directory %s/ is unusable. You can remove all files that the server added to it.", data)
		f.note(p, "ERROR", "MY-010119", "Aborting")
		return 1
	}
	a := accounts{Users: map[string]string{"root": given["ROOT_PASSWORD"]}}
	if given["USER"] != "" && given["PASSWORD"] != "" {
		a.Users[given["USER"]] = given["PASSWORD"]
	}
	if given["DATABASE"] != "" {
		a.Databases = []string{given["DATABASE"]}
	}
	cnf := ""
	if f.mariadb() {
		a.Users["healthcheck"] = rand.Text()
		cnf = fmt.Sprintf("[mariadb-client]\nuser=healthcheck\n%s%s\nprotocol=tcp\n", healthPassword, a.Users["healthcheck"])
	}
	kept, err := json.Marshal(a)
	err = errors.Join(err, p.FS().MkdirAll(data+path.Dir(accountsFile), 0o700), p.FS().WriteFile(data+accountsFile, kept, 0o600))
	if cnf != "" {
		err = errors.Join(err, p.FS().WriteFile(data+healthFile, []byte(cnf), 0o600))
	}
	if err != nil {
		f.note(p, "ERROR", "MY-010187", "Could not write to %s: %s", data, entrypoint.Why(err))
		return 1
	}
	entry(p, "Note", "Database files initialized")
	if given["ROOT_PASSWORD"] != "" && p.Getenv("MYSQL_ROOT_PASSWORD")+p.Getenv("MARIADB_ROOT_PASSWORD")+p.Getenv("MYSQL_ROOT_PASSWORD_FILE")+p.Getenv("MARIADB_ROOT_PASSWORD_FILE") == "" {
		entry(p, "Note", "GENERATED ROOT PASSWORD: %s", given["ROOT_PASSWORD"])
	}
	if given["DATABASE"] != "" {
		entry(p, "Note", "Creating database %s", given["DATABASE"])
	}
	if _, ok := a.Users[given["USER"]]; ok {
		entry(p, "Note", "Creating user %s", given["USER"])
	}
	tell := func(what, name string) {
		if what == "not running" {
			name += ": healthlab's " + f.Name + " has no tables"
		}
		entry(p, "Note", "/usr/local/bin/docker-entrypoint.sh: %s %s", what, name)
	}
	if code := entrypoint.Scripts(ctx, p, tell); code != 0 {
		return code
	}
	fmt.Fprintln(p.Stdout)
	entry(p, "Note", "%s init process done. Ready for start up.", f.Name)
	fmt.Fprintln(p.Stdout)
	return 0
}
