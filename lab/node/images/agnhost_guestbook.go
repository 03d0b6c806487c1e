package images

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/pflag"
)

// guestbook is a store of words, or the page in front of two of them (test/images/agnhost/guestbook/guestbook.go).
type guestbook struct {
	*agnhostCall
	backend string // the port of the others

	mu       sync.Mutex
	store    map[string]any
	replicas []string
}

// What a guestbook may hold, so that nobody fills the memory with it.
const (
	maxGuests   = 10_000
	maxReplicas = 100
)

// How long a replica looks for its primary, and how often.
const (
	registerFor   = 15 * time.Second
	registerEvery = time.Second
)

func agnhostGuestbook(flags *pflag.FlagSet) func(context.Context, *agnhostCall) int {
	port := flags.String("http-port", "80", "HTTP Listen Port")
	backend := flags.String("backend-port", "6379", "Backend's HTTP Listen Port")
	replicaOf := flags.String("replicaof", "", "The host's name to register to")
	return func(ctx context.Context, c *agnhostCall) int {
		g := &guestbook{agnhostCall: c, backend: *backend, store: map[string]any{}}
		mux := http.NewServeMux()
		mux.HandleFunc("/register", g.register)
		mux.HandleFunc("/get", g.get)
		mux.HandleFunc("/set", g.set)
		mux.HandleFunc("/guestbook", g.page)
		s, err := serve(ctx, c.Process, ":"+*port, mux)
		if err != nil {
			return c.fatal("%v", err)
		}
		defer s.close()
		if *replicaOf == "" {
			return goSignals(ctx, c.Process)
		}
		serving, cancel := context.WithCancel(ctx)
		registered := make(chan error, 1)
		go func() { registered <- g.follow(serving, *replicaOf) }()
		ended := make(chan int, 1)
		go func() { ended <- goSignals(serving, c.Process) }()
		for {
			select {
			case err := <-registered:
				if err != nil {
					cancel()
					<-ended
					return c.fatal("%v", err)
				}
				registered = nil
			case code := <-ended:
				cancel()
				if registered != nil {
					<-registered //nolint:errcheck // it has been given up
				}
				return code
			}
		}
	}
}

// follow registers with the primary and takes over what it has.
func (g *guestbook) follow(ctx context.Context, primary string) error {
	address := net.JoinHostPort(primary, g.backend)
	for start := time.Now(); ctx.Err() == nil && time.Since(start) < registerFor; waitFor(ctx, registerEvery) {
		request := "register?host=" + g.PodIP()
		g.log("Registering to primary: %s/%s", address, request)
		response, err := g.ask(ctx, address, request)
		if err != nil {
			g.log("encountered error while registering to primary: %v. Retrying in %s.", err, registerEvery)
			continue
		}
		var data struct{ Data map[string]any }
		if err := json.Unmarshal([]byte(response), &data); err != nil {
			return fmt.Errorf("Error while unmarshaling primary's response: %w", err)
		}
		g.mu.Lock()
		for k, v := range data.Data {
			g.store[k] = v
		}
		g.mu.Unlock()
		g.log("Registered to node: %s", primary)
		return nil
	}
	return errors.New("Timed out while registering to primary.") //nolint:staticcheck,revive // the original's words
}

func answerJSON(w http.ResponseWriter, value any) {
	data, err := json.Marshal(value)
	if err != nil {
		http.Error(w, fmt.Sprintf("response could not be serialized. %v", err), http.StatusExpectationFailed)
		return
	}
	_, _ = w.Write(data) // a client that is gone is no concern of the server's
}

func (g *guestbook) register(w http.ResponseWriter, r *http.Request) {
	host := r.URL.Query().Get("host")
	g.log("GET /register?host=%s", host)
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.replicas) >= maxReplicas {
		http.Error(w, "healthlab: too many replicas", http.StatusInsufficientStorage)
		return
	}
	answerJSON(w, map[string]any{"data": g.store})
	g.replicas = append(g.replicas, host)
	g.log("Node '%s' registered.", host)
}

func (g *guestbook) get(w http.ResponseWriter, r *http.Request) {
	key := r.URL.Query().Get("key")
	g.log("GET /get?key=%s", key)
	g.mu.Lock()
	var data any = maps.Clone(g.store)
	if key != "" {
		if data = g.store[key]; data == nil {
			data = ""
		}
	}
	g.mu.Unlock()
	answerJSON(w, map[string]any{"data": data})
}

func (g *guestbook) set(w http.ResponseWriter, r *http.Request) {
	key, value := r.URL.Query().Get("key"), r.URL.Query().Get("value")
	g.log("GET /set?key=%s&value=%s", key, value)
	if key == "" {
		http.Error(w, "cannot set with empty key.", http.StatusBadRequest)
		return
	}
	g.mu.Lock()
	if _, known := g.store[key]; !known && len(g.store) >= maxGuests {
		g.mu.Unlock()
		http.Error(w, "healthlab: the guestbook is full", http.StatusInsufficientStorage)
		return
	}
	g.store[key] = value
	replicas := slices.Clone(g.replicas)
	g.mu.Unlock()
	for _, replica := range replicas {
		if _, err := g.ask(r.Context(), net.JoinHostPort(replica, g.backend), fmt.Sprintf("set?key=%s&value=%s", key, value)); err != nil {
			http.Error(w, fmt.Sprintf("encountered error while propagating to replica '%s': %v", replica, err), http.StatusExpectationFailed)
			return
		}
	}
	answerJSON(w, map[string]string{"message": "Updated"})
}

// page asks the primary or a replica in the name of a visitor.
func (g *guestbook) page(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	cmd, key, value := strings.ToLower(q.Get("cmd")), q.Get("key"), q.Get("value")
	g.log("GET /guestbook?cmd=%s&key=%s&value=%s", cmd, key, value)
	host := "agnhost-primary"
	switch {
	case cmd == "get":
		host = "agnhost-replica"
	case cmd != "set":
		http.Error(w, fmt.Sprintf("unsupported cmd: '%s'", cmd), http.StatusBadRequest)
		return
	case key == "":
		http.Error(w, "cannot set with empty key.", http.StatusBadRequest)
		return
	}
	response, err := g.ask(r.Context(), net.JoinHostPort(host, g.backend), fmt.Sprintf("%s?key=%s&value=%s", cmd, key, value))
	var unknown *net.DNSError
	switch {
	case errors.As(err, &unknown):
		http.Error(w, fmt.Sprintf("host and/or port param are invalid. %v", unknown), http.StatusBadRequest)
	case err != nil:
		http.Error(w, fmt.Sprintf("encountered error: %v", err), http.StatusExpectationFailed)
	default:
		_, _ = fmt.Fprint(w, response)
	}
}
