package standin

import (
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"healthlab/lab/node/sandbox"
)

// Where a stand-in finds what it is to do, and where it keeps how it stands: a directory that can be written to.
const (
	PlanFile = "/etc/stand-in.json"
	Dir      = "/run/stand-in"
	// Command is the program. A link to it by another name is a program of an exec probe, which succeeds.
	Command = "/usr/local/bin/stand-in"
)

// MaxPorts is how many ports a stand-in listens on.
const MaxPorts = 256

// Plan is what a stand-in does.
type Plan struct {
	// Image is the one that was asked for, such as node:18.
	Image string
	// Instead is the command line of the spec, which is not run. Empty: the image's own.
	Instead []string
	// After is how long it takes to start.
	After time.Duration
	// Finish makes it end with 0 once it has started, as init containers and jobs do.
	Finish bool
	Ports  []Port
	// Programs are what exec probes call and what succeeds here.
	Programs []string
	// Remarks are what of the spec it does not do, in words.
	Remarks []string
}

// Port is a port and what is spoken there.
type Port struct {
	Number int
	UDP    bool
	// TLS is with a self-signed certificate.
	TLS bool
	// HTTP is HTTP/1.1, and H2C HTTP/2 without TLS.
	HTTP, H2C bool
	// GRPC has the health service, which knows these services and the empty one.
	GRPC     bool
	Services []string
}

// protocol is what is spoken on the port, in a word.
func (p Port) protocol() string {
	switch {
	case p.UDP:
		return "UDP (it echoes)"
	case p.GRPC && p.TLS:
		return "gRPC health checks with TLS (self-signed)"
	case p.GRPC && p.HTTP:
		return "HTTP and gRPC health checks"
	case p.GRPC:
		return "gRPC health checks"
	case p.TLS:
		return "HTTPS (self-signed)"
	}
	return "HTTP"
}

// maxListed is how many ports or words a text lists before it only counts.
const maxListed = 12

// Answers says in a sentence what the stand-in answers on which ports.
func (p *Plan) Answers() string {
	if p.Finish {
		return fmt.Sprintf("it ends with code 0 after %v", p.After)
	}
	ports := map[string][]string{}
	var order []string
	for _, port := range p.Ports {
		name := port.protocol()
		if ports[name] == nil {
			order = append(order, name)
		}
		ports[name] = append(ports[name], strconv.Itoa(port.Number))
	}
	var parts []string
	for _, name := range order {
		parts = append(parts, name+" on "+list(ports[name]))
	}
	text := "it answers " + strings.Join(parts, "; ")
	if len(parts) == 0 {
		text = "it listens nowhere, since the spec leaves it no port"
	}
	if len(p.Programs) > 0 {
		text += "; for exec probes it has " + list(p.Programs)
	}
	if p.After > 0 {
		text += fmt.Sprintf("; it starts after %v", p.After)
	}
	return text
}

// Says is what it answers and what it does not, bounded.
func (p *Plan) Says() string {
	const most = 3
	text := p.Answers()
	for _, remark := range p.Remarks[:min(len(p.Remarks), most)] {
		text += ". " + remark
	}
	if n := len(p.Remarks) - most; n > 0 {
		text += fmt.Sprintf(". %d remarks more are in its log", n)
	}
	return text
}

func list(words []string) string {
	if n := len(words); n > maxListed {
		return fmt.Sprintf("%s and %d more", strings.Join(words[:maxListed], ", "), n-maxListed)
	}
	return strings.Join(words, ", ")
}

// WhyNoProgram says why a name cannot be a program of an exec probe that succeeds; "" if it can. own are the programs that
// the stand-in has, by path.
func WhyNoProgram(name string, own map[string]sandbox.Program) string {
	const longest = 128
	switch {
	case name == "":
		return "it has no characters"
	case len(name) > longest:
		return fmt.Sprintf("it has more than %d characters", longest)
	case strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`"'\:*?<>|$`, r) }):
		return "it has characters that no program's name has"
	case strings.Contains(name, "/") && (name != path.Clean(name) || !path.IsAbs(name) || name == "/"):
		return "it is neither a name nor an absolute path"
	case slices.Contains([]string{".", ".."}, name), strings.HasPrefix(name, "/proc/"), strings.HasPrefix(name, "/run/"):
		return "no program can be there"
	}
	for file := range own {
		if file == name || path.Base(file) == name {
			return "the stand-in has that program itself, and runs it"
		}
	}
	return ""
}

// Files are what a container of the plan has beside the image's files.
func (p *Plan) Files() map[string]sandbox.ImageFile {
	data, _ := json.Marshal(p) // strings and numbers always marshal
	files := map[string]sandbox.ImageFile{PlanFile: {Data: append(data, '\n')}}
	for _, name := range p.Programs {
		if !strings.Contains(name, "/") {
			name = path.Join(path.Dir(Command), name)
		}
		files[name] = sandbox.ImageFile{Data: []byte(Command), Mode: link}
	}
	return files
}

// read reads a file of the container's as JSON.
func read(p *sandbox.Process, name string, value any) error {
	const max = 256 << 10
	data, err := p.FS().ReadFile(name, max)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, value)
}

// write replaces a file of the directory at once, so that nobody reads half of it.
func write(p *sandbox.Process, name string, value any) error {
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	half := fmt.Sprintf("%s.%d", name, p.PID())
	if err := p.FS().WriteFile(half, append(data, '\n'), 0o644); err != nil {
		return err
	}
	return p.FS().Rename(half, name)
}
