// Package machine tells what the machine that healthlab runs on has. It owns nothing, keeps nothing and starts no goroutine;
// what is done with it, the node's capacity and the bound of all containers, is decided where it is asked for.
package machine
