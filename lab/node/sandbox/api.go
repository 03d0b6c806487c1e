package sandbox

// CONTRACT (to be replaced by the implementation; signatures are what lab/node builds on):
//
// type Config struct {
// 	Dir    string // private directory for root directories; made if absent, removed by Close
// 	HostIP string // the node's own address on the pod network, which containers see as the peer of the node's dials (10.244.0.1)
// }
// func New(Config) (*Runtime, error)
// func (*Runtime) Close() error                                  // kills everything, waits, removes Dir
// func (*Runtime) Dial(ctx, network, address) (net.Conn, error)  // from the node to podIP:port; IPv4 and IPv6 literals.
//        Errors read as on a real network: "dial tcp 10.244.0.6:9999: connect: connection refused"; conn addresses show the
//        pod network, never 127.0.0.1
// func (*Runtime) RunPod(PodConfig) (*Pod, error)
// type PodConfig struct { UID, Namespace, Name, Hostname, IP string; ShareProcessNamespace bool }
// func (*Pod) IP() string
// func (*Pod) Create(ContainerConfig) (*Container, error)
// func (*Pod) Container(id string) *Container
// func (*Pod) Remove() error                                      // SIGKILLs what runs, waits, removes root directories
//
// type ContainerConfig struct {
// 	Name       string
// 	Image      *Image
// 	Command    []string // nil: the image's entrypoint. Already expanded.
// 	Args       []string // nil: the image's cmd, unless Command is set
// 	Env        []string // KEY=VALUE, on top of the image's
// 	Dir        string   // working directory; empty: the image's
// 	TTY, Stdin bool
// 	Mounts     []Mount
// 	ReadOnlyRoot bool
// 	LogPath    string   // where stdout and stderr go, in the CRI log format; rotated at LogMaxBytes (default 10 MiB, 5 files, as the kubelet has it)
// }
// type Mount struct { Source, Target string; ReadOnly bool } // Source: a directory or file on the host
// func (*Container) ID() string                                   // 64 hex digits
// func (*Container) Start(ctx) error                              // *StartError when the command cannot be started (text as runc's)
// func (*Container) Signal(Signal) error                          // to PID 1
// func (*Container) Done() <-chan struct{}
// func (*Container) Exit() Exit                                   // valid after Done
// type Exit struct { Code int; Signal Signal; Reason string /* Error, Completed, OOMKilled, StartError */; Message string; StartedAt, FinishedAt time.Time }
// func (*Container) Exec(ctx, ExecConfig) (exitCode int, err error) // err: could not be started, or ctx's error (then the process is killed)
// type ExecConfig struct { Command []string; Env []string; Stdin io.Reader; Stdout, Stderr io.Writer; TTY bool; Resize <-chan Size }
// func (*Container) Attach(ctx, ExecConfig) error
// func (*Container) ReadFile(path string, max int64) ([]byte, error) // e.g. the termination message
//
// type Image struct {
// 	Name   string   // canonical, e.g. docker.io/library/alpine
// 	Tags   []string // tags that exist; the first is what "latest" means; nil: any
// 	Does   string   // one line for `healthlab images`
// 	Size   int64    // bytes, for the Pulled event
// 	Digest string   // sha256:… (made from the name and tag)
// 	Entrypoint, Cmd, Env []string
// 	Dir    string
// 	Files  map[string]File           // initial content of the root directory
// 	Programs map[string]Program      // by absolute path: /bin/sh, /bin/kill, …
// }
// type Program func(ctx context.Context, p *Process) int            // returns the exit code; ctx ends at SIGKILL
// type Process: PID, PPID, Args, Env, Dir, Stdin/Stdout/Stderr, signals (Notify/ignore/default action), FS (os.Root-backed,
//        with mounts), Listen(network, addr), Dial, Fork/Run(child), process table (ps, kill), Hostname, Uptime
// type Signal int with names and numbers of Linux (also on Windows): ParseSignal("SIGUSR1"|"USR1"|"10")
//
// package images: Table() []*sandbox.Image; Find(ref string) (*sandbox.Image, tag string, err error)  // err names the images that exist
