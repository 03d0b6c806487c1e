// Package tools holds the small programs of the built-in images that have a shell: what busybox is to real images. Each is
// a sandbox.Program with busybox's messages and exit codes, in a file of its name, and touches nothing but its container.
//
// It refuses nothing on its own: what a container may do is the sandbox's business. Each program's state belongs to
// the goroutine of its process.
package tools
