package usage

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"healthlab/lab"
)

// Error is a mistake in how the program was called, as opposed to something that went wrong.
type Error struct{ Err error }

func (e Error) Error() string { return e.Err.Error() }

// Unwrap returns what is wrong.
func (e Error) Unwrap() error { return e.Err }

// WrongFlag tells the user what pflag did not take.
func WrongFlag(c *cobra.Command, err error) error {
	var (
		unknown *pflag.NotExistError
		empty   *pflag.ValueRequiredError
		invalid *pflag.InvalidValueError
		syntax  *pflag.InvalidSyntaxError
		told    *lab.Error
	)
	see := c.CommandPath() + " --help"
	switch {
	case errors.As(err, &unknown):
		return Error{Err: lab.Errorf(nil, "%s 플래그는 없습니다. `%s`를 보십시오", "there is no flag %s (see `%s`)",
			dashed(unknown.GetSpecifiedName(), unknown.GetSpecifiedShortnames()), see)}
	case errors.As(err, &empty):
		return Error{Err: lab.Errorf(nil, "%s 플래그에는 값이 필요합니다. `%s`를 보십시오", "the flag %s needs a value (see `%s`)",
			dashed(empty.GetSpecifiedName(), empty.GetSpecifiedShortnames()), see)}
	case errors.As(err, &told):
		return Error{Err: told}
	case errors.As(err, &invalid) && invalid.GetFlag().Value.Type() == "bool":
		return Error{Err: lab.Errorf(nil, "--%s 플래그의 값은 true나 false입니다: %q. `%s`를 보십시오",
			"the flag --%s takes true or false, not %q (see `%s`)", invalid.GetFlag().Name, invalid.GetValue(), see)}
	case errors.As(err, &syntax):
		return Error{Err: lab.Errorf(nil, "%q 부분은 플래그가 아닙니다. --이름 또는 --이름=값으로 쓰십시오. `%s`를 보십시오",
			"%q is not a flag: write --name or --name=value (see `%s`)", syntax.GetSpecifiedFlag(), see)}
	}
	return Error{Err: err}
}

// dashed is a flag as it was typed; shorthands are the letters with which a short one stood.
func dashed(name, shorthands string) string {
	if shorthands == "" {
		return "--" + name
	}
	return "-" + name
}

// NoArguments refuses words after a command that takes none.
func NoArguments(c *cobra.Command, args []string) error {
	switch {
	case len(args) == 0:
		return nil
	case c.HasSubCommands():
		return NoCommand(c, args[0])
	}
	return Error{Err: lab.Errorf(nil, "`%[1]s`에는 인수를 쓸 수 없습니다: %[2]q. `%[1]s --help`를 보십시오",
		"`%[1]s` takes no arguments: %[2]q (see `%[1]s --help`)", c.CommandPath(), args[0])}
}

// NoCommand tells that c has no such command, and which one may have been meant.
func NoCommand(c *cobra.Command, word string) error {
	var meant lab.Text
	if similar := c.SuggestionsFor(word); len(similar) > 0 {
		meant = lab.Textf(" 혹시 %s입니까?", ": did you mean %s?", strings.Join(similar, ", "))
	}
	return Error{Err: lab.Errorf(nil, "%q 명령은 없습니다.%s `%s --help`를 보십시오", "there is no command %q%s (see `%s --help`)",
		word, meant, c.CommandPath())}
}
