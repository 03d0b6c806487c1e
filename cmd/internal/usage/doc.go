// Package usage tells users how they have called the program wrongly, in both languages and with the way to its help. An
// Error of its kind makes the program exit with code 2.
//
// It has no state and no goroutines, and refuses to know any command by name.
package usage
