package sandbox

import (
	"slices"
	"sync"
	"time"
)

// table is a PID namespace. Processes leave it when they end, so there are no zombies.
type table struct {
	boot time.Time

	mu    sync.Mutex
	procs map[int]*Process
	last  int
	count map[*Container]int
}

func newTable() *table {
	return &table{boot: time.Now(), procs: map[int]*Process{}, count: map[*Container]int{}}
}

// add gives a process its ID, or fails with EAGAIN when its container is full or ending.
func (t *table) add(p *Process) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := p.container
	if t.count[c] >= c.maxProcesses() || (c.closing && p != c.main) {
		return EAGAIN
	}
	t.count[c]++
	t.last++
	p.pid = t.last
	t.procs[p.pid] = p
	return nil
}

// remove takes an ended process out and gives its children to PID 1.
func (t *table) remove(p *Process) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.procs, p.pid)
	if t.count[p.container]--; t.count[p.container] == 0 {
		delete(t.count, p.container)
	}
	for _, child := range t.procs {
		if child.parent == p {
			child.parent = t.procs[1]
		}
	}
}

func (t *table) get(pid int) *Process {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.procs[pid]
}

// all returns the processes by ID; c restricts them to one container.
func (t *table) all(c *Container) []*Process {
	t.mu.Lock()
	defer t.mu.Unlock()
	var list []*Process
	for _, p := range t.procs {
		if c == nil || p.container == c {
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(a, b *Process) int { return a.pid - b.pid })
	return list
}

// ProcessInfo is a line of ps.
type ProcessInfo struct {
	PID, PPID int
	Args      []string
	Started   time.Time
	State     string // S, or T when stopped
	TTY       bool
}

// Processes lists the PID namespace by ID.
func (p *Process) Processes() []ProcessInfo {
	var infos []ProcessInfo
	for _, q := range p.table.all(nil) {
		infos = append(infos, q.describe())
	}
	return infos
}

func (p *Process) describe() ProcessInfo {
	info := ProcessInfo{PID: p.pid, PPID: p.PPID(), Started: p.started, State: "S", TTY: p.terminal != nil}
	p.mu.Lock()
	defer p.mu.Unlock()
	info.Args = p.name
	if p.resumed != nil {
		info.State = "T"
	}
	return info
}
