// Package tools holds the small programs of the built-in images that have a shell: what BusyBox is to real images. Each is
// a sandbox.Program with the messages and exit codes of BusyBox 1.36 built with musl, as in Alpine, in a file of its
// name, and touches nothing but its container. TestAsBusyBox holds them against the answers of a real one.
//
// Beside the files, text and processes of every day there are awk (package awk), diff, od, hexdump and xxd, gzip, a web server
// (httpd), and the network's own: ip, ifconfig, route, netstat, ping, nc, telnet and wget. vi, mkfifo, mknod and hard links are
// refused: a container here has neither an editor nor these kinds of files. nslookup has no name server to ask; where names
// come from is resolve's to know.
//
// A program streams where a real one does: it holds a line, or what it is to print, and no more; sort, tac, shuf, tsort
// and a line without end grow, as on a real node, until the container's memory is used up. Every loop ends with the context of its
// process, also where reads never wait and where nothing is read. Everything recursive is bounded in depth: expressions,
// scripts and patterns by a number, walks over directories by the length and the elements of a path.
//
// It refuses options that it does not know, in BusyBox's words, and says so where it knows one that cannot be had here.
// What a container may do is the sandbox's business. Each program's state belongs to the goroutine of its process.
package tools
