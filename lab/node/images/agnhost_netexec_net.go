package images

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxTries bounds /dial.
const maxTries = 10_000

// dial asks another server, as often as it is told to.
func (n *netexec) dial(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	host, port, request, protocol, text := q.Get("host"), q.Get("port"), q.Get("request"), q.Get("protocol"), q.Get("tries")
	n.log("GET /dial?host=%s&protocol=%s&port=%s&request=%s&tries=%s", host, protocol, port, request, text)
	tries := 1
	if text != "" {
		var err error
		if tries, err = strconv.Atoi(text); err != nil {
			http.Error(w, fmt.Sprintf("tries parameter is invalid. %v", err), http.StatusBadRequest)
			return
		}
	}
	if request == "" {
		http.Error(w, "request parameter not specified. <nil>", http.StatusBadRequest)
		return
	}
	ask := n.ask
	switch strings.ToLower(protocol) {
	case "", "http":
	case "udp":
		ask = n.dialUDP
	default:
		http.Error(w, "unsupported protocol. "+protocol, http.StatusBadRequest)
		return
	}
	output := map[string][]string{}
	last := ""
	responses := []string{}
	for i := 0; i < min(tries, maxTries) && r.Context().Err() == nil; i++ {
		response, err := ask(r.Context(), net.JoinHostPort(host, port), request)
		if last = response; err != nil {
			output["errors"] = append(output["errors"], err.Error())
		} else {
			responses = append(responses, response)
		}
	}
	if last != "" {
		output["responses"] = responses
	}
	data, _ := json.Marshal(output) // strings always marshal
	_, _ = w.Write(data)
}

func (n *netexec) dialUDP(ctx context.Context, address, request string) (string, error) {
	conn, err := n.Dial(ctx, "udp", address)
	if err != nil {
		return "", fmt.Errorf("udp dial failed. err:%w", err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, request); err != nil {
		return "", fmt.Errorf("udp connection write failed. err:%w", err)
	}
	_ = conn.SetReadDeadline(time.Now().Add(askTimeout))
	buf := make([]byte, 2048)
	count, err := conn.Read(buf)
	if err != nil || count == 0 {
		return "", fmt.Errorf("reading from udp connection failed. err:'%w'", err)
	}
	return string(buf[:count]), nil
}

// udp starts the UDP servers; stop ends them.
func (n *netexec) udp(addresses string, port int) (stop func(), code int) {
	var conns []net.PacketConn
	finished := make(chan struct{}, 16)
	stop = func() {
		for _, c := range conns {
			_ = c.Close()
			<-finished
		}
	}
	list := strings.Split(addresses, ",")
	for _, address := range list[:min(len(list), cap(finished))] {
		if address != "" && net.ParseIP(address) == nil {
			return stop, n.fatal("parseAddress: invalid address %s", address)
		}
		conn, err := listenPacket(n.Process, net.JoinHostPort(address, strconv.Itoa(port)))
		if err != nil {
			return stop, n.fatal("Error occurred: failed to create listener for UDP address %s:%d:%v", address, port, err)
		}
		conns = append(conns, conn)
		n.log("Started UDP server on port %s %d", address, port)
		n.ready.Store(true)
		go func() {
			defer func() { finished <- struct{}{} }()
			n.answerUDP(conn, port)
		}()
	}
	return stop, 0
}

func (n *netexec) answerUDP(conn net.PacketConn, port int) {
	buf := make([]byte, 2048)
	for {
		count, client, err := conn.ReadFrom(buf)
		if err != nil {
			return
		}
		raw := strings.TrimSpace(string(buf[:count]))
		text := strings.ToLower(raw)
		word, rest, _ := strings.Cut(raw, " ")
		answer := ""
		switch {
		case text == "hostname":
			n.log("Sending udp hostName response")
			answer = n.Hostname()
		case strings.HasPrefix(text, "envvar "):
			n.log("Sending UDP envvar response for %s", strings.TrimSpace(rest))
			answer = n.Getenv(strings.TrimSpace(rest))
		case strings.HasPrefix(text, "echo "):
			answer = strings.TrimPrefix(text, strings.ToLower(word)+" ")
			n.log("Echoing %v to UDP client %s\n", answer, client)
		case text == "clientip":
			n.log("Sending clientip back to UDP client %s\n", client)
			answer = client.String()
		case text == "serverport":
			n.log("Sending server port to UDP client %d\n", port)
			answer = strconv.Itoa(port)
		default:
			if text != "" {
				n.log("Unknown UDP command received from %s: %v\n", client, text)
			}
			continue
		}
		_, _ = conn.WriteTo([]byte(answer), client) // a client that is gone is no concern of the server's
	}
}
