// Package redis is redis-server and redis-cli as far as probes, tutorials and everyday commands go: strings, lists, hashes,
// sets and sorted sets with expiry, in memory only, transactions with WATCH, and publishing to channels and patterns. Messages
// are those of redis 7.0.
//
// There are no scripts, replication or blocking commands, and nothing is saved: such commands are unknown commands, in redis's
// words. As in redis, one command runs at a time; a server's data, and what it knows of its clients, are guarded by one mutex.
// A subscriber's replies and messages go through its outbox, which a goroutine of its connection empties (pubsub.go).
// What a client sends is bounded in length (protocol.go), what waits for it by maxOutbox, what is kept by the container's memory.
package redis
