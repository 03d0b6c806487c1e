package shim

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"sync"

	"github.com/hashicorp/yamux"

	"healthlab/lab/node/network"
	"healthlab/lab/node/sandbox"
)

// Argument is the first argument of a process that is to run containers, so that a program which is more than that
// knows what it was started for.
const Argument = "healthlab-container"

// Called reports whether this process was started to run containers: main then has to call Serve and nothing else.
func Called() bool { return len(os.Args) > 1 && os.Args[1] == Argument }

// guest is the process's end.
type guest struct {
	session *yamux.Session
	images  map[string]*sandbox.Image
	memory  *memory

	mu         sync.Mutex
	runtime    *sandbox.Runtime
	pods       map[string]*sandbox.Pod // by UID
	containers map[string]*sandbox.Container
	servers    map[network.Socket]func(network.Claim)
	remotes    map[uint64]*guestRemote
}

// Serve runs containers of the images until its standard input ends, and returns the exit code of the process.
func Serve(images []*sandbox.Image) int {
	in, out := standardStreams()
	session, err := yamux.Server(pipes{in, out, func() error { return errors.Join(in.Close(), out.Close()) }}, sessionConfig())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	g := &guest{
		session: session, images: map[string]*sandbox.Image{}, pods: map[string]*sandbox.Pod{},
		containers: map[string]*sandbox.Container{}, servers: map[network.Socket]func(network.Claim){},
		remotes: map[uint64]*guestRemote{},
	}
	for _, image := range images {
		g.images[image.ID()] = image
	}
	g.memory = watchMemory(func(bytes int64) {
		go func() { _ = call(context.Background(), session, callUsage, usage{bytes}, nil) }()
	})
	for {
		stream, err := session.AcceptStream()
		if err != nil {
			return 0 // healthlab has ended, or wants this process to
		}
		go g.handle(stream)
	}
}

// handle answers one call.
func (g *guest) handle(stream *yamux.Stream) {
	defer stream.Close()
	k, payload, err := readFrame(stream)
	if err != nil {
		return
	}
	if k == callExec || k == callAttach {
		g.remote(stream, k, payload)
		return
	}
	value, err := g.answer(k, payload)
	_ = writeAnswer(stream, value, err)
}

func (g *guest) answer(k kind, payload []byte) (any, error) {
	switch k {
	case callSetup:
		return take(payload, g.setup)
	case callCreate:
		return take(payload, g.create)
	case callStart:
		return take(payload, g.start)
	case callSignal:
		return take(payload, func(s signal) error {
			return g.with(s.ID, func(c *sandbox.Container) error { return c.Signal(s.Signal) })
		})
	case callRemove:
		return take(payload, g.remove)
	case callAdmit:
		return take(payload, g.admit)
	case callCancel:
		return take(payload, g.cancelRemote)
	case callResize:
		return take(payload, g.resizeRemote)
	case callBound:
		return take(payload, func(b bound) error { g.memory.setBound(b.Bytes); limitFiles(b.Files); return nil })
	default:
		return nil, fmt.Errorf("unknown call %d", k)
	}
}

// take decodes a request and carries it out.
func take[T any](payload []byte, do func(T) error) (any, error) {
	var request T
	if err := json.Unmarshal(payload, &request); err != nil {
		return nil, err
	}
	return nil, do(request)
}

func (g *guest) setup(s setup) error {
	runtime, err := sandbox.New(sandbox.Config{Dir: s.Dir, HostIP: s.HostIP, Network: g})
	if err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.runtime = runtime
	return nil
}

func (g *guest) create(c create) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	c.Config.Image = g.images[c.Image]
	if c.Config.Image == nil {
		return fmt.Errorf("this node's containers have no image %s", c.Image)
	}
	if g.runtime == nil {
		return errors.New("not set up")
	}
	c.Config.ChargeMemory = g.memory.charge
	pod := g.pods[c.Pod.UID]
	if pod == nil {
		var err error
		if pod, err = g.runtime.RunPod(c.Pod); err != nil {
			return err
		}
		g.pods[c.Pod.UID] = pod
	}
	container, err := pod.Create(c.Config)
	if err != nil {
		return err
	}
	g.containers[container.ID()] = container
	return nil
}

// with calls do with a container.
func (g *guest) with(id string, do func(*sandbox.Container) error) error {
	g.mu.Lock()
	c := g.containers[id]
	g.mu.Unlock()
	if c == nil {
		return fmt.Errorf("there is no container %s", id)
	}
	return do(c)
}

func (g *guest) start(id string) error {
	return g.with(id, func(c *sandbox.Container) error {
		if err := c.Start(context.Background()); err != nil {
			return err
		}
		go func() {
			<-c.Done()
			_ = call(context.Background(), g.session, callExit, exit{id, c.Exit()}, nil)
		}()
		return nil
	})
}

func (g *guest) remove(id string) error {
	return g.with(id, func(c *sandbox.Container) error {
		g.mu.Lock()
		delete(g.containers, id)
		g.mu.Unlock()
		return c.Remove()
	})
}

// Announce implements network.Fabric, as the other methods of its do, by asking healthlab.
func (g *guest) Announce(ctx context.Context, s network.Server) (uint16, func(), error) {
	var port uint16
	err := call(ctx, g.session, callAnnounce, announce{s.Pod, s.Proto, s.Port, s.Bound, s.Local, s.Real, s.Key}, &port)
	if err != nil {
		return 0, nil, err
	}
	key := network.Socket{Addr: netip.AddrPortFrom(s.Pod, port), Proto: s.Proto}
	g.mu.Lock()
	g.servers[key] = s.Admit
	g.mu.Unlock()
	return port, func() {
		g.mu.Lock()
		delete(g.servers, key)
		g.mu.Unlock()
		_ = call(context.Background(), g.session, callWithdraw, key, nil)
	}, nil
}

// Route implements network.Fabric.
func (g *guest) Route(ctx context.Context, from netip.Addr, inside bool, to network.Socket) (network.Route, error) {
	var r network.Route
	err := call(ctx, g.session, callRoute, route{from, inside, to}, &r)
	return r, err
}

// Claim implements network.Fabric.
func (g *guest) Claim(r network.Route, dialed netip.AddrPort) {
	_ = call(context.Background(), g.session, callClaim, claim{r, dialed}, nil)
}

func (g *guest) admit(a admit) error {
	g.mu.Lock()
	put := g.servers[a.Server]
	g.mu.Unlock()
	if put != nil { // nil: it has just closed
		put(a.Claim)
	}
	return nil
}
