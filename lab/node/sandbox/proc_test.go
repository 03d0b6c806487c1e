package sandbox

import (
	"context"
	"io/fs"
	"regexp"
	"strings"
	"testing"
)

func TestProc(t *testing.T) {
	ready := make(chan struct{})
	i := image(map[string]Program{
		"serve": func(ctx context.Context, p *Process) int {
			for _, address := range []string{"127.0.0.1:8080", ":80"} {
				if _, err := p.Listen("tcp", address); err != nil {
					return 1
				}
			}
			close(ready)
			<-ctx.Done()
			return 0
		},
	})
	i.Files = map[string]ImageFile{
		"/bin/link": {Mode: fs.ModeSymlink, Data: []byte("serve")},
		"/etc/name": {Data: []byte("mine")},
	}
	c := start(t, newPod(t, newRuntime(t), "10.244.0.5"), ContainerConfig{Image: i, Command: []string{"/bin/link", "a b"}})
	<-ready
	for name, want := range map[string]string{
		"/proc/1/stat":          `^1 \(link\) S 0 1 1 0 -1 4194560( \d+){43}\n$`,
		"/proc/net/tcp":         `^  sl  local_address rem_address   st .*inode\n   0: 0100007F:1F90 00000000:0000 0A 0.*\n$`,
		"/proc/net/tcp6":        `\n   0: 0{32}:0050 0{32}:0000 0A 0.*\n$`,
		"/proc/cpuinfo":         `processor\s*: 0\n`,
		"/proc/meminfo":         `(?s)^MemTotal: .* kB\nMemFree: .*MemAvailable: `,
		"/proc/1/root/etc/name": `^mine$`,
		"/proc/1/exe":           `^` + programMark + `/bin/serve\n$`,
	} {
		data, err := c.fs.ReadFile(name, 1<<20)
		if err != nil || !regexp.MustCompile(want).Match(data) {
			t.Errorf("%s: %q, %v", name, data, err)
		}
	}
	if got, err := c.fs.Readlink("/proc/1/exe"); got != "/bin/serve" {
		t.Errorf("exe: %q, %v", got, err)
	}
	var names []string
	entries, err := c.fs.ReadDir("/proc/1")
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if got := strings.Join(names, " "); got != "cmdline comm exe fd root stat status" {
		t.Errorf("/proc/1: %s, %v", got, err)
	}
	for _, name := range []string{"/proc/2/stat", "/proc/net/udp", "/proc/1/none"} {
		if _, err := c.fs.ReadFile(name, 1); errnoOf(err) != ENOENT {
			t.Errorf("%s: %v", name, err)
		}
	}
}
