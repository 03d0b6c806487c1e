// Package rows makes values of the lab ready for drawing where more than one pane draws them: events, attempts, titles, guesses,
// forecasts and what came of them, states in words, and command lines that are broken where a shell allows it. What only one
// pane shows stays in that pane.
//
// It owns no state: every function is pure and takes the time and the style that it needs. It refuses to know panes and the
// console.
package rows
