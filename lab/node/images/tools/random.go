package tools

import "crypto/rand"

// randomName returns letters for the name of a temporary file.
func randomName(n int) string { return rand.Text()[:n] }
