package shim

import "os"

// standardStreams returns the process's input and output.
func standardStreams() (in, out *os.File) { return os.Stdin, os.Stdout }
