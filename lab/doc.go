// Package lab holds the values that every part of healthlab shares: what a lab consists of (Lab, Step, Goal, Fault), what
// is seen of the cluster (Snapshot and what it holds), what has happened (Fact) and what the user wants (Action).
//
// It owns no state and starts no goroutine. Its values are immutable once they have been handed on: whoever needs another
// one makes a copy. It refuses client-go and Kubernetes types, so that the console compiles and tests in seconds and
// cannot tell the embedded cluster from any other.
package lab
