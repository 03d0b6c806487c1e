// Command container is the program that runs a container of the embedded cluster: the sandbox and the built-in images, and
// nothing of Kubernetes. It is part of healthlab's binary, which starts one for each container; by hand it is of no use.
package main

import (
	"fmt"
	"os"

	"healthlab/lab/node/images"
	"healthlab/lab/node/shim"
)

func main() {
	if !shim.Called() {
		fmt.Fprintln(os.Stderr, "healthlab starts this program for its containers; it has no use of its own")
		os.Exit(2)
	}
	os.Exit(shim.Serve(images.Table()))
}
