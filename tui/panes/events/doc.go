// Package events is the pane of Kubernetes events: when last seen and how often, type, reason, object and message, the
// newest at the end and followed. It owns its scroll position and what it drew; the goroutine of the program's Update and
// View owns it.
package events
