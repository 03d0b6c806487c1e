// Command container is the program that runs a container of the embedded cluster: the sandbox and the built-in images, and
// nothing of Kubernetes. It is part of healthlab's binary, which starts one for each container; by hand it is of no use.
package main
