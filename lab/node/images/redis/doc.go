// Package redis is redis-server and redis-cli as far as probes, tutorials and everyday commands go: strings, lists, hashes,
// sets and sorted sets with expiry, in memory only. Messages are those of redis 7.0.
//
// There are no transactions, scripts, replication, blocking commands or subscriptions, and nothing is saved: such commands
// are unknown commands, in redis's words. As in redis, one command runs at a time; a server's data is guarded by one mutex.
// What a client sends is bounded in length (protocol.go), what is kept by the container's memory.
package redis
