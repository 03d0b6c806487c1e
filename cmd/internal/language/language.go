package language

import (
	"github.com/spf13/pflag"

	"healthlab/lab"
)

// Of decides on the language before the command line is parsed, since the help and what is wrong with the command
// line are told in it: --lang, or else the settings', or else Korean. One that is not known is left to those who check
// it later.
func Of(args []string, settings string) lab.Lang {
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	flags.ParseErrorsAllowlist.UnknownFlags = true
	flags.BoolP("help", "h", false, "") // which would otherwise end the parsing
	flag := flags.String("lang", "", "")
	_ = flags.Parse(args) // what is wrong is told by those who know all flags
	for _, name := range []string{*flag, settings} {
		if lang, err := Parse("", name); name != "" && err == nil {
			return lang
		}
	}
	return lab.Korean
}

// Parse is the language of this name, which was given in the place called where; none is Korean. The user's language
// is not known where it is neither, so the error tells it in both.
func Parse(where, name string) (lab.Lang, error) {
	switch lang := lab.Lang(name); lang {
	case "", lab.Korean:
		return lab.Korean, nil
	case lab.English:
		return lang, nil
	}
	both := lab.Textf("%q 언어는 없습니다. ko나 en을 쓰십시오", "the language %q is not known: use ko or en", name)
	line := where + ": " + both.Ko + " / " + both.En
	return "", &lab.Error{Msg: lab.Same(line)}
}

// ErrorText is an error in the language that the user reads, as far as it is told in languages.
func ErrorText(err error, lang lab.Lang) string { return lab.InFull(err).In(lang) }
