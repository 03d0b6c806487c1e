// Package shim runs containers in processes of their own: the same sandbox, with the operating system between a container
// and everything else. It has two ends. Runtime, in healthlab, looks to the node agent like a sandbox.Runtime; Serve is the
// whole of the other process, which runs one container (the containers of one pod, where they share their process
// namespace).
//
// # Why processes
//
// In Go some errors cannot be caught: a stack without end, no memory left. And the memory and the goroutines of one part of a
// process cannot be taken away from it. So what must hold whatever a container does is left to the kernel, which does it for
// all kinds of containers at once: a crash ends that container; its memory is counted and bounded, and comes back; it is gone
// when its process is; the control plane, the console and the probes come before it on the processors.
//
// A process costs about 10 ms and 3 MB: the program is built from this package and the images alone. Were it healthlab itself,
// Kubernetes' code would make it 90 ms and 19 MB for each. One process for all containers would cost less still, but then
// one of them could end all, and what each of them holds could only be guessed. Beyond MaxProcesses containers share
// processes, and what one of them does then reaches those that it shares with.
//
// # Memory
//
// The bound of a process is the sum of its containers' limits. What it holds is looked at after each garbage collection,
// which comes at the latest when the bound is reached, and beyond that there is RLIMIT_DATA on Linux. A process that holds too
// much ends; its containers are OOMKilled with exit code 137, all of them, as a kubelet has cgroups v2 do it
// (memory.oom.group). All processes together have a bound as well; the largest one then ends.
//
// # CPU
//
// Processes run at nice 10. A limit of CPU is kept by stopping the process for the rest of a period of 100 ms, as the
// kernel's bandwidth control does (Linux only).
//
// # Protocol
//
// Standard input and output of the process carry yamux streams; there is no listener, so nobody else can speak it. A stream
// is one call (a request, a response) or one exec or attach (a request, then frames). Both ends may call. When the stream of
// the process ends, so does the process: no container outlives healthlab.
//
// # Who owns what
//
// A process belongs to the goroutine that waits for it. Runtime.Close ends all processes and waits for them. Everything else
// is guarded by the mutex beside it.
package shim
