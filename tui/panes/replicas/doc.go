// Package replicas is the pane of deployments and the addresses that their services send requests to: the Replicas line
// as kubectl describe prints it, a bar of it, and each endpoint with its state. The goroutine of the program's Update and
// View owns it.
package replicas
