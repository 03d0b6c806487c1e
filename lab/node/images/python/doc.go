// Package python is Python as far as the programs that manifests carry go: python -m http.server, and programs in the part of
// Python that Starlark shares, which go.starlark.net runs, with what such programs use of time, sys, os, socket, urllib, json,
// random, http.server and socketserver (modules.go). What Starlark does not have and one-liners do (import, and classes that
// are handlers of http.server) is rewritten before (rewrite.go). Exceptions cannot be caught, there are no with,
// global, decorators, generators or functions that call themselves, and no pip: such programs are refused before they run, with exit code 1, and say why.
// Standard output is buffered as in Python: without -u or PYTHONUNBUFFERED a container's log has it when there are 8 KiB.
//
// A program runs in the process's goroutine, and in those of its server's requests, one at a time: interpreter.turn is
// held by the one that runs and given up while it waits. A program that never ends is ended by its signal or by the limits of
// its container.
package python
