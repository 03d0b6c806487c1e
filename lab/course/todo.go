package course

import "strings"

// ToDo parts a step's text from its last paragraph, if that says what is to be done: it begins with **할 일:** or **To do:**,
// which is left out. todo is empty if the text has no such paragraph.
func ToDo(body string) (text, todo string) {
	trimmed := strings.TrimRight(body, "\n ")
	i := strings.LastIndex("\n\n"+trimmed, "\n\n") // where the last paragraph begins
	paragraph := trimmed[i:]
	for _, mark := range []string{"**할 일:**", "**To do:**"} {
		if rest, ok := strings.CutPrefix(paragraph, mark); ok {
			return strings.TrimRight(trimmed[:i], "\n "), strings.Join(strings.Fields(rest), " ")
		}
	}
	return body, ""
}
