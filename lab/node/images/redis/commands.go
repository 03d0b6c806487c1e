package redis

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// entry is a value with its end.
type entry struct {
	value any // string, []string, map[string]string, map[string]bool or map[string]float64
	until time.Time
}

// database is one of the 16.
type database map[string]*entry

// get returns a living entry.
func (d database) get(key string) *entry {
	e := d[key]
	if e != nil && !e.until.IsZero() && !time.Now().Before(e.until) {
		delete(d, key)
		return nil
	}
	return e
}

// The errors that many commands give.
const (
	wrongType  = failure("WRONGTYPE Operation against a key holding the wrong kind of value")
	notInteger = failure("ERR value is not an integer or out of range")
	notFloat   = failure("ERR value is not a valid float")
	syntax     = failure("ERR syntax error")
)

// command is one command: how many arguments it has with its name (a negative number: at least), and what it does.
type command struct {
	arity int
	run   func(c *client, args []string) any
}

func wrongNumber(name string) failure {
	return failure(fmt.Sprintf("ERR wrong number of arguments for '%s' command", name))
}

// of returns the value of a key if it has the type; missing says that there is none.
func of[T any](c *client, key string) (value T, e *entry, wrong bool) {
	if e = c.db().get(key); e == nil {
		return value, nil, false
	}
	value, ok := e.value.(T)
	return value, e, !ok
}

// commands are those that are known, but for those about the connection and the server.
func commands() map[string]command {
	return map[string]command{
		"append": {3, appendText}, "dbsize": {1, func(c *client, _ []string) any { return int64(len(c.living())) }},
		"decr": {2, func(c *client, a []string) any { return c.add(a[0], -1) }}, "decrby": {3, func(c *client, a []string) any { return c.addText(a[0], a[1], -1) }},
		"del": {-2, del}, "unlink": {-2, del}, "exists": {-2, exists}, "expire": {-3, expire(time.Second)}, "pexpire": {-3, expire(time.Millisecond)},
		"flushall": {-1, flushAll}, "flushdb": {-1, func(c *client, _ []string) any { c.s.emptied(c.index); clear(c.db()); return status("OK") }},
		"get": {2, get}, "getdel": {2, func(c *client, a []string) any {
			v := get(c, a)
			if v != any(wrongType) {
				del(c, a)
			}
			return v
		}},
		"getset": {3, func(c *client, a []string) any {
			v := get(c, a)
			if v != any(wrongType) {
				c.put(a[0], &entry{value: a[1]})
			}
			return v
		}},
		"incr": {2, func(c *client, a []string) any { return c.add(a[0], 1) }}, "incrby": {3, func(c *client, a []string) any { return c.addText(a[0], a[1], 1) }},
		"incrbyfloat": {3, incrByFloat}, "keys": {2, keys}, "scan": {-2, scan}, "mget": {-2, mget}, "mset": {-3, mset}, "persist": {2, persist},
		"psetex": {4, setex(time.Millisecond, "psetex")}, "setex": {4, setex(time.Second, "setex")}, "pttl": {2, ttl(time.Millisecond)}, "ttl": {2, ttl(time.Second)},
		"randomkey": {1, func(c *client, _ []string) any {
			for k := range c.living() {
				return k
			}
			return null{}
		}},
		"rename": {3, rename}, "set": {-3, set}, "setnx": {3, func(c *client, a []string) any {
			if c.db().get(a[0]) != nil {
				return int64(0)
			}
			c.put(a[0], &entry{value: a[1]})
			return int64(1)
		}},
		"strlen": {2, func(c *client, a []string) any {
			v, _, wrong := of[string](c, a[0])
			if wrong {
				return wrongType
			}
			return int64(len(v))
		}},
		"type": {2, typeOf},

		"lpush": {-3, push(true)}, "rpush": {-3, push(false)}, "lpop": {-2, pop(true)}, "rpop": {-2, pop(false)}, "lrange": {4, lrange}, "llen": {2, llen}, "lindex": {3, lindex},

		"hset": {-4, hset}, "hget": {3, hget}, "hgetall": {2, hashList(true, true)}, "hkeys": {2, hashList(true, false)}, "hvals": {2, hashList(false, true)},
		"hdel": {-3, hdel}, "hlen": {2, hlen}, "hexists": {3, hexists}, "hincrby": {4, hincrby},

		"sadd": {-3, sadd}, "srem": {-3, srem}, "smembers": {2, smembers}, "sismember": {3, sismember}, "scard": {2, scard},

		"zadd": {-4, zadd}, "zrange": {-4, zrange}, "zscore": {3, zscore}, "zrem": {-3, zrem}, "zcard": {2, zcard},
	}
}

// put replaces the value of a key.
func (c *client) put(key string, e *entry) {
	c.db()[key] = e
	c.changed(key)
}

func (c *client) living() database {
	db := c.db()
	for k := range db {
		db.get(k)
	}
	return db
}

func get(c *client, a []string) any {
	v, e, wrong := of[string](c, a[0])
	switch {
	case wrong:
		return wrongType
	case e == nil:
		return null{}
	}
	return v
}

func set(c *client, a []string) any {
	e := &entry{value: a[1]}
	var nx, xx, keep, old bool
	for i := 2; i < len(a); i++ {
		switch o := strings.ToUpper(a[i]); {
		case o == "NX" && !xx:
			nx = true
		case o == "XX" && !nx:
			xx = true
		case o == "KEEPTTL":
			keep = true
		case o == "GET":
			old = true
		case (o == "EX" || o == "PX") && i+1 < len(a):
			n, err := strconv.ParseInt(a[i+1], 10, 64)
			if err != nil {
				return notInteger
			}
			unit := time.Second
			if o == "PX" {
				unit = time.Millisecond
			}
			if n <= 0 || n > math.MaxInt64/int64(unit) {
				return failure("ERR invalid expire time in 'set' command")
			}
			e.until = time.Now().Add(time.Duration(n) * unit)
			i++
		default:
			return syntax
		}
	}
	before := c.db().get(a[0])
	var reply any = status("OK")
	if old {
		if reply = get(c, a); reply == any(wrongType) {
			return reply
		}
	}
	if nx && before != nil || xx && before == nil {
		if old {
			return reply
		}
		return null{}
	}
	if keep && before != nil {
		e.until = before.until
	}
	c.put(a[0], e)
	return reply
}

func setex(unit time.Duration, name string) func(*client, []string) any {
	return func(c *client, a []string) any {
		n, err := strconv.ParseInt(a[1], 10, 64)
		switch {
		case err != nil:
			return notInteger
		case n <= 0 || n > math.MaxInt64/int64(unit):
			return failure(fmt.Sprintf("ERR invalid expire time in '%s' command", name))
		}
		c.put(a[0], &entry{value: a[2], until: time.Now().Add(time.Duration(n) * unit)})
		return status("OK")
	}
}

func appendText(c *client, a []string) any {
	v, e, wrong := of[string](c, a[0])
	switch {
	case wrong:
		return wrongType
	case len(v)+len(a[1]) > maxBulk:
		return failure("ERR string exceeds maximum allowed size (proto-max-bulk-len)")
	case e == nil:
		e = &entry{}
		c.db()[a[0]] = e
	}
	e.value = v + a[1]
	c.changed(a[0])
	return int64(len(v) + len(a[1]))
}

func (c *client) addText(key, text string, sign int64) any {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n == math.MinInt64 {
		return notInteger
	}
	return c.add(key, sign*n)
}

func (c *client) add(key string, by int64) any {
	v, e, wrong := of[string](c, key)
	if wrong {
		return wrongType
	}
	n := int64(0)
	if e != nil {
		var err error
		if n, err = strconv.ParseInt(v, 10, 64); err != nil {
			return notInteger
		}
	} else {
		e = &entry{}
		c.db()[key] = e
	}
	if by > 0 && n > math.MaxInt64-by || by < 0 && n < math.MinInt64-by {
		return failure("ERR increment or decrement would overflow")
	}
	e.value = strconv.FormatInt(n+by, 10)
	c.changed(key)
	return n + by
}

func incrByFloat(c *client, a []string) any {
	v, e, wrong := of[string](c, a[0])
	if wrong {
		return wrongType
	}
	by, err := strconv.ParseFloat(a[1], 64)
	n := 0.0
	if err == nil && e != nil {
		n, err = strconv.ParseFloat(v, 64)
	}
	if err != nil {
		return notFloat
	}
	text := strconv.FormatFloat(n+by, 'f', -1, 64)
	if e == nil {
		e = &entry{}
		c.db()[a[0]] = e
	}
	e.value = text
	c.changed(a[0])
	return text
}

func del(c *client, a []string) any {
	n := int64(0)
	for _, k := range a {
		if c.db().get(k) != nil {
			delete(c.db(), k)
			c.changed(k)
			n++
		}
	}
	return n
}

func exists(c *client, a []string) any {
	n := int64(0)
	for _, k := range a {
		if c.db().get(k) != nil {
			n++
		}
	}
	return n
}

func expire(unit time.Duration) func(*client, []string) any {
	return func(c *client, a []string) any {
		n, err := strconv.ParseInt(a[1], 10, 64)
		if err != nil || n > math.MaxInt64/int64(unit) || n < math.MinInt64/int64(unit) {
			return notInteger
		}
		e := c.db().get(a[0])
		if e == nil {
			return int64(0)
		}
		e.until = time.Now().Add(time.Duration(n) * unit)
		c.changed(a[0])
		return int64(1)
	}
}

func ttl(unit time.Duration) func(*client, []string) any {
	return func(c *client, a []string) any {
		e := c.db().get(a[0])
		switch {
		case e == nil:
			return int64(-2)
		case e.until.IsZero():
			return int64(-1)
		}
		return int64((time.Until(e.until) + unit/2) / unit)
	}
}

func persist(c *client, a []string) any {
	e := c.db().get(a[0])
	if e == nil || e.until.IsZero() {
		return int64(0)
	}
	e.until = time.Time{}
	c.changed(a[0])
	return int64(1)
}

func flushAll(c *client, _ []string) any {
	for i := range c.s.databases {
		c.s.emptied(i)
		c.s.databases[i] = database{}
	}
	return status("OK")
}

func keys(c *client, a []string) any {
	list := []string{}
	for _, k := range slices.Sorted(maps.Keys(c.living())) {
		if matches(a[0], k) {
			list = append(list, k)
		}
	}
	return list
}

// scan returns everything at once.
func scan(c *client, a []string) any {
	pattern := "*"
	for i := 1; i < len(a); i += 2 {
		if i+1 >= len(a) {
			return syntax
		}
		switch strings.ToUpper(a[i]) {
		case "MATCH":
			pattern = a[i+1]
		case "COUNT", "TYPE":
		default:
			return syntax
		}
	}
	if _, err := strconv.ParseUint(a[0], 10, 64); err != nil {
		return failure("ERR invalid cursor")
	}
	return []any{"0", keys(c, []string{pattern})}
}

func mget(c *client, a []string) any {
	list := []any{}
	for _, k := range a {
		v, e, wrong := of[string](c, k)
		if e == nil || wrong {
			list = append(list, null{})
		} else {
			list = append(list, v)
		}
	}
	return list
}

func mset(c *client, a []string) any {
	if len(a)%2 != 0 {
		return wrongNumber("mset")
	}
	for i := 0; i < len(a); i += 2 {
		c.put(a[i], &entry{value: a[i+1]})
	}
	return status("OK")
}

func rename(c *client, a []string) any {
	e := c.db().get(a[0])
	if e == nil {
		return failure("ERR no such key")
	}
	del(c, a[:1])
	c.put(a[1], e)
	return status("OK")
}

func typeOf(c *client, a []string) any {
	e := c.db().get(a[0])
	if e == nil {
		return status("none")
	}
	switch e.value.(type) {
	case []string:
		return status("list")
	case map[string]string:
		return status("hash")
	case map[string]bool:
		return status("set")
	case map[string]float64:
		return status("zset")
	}
	return status("string")
}
