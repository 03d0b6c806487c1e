// Package tui is the console: the frame that panes are drawn in, its keys, dialogs, command prompt and mouse.
//
// There is one tea.Model, Model; its state is owned by the goroutine of tea.Program that calls Update and View. Panes are
// plain structs that it calls. Update and View do no input or output and never wait: what the user wants becomes a
// tea.Cmd that calls Lab.Do, what the session publishes arrives through a bridge, a goroutine that takes the newest snapshot
// and all facts from a reader of the session's journal whenever the program is ready for them. View runs after every message and therefore returns the
// screen it drew last unless something has changed since.
//
// The package refuses client-go and everything of healthlab but lab, lab/journal, probes and its own subpackages. Nothing is shown as
// done before a snapshot says so.
package tui
