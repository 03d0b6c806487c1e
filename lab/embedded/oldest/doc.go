// Command oldest is etcd and the control plane of the oldest Kubernetes that healthlab is made for, as one program: its first
// argument says which of them it is, the rest are that component's own flags. `make compat` runs the labs against it.
package main
