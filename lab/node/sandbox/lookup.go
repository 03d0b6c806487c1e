package sandbox

import (
	"errors"
	"path"
	"strings"
)

// executableFile is a program with the file that it comes from, without symbolic links.
type executableFile struct {
	program Program
	path    string
}

// find returns the program that a command names and its arguments. A file that starts with #! runs its interpreter.
func (c *Container) find(cmd Command, dir string) (executableFile, []string, error) {
	none := executableFile{}
	args := cmd.Args
	if len(args) == 0 {
		args = []string{cmd.Path}
	}
	if tooLong(args, cmd.Env) {
		return none, nil, c.startError(cmd.Path, 126, E2BIG, false)
	}
	name, err := c.lookup(cmd.Path, getenv(cmd.Env, "PATH"), dir)
	if err != nil {
		return none, nil, err
	}
	shown := name // to an interpreter: as it was called, or as it was found
	if strings.Contains(cmd.Path, "/") {
		shown = cmd.Path
	}
	for range 4 { // interpreters of interpreters, as Linux bounds them
		clean, err := c.fs.Resolve(name, true)
		if err != nil {
			return none, nil, c.startError(cmd.Path, 127, errnoOf(err), false)
		}
		head, err := c.fs.ReadFile(clean, 256)
		if err != nil {
			return none, nil, c.startError(cmd.Path, 126, errnoOf(err), false)
		}
		if path, ok := strings.CutPrefix(string(head), programMark); ok {
			if program := c.cfg.Image.Programs[strings.TrimSpace(path)]; program != nil {
				return executableFile{program, clean}, args, nil
			}
		}
		line, ok := strings.CutPrefix(string(head), "#!")
		if !ok {
			return none, nil, c.startError(cmd.Path, 126, ENOEXEC, false)
		}
		line, _, _ = strings.Cut(line, "\n")
		interpreter, option, _ := strings.Cut(strings.TrimSpace(line), " ")
		next := []string{interpreter}
		if option = strings.TrimSpace(option); option != "" {
			next = append(next, option)
		}
		args = append(append(next, shown), args[1:]...)
		name, shown = interpreter, interpreter
	}
	return none, nil, c.startError(cmd.Path, 126, ELOOP, false)
}

// programMark begins the files that stand for programs, so that a copy of such a file is that program too.
const programMark = "\x7fhealthlab program "

// What one program may be started with, as on Linux at the usual stack limit: all arguments and the environment
// together (ARG_MAX), and each of them with its end (MAX_ARG_STRLEN).
const (
	maxArgBytes    = 2 << 20
	maxStringBytes = 128 << 10
)

func tooLong(lists ...[]string) bool {
	n := 0
	for _, list := range lists {
		for _, s := range list {
			if len(s) >= maxStringBytes {
				return true
			}
			n += len(s) + 1
		}
	}
	return n > maxArgBytes
}

// lookup finds an executable as execvp does.
func (c *Container) lookup(name, search, dir string) (string, error) {
	if name == "" {
		return "", c.startError(name, 127, ENOENT, true)
	}
	if strings.Contains(name, "/") {
		full := name
		if !strings.HasPrefix(name, "/") {
			full = path.Join(dir, name)
		}
		return full, c.executable(full, name)
	}
	if search == "" {
		search = defaultPath
	}
	denied := error(nil)
	for elem := range strings.SplitSeq(search, ":") {
		if elem == "" {
			elem = dir
		}
		candidate := path.Join(elem, name)
		err := c.executable(candidate, candidate)
		if err == nil {
			return candidate, nil
		}
		if e := new(StartError); errors.As(err, &e) && e.Code == 126 && denied == nil {
			if info, err := c.fs.Stat(candidate); err == nil && !info.IsDir() {
				denied = e
			}
		}
	}
	if denied != nil {
		return "", denied
	}
	return "", c.startError(name, 127, ENOENT, true)
}

const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// LookPath finds an executable by the process's PATH.
func (p *Process) LookPath(name string) (string, error) {
	return p.container.lookup(name, p.Getenv("PATH"), p.Dir)
}

// executable reports why a file cannot be executed; said is its name in the error.
func (c *Container) executable(name, said string) error {
	info, err := c.fs.Stat(name)
	switch {
	case err != nil && errnoOf(err) == EACCES:
		return c.startError(said, 126, EACCES, false)
	case err != nil:
		return c.startError(said, 127, errnoOf(err), false)
	case info.IsDir():
		return c.startError(said, 126, EACCES, false)
	case !executableMode(info):
		return c.startError(said, 126, EACCES, false)
	}
	return nil
}
