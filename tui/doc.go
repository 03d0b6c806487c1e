// Package tui is the console: the frame that panes are drawn in, its keys, dialogs, command prompt and mouse.
//
// There is one tea.Model, Model. It routes: a message goes to whom it is for, a key to whoever types, the dialog, the focused
// pane, or the keymap. What takes several steps is a flow, a struct with messages of its own that knows the console only by the
// interface host: steps, faults, question, tasks, prompt, editor, copier, logView, adopt, preflight, chooser of a cluster,
// cleanUp on the way out, and pending, which holds keys back. What is where is known to screen. The console and its flows share three things: display (theme,
// language, texts), news (what was told) and dialogs (what is asked). Panes are plain structs in packages of their own that know
// neither the console nor one another; presenter mode is one of them, in place of all others. What is known about labs comes
// from lab/course.
//
// All of that state is owned by the goroutine of tea.Program that calls Update and View. Both do no input or output and never
// wait. What the user wants becomes a tea.Cmd that calls Lab.Do; what the session publishes arrives through a bridge, a goroutine
// that takes the newest snapshot and all facts from a reader of the session's journal whenever the program is ready for them.
// View runs after every message and therefore returns the screen it drew last unless something has changed since.
//
// The package refuses client-go and everything of healthlab but lab, lab/course, lab/journal, probes and its own subpackages.
// Nothing is shown as done before a snapshot says so.
package tui
