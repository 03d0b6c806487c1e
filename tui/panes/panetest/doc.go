// Package panetest holds what the tests of all panes share: a snapshot of both labs in the middle of their faults, and
// the checks that any pane must pass. It is imported by tests only.
package panetest
