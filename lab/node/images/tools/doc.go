// Package tools holds the small programs of the built-in images that have a shell: what BusyBox is to real images. Each is
// a sandbox.Program with the messages and exit codes of BusyBox 1.36 built with musl, as in Alpine, in a file of its
// name, and touches nothing but its container. TestAsBusyBox holds them against the answers of a real one.
//
// A program streams where a real one does: it holds a line, or what it is to print, and no more; sort, tac and a line
// without end grow, as on a real node, until the container's memory is used up. Every loop ends with the context of its
// process, also where reads never wait and where nothing is read. Everything recursive is bounded in depth: expressions,
// scripts and patterns by a number, walks over directories by the length and the elements of a path.
//
// It refuses options that it does not know, in BusyBox's words, and says so where it knows one that cannot be had here.
// What a container may do is the sandbox's business. Each program's state belongs to the goroutine of its process.
package tools
