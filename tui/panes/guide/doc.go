// Package guide is the pane that leads through a lab: the text of the current step, which scrolls, and below it, always
// in sight, the step's commands, its goals with what they still lack, its question and what to do next. It owns the
// answers given, the hints opened and the rendered Markdown; the goroutine of the program's Update and View owns it.
package guide
