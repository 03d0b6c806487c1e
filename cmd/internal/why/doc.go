// Package why looks once at the pods of a namespace and prints why those are not Ready or were restarted, as lab/cause tells it.
//
// It only reads: pods, which it cannot do without, and events and the ends of logs as far as it may; what it may not read it
// says. Nothing is kept and no goroutine is started. What is printed is bounded in pods and lines, and clean of what could
// steer a terminal.
//
// It refuses to reason: which cause something has is lab/cause's to know.
package why
