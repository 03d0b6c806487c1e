package lab

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
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

// T is a text that is said in both languages as it stands.
func T(ko, en string) Text { return Text{Ko: ko, En: en} }

// Same is a text that reads the same in every language, such as a command line.
func Same(s string) Text { return Text{Ko: s, En: s} }

// Textf formats the same arguments into both languages. An argument that is itself a Text appears in the language of the
// sentence around it. Use indexed verbs (%[2]s) where the word order differs.
func Textf(ko, en string, args ...any) Text {
	return Text{Ko: fmt.Sprintf(ko, translated(Korean, args)...), En: fmt.Sprintf(en, translated(English, args)...)}
}

// translated returns args with each Text among them in l.
func translated(l Lang, args []any) []any {
	out := make([]any, len(args))
	for i, arg := range args {
		if text, ok := arg.(Text); ok {
			arg = text.In(l)
		}
		out[i] = arg
	}
	return out
}

// Join puts texts together with sep between them, as strings.Join does.
func Join(texts []Text, sep string) Text {
	var out Text
	for i, t := range texts {
		if i > 0 {
			out.Ko, out.En = out.Ko+sep, out.En+sep
		}
		out.Ko, out.En = out.Ko+t.In(Korean), out.En+t.In(English)
	}
	return out
}

// Errorf is the error that says this to the user. Arguments are as in Textf; cause may be nil.
func Errorf(cause error, ko, en string, args ...any) error {
	return &Error{Msg: Textf(ko, en, args...), Cause: cause}
}

// Error is a failure told to the user in both languages; Cause holds the technical reason for errors.Is and the log.
// Errorf makes one; only an error whose text is there already is written as a literal.
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

// InFull tells an error with its causes, each in both languages as far as it is told in them. What is not, such as an error of
// the operating system, is English in both.
func InFull(err error) Text {
	var told *Error
	if !errors.As(err, &told) {
		var translated interface{ In(Lang) string }
		if errors.As(err, &translated) {
			return Text{Ko: translated.In(Korean), En: translated.In(English)}
		}
		return Text{Ko: err.Error(), En: err.Error()}
	}
	if told.Cause == nil {
		return told.Msg
	}
	if _, data := told.Cause.(*Foreign); data { //nolint:errorlint // as deep as it lies, it is looked at as its error's own
		return told.Msg // it says in values what the message says in words
	}
	cause := InFull(told.Cause)
	join := func(msg, cause string) string {
		if strings.Contains(cause, "\n") {
			return msg + ":\n" + cause
		}
		return msg + ": " + cause
	}
	return Text{Ko: join(told.Msg.Ko, cause.Ko), En: join(told.Msg.En, cause.En)}
}

// Brief tells an error without its causes, for where there is room for one sentence only.
func Brief(err error) Text {
	var told *Error
	if errors.As(err, &told) {
		return told.Msg
	}
	return Text{Ko: err.Error(), En: err.Error()}
}

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

// Line is one line of a text from outside, cleaned as Printable does, its words parted by single blanks, and cut as Cut does.
func Line(text string, most int) string {
	if len(text) > 64*most { // what is beyond is cut anyway
		text = text[:64*most]
	}
	if !tidy(text) {
		text = Printable(strings.Join(strings.Fields(strings.ToValidUTF8(text, "\uFFFD")), " "))
	}
	return Cut(text, most)
}

// tidy reports whether text is a line of printable ASCII as it has to be, as most are.
func tidy(text string) bool {
	before := byte(' ')
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' || c == ' ' && before == ' ' {
			return false
		}
		before = text[i]
	}
	return before != ' ' || text == ""
}

// Cut is a text of at most so many letters and, if there were more, a sign of that.
func Cut(text string, most int) string {
	if len(text) <= most || utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most]) + "…"
}
