package widget

import "strings"

// Reason is why a probe failed, without what is known anyway and would push the reason out of sight: which probe it was
// and the address that it asked.
func Reason(message string) string {
	if _, rest, ok := strings.Cut(message, " probe failed: "); ok {
		message = rest
	}
	if rest, ok := strings.CutPrefix(message, `Get "`); ok {
		if _, rest, ok := strings.Cut(rest, `": `); ok {
			message = rest
		}
	}
	if rest, ok := strings.CutPrefix(message, "dial tcp "); ok {
		if _, rest, ok := strings.Cut(rest, ": "); ok {
			message = strings.TrimPrefix(rest, "connect: ")
		}
	}
	message, _, _ = strings.Cut(message, " (Client.Timeout")
	return strings.TrimPrefix(message, "HTTP probe failed with ")
}
