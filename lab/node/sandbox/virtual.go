package sandbox

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// virtualFile is a file of /dev or /proc.
type virtualFile struct {
	name  string
	mode  fs.FileMode
	time  time.Time
	link  string
	list  func() []fs.FileInfo
	read  func() io.Reader // nil: empty
	write io.Writer        // nil: not writable
}

func (v virtualFile) Name() string       { return v.name }
func (v virtualFile) Size() int64        { return 0 }
func (v virtualFile) Mode() fs.FileMode  { return v.mode }
func (v virtualFile) ModTime() time.Time { return v.time }
func (v virtualFile) IsDir() bool        { return v.mode.IsDir() }
func (v virtualFile) Sys() any           { return nil }

func (v virtualFile) openFile(flag int) (io.ReadWriter, error) {
	if v.IsDir() {
		return nil, EISDIR
	}
	writes := flag&(os.O_WRONLY|os.O_RDWR) != 0
	if writes && v.write == nil {
		return nil, EACCES
	}
	rw := virtualStream{Reader: empty{}, Writer: v.write}
	if v.read != nil && flag&os.O_WRONLY == 0 {
		rw.Reader = v.read()
	}
	return rw, nil
}

type virtualStream struct {
	io.Reader
	io.Writer
}

// zeros is /dev/zero, full is what /dev/full makes of writes.
type (
	zeros struct{}
	full  struct{}
)

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

func (full) Write([]byte) (int, error) { return 0, ENOSPC }

// virtual returns the file of /dev or /proc with a clean path.
func (c *Container) virtual(name string) (virtualFile, bool) {
	v := virtualFile{name: path.Base(name), time: c.table.boot}
	if rest, ok := strings.CutPrefix(name, "/dev/"); ok {
		return c.device(v, rest)
	}
	if name == "/proc" {
		v.mode = fs.ModeDir | 0o555
		v.list = c.listProc
		return v, true
	}
	if rest, ok := strings.CutPrefix(name, "/proc/"); ok {
		return c.procFile(v, rest)
	}
	return virtualFile{}, false
}

func (c *Container) device(v virtualFile, name string) (virtualFile, bool) {
	v.mode = fs.ModeDevice | fs.ModeCharDevice | 0o666
	v.write = io.Discard
	switch name {
	case "null":
	case "zero":
		v.read = func() io.Reader { return zeros{} }
	case "full":
		v.read = func() io.Reader { return zeros{} }
		v.write = full{}
	case "random", "urandom":
		v.read = func() io.Reader { return rand.Reader }
	default:
		return virtualFile{}, false
	}
	return v, true
}

func (c *Container) listProc() []fs.FileInfo {
	var list []fs.FileInfo
	names := []string{"cpuinfo", "loadavg", "meminfo", "mounts", "net", "uptime", "version"}
	for _, p := range c.table.all(nil) {
		names = append(names, strconv.Itoa(p.pid))
	}
	for _, n := range names {
		if v, ok := c.virtual("/proc/" + n); ok {
			list = append(list, v)
		}
	}
	return list
}

// mountTable is /proc/mounts: what the container's processes see.
func (c *Container) mountTable() string {
	var b strings.Builder
	b.WriteString("overlay / overlay rw,relatime 0 0\nproc /proc proc rw,nosuid,nodev,noexec,relatime 0 0\ntmpfs /dev tmpfs rw,nosuid 0 0\n")
	for _, m := range slices.Backward(c.fs.mounts) { // the shortest target first
		access := "rw"
		if m.readOnly {
			access = "ro"
		}
		fmt.Fprintf(&b, "volume %s volume %s,relatime 0 0\n", strings.ReplaceAll(m.target, " ", `\040`), access)
	}
	return b.String()
}

func (c *Container) procFile(v virtualFile, name string) (virtualFile, bool) {
	v.mode = 0o444
	text := func(s string) (virtualFile, bool) {
		v.read = func() io.Reader { return bytes.NewReader([]byte(s)) }
		return v, true
	}
	if content, ok := c.machineFile(name); ok {
		return text(content)
	}
	switch name {
	case "uptime":
		up := time.Since(c.table.boot).Seconds()
		return text(fmt.Sprintf("%.2f %.2f\n", up, up))
	case "loadavg":
		return text(fmt.Sprintf("0.00 0.00 0.00 1/%d %d\n", len(c.table.all(nil)), c.table.newest()))
	case "mounts":
		return text(c.mountTable())
	case "version":
		return text("Linux version 6.18.0 (healthlab: a process inside a process)\n")
	}
	if name == "net" {
		v.mode, v.list = fs.ModeDir|0o555, c.listNet
		return v, true
	}
	first, rest, _ := strings.Cut(name, "/")
	pid, err := strconv.Atoi(first)
	if err != nil {
		return virtualFile{}, false
	}
	p := c.table.get(pid)
	if p == nil {
		return virtualFile{}, false
	}
	info := p.describe()
	switch rest {
	case "", "fd":
		v.mode = fs.ModeDir | 0o555
		entries := []string{"cmdline", "comm", "fd", "status"}
		if rest == "fd" {
			entries = []string{"0", "1", "2"}
		}
		if rest == "" {
			entries = append(entries, processEntries(p)...)
			slices.Sort(entries)
		}
		v.list = func() []fs.FileInfo {
			var list []fs.FileInfo
			for _, e := range entries {
				if f, ok := c.virtual(path.Join("/proc", name, e)); ok {
					list = append(list, f)
				}
			}
			return list
		}
		return v, true
	case "cmdline":
		return text(strings.Join(info.Args, "\x00") + "\x00")
	case "comm":
		return text(comm(info.Args) + "\n")
	case "status":
		return text(fmt.Sprintf("Name:\t%s\nState:\t%s\nTgid:\t%d\nPid:\t%d\nPPid:\t%d\n",
			comm(info.Args), info.State, info.PID, info.PID, info.PPID))
	case "fd/0", "fd/1", "fd/2":
		v.mode = 0o700
		switch stream := p.streams[rest[3]-'0'].(type) {
		case io.Writer:
			v.write = stream
		case io.Reader:
			v.read = func() io.Reader { return stream }
		}
		return v, true
	}
	return c.ofProcess(v, p, rest)
}

func comm(args []string) string {
	if len(args) == 0 {
		return ""
	}
	name := path.Base(args[0])
	return name[:min(len(name), 15)]
}

// newest returns the last process ID that was given out.
func (t *table) newest() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.last
}

// Open opens a file by a path that may be relative to the working directory.
func (p *Process) Open(name string) (*File, error) { return p.OpenFile(name, os.O_RDONLY, 0) }

// OpenFile is FS.OpenFile with a path that may be relative to the working directory, and with the files that are
// different for each process, such as /dev/stdout.
func (p *Process) OpenFile(name string, flag int, mode fs.FileMode) (*File, error) {
	full := p.Path(name)
	var stream virtualStream
	switch path.Clean(full) {
	case "/dev/stdin", "/dev/fd/0":
		stream = virtualStream{p.Stdin, nil}
	case "/dev/stdout", "/dev/fd/1":
		stream = virtualStream{empty{}, p.Stdout}
	case "/dev/stderr", "/dev/fd/2":
		stream = virtualStream{empty{}, p.Stderr}
	case "/dev/tty":
		if p.terminal == nil {
			return nil, pathError("open", name, ENXIO)
		}
		stream = virtualStream{&stdin{p, p.terminal}, &stdout{p, p.terminal}}
	default:
		s, ok := p.descriptor(path.Clean(full))
		if !ok {
			return p.FS().OpenFile(full, flag, mode&^p.Umask)
		}
		stream = virtualStream{s.In, s.Out}
		if s.In == nil {
			stream.Reader = empty{}
		}
	}
	v := virtualFile{name: path.Base(full), mode: fs.ModeDevice | fs.ModeCharDevice | 0o666, time: p.started}
	if stream.Writer == nil {
		stream.Writer = io.Discard
	}
	return &File{name: name, virtual: stream, info: func() (fs.FileInfo, error) { return v, nil }}, nil
}

// Stat is FS.Stat with a path that OpenFile understands.
func (p *Process) Stat(name string) (fs.FileInfo, error) {
	full := p.Path(name)
	if _, ok := p.descriptor(path.Clean(full)); ok {
		return virtualFile{name: path.Base(full), mode: fs.ModeNamedPipe | 0o600, time: p.started}, nil
	}
	return p.FS().Stat(full)
}

// descriptor is what /dev/fd/N, or the process's own /proc/PID/fd/N, is from 3 on.
func (p *Process) descriptor(name string) (Stream, bool) {
	n, ok := strings.CutPrefix(name, "/dev/fd/")
	if !ok {
		n, ok = strings.CutPrefix(name, "/proc/"+strconv.Itoa(p.pid)+"/fd/")
	}
	number, err := strconv.Atoi(n)
	if !ok || err != nil {
		return Stream{}, false
	}
	s, open := p.Files[number]
	return s, open
}
