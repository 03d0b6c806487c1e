// Package statefile writes the small files that healthlab keeps in its state directory, such as where a student is, what they
// have answered and where a console is. It owns the one way of writing them. Each file has one owner, who alone writes it and
// says what is in it.
//
// The package keeps no state and starts no goroutine. It refuses to know what files there are.
package statefile
