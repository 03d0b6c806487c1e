// Package report makes of a run's journal a document for somebody who was not there: a student hands it in, an engineer puts it
// into a post-mortem.
//
// Read (or a Builder, entry by entry) gives a Report, a value. Markdown, HTML and JSON write it; they add nothing and look
// nothing up, so that all three say the same. What the fields of a Report mean is told at its types; schema.json says it to
// machines, and SchemaVersion grows with every change after which a reader of the old form would get something wrong.
//
// A report leaves the machine, so names and secrets do not go with it: names.go takes out secrets always, and the names of
// hosts and users, paths and addresses unless they were asked for, from every text of the Report that is from outside. What was
// left out is told at the end of the report.
//
// A text from outside (Outside, and what a lab.Text quotes) is cleaned of control characters, bounded, and shown as text: it
// cannot become markup in any of the three forms. Everything is bounded: an hour of thirty pods gives less than 2 MB.
//
// The package reads no clock and no file, starts no goroutine and keeps nothing. One goroutine uses a Builder. It refuses
// clusters and sessions.
package report
