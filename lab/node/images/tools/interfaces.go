package tools

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"healthlab/lab/node/sandbox"
)

// A pod has a loopback device and eth0 with its address. Nothing can be changed, and packets are not counted.

const notPermitted = "Operation not permitted"

// subnet is the network that a pod is in: 24 bits of its address.
func subnet(p *sandbox.Process) (addr netip.Addr, network netip.Prefix) {
	addr, err := netip.ParseAddr(p.PodIP())
	if err != nil || !addr.Is4() {
		return addr, netip.Prefix{}
	}
	network, _ = addr.Prefix(24)
	return addr, network
}

// broadcast is the last address of a network of 24 bits.
func broadcast(network netip.Prefix) netip.Addr {
	b := network.Addr().As4()
	b[3] = 255
	return netip.AddrFrom4(b)
}

// gateway is the first address of a network.
func gateway(network netip.Prefix) netip.Addr { return network.Addr().Next() }

// hardware is an Ethernet address, made of the pod's.
func hardware(addr netip.Addr) string {
	b := addr.As4()
	return fmt.Sprintf("02:42:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3])
}

// ifconfig shows the devices.
func ifconfig(_ context.Context, p *sandbox.Process) int {
	_, args, ok := optionSpec{letters: "+a"}.parse(p)
	switch {
	case !ok:
		return 1
	case len(args) > 1:
		return failf(p, "SIOCSIFADDR: %s", notPermitted)
	}
	addr, network := subnet(p)
	devices := map[string]func(){
		"eth0": func() {
			fmt.Fprintf(p.Stdout, "eth0      Link encap:Ethernet  HWaddr %s  \n", strings.ToUpper(hardware(addr)))
			fmt.Fprintf(p.Stdout, "          inet addr:%s  Bcast:%s  Mask:255.255.255.0\n", addr, broadcast(network))
			fmt.Fprintf(p.Stdout, "          UP BROADCAST RUNNING MULTICAST  MTU:1500  Metric:1\n")
			counters(p)
		},
		"lo": func() {
			fmt.Fprintf(p.Stdout, "lo        Link encap:Local Loopback  \n          inet addr:127.0.0.1  Mask:255.0.0.0\n")
			fmt.Fprintf(p.Stdout, "          UP LOOPBACK RUNNING  MTU:65536  Metric:1\n")
			counters(p)
		},
	}
	if len(args) == 0 {
		args = []string{"eth0", "lo"}
	}
	for _, n := range args {
		show := devices[n]
		if show == nil {
			return failf(p, "%s: error fetching interface information: Device not found", n)
		}
		show()
	}
	return 0
}

func counters(p *sandbox.Process) {
	fmt.Fprint(p.Stdout, "          RX packets:0 errors:0 dropped:0 overruns:0 frame:0\n          TX packets:0 errors:0 dropped:0 overruns:0 carrier:0\n"+
		"          collisions:0 txqueuelen:1000 \n          RX bytes:0 (0.0 B)  TX bytes:0 (0.0 B)\n\n")
}

// route shows the routing table.
func route(_ context.Context, p *sandbox.Process) int {
	found, args, ok := optionSpec{letters: "A:ne"}.parse(p)
	switch {
	case !ok:
		return 1
	case len(args) > 0 && (args[0] == "add" || args[0] == "del" || args[0] == "delete"):
		return failf(p, "SIOCADDRT: %s", notPermitted)
	case len(args) > 0:
		return usage(p)
	}
	_, network := subnet(p)
	defaultName := "default"
	if has(asSet(found), 'n') {
		defaultName = "0.0.0.0"
	}
	anyGateway := map[bool]string{true: "0.0.0.0", false: "*"}[has(asSet(found), 'n')]
	fmt.Fprintln(p.Stdout, "Kernel IP routing table\nDestination     Gateway         Genmask         Flags Metric Ref    Use Iface")
	fmt.Fprintf(p.Stdout, "%-15s %-15s %-15s UG    0      0        0 eth0\n", defaultName, gateway(network), "0.0.0.0")
	fmt.Fprintf(p.Stdout, "%-15s %-15s %-15s U     0      0        0 eth0\n", network.Addr(), anyGateway, "255.255.255.0")
	return 0
}

// ip shows devices, addresses, routes and neighbours.
func ip(_ context.Context, p *sandbox.Process) int {
	i := &ipRun{p: p}
	args := p.Args[1:]
	for len(args) > 0 && strings.HasPrefix(args[0], "-") {
		switch strings.TrimLeft(args[0], "-") {
		case "o", "oneline":
			i.oneLine = true
		case "4":
			i.only = "inet"
		case "6":
			i.only = "inet6"
		case "f", "family":
			if args = args[1:]; len(args) == 0 {
				return usage(p)
			}
			i.only = args[0]
		default:
			return usage(p)
		}
		args = args[1:]
	}
	if len(args) == 0 {
		return usage(p)
	}
	object, rest := args[0], args[1:]
	for _, o := range []struct {
		name string
		run  func(args []string) int
	}{{"address", i.addresses}, {"route", i.routes}, {"link", i.links}, {"neighbor", i.neighbours}, {"neighbour", i.neighbours}, {"rule", i.rules}} {
		if strings.HasPrefix(o.name, object) {
			return o.run(rest)
		}
	}
	return usage(p)
}

type ipRun struct {
	p       *sandbox.Process
	oneLine bool
	only    string // the family; empty: all
}

// shows reports whether a command only shows, and takes the words that say so off it.
func (i *ipRun) shows(args []string) (rest []string, ok bool) {
	if len(args) == 0 {
		return nil, true
	}
	switch args[0] {
	case "show", "list", "ls", "s", "sh", "l":
		return args[1:], true
	case "add", "del", "delete", "set", "change", "replace", "append", "flush", "a", "d":
		return nil, false
	}
	return args, true
}

func (i *ipRun) refuse() int {
	fmt.Fprintf(i.p.Stderr, "ip: RTNETLINK answers: %s\n", notPermitted)
	return 2
}

// device is the device that is asked for; empty: all.
func (i *ipRun) device(args []string) (string, int) {
	args = slices.DeleteFunc(slices.Clone(args), func(a string) bool { return a == "dev" || a == "up" || a == "scope" || a == "global" })
	switch {
	case len(args) == 0:
		return "", 0
	case args[0] != "lo" && args[0] != "eth0":
		failf(i.p, "can't find device '%s'", args[0])
		return "", 2
	}
	return args[0], 0
}

type ipDevice struct{ name, flags, link, address, hardware string }

func (i *ipRun) devices() []ipDevice {
	addr, network := subnet(i.p)
	return []ipDevice{
		{
			"lo", "<LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN qlen 1000",
			"link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00", "127.0.0.1/8 scope host lo", "",
		},
		{
			"eth0", "<BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP qlen 1000",
			"link/ether " + hardware(addr) + " brd ff:ff:ff:ff:ff:ff", fmt.Sprintf("%s/24 brd %s scope global eth0", addr, broadcast(network)), "",
		},
	}
}

func (i *ipRun) addresses(args []string) int {
	rest, ok := i.shows(args)
	if !ok {
		return i.refuse()
	}
	only, code := i.device(rest)
	if code != 0 {
		return code
	}
	const valid = "valid_lft forever preferred_lft forever"
	for n, d := range i.devices() {
		if only != "" && d.name != only {
			continue
		}
		if i.oneLine {
			if i.only != "inet6" {
				fmt.Fprintf(i.p.Stdout, "%d: %s    inet %s\\       %s\n", n+1, d.name, d.address, valid)
			}
			continue
		}
		if i.only == "inet6" {
			continue
		}
		fmt.Fprintf(i.p.Stdout, "%d: %s: %s\n", n+1, d.name, d.flags)
		if i.only == "" {
			fmt.Fprintf(i.p.Stdout, "    %s\n", d.link)
		}
		fmt.Fprintf(i.p.Stdout, "    inet %s\n       %s\n", d.address, valid)
	}
	return 0
}

func (i *ipRun) links(args []string) int {
	rest, ok := i.shows(args)
	if !ok {
		return i.refuse()
	}
	only, code := i.device(rest)
	if code != 0 {
		return code
	}
	between := "\n    "
	if i.oneLine {
		between = "\\    "
	}
	for n, d := range i.devices() {
		if only == "" || d.name == only {
			fmt.Fprintf(i.p.Stdout, "%d: %s: %s%s%s\n", n+1, d.name, d.flags, between, d.link)
		}
	}
	return 0
}

func (i *ipRun) routes(args []string) int {
	addr, network := subnet(i.p)
	if len(args) > 0 && args[0] == "get" {
		if len(args) < 2 {
			return usage(i.p)
		}
		to, err := netip.ParseAddr(args[1])
		switch {
		case err != nil:
			return failf(i.p, "invalid address: %s", args[1])
		case to == addr:
			fmt.Fprintf(i.p.Stdout, "local %s dev lo  src %s \n", to, addr)
		case network.Contains(to):
			fmt.Fprintf(i.p.Stdout, "%s dev eth0  src %s \n", to, addr)
		default:
			fmt.Fprintf(i.p.Stdout, "%s via %s dev eth0  src %s \n", to, gateway(network), addr)
		}
		return 0
	}
	if _, ok := i.shows(args); !ok {
		return i.refuse()
	}
	fmt.Fprintf(i.p.Stdout, "default via %s dev eth0 \n%s dev eth0 scope link  src %s \n", gateway(network), network, addr)
	return 0
}

func (i *ipRun) neighbours(args []string) int {
	if _, ok := i.shows(args); !ok {
		return i.refuse()
	}
	return 0
}

func (i *ipRun) rules(args []string) int {
	if _, ok := i.shows(args); !ok {
		return i.refuse()
	}
	fmt.Fprint(i.p.Stdout, "0:\tfrom all lookup local \n32766:\tfrom all lookup main \n32767:\tfrom all lookup default \n")
	return 0
}

// netstat shows the TCP sockets of the container's processes; there are no others.
func netstat(ctx context.Context, p *sandbox.Process) int {
	found, args, ok := optionSpec{letters: "laentuwxrWp", long: nil}.parse(p)
	if !ok {
		return 1
	}
	if len(args) > 0 {
		return usage(p)
	}
	set := asSet(found)
	if has(set, 'r') {
		p.Args = []string{"route"}
		if has(set, 'n') {
			p.Args = append(p.Args, "-n")
		}
		return route(ctx, p)
	}
	title := "w/o servers"
	switch {
	case has(set, 'a'):
		title = "servers and established"
	case has(set, 'l'):
		title = "only servers"
	}
	families := has(set, 't') || has(set, 'u') || has(set, 'w') || has(set, 'x')
	fmt.Fprintf(p.Stdout, "Active Internet connections (%s)\n", title)
	program := ""
	if has(set, 'p') {
		program = "PID/Program name    "
	}
	width := 23
	if has(set, 'W') {
		width = 51
	}
	fmt.Fprintf(p.Stdout, "Proto Recv-Q Send-Q %-*s %-*s State       %s\n", width, "Local Address", width, "Foreign Address", program)
	if !families || has(set, 't') {
		for _, s := range sockets(p) {
			showSocket(p, set, s, width)
		}
	}
	if !families || has(set, 'x') {
		fmt.Fprintf(p.Stdout, "Active UNIX domain sockets (%s)\nProto RefCnt Flags       Type       State         I-Node %sPath\n", title, program)
	}
	return 0
}

// sockets are sorted by their port.
func sockets(p *sandbox.Process) []sandbox.Socket {
	all := p.Sockets()
	slices.SortFunc(all, func(a, b sandbox.Socket) int {
		return strings.Compare(a.Local+" "+a.Remote, b.Local+" "+b.Remote)
	})
	return all
}

func showSocket(p *sandbox.Process, set map[byte]string, s sandbox.Socket, width int) {
	listens := s.Remote == ""
	if !has(set, 'a') && listens != has(set, 'l') {
		return
	}
	proto, remote, state := "tcp", s.Remote, "ESTABLISHED"
	if listens {
		remote, state = "0.0.0.0:*", "LISTEN"
	}
	local, any := s.Local, strings.HasPrefix(s.Local, "[::]:")
	if any {
		local = ":::" + strings.TrimPrefix(s.Local, "[::]:")
		if listens {
			remote = ":::*"
		}
	}
	program := ""
	if has(set, 'p') {
		program = strconv.Itoa(s.PID) + "/" + comm(s.Args)
	}
	fmt.Fprintf(p.Stdout, "%-5s %6d %6d %-*s %-*s %-11s %s\n", proto, 0, 0, width, local, width, remote, state, program)
}
