package course

import (
	"strings"

	"healthlab/lab"
)

// ToDo parts a step's text from its last paragraph, if that says what is to be done: it begins with "To do:" in bold, in either
// language, which is left out. todo is empty if the text has no such paragraph.
func ToDo(body string) (text, todo string) {
	trimmed := strings.TrimRight(body, "\n ")
	i := strings.LastIndex("\n\n"+trimmed, "\n\n") // where the last paragraph begins
	paragraph := trimmed[i:]
	mark := lab.T("**할 일:**", "**To do:**")
	for _, mark := range []string{mark.Ko, mark.En} {
		if rest, ok := strings.CutPrefix(paragraph, mark); ok {
			return strings.TrimRight(trimmed[:i], "\n "), strings.Join(strings.Fields(rest), " ")
		}
	}
	return body, ""
}
