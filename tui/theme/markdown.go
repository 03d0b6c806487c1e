package theme

import (
	"fmt"
	"image/color"
	"strconv"

	glamour "charm.land/glamour/v2/ansi"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"
)

// Markdown returns the theme for Glamour. Inline code gets no blanks around it, because a Korean particle follows it
// without one.
func (s *Style) Markdown() glamour.StyleConfig {
	yes, two := true, uint(2)
	bar := s.Glyphs.Plain.Vertical + " "
	primitive := func(st lipgloss.Style) glamour.StylePrimitive {
		p := glamour.StylePrimitive{Color: token(st.GetForeground()), BackgroundColor: token(st.GetBackground())}
		if st.GetBold() {
			p.Bold = &yes
		}
		if st.GetUnderline() {
			p.Underline = &yes
		}
		return p
	}
	block := func(st lipgloss.Style) glamour.StyleBlock { return glamour.StyleBlock{StylePrimitive: primitive(st)} }
	heading := block(s.Heading)
	heading.BlockSuffix = "\n"

	code := primitive(s.Command)
	listing := glamour.StyleBlock{StylePrimitive: primitive(s.Text), Margin: &two}
	return glamour.StyleConfig{
		Document:   block(s.Text),
		Paragraph:  glamour.StyleBlock{},
		BlockQuote: glamour.StyleBlock{StylePrimitive: primitive(s.Muted), Indent: ptr(uint(1)), IndentToken: &bar},
		List:       glamour.StyleList{LevelIndent: 2},
		Heading:    heading,
		Strong:     glamour.StylePrimitive{Bold: &yes, Color: token(s.Strong.GetForeground())},
		Emph:       glamour.StylePrimitive{Underline: &yes},
		Strikethrough: glamour.StylePrimitive{
			CrossedOut: &yes,
		},
		HorizontalRule: glamour.StylePrimitive{Format: "\n" + s.Glyphs.Rule + s.Glyphs.Rule + s.Glyphs.Rule + "\n"},
		Item:           glamour.StylePrimitive{BlockPrefix: s.Glyphs.Bullet + " "},
		Enumeration:    glamour.StylePrimitive{BlockPrefix: ". "},
		Task:           glamour.StyleTask{Ticked: "[" + s.Glyphs.Done + "] ", Unticked: "[ ] "},
		Link:           glamour.StylePrimitive{Underline: &yes, Color: token(s.Accent.GetForeground())},
		LinkText:       primitive(s.Accent),
		Code:           glamour.StyleBlock{StylePrimitive: code},
		CodeBlock:      glamour.StyleCodeBlock{StyleBlock: listing},
		Table: glamour.StyleTable{
			CenterSeparator: ptr(s.cross()),
			ColumnSeparator: ptr(s.Glyphs.Plain.Vertical),
			RowSeparator:    ptr(s.Glyphs.Plain.Horizontal),
		},
	}
}

func (s *Style) cross() string {
	if s.Glyphs.Rule == "-" {
		return "+"
	}
	return "┼"
}

// token names a colour in Glamour's way; nil for none.
func token(c color.Color) *string {
	switch c := c.(type) {
	case nil, lipgloss.NoColor:
		return nil
	case ansi.BasicColor:
		return ptr(strconv.Itoa(int(c)))
	default:
		r, g, b, _ := c.RGBA()
		return ptr(fmt.Sprintf("#%02x%02x%02x", r>>8, g>>8, b>>8))
	}
}

func ptr[T any](v T) *T { return &v }
