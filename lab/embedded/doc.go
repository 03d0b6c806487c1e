// Package embedded runs a Kubernetes control plane in this process.
package embedded
