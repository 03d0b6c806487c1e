// Package sql is as much SQL as health checks of databases use: SELECT of constants and of what a server knows about itself.
// It owns no state. There are no tables, expressions or clauses: Select does not know them, and a server refuses what it does
// not know in its own words.
package sql

import (
	"regexp"
	"strings"
)

// Column is one value of a SELECT.
type Column struct {
	Source string // as it was written
	Alias  string // empty: none was given
	Value  string
	Number bool
	Known  bool // it is one of the server's own values
}

// Split returns the statements of a text, without the semicolons between them; empty ones are left out.
func Split(text string) []string {
	var list []string
	for _, s := range cut(text, ';') {
		if s = strings.TrimSpace(s); s != "" {
			list = append(list, s)
		}
	}
	return list
}

var (
	selectPattern = regexp.MustCompile(`(?is)^select\s+(.+)$`)
	columnPattern = regexp.MustCompile(`(?is)^(.+?)(?:\s+as\s+"?([a-z_][a-z0-9_]*)"?)?$`)
	numberPattern = regexp.MustCompile(`^-?[0-9]+(?:\.[0-9]+)?$`)
	stringPattern = regexp.MustCompile(`(?s)^'((?:[^']|'')*)'$`)
)

// Select evaluates a statement. known are the server's own values by their expressions in lower case, such as version().
func Select(statement string, known map[string]string) (row []Column, ok bool) {
	m := selectPattern.FindStringSubmatch(statement)
	if m == nil {
		return nil, false
	}
	for _, text := range cut(m[1], ',') {
		parts := columnPattern.FindStringSubmatch(strings.TrimSpace(text))
		if parts == nil {
			return nil, false
		}
		c := Column{Source: parts[1], Alias: parts[2]}
		if s := stringPattern.FindStringSubmatch(c.Source); s != nil {
			c.Value = strings.ReplaceAll(s[1], "''", "'")
		} else if c.Number = numberPattern.MatchString(c.Source); c.Number {
			c.Value = c.Source
		} else if c.Value, c.Known = known[strings.ToLower(c.Source)]; !c.Known {
			return nil, false
		}
		row = append(row, c)
	}
	return row, true
}

// cut splits a text at a mark that stands outside quotes.
func cut(text string, mark rune) []string {
	var list []string
	var quote rune
	from := 0
	for i, r := range text {
		switch {
		case quote != 0:
			if r == quote {
				quote = 0
			}
		case r == '\'' || r == '"' || r == '`':
			quote = r
		case r == mark:
			list = append(list, text[from:i])
			from = i + 1
		}
	}
	return append(list, text[from:])
}
