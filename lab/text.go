package lab

import (
	"fmt"
	"strings"
	"unicode"
)

// Lang is a language the console speaks.
type Lang string

// The languages, Korean first.
const (
	Korean  Lang = "ko"
	English Lang = "en"
)

// Text is one thing said in each language.
type Text struct {
	Ko string `json:"ko"`
	En string `json:"en"`
}

// In returns the text in l, or in the other language where it is missing.
func (t Text) In(l Lang) string {
	if l == English && t.En != "" || t.Ko == "" {
		return t.En
	}
	return t.Ko
}

// IsZero reports whether nothing is said in either language.
func (t Text) IsZero() bool { return t.Ko == "" && t.En == "" }

// Textf formats the same arguments into both languages; use indexed verbs (%[2]s) where the word order differs.
func Textf(ko, en string, args ...any) Text {
	return Text{Ko: fmt.Sprintf(ko, args...), En: fmt.Sprintf(en, args...)}
}

// Error is a failure told to the user in both languages; Cause holds the technical reason for errors.Is and the log.
type Error struct {
	Msg   Text
	Cause error
}

// Error returns the English text followed by the cause.
func (e *Error) Error() string {
	if e.Cause == nil {
		return e.Msg.En
	}
	return e.Msg.En + ": " + e.Cause.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Printable leaves out of text what could steer a terminal or change how the rest reads: a server or a kubeconfig could have
// put it there.
func Printable(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, text)
}

// Pick returns what is said in l: ko or en.
func (l Lang) Pick(ko, en string) string {
	if l == English {
		return en
	}
	return ko
}
