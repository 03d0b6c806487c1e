// Package clitest runs healthlab in tests as a process of its own: with its own home directory, signals and exit code. The
// process is the test's binary, which its TestMain turns into the program. Only tests import this package. It has no
// goroutines, and refuses to know which parts of Kubernetes the program was built with.
package clitest
