// Package checkout tests what holds of the checkout as a whole: which package may import which, and that the READMEs' tables
// are what the code says. It has no code of its own.
package checkout
