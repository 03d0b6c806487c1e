package redis

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
)

// maxOutbox is how much may wait for a subscriber that does not read: then its connection is closed, as by
// client-output-buffer-limit pubsub.
const maxOutbox = 8 << 20

// outbox is what a subscriber is still to get. Publishers put it in, a goroutine of its own writes it.
type outbox struct {
	mu      sync.Mutex
	pending bytes.Buffer
	wake    chan struct{} // holds one when there is something, closed at the end
	full    func()        // closes the connection
}

// put adds a reply. The server's mutex is held, which is what orders it.
func (o *outbox) put(reply any) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.pending.Len() > maxOutbox {
		o.full()
		return
	}
	w := bufio.NewWriter(&o.pending)
	write(w, reply)
	_ = w.Flush() // a buffer takes everything
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// deliver writes until the outbox is closed, or the connection.
func (o *outbox) deliver(conn io.Writer) {
	for open := true; open; {
		_, open = <-o.wake
		o.mu.Lock()
		data := bytes.Clone(o.pending.Bytes())
		o.pending.Reset()
		o.mu.Unlock()
		if len(data) == 0 {
			continue
		}
		if _, err := conn.Write(data); err != nil {
			o.full() // the reader sees it
			return
		}
	}
}

// topics are who has subscribed to what: channels or patterns.
type topics map[string]map[*client]bool

func (t topics) add(name string, c *client) {
	if t[name] == nil {
		t[name] = map[*client]bool{}
	}
	t[name][c] = true
}

func (t topics) remove(name string, c *client) {
	delete(t[name], c)
	if len(t[name]) == 0 {
		delete(t, name)
	}
}

// matches says whether a name fits a pattern with *, ? and [].
func matches(pattern, name string) bool {
	plain := strings.NewReplacer("/", "\x01") // which is nothing special in Redis
	ok, err := path.Match(plain.Replace(pattern), plain.Replace(name))
	return ok && err == nil
}

// subscriptions is how many channels and patterns the client has.
func (c *client) subscriptions() int64 { return int64(len(c.channels) + len(c.patterns)) }

// subscribe is SUBSCRIBE, or PSUBSCRIBE for patterns.
func subscribe(word string, of func(*client) (map[string]bool, topics)) func(*client, []string) any {
	return func(c *client, a []string) any {
		var all replies
		own, everybodys := of(c)
		for _, name := range a {
			if len(own) >= maxArgs {
				return append(all, failure("ERR too many subscriptions"))
			}
			own[name] = true
			everybodys.add(name, c)
			all = append(all, []any{word, name, c.subscriptions()})
		}
		c.subscriber = true
		return all
	}
}

// unsubscribe is UNSUBSCRIBE, or PUNSUBSCRIBE for patterns; without names it ends all.
func unsubscribe(word string, of func(*client) (map[string]bool, topics)) func(*client, []string) any {
	return func(c *client, a []string) any {
		own, everybodys := of(c)
		if len(a) == 0 {
			a = slices.Sorted(maps.Keys(own))
		}
		var all replies
		for _, name := range a {
			delete(own, name)
			everybodys.remove(name, c)
			all = append(all, []any{word, name, c.subscriptions()})
		}
		if len(a) == 0 {
			all = append(all, []any{word, null{}, c.subscriptions()})
		}
		return all
	}
}

func channelsOf(c *client) (map[string]bool, topics) { return c.channels, c.s.channels }
func patternsOf(c *client) (map[string]bool, topics) { return c.patterns, c.s.patterns }

// publish returns how many got the message.
func publish(c *client, a []string) any {
	n := int64(0)
	for other := range c.s.channels[a[0]] {
		other.outbox.put([]any{"message", a[0], a[1]})
		n++
	}
	for pattern, clients := range c.s.patterns {
		if !matches(pattern, a[0]) {
			continue
		}
		for other := range clients {
			other.outbox.put([]any{"pmessage", pattern, a[0], a[1]})
			n++
		}
	}
	return n
}

func pubsub(c *client, a []string) any {
	switch sub := strings.ToLower(a[0]); {
	case sub == "channels" && len(a) <= 2:
		list := []string{}
		for _, name := range slices.Sorted(maps.Keys(c.s.channels)) {
			if len(a) == 1 || matches(a[1], name) {
				list = append(list, name)
			}
		}
		return list
	case sub == "numsub":
		list := []any{}
		for _, name := range a[1:] {
			list = append(list, name, int64(len(c.s.channels[name])))
		}
		return list
	case sub == "numpat" && len(a) == 1:
		return int64(len(c.s.patterns))
	}
	return failure(fmt.Sprintf("ERR unknown subcommand or wrong number of arguments for '%.128s'. Try PUBSUB HELP.", a[0]))
}

// busy refuses what a subscriber may not do; nil: it may.
func (c *client) busy(name string) any {
	if c.subscriptions() == 0 {
		return nil
	}
	switch name {
	case "subscribe", "psubscribe", "unsubscribe", "punsubscribe", "ping", "quit":
		return nil
	}
	return failure(fmt.Sprintf("ERR Can't execute '%s': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context", name))
}
