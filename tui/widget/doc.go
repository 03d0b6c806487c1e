// Package widget draws the parts that panes are made of: lines of an exact width, tables, scroll areas, strips, bars,
// large digits, and what tells recent changes apart.
//
// It owns no state beyond the values it hands out, each owned by the pane that made it and used from the goroutine of
// the program's Update and View only. It refuses domain types: it knows cells, not pods. Every width is in terminal
// cells, and every function takes any width, also zero and below.
package widget
