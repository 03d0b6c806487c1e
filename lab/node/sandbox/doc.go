// Package sandbox runs containers as programs of this process: what containerd, runc and the kernel are to a kubelet. It owns
// pods, containers and their processes, signals, files, logs and terminals. It knows nothing of Kubernetes objects, restarts
// or probes, and it runs no program of the host: only those of an Image.
//
// In healthlab each container has an operating system's process to itself (package shim), and this package runs in it.
//
// # What a container has
//
// Its own root directory, an os.Root below the runtime's, with mounts that are os.Roots of their own: the host's
// kernel keeps every path inside. Its own PID namespace, with the signal rules of Linux: PID 1 gets only what it has a
// handler for, except SIGKILL from the node. Bounded processes ("Resource temporarily unavailable"), bounded disk ("No
// space left on device"), a bounded and rotated log. A program that panics ends with code 2 and a message. A umask,
// and descriptors from 3 on, which children begin with. Ports on the pod network (package network).
//
// # What differs from Linux
//
// A killed program must return by itself; everything here that blocks ends with its context, and one that does not
// return within two seconds is given up: its process ends without it, and its goroutine with the operating system's process
// when the container has ended. SIGSTOP stops a process at its next read, write, accept or shell command. There is one user,
// root. UDP, hard links, FIFOs and job control do not exist. Memory and processors are the shim's to bound.
//
// # Goroutines
//
// Each process has two, one that runs its program and one that owns its end; each container has one that waits for its
// main program. Close, and Remove of a pod or container, return when all of them have ended. A Process's exported
// fields belong to its program's goroutine; everything else is guarded by the mutexes named in the types.
package sandbox
