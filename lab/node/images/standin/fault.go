package standin

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"
)

const link = fs.ModeSymlink | 0o777

// fault is what is wrong with a stand-in. The zero value is nothing.
type fault struct {
	Kind  kind
	Delay time.Duration // of slow
	Code  int           // of fail, an HTTP status; of crash, an exit code
	// Only are the paths, ports (":8080"), gRPC services and programs that it is about. Empty: all.
	Only []string
}

type kind string

const (
	none   kind = ""
	hang   kind = "hang"   // accepts and does not answer
	slow   kind = "slow"   // answers later
	fail   kind = "fail"   // answers that it is unwell
	refuse kind = "refuse" // does not listen
	crash  kind = "crash"  // ends
)

// hits reports whether the fault is about what has one of these names.
func (f fault) hits(names ...string) bool {
	return f.Kind != none && (len(f.Only) == 0 || slices.ContainsFunc(names, func(name string) bool { return slices.Contains(f.Only, name) }))
}

// deaf reports whether the app as a whole hangs: it does not even notice that it is to end.
func (f fault) deaf() bool { return f.Kind == hang && len(f.Only) == 0 }

func (f fault) String() string {
	text := string(f.Kind)
	switch f.Kind {
	case none:
		text = "well"
	case slow:
		text += " " + f.Delay.String()
	case fail, crash:
		text += " " + strconv.Itoa(f.Code)
	case hang, refuse:
	}
	return strings.Join(append([]string{text}, f.Only...), " ")
}

const (
	maxDelay = time.Hour
	maxOnly  = 16
)

// parse reads a fault from the command's arguments, such as slow 3s /ready.
func (p *Plan) parse(args []string) (fault, error) {
	f := fault{Kind: kind(args[0])}
	rest := args[1:]
	value := func(what string) (string, error) {
		if len(rest) == 0 {
			return "", fmt.Errorf("%s needs %s", f.Kind, what)
		}
		word := rest[0]
		rest = rest[1:]
		return word, nil
	}
	switch f.Kind {
	case hang, refuse:
	case slow:
		const what = "a time such as 3s, from 1ms to 1h"
		word, err := value(what)
		if err != nil {
			return fault{}, err
		}
		if f.Delay, err = time.ParseDuration(word); err != nil || f.Delay < time.Millisecond || f.Delay > maxDelay {
			return fault{}, fmt.Errorf("slow needs %s, not %.40q", what, word)
		}
	case fail, crash:
		what, low, high := "an HTTP status that is a failure, from 400 to 599", 400, 599
		if f.Kind == crash {
			what, low, high = "an exit code from 0 to 255", 0, 255
		}
		word, err := value(what)
		if err != nil {
			return fault{}, err
		}
		if f.Code, err = strconv.Atoi(word); err != nil || f.Code < low || f.Code > high {
			return fault{}, fmt.Errorf("%s needs %s, not %.40q", f.Kind, what, word)
		}
	case "recover":
		f.Kind = none
	default:
		return fault{}, fmt.Errorf("there is no command %.40q", args[0])
	}
	f.Only = rest
	return f, p.known(f)
}

// known says what is wrong with what a fault is about.
func (p *Plan) known(f fault) error {
	switch {
	case len(f.Only) == 0:
		return nil
	case f.Kind == none:
		return fmt.Errorf("recover mends everything: leave out %.40q", f.Only[0])
	case f.Kind == crash:
		return fmt.Errorf("crash ends the whole container: leave out %.40q", f.Only[0])
	case len(f.Only) > maxOnly:
		return fmt.Errorf("at most %d paths, ports, services or programs can be named", maxOnly)
	}
	var ports, names []string
	for _, port := range p.Ports {
		ports = append(ports, ":"+strconv.Itoa(port.Number))
		names = append(names, port.Services...)
	}
	names = append(names, p.Programs...)
	for _, only := range f.Only {
		isPort := strings.HasPrefix(only, ":")
		switch {
		case isPort && !slices.Contains(ports, only):
			return fmt.Errorf("it does not listen on %.40s; its ports are %s", only, orNone(list(ports)))
		case isPort:
		case f.Kind == refuse:
			return fmt.Errorf("refuse is about ports, such as :8080, not %.40q", only)
		case !strings.HasPrefix(only, "/") && !slices.Contains(names, only):
			return fmt.Errorf("%.40q is no path (/ready), no port (:8080) and none of its gRPC services and programs: %s",
				only, orNone(list(slices.Compact(names))))
		}
	}
	return nil
}

func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return text
}

// standing is how a stand-in stands, as its main program says.
type standing struct {
	Serial  int // of the wish that it has carried out last
	PID     int
	Fault   fault
	Since   time.Time // of Fault
	Starts  time.Time
	Started bool
	Missing []string // ports that it could not get, and why
}

// wish is what the command wants of the main program.
type wish struct {
	Serial int
	From   int // the command's process ID
	Fault  fault
}

const (
	standingFile = Dir + "/standing.json"
	wishFile     = Dir + "/wish.json"
)

var errNotThere = errors.New("the stand-in's main program is not there yet; try again")
