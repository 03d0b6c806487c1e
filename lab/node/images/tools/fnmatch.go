package tools

import "strings"

// fnmatch matches a shell pattern as fnmatch(3) does without flags: * and ? take slashes and dots too. It takes at most
// as many steps as pattern and name are long, multiplied.
func fnmatch(pattern, name string) bool {
	star, mark := -1, 0
	i, j := 0, 0
	for j < len(name) {
		if i < len(pattern) {
			if pattern[i] == '*' {
				star, mark = i, j
				i++
				continue
			}
			if width, ok := matchOne(pattern[i:], name[j]); ok {
				i += width
				j++
				continue
			}
		}
		if star < 0 {
			return false
		}
		mark++
		i, j = star+1, mark
	}
	return strings.Trim(pattern[i:], "*") == ""
}

// matchOne matches one byte against ?, [...], an escaped or a plain byte, and returns how long that is.
func matchOne(pattern string, c byte) (int, bool) {
	switch {
	case pattern[0] == '?':
		return 1, true
	case pattern[0] == '\\' && len(pattern) > 1:
		return 2, pattern[1] == c
	case pattern[0] == '[':
		if width, ok := matchBracket(pattern, c); width > 0 {
			return width, ok
		}
	}
	return 1, pattern[0] == c
}

// matchBracket returns 0 when the bracket is not closed, and is then a plain byte.
func matchBracket(pattern string, c byte) (int, bool) {
	i, inverted, hit := 1, false, false
	if i < len(pattern) && (pattern[i] == '!' || pattern[i] == '^') {
		inverted = true
		i++
	}
	for first := true; i < len(pattern); first = false {
		if pattern[i] == ']' && !first {
			return i + 1, hit != inverted
		}
		if name, _, found := strings.Cut(pattern[i:], ":]"); found && strings.HasPrefix(name, "[:") {
			members, _ := trClass(name[2:])
			hit = hit || strings.IndexByte(string(members), c) >= 0
			i += len(name) + 2
			continue
		}
		if pattern[i] == '\\' && i+1 < len(pattern) {
			i++
		}
		from := pattern[i]
		to := from
		i++
		if i+1 < len(pattern) && pattern[i] == '-' && pattern[i+1] != ']' {
			if i++; pattern[i] == '\\' && i+1 < len(pattern) {
				i++
			}
			to = pattern[i]
			i++
		}
		hit = hit || from <= c && c <= to
	}
	return 0, false
}
