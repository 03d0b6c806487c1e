// Package tui is the console: the frame around the panes, its keys, dialogs, command prompt and mouse.
//
// There is one tea.Model, Model, and it routes. A key goes to the text field that the user types in, or else to the open dialog,
// the focused pane, or the keymap; any other message goes to the part that it is for. The console and its flows share display (theme, language, the
// keymap), news (what was told) and dialogs (what is asked); screen knows the panes and where they are.
//
// What takes several steps is a flow: a struct with messages of its own that knows the console only by the interface host. The
// flows are steps, faults, question, tasks, prompt, editor, copier, reporter, logView, adopt, preflight, chooser (of a cluster), replaying
// (of a run that is over), cleanUp (on the way out) and pending (which holds keys back). Panes are plain structs in packages of their own that know neither the
// console nor one another; presenter mode is one of them. What is known about labs comes from lab/course.
//
// The goroutine of tea.Program that calls Update and View owns all of this state. Both do no input or output and never wait.
// What the user wants becomes a tea.Cmd that calls Lab.Do. What the session publishes arrives through follow, a goroutine that
// takes the newest snapshot and all facts from a reader of the session's journal whenever the program is ready for them. It makes
// the timeline of the journal's entries, too, and hands a view of it, which never changes, over with each snapshot. View runs
// after every message, so it returns the screen that it drew last unless something has changed since.
//
// The package refuses client-go and everything of healthlab but lab, lab/course, lab/journal, lab/replay, lab/timeline, probes and
// its own subpackages. Nothing is shown as done before a snapshot says so.
package tui
