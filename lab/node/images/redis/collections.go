package redis

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
)

func push(left bool) func(*client, []string) any {
	return func(c *client, a []string) any {
		list, e, wrong := of[[]string](c, a[0])
		if wrong {
			return wrongType
		}
		if e == nil {
			e = &entry{}
			c.db()[a[0]] = e
		}
		for _, v := range a[1:] {
			if left {
				list = slices.Insert(list, 0, v)
			} else {
				list = append(list, v)
			}
		}
		e.value = list
		c.changed(a[0])
		return int64(len(list))
	}
}

func pop(left bool) func(*client, []string) any {
	return func(c *client, a []string) any {
		n, many := 1, len(a) > 1
		if many {
			var err error
			if n, err = strconv.Atoi(a[1]); err != nil || n < 0 {
				return failure("ERR value is out of range, must be positive")
			}
		}
		list, e, wrong := of[[]string](c, a[0])
		switch {
		case wrong:
			return wrongType
		case e == nil:
			return null{}
		}
		n = min(n, len(list))
		var taken []string
		if left {
			taken, list = slices.Clone(list[:n]), list[n:]
		} else {
			taken, list = slices.Clone(list[len(list)-n:]), list[:len(list)-n]
			slices.Reverse(taken)
		}
		c.changed(a[0])
		if e.value = list; len(list) == 0 {
			delete(c.db(), a[0])
		}
		if many {
			return taken
		}
		return taken[0]
	}
}

// between turns indexes that may count from the end into a range.
func between(from, to string, n int) (start, end int, ok bool) {
	start, err := strconv.Atoi(from)
	end, err2 := strconv.Atoi(to)
	if err != nil || err2 != nil {
		return 0, 0, false
	}
	if start < 0 {
		start = max(0, n+start)
	}
	if end < 0 {
		end = n + end
	}
	end = min(end+1, n)
	return min(start, max(end, 0)), max(end, 0), true
}

func lrange(c *client, a []string) any {
	list, _, wrong := of[[]string](c, a[0])
	if wrong {
		return wrongType
	}
	start, end, ok := between(a[1], a[2], len(list))
	if !ok {
		return notInteger
	}
	return slices.Clone(list[start:end])
}

func llen(c *client, a []string) any {
	list, _, wrong := of[[]string](c, a[0])
	if wrong {
		return wrongType
	}
	return int64(len(list))
}

func lindex(c *client, a []string) any {
	list, _, wrong := of[[]string](c, a[0])
	if wrong {
		return wrongType
	}
	i, err := strconv.Atoi(a[1])
	if err != nil {
		return notInteger
	}
	if i < 0 {
		i += len(list)
	}
	if i < 0 || i >= len(list) {
		return null{}
	}
	return list[i]
}

func hset(c *client, a []string) any {
	if len(a)%2 != 1 {
		return wrongNumber("hset")
	}
	h, e, wrong := of[map[string]string](c, a[0])
	if wrong {
		return wrongType
	}
	if e == nil {
		h = map[string]string{}
		c.db()[a[0]] = &entry{value: h}
	}
	n := int64(0)
	for i := 1; i < len(a); i += 2 {
		if _, there := h[a[i]]; !there {
			n++
		}
		h[a[i]] = a[i+1]
	}
	c.changed(a[0])
	return n
}

func hget(c *client, a []string) any {
	h, _, wrong := of[map[string]string](c, a[0])
	if wrong {
		return wrongType
	}
	if v, ok := h[a[1]]; ok {
		return v
	}
	return null{}
}

func hashList(keys, values bool) func(*client, []string) any {
	return func(c *client, a []string) any {
		h, _, wrong := of[map[string]string](c, a[0])
		if wrong {
			return wrongType
		}
		list := []string{}
		for _, k := range slices.Sorted(maps.Keys(h)) {
			if keys {
				list = append(list, k)
			}
			if values {
				list = append(list, h[k])
			}
		}
		return list
	}
}

func hdel(c *client, a []string) any {
	h, _, wrong := of[map[string]string](c, a[0])
	if wrong {
		return wrongType
	}
	n := int64(0)
	for _, k := range a[1:] {
		if _, there := h[k]; there {
			delete(h, k)
			n++
			c.changed(a[0])
		}
	}
	if len(h) == 0 {
		delete(c.db(), a[0])
	}
	return n
}

func hlen(c *client, a []string) any {
	h, _, wrong := of[map[string]string](c, a[0])
	if wrong {
		return wrongType
	}
	return int64(len(h))
}

func hexists(c *client, a []string) any {
	h, _, wrong := of[map[string]string](c, a[0])
	if wrong {
		return wrongType
	}
	_, there := h[a[1]]
	return number(there)
}

func number(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func hincrby(c *client, a []string) any {
	h, e, wrong := of[map[string]string](c, a[0])
	if wrong {
		return wrongType
	}
	by, err := strconv.ParseInt(a[2], 10, 64)
	if err != nil {
		return notInteger
	}
	n := int64(0)
	if v, there := h[a[1]]; there {
		if n, err = strconv.ParseInt(v, 10, 64); err != nil {
			return failure("ERR hash value is not an integer")
		}
	}
	if e == nil {
		h = map[string]string{}
		c.db()[a[0]] = &entry{value: h}
	}
	h[a[1]] = strconv.FormatInt(n+by, 10)
	c.changed(a[0])
	return n + by
}

func sadd(c *client, a []string) any {
	s, e, wrong := of[map[string]bool](c, a[0])
	if wrong {
		return wrongType
	}
	if e == nil {
		s = map[string]bool{}
		c.db()[a[0]] = &entry{value: s}
	}
	before := len(s)
	for _, v := range a[1:] {
		s[v] = true
	}
	if len(s) > before {
		c.changed(a[0])
	}
	return int64(len(s) - before)
}

func srem(c *client, a []string) any {
	s, _, wrong := of[map[string]bool](c, a[0])
	if wrong {
		return wrongType
	}
	before := len(s)
	for _, v := range a[1:] {
		delete(s, v)
	}
	if len(s) == 0 {
		delete(c.db(), a[0])
	}
	if len(s) < before {
		c.changed(a[0])
	}
	return int64(before - len(s))
}

func smembers(c *client, a []string) any {
	s, _, wrong := of[map[string]bool](c, a[0])
	if wrong {
		return wrongType
	}
	return slices.AppendSeq([]string{}, slices.Values(slices.Sorted(maps.Keys(s))))
}

func sismember(c *client, a []string) any {
	s, _, wrong := of[map[string]bool](c, a[0])
	if wrong {
		return wrongType
	}
	return number(s[a[1]])
}

func scard(c *client, a []string) any {
	s, _, wrong := of[map[string]bool](c, a[0])
	if wrong {
		return wrongType
	}
	return int64(len(s))
}

func zadd(c *client, a []string) any {
	if len(a)%2 != 1 {
		return syntax
	}
	z, e, wrong := of[map[string]float64](c, a[0])
	if wrong {
		return wrongType
	}
	scores := make([]float64, 0, len(a)/2)
	for i := 1; i < len(a); i += 2 {
		f, err := strconv.ParseFloat(a[i], 64)
		if err != nil {
			return notFloat
		}
		scores = append(scores, f)
	}
	if e == nil {
		z = map[string]float64{}
		c.db()[a[0]] = &entry{value: z}
	}
	before := len(z)
	for i, f := range scores {
		z[a[2*i+2]] = f
	}
	c.changed(a[0])
	return int64(len(z) - before)
}

func zrange(c *client, a []string) any {
	z, _, wrong := of[map[string]float64](c, a[0])
	if wrong {
		return wrongType
	}
	withScores, reverse := false, false
	for _, o := range a[3:] {
		switch strings.ToUpper(o) {
		case "WITHSCORES":
			withScores = true
		case "REV":
			reverse = true
		default:
			return syntax
		}
	}
	members := slices.SortedFunc(maps.Keys(z), func(x, y string) int { return cmp.Or(cmp.Compare(z[x], z[y]), cmp.Compare(x, y)) })
	if reverse {
		slices.Reverse(members)
	}
	start, end, ok := between(a[1], a[2], len(members))
	if !ok {
		return notInteger
	}
	list := []string{}
	for _, m := range members[start:end] {
		list = append(list, m)
		if withScores {
			list = append(list, strconv.FormatFloat(z[m], 'g', 17, 64))
		}
	}
	return list
}

func zscore(c *client, a []string) any {
	z, _, wrong := of[map[string]float64](c, a[0])
	if wrong {
		return wrongType
	}
	if f, there := z[a[1]]; there {
		return strconv.FormatFloat(f, 'g', 17, 64)
	}
	return null{}
}

func zrem(c *client, a []string) any {
	z, _, wrong := of[map[string]float64](c, a[0])
	if wrong {
		return wrongType
	}
	before := len(z)
	for _, v := range a[1:] {
		delete(z, v)
	}
	if len(z) == 0 {
		delete(c.db(), a[0])
	}
	if len(z) < before {
		c.changed(a[0])
	}
	return int64(before - len(z))
}

func zcard(c *client, a []string) any {
	z, _, wrong := of[map[string]float64](c, a[0])
	if wrong {
		return wrongType
	}
	return int64(len(z))
}
