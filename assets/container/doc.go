// Package container holds the program that runs containers (cmd/container), built before healthlab by `make build`. Without
// the build tag "bundled" it is empty, and healthlab starts itself for each container, which takes longer and more memory.
package container
