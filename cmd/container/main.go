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
	os.Exit(shim.Serve(images.Runnable()))
}
