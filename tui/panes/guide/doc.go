// Package guide is the pane that leads through a lab: the text of the current step, which scrolls, and below it, always in sight,
// what is to be done: in a sentence, the step's commands with how far they have come, its question, its goals with what the next
// one still lacks, and what to press next. What there is no room for is left out by how little it helps, see briefs; the rule
// above says how many more lines the text has.
//
// It says how many lines it needs, so that it gets them where others have less to show. It owns the answers given and the
// rendered Markdown; the goroutine of the program's Update and View owns it.
package guide
