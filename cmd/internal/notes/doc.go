// Package notes brings the speaker notes of a running console's step to another terminal, for `healthlab notes`.
//
// It owns the file by which the two processes meet: Announce leaves the position of a session there while it runs, in a
// goroutine that ends after the session; Follow looks at it twice a second, in the goroutine of its caller. The package
// refuses to speak to a cluster or to a session in another way: what it shows are the labs' own texts.
package notes
