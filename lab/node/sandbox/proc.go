package sandbox

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"healthlab/lab/node/machine"
)

// executable returns the file that the process runs.
func (p *Process) executable() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.exe
}

// machineFile returns the content of a file below /proc that is not about a process. A container sees its machine's
// processors and memory, as on a node.
func (c *Container) machineFile(name string) (string, bool) {
	switch name {
	case "cpuinfo":
		return machine.CPUInfo(), true
	case "meminfo":
		return machine.MemInfo(), true
	case "net/tcp":
		return c.sockets(false), true
	case "net/tcp6":
		return c.sockets(true), true
	}
	return "", false
}

func (c *Container) listNet() []fs.FileInfo {
	var list []fs.FileInfo
	for _, name := range []string{"tcp", "tcp6"} {
		if v, ok := c.virtual("/proc/net/" + name); ok {
			list = append(list, v)
		}
	}
	return list
}

// processEntries are the names of ofProcess.
func processEntries(p *Process) []string {
	if p.executable() == "" {
		return []string{"root", "stat"}
	}
	return []string{"exe", "root", "stat"}
}

// ofProcess returns what Linux keeps about a process beyond its name and streams. The root of another container's process
// cannot be entered.
func (c *Container) ofProcess(v virtualFile, p *Process, name string) (virtualFile, bool) {
	switch name {
	case "exe", "root":
		if v.link = "/"; name == "exe" {
			v.link = p.executable()
		}
		v.mode = fs.ModeSymlink | 0o777
		return v, v.link != "" && p.container == c
	case "stat":
		content := p.stat()
		v.read = func() io.Reader { return strings.NewReader(content) }
		return v, true
	}
	return virtualFile{}, false
}

// stat is /proc/PID/stat (proc(5)); what nobody counts here is 0. Ticks are hundredths of a second.
func (p *Process) stat() string {
	info := p.describe()
	terminal := 0
	if info.TTY {
		terminal = 34816 // the first of the pseudo-terminals
	}
	ticks := max(info.Started.Sub(p.table.boot)/(10*time.Millisecond), 0)
	return fmt.Sprintf("%d (%s) %s %d %d %d %d -1 4194560 0 0 0 0 0 0 0 0 20 0 1 0 %d%s\n",
		info.PID, comm(info.Args), info.State, info.PPID, info.PID, info.PID, terminal, ticks, strings.Repeat(" 0", 30))
}

// What Linux calls the states of a TCP socket.
const (
	tcpEstablished = 1
	tcpListen      = 10
)

// sockets is /proc/net/tcp, or tcp6: those of the processes that the container sees. Inodes are made up, and different.
func (c *Container) sockets(v6 bool) string {
	type socket struct {
		local, remote net.Addr
		state         int
	}
	var all []socket
	for _, p := range c.table.all(nil) {
		p.mu.Lock()
		for closer := range p.closers {
			switch s := closer.(type) {
			case net.Listener:
				all = append(all, socket{s.Addr(), nil, tcpListen})
			case net.Conn:
				all = append(all, socket{s.LocalAddr(), s.RemoteAddr(), tcpEstablished})
			}
		}
		p.mu.Unlock()
	}
	var lines []string
	for _, s := range all {
		local, ok := s.local.(*net.TCPAddr)
		if !ok {
			continue
		}
		remote, _ := s.remote.(*net.TCPAddr)
		if is6 := local.AddrPort().Addr().Unmap().Is6(); is6 != v6 {
			continue
		}
		lines = append(lines, fmt.Sprintf("%s %s %02X", hexAddress(local, v6), hexAddress(remote, v6), s.state))
	}
	slices.Sort(lines)
	wider := ""
	if v6 {
		wider = strings.Repeat(" ", 24)
	}
	var b strings.Builder
	b.WriteString("  sl  local_address " + wider + "rem_address   " +
		wider + "st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n")
	for i, line := range lines {
		fmt.Fprintf(&b, "%4d: %s 00000000:00000000 00:00000000 00000000     0        0 %d 1 0000000000000000 100 0 0 10 0\n",
			i, line, 1000+i)
	}
	return b.String()
}

// hexAddress writes an address as Linux shows it on a little-endian machine: words of 32 bits, each backwards.
func hexAddress(a *net.TCPAddr, v6 bool) string {
	ip, port := netip.IPv4Unspecified(), uint16(0)
	if a != nil {
		ip, port = a.AddrPort().Addr().Unmap(), a.AddrPort().Port()
	}
	raw := ip.AsSlice()
	if v6 {
		full := ip.As16()
		if a == nil {
			full = [16]byte{}
		}
		raw = full[:]
	}
	for i := 0; i < len(raw); i += 4 {
		binary.LittleEndian.PutUint32(raw[i:], binary.BigEndian.Uint32(raw[i:]))
	}
	return fmt.Sprintf("%s:%04X", strings.ToUpper(hex.EncodeToString(raw)), port)
}
