package redis

import (
	"fmt"
	"strings"
)

// transaction is what a client has begun with MULTI.
type transaction struct {
	queue [][]string
	size  int  // bytes of the queue
	wrong bool // a command could not be queued: EXEC gives up
}

// watched is a key that clients watch.
type watched struct {
	db  int
	key string
}

// watch is one key that a client watches; there says that it was there when that began.
type watch struct {
	watched
	there bool
}

// changed tells those who watch a key of the client's database.
func (c *client) changed(key string) {
	for other := range c.s.watchers[watched{c.index, key}] {
		other.outdated = true
	}
}

// emptied tells those who watch a key that a database has, before it has none.
func (s *server) emptied(db int) {
	for w, clients := range s.watchers {
		if w.db != db || s.databases[db].get(w.key) == nil {
			continue
		}
		for other := range clients {
			other.outdated = true
		}
	}
}

// unwatch forgets what the client watches.
func (c *client) unwatch() {
	for _, w := range c.watches {
		delete(c.s.watchers[w.watched], c)
		if len(c.s.watchers[w.watched]) == 0 {
			delete(c.s.watchers, w.watched)
		}
	}
	c.watches, c.outdated = nil, false
}

// stale reports whether a watched key has changed or expired.
func (c *client) stale() bool {
	for _, w := range c.watches {
		if w.there && c.s.databases[w.db].get(w.key) == nil {
			return true
		}
	}
	return c.outdated
}

func watchKeys(c *client, a []string) any {
	if c.tx != nil {
		return failure("ERR WATCH inside MULTI is not allowed")
	}
	for _, key := range a {
		w := watched{c.index, key}
		if c.s.watchers[w][c] {
			continue
		}
		if len(c.watches) >= maxArgs {
			return failure("ERR too many keys are watched")
		}
		if c.s.watchers[w] == nil {
			c.s.watchers[w] = map[*client]bool{}
		}
		c.s.watchers[w][c] = true
		c.watches = append(c.watches, watch{w, c.db().get(key) != nil})
	}
	return status("OK")
}

func unwatchKeys(c *client, _ []string) any {
	c.unwatch()
	return status("OK")
}

func multi(c *client, _ []string) any {
	if c.tx != nil {
		return failure("ERR MULTI calls can not be nested")
	}
	c.tx = &transaction{}
	return status("OK")
}

func discard(c *client, _ []string) any {
	if c.tx == nil {
		return failure("ERR DISCARD without MULTI")
	}
	c.tx = nil
	c.unwatch()
	return status("OK")
}

// exec runs what has been queued, unless a watched key has changed (multi.c, execCommand).
func exec(c *client, _ []string) any {
	if c.tx == nil {
		return failure("ERR EXEC without MULTI")
	}
	tx, stale := c.tx, c.stale()
	c.tx = nil
	c.unwatch()
	switch {
	case tx.wrong:
		return failure("EXECABORT Transaction discarded because of previous errors.")
	case stale:
		return nullArray{}
	}
	replies := make([]any, 0, len(tx.queue))
	for _, args := range tx.queue {
		replies = append(replies, c.command(strings.ToLower(args[0])).run(c, args[1:]))
	}
	return replies
}

// queued keeps a command for EXEC, if it is one to be kept; ok says so. Wrong ones spoil the transaction.
func (c *client) queued(name string, args []string, wrong any) (reply any, ok bool) {
	if c.tx == nil {
		return nil, false
	}
	switch name {
	case "exec", "discard", "multi", "watch", "quit":
		c.tx.wrong = c.tx.wrong || wrong != nil
		return wrong, wrong != nil
	case "subscribe", "psubscribe", "unsubscribe", "punsubscribe", "shutdown":
		if wrong == nil {
			wrong = failure("ERR Command not allowed inside a transaction")
		}
	}
	for _, a := range args {
		c.tx.size += len(a)
	}
	if wrong == nil && (c.tx.size > maxBulk || len(c.tx.queue) >= maxArgs) {
		wrong = failure(fmt.Sprintf("ERR a transaction of more than %d commands or %d bytes", maxArgs, maxBulk))
	}
	if wrong != nil {
		c.tx.wrong = true
		return wrong, true
	}
	c.tx.queue = append(c.tx.queue, args)
	return status("QUEUED"), true
}
