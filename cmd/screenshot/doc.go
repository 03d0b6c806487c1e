// Command screenshot turns a terminal screen, as `tmux capture-pane -pe` prints it, into an SVG picture in which Korean
// and Latin columns line up whatever font the viewer has: every run of text gets its own position and length, and box
// lines and blocks are drawn as shapes. `make pictures` uses it for the README.
//
//	tmux capture-pane -pe | go run ./cmd/screenshot -width 120 -height 40 > console.svg
package main
