package sandbox

import (
	"io"
	"time"

	"healthlab/lab/node/network"
)

// Config says where a Runtime keeps its files and how its network looks.
type Config struct {
	// Dir is a private directory for root directories. It is made if absent and removed by Close.
	Dir string
	// HostIP is the node's own address on the pod network, such as 10.244.0.1: containers see it as the peer of the
	// node's dials.
	HostIP string
	// Network is the pod network that the runtime's pods are on. Nil: the runtime has one of its own.
	Network network.Fabric
}

// PodConfig describes what the containers of a pod share.
type PodConfig struct {
	UID, Namespace, Name string
	Hostname             string // empty: Name
	IP                   string // an IPv4 or IPv6 literal
	// ShareProcessNamespace gives all containers one process table, whose PID 1 is a pause process.
	ShareProcessNamespace bool
}

// ContainerConfig describes one container, as a kubelet passes it to a container runtime.
type ContainerConfig struct {
	ID      string // 64 hex digits; empty: a new one
	Name    string
	Image   *Image
	Command []string // nil: the image's entrypoint. Already expanded.
	Args    []string // nil: the image's cmd, unless Command is set
	Env     []string // KEY=VALUE, on top of the image's
	Dir     string   // working directory; empty: the image's
	TTY     bool     // stdin and stdout are a terminal
	Stdin   bool     // stdin stays open for Attach; otherwise it is empty
	// StdinOnce ends the input when the first client of Attach that has one is done with it, as stdinOnce in a pod.
	StdinOnce bool
	Mounts    []Mount
	// Files are put into the root directory beside the image's, by absolute path; they come before those of the image.
	Files map[string]ImageFile
	// ProcessesOf is the ID of another container of the pod whose processes this one sees and can signal. Empty: it has
	// its own process IDs, unless all of the pod share theirs.
	ProcessesOf string

	ReadOnlyRoot bool
	// LogPath is where stdout and stderr go, in the CRI log format. Empty: nowhere.
	LogPath string
	// LogMaxBytes is the size at which the log is rotated; zero: 10 MiB, as the kubelet's containerLogMaxSize.
	LogMaxBytes int64
	// DiskBytes bounds what the container may write; zero: 64 MiB.
	DiskBytes int64
	// MemoryBytes bounds what the container holds in memory, and CPUMillis its use of the processors, in thousandths of
	// one. Zero: as the runtime has it. Both are kept by the process that the container runs in (package shim).
	MemoryBytes, CPUMillis int64
	// ChargeMemory is told how much more or less the container's files in memory hold. Nil: nobody counts.
	ChargeMemory func(bytes int64) `json:"-"`
	// MaxProcesses bounds the processes that exist at one time; zero: 128.
	MaxProcesses int
}

// Mount shows a directory or file of the host inside a container.
type Mount struct {
	Source   string // a directory or file on the host
	Target   string // absolute path in the container
	ReadOnly bool
	// MemoryBytes is how much may be written where it counts as the container's memory, as a tmpfs does. Zero: it is disk.
	MemoryBytes int64
}

// Exit is how a container ended.
type Exit struct {
	Code       int    // 0 to 255; 128+n after signal n
	Signal     Signal // zero unless a signal ended the main program
	Reason     string // Completed, Error, StartError, OOMKilled
	Message    string // StartError: why
	StartedAt  time.Time
	FinishedAt time.Time
}

// The reasons of an Exit, as container runtimes report them.
const (
	ReasonCompleted  = "Completed"
	ReasonError      = "Error"
	ReasonStartError = "StartError"
	ReasonOOMKilled  = "OOMKilled"
)

// Size is that of a terminal, in characters.
type Size struct{ Columns, Rows uint16 }

// ExecConfig describes a process that is started in a running container, or for Attach the streams to connect.
type ExecConfig struct {
	Command        []string
	Env            []string
	Stdin          io.Reader // nil: empty
	Stdout, Stderr io.Writer // nil: discarded. With TTY everything goes to Stdout.
	TTY            bool
	Resize         <-chan Size // may be nil
}

// StartError is what Start and Exec return when a command cannot be started. Its text is that of containerd and runc.
type StartError struct {
	Path  string // the command
	Code  int    // 126: found but not executable; 127: not found; 128: other
	Cause string // runc's part, such as: exec: "foo": executable file not found in $PATH
	Text  string // all of it
	Errno Errno  // why, for shells
}

func (e *StartError) Error() string { return e.Text }
