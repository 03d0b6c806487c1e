package lab

// Completion is what the last word of a kubectl command line could become.
type Completion struct {
	// Candidates are whole words that begin with what is there of the word.
	Candidates []Candidate
	// NoSpace says that a word is not finished when a candidate has been filled in.
	NoSpace bool
}

// Candidate is one word that is proposed. About describes it; it may be empty.
type Candidate struct{ Word, About string }
