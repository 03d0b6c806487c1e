// Package repaint keeps a full-screen program from writing to the terminal what the terminal shows already.
//
// Bubble Tea's renderer paints each row with a wide character in it anew, whole, as soon as one cell of the screen changes: a
// Korean screen of 120 by 40 cells is 8 kB for every second that a countdown goes on. A Writer stands between the program and the
// terminal. It knows a row that is painted from its left end (erased, then written), remembers what such a row looks like, and
// passes on only the cells that differ. Everything else goes through as it is, and whatever it does not know makes it forget what
// the terminal shows. After each Write the terminal is as it would be without a Writer.
//
// Rows with a character whose width terminals do not agree on are passed on whole, as only the renderer's own way of painting them
// keeps what is wrong about them within the row.
//
// The package refuses to know anything of the console. A Writer is owned by the goroutine that writes, which is Bubble Tea's.
package repaint
