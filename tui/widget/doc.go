// Package widget draws the parts that panes and the console are made of: lines of an exact width, tables, scroll areas with
// their keys, strips, bars, and large digits. It makes text from outside harmless before it is drawn, keeps what was drawn until
// it has to be drawn anew, and tells recent changes apart.
//
// It owns no state beyond the values it hands out (Frame, Scroll, Scrolled, Changes), each owned by whoever made it and used from
// the goroutine of the program's Update and View only. It refuses domain types: it knows cells, not pods. Every width is in
// terminal cells, and every function takes any width, also zero and below.
package widget
