// Package chart draws timelines on an axis of cells: lanes below each other, marks of attempts, states as lines, and the bands
// in which something is expected, beside what was measured. Panes share it. It knows no pane, keeps nothing and refuses to know
// what time it is: an Axis, a View and a moment make a picture.
package chart
