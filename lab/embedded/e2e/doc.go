// Command e2e runs Kubernetes' own end-to-end specs against healthlab's embedded cluster, or any other: those about containers'
// probes, hooks, restarts and ends, about the controllers of apps, and about endpoint slices. `make e2e` builds and runs it.
//
// What cannot pass is listed with its reason in exceptions.md, which is the one place that says so and is not run. A spec that is
// not listed has to pass. Which specs are asked for at all stands in areas.go.
//
// Each spec runs in a process of its own, which is this program once more: Kubernetes' test framework keeps its state in
// global variables and ends the process when it gives up.
package main
