// Package nodejs is Node.js as far as the programs that manifests carry go: JavaScript by goja, timers, promises, console, process
// with its signals, and of the modules http (servers and requests), net (connect), fs, os, path, url, util and events what such
// programs use (prelude.js). Programs are CommonJS. There is no TLS, no worker, no child process, no inspector and no npm; a
// module or a function that is not here throws an Error that says so.
//
// As in Node.js, one goroutine runs all of the program's JavaScript: the process's own. Whatever waits (connections, timers,
// signals) is a goroutine that hands a function to it, and ends with the process. A program that never ends is ended by its
// signal or by the limits of its container, as is one that uses too much memory; its calls nest to a bound.
package nodejs
