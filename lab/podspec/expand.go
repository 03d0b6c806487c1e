package podspec

import (
	"strings"

	v1 "k8s.io/api/core/v1"
)

// Lookup returns the value of a variable, and whether there is one.
type Lookup func(name string) (value string, ok bool)

// Values looks a variable up in each of envs; the first one that has it counts.
func Values(envs ...map[string]string) Lookup {
	return func(name string) (string, bool) {
		for _, env := range envs {
			if value, ok := env[name]; ok {
				return value, true
			}
		}
		return "", false
	}
}

// literals are the variables that a probe's command may refer to: those with a literal value. A kubelet does not resolve
// valueFrom here, and so such a variable is empty; and a value is taken as it is written, with nothing expanded in it.
func literals(env []v1.EnvVar) map[string]string {
	out := make(map[string]string, len(env))
	for _, e := range env {
		out[e.Name] = e.Value
	}
	return out
}

// ExpandAll expands each of words.
func ExpandAll(words []string, lookup Lookup) []string {
	if words == nil {
		return nil
	}
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = Expand(w, lookup)
	}
	return out
}

// maxExpanded is how long a string may become by what is put into it: on Linux, no program can be given a longer argument
// or variable. Without a bound, a small manifest could ask for more memory than there is.
const maxExpanded = 128 << 10

// Expand replaces each $(NAME) in s by the variable's value. A reference to what lookup does not know stays as it is, and so
// does one whose value would make the result longer than 128 KiB. $$ stands for a $, so that $$(NAME) is no reference.
// Nothing else is special, and values are not expanded again.
func Expand(s string, lookup Lookup) string {
	var b strings.Builder
	last := strings.LastIndexByte(s, ')')
	for i := 0; i < len(s); i++ {
		switch {
		case strings.HasPrefix(s[i:], "$$"):
			b.WriteByte('$')
			i++
		case strings.HasPrefix(s[i:], "$(") && i < last:
			reference, _, _ := strings.Cut(s[i:], ")")
			value, ok := lookup(reference[len("$("):])
			if !ok || b.Len()+len(value) > maxExpanded {
				value = reference + ")"
			}
			b.WriteString(value)
			i += len(reference)
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String()
}
