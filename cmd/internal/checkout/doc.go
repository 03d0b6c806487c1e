// Package checkout tests what holds of the checkout as a whole: which package may import which, that every package says what it
// is, that the READMEs' tables are what the code says and the names in them exist, and that every text is there in both
// languages with the same verbs. It has no code of its own.
package checkout
