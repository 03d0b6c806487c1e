package shim

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"syscall"
	"time"

	"github.com/hashicorp/yamux"

	"healthlab/lab/node/network"
	"healthlab/lab/node/sandbox"
)

// maxFrame bounds one frame. The largest are requests with arguments and an environment.
const maxFrame = 8 << 20

// kind says what a frame is.
type kind byte

// The calls of the node.
const (
	callSetup kind = iota + 1
	callCreate
	callStart
	callSignal
	callRemove
	callAdmit
	callExec
	callAttach
	callCancel
	callResize
	callBound
)

// The calls of a container's process.
const (
	callAnnounce kind = iota + 64
	callWithdraw
	callRoute
	callClaim
	callExit
	callUsage
)

// Responses, and the frames of exec and attach.
const (
	frameDone kind = iota + 128
	frameStdin
	frameStdinEnd
	frameStdout
	frameStderr
)

// setup is what a process is told first.
type setup struct {
	Dir    string // for root directories
	HostIP string
}

// create makes a container, and its pod if that is not there yet.
type create struct {
	Pod    sandbox.PodConfig
	Config sandbox.ContainerConfig // without Image
	Image  string                  // its name
}

// bound is what the process may hold: bytes of memory, and open files.
type bound struct {
	Bytes int64
	Files int
}

type signal struct {
	ID     string
	Signal sandbox.Signal
}

// remote is an exec or attach.
type remote struct {
	ID      string
	Stream  uint64 // for callCancel and callResize
	Command []string
	Env     []string
	TTY     bool
	Stdin   bool // the client has an input
	Stdout  bool
	Stderr  bool
	Resize  bool
}

type resize struct {
	Stream uint64
	Size   sandbox.Size
}

type announce struct {
	Pod   netip.Addr
	Proto network.Proto
	Port  uint16
	Bound netip.Addr
	Local bool
	Real  netip.AddrPort
	Key   []byte `json:",omitempty"`
}

type route struct {
	From   netip.Addr
	Inside bool
	To     network.Socket
}

type claim struct {
	Route  network.Route
	Dialed netip.AddrPort
}

type admit struct {
	Server network.Socket
	Claim  network.Claim
}

type exit struct {
	ID   string
	Exit sandbox.Exit
}

type usage struct{ Bytes int64 }

// answer is a response.
type answer struct {
	Value json.RawMessage `json:",omitempty"`
	Error *failure        `json:",omitempty"`
}

// failure is an error on its way between processes.
type failure struct {
	Text  string              `json:",omitempty"`
	Start *sandbox.StartError `json:",omitempty"`
	Errno string              `json:",omitempty"` // one of netErrors
	Call  string              `json:",omitempty"` // the system call of Errno
	Ended string              `json:",omitempty"` // canceled or deadline: a context's error
}

// netErrors are the errors that network functions are known by.
var netErrors = map[string]syscall.Errno{
	"EADDRINUSE": syscall.EADDRINUSE, "EHOSTUNREACH": syscall.EHOSTUNREACH, "ECONNREFUSED": syscall.ECONNREFUSED,
}

func packError(err error) *failure {
	f := &failure{Text: err.Error()}
	var start *sandbox.StartError
	var call *os.SyscallError
	switch {
	case errors.As(err, &start):
		f.Start = start
	case errors.As(err, &call):
		for name, errno := range netErrors {
			if errors.Is(call.Err, errno) {
				f.Errno, f.Call = name, call.Syscall
			}
		}
	case errors.Is(err, context.Canceled):
		f.Ended = "canceled"
	case errors.Is(err, context.DeadlineExceeded):
		f.Ended = "deadline"
	}
	return f
}

func (f *failure) unpack() error {
	switch {
	case f.Start != nil:
		return f.Start
	case f.Errno != "":
		return os.NewSyscallError(f.Call, netErrors[f.Errno])
	case f.Ended == "canceled":
		return context.Canceled
	case f.Ended == "deadline":
		return context.DeadlineExceeded
	}
	return errors.New(f.Text)
}

// writeFrame writes one frame. Callers that share a stream take turns.
func writeFrame(w io.Writer, k kind, payload []byte) error {
	frame := make([]byte, 5, 5+len(payload))
	frame[0] = byte(k)
	binary.BigEndian.PutUint32(frame[1:], uint32(len(payload)))
	_, err := w.Write(append(frame, payload...))
	return err
}

func readFrame(r io.Reader) (kind, []byte, error) {
	var head [5]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, nil, err
	}
	n := binary.BigEndian.Uint32(head[1:])
	if n > maxFrame {
		return 0, nil, fmt.Errorf("a frame of %d bytes is too large", n)
	}
	payload := make([]byte, n)
	if _, err := io.ReadFull(r, payload); err != nil {
		return 0, nil, err
	}
	return kind(head[0]), payload, nil
}

// writeAnswer sends a response; value may be nil.
func writeAnswer(w io.Writer, value any, err error) error {
	var a answer
	if err != nil {
		a.Error = packError(err)
	} else if value != nil {
		if a.Value, err = json.Marshal(value); err != nil {
			return err
		}
	}
	payload, err := json.Marshal(a)
	if err != nil {
		return err
	}
	return writeFrame(w, frameDone, payload)
}

// readAnswer turns a response into its value or error.
func readAnswer(payload []byte, value any) error {
	var a answer
	if err := json.Unmarshal(payload, &a); err != nil {
		return err
	}
	if a.Error != nil {
		return a.Error.unpack()
	}
	if value == nil || len(a.Value) == 0 {
		return nil
	}
	return json.Unmarshal(a.Value, value)
}

// open begins a stream with a request.
func open(s *yamux.Session, k kind, request any) (*yamux.Stream, error) {
	payload, err := json.Marshal(request)
	if err != nil {
		return nil, err
	}
	stream, err := s.OpenStream()
	if err != nil {
		return nil, err
	}
	if err := writeFrame(stream, k, payload); err != nil {
		return nil, errors.Join(err, stream.Close())
	}
	return stream, nil
}

// errLost says that a process has ended, or is ending, without a response.
var errLost = errors.New("the container's process has ended")

// call makes a request and waits for the response. value may be nil. The error is ctx's, errLost, or the other end's.
func call(ctx context.Context, s *yamux.Session, k kind, request, value any) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	stream, err := open(s, k, request)
	if err != nil {
		return fmt.Errorf("%w: %w", errLost, err)
	}
	defer stream.Close()
	stop := context.AfterFunc(ctx, func() { _ = stream.SetReadDeadline(time.Now()) })
	defer stop()
	_, payload, err := readFrame(stream)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("%w: %w", errLost, err)
	}
	return readAnswer(payload, value)
}

// sessionConfig is for two processes of one machine. A process may be stopped for any time without being dead; when it is,
// its pipes end.
func sessionConfig() *yamux.Config {
	c := yamux.DefaultConfig()
	c.EnableKeepAlive = false
	c.ConnectionWriteTimeout = 24 * time.Hour
	c.StreamOpenTimeout = 0
	c.AcceptBacklog = 1024
	c.LogOutput = io.Discard
	return c
}

// pipes are the two ends that connect the processes.
type pipes struct {
	io.Reader
	io.Writer
	close func() error
}

func (p pipes) Close() error { return p.close() }
