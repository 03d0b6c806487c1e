package tools

import (
	"strings"
)

// basicPattern turns a basic regular expression into an extended one: there ( ) { } + ? | are literal unless escaped.
func basicPattern(basic string) string {
	var out strings.Builder
	for i := 0; i < len(basic); i++ {
		c := basic[i]
		switch {
		case c == '\\' && i+1 < len(basic):
			i++
			if strings.IndexByte("(){}+?|", basic[i]) < 0 {
				out.WriteByte('\\')
			}
			out.WriteByte(basic[i])
		case strings.IndexByte("(){}+?|", c) >= 0:
			out.WriteString(`\` + string(c))
		default:
			out.WriteByte(c)
		}
	}
	return out.String()
}
