package theme

import (
	"image/color"
	"time"

	"charm.land/lipgloss/v2"
)

// Name names a theme.
type Name string

// The themes.
const (
	Dark         Name = "dark"
	Light        Name = "light"
	HighContrast Name = "high-contrast"
)

// Names returns the names of the themes in the order in which a key goes through them.
func Names() []Name { return []Name{Dark, Light, HighContrast} }

// Next returns the theme after n, and the first one after the last or after an unknown name.
func (n Name) Next() Name {
	names := Names()
	for i, name := range names[:len(names)-1] {
		if name == n {
			return names[i+1]
		}
	}
	return names[0]
}

// Colors says how many colours the terminal has.
type Colors int

// The numbers of colours. FullColor stands for 256 and more: the renderer takes the nearest it has.
const (
	FullColor Colors = iota
	SixteenColors
	NoColor // NO_COLOR is set: attributes only
)

// Options adapt a theme to a terminal.
type Options struct {
	Colors Colors
	ASCII  bool // seven-bit glyphs only
}

// Style is a theme made ready for drawing. Its styles are for text without line ends.
type Style struct {
	Name   Name
	Glyphs Glyphs
	// Background and Foreground are what the whole screen is set to; nil leaves the terminal's own.
	Background, Foreground color.Color

	Text, Muted, Strong    lipgloss.Style
	Heading, Accent        lipgloss.Style
	Good, Warn, Bad, Info  lipgloss.Style
	Key, Command           lipgloss.Style // a key to press; a command to type
	Header                 lipgloss.Style // of table columns
	Selected               lipgloss.Style // the chosen row
	Struck                 lipgloss.Style // what is gone; a word says so too
	Fresh, Fading          lipgloss.Style // what changed a moment ago, and a few moments ago
	Alarm                  lipgloss.Style // what must not be overlooked
	Bar                    lipgloss.Style // the header and footer lines
	Border, BorderFocused  lipgloss.Style
	Title, TitleFocused    lipgloss.Style
	Match                  lipgloss.Style // what a search found
	Real                   lipgloss.Style // marks a cluster of the user's own, in a colour that nothing else has
	Placeholder, Separator lipgloss.Style
}

// How long a change stands out.
const (
	FreshFor = 2 * time.Second // in the style Fresh
	FadeFor  = 6 * time.Second // then Fading until this age
)

// New returns the theme called name; an unknown name gives Dark.
func New(name Name, o Options) Style {
	s := Style{Name: name, Glyphs: Unicode()}
	if o.ASCII {
		s.Glyphs = ASCII()
	}
	if o.Colors == NoColor {
		s.plain()
		return s
	}
	var p palette
	switch name {
	case Light:
		p = light()
	case HighContrast:
		p = highContrast()
	default:
		s.Name, p = Dark, dark()
	}
	if o.Colors == SixteenColors {
		p = sixteen(name == Light)
	} else {
		s.Background, s.Foreground = p.Background, p.Text
	}
	s.paint(p)
	return s
}

// line is a style for text within one line. It renders ten times as fast as one for blocks, which measures its text.
func line() lipgloss.Style { return lipgloss.NewStyle().Inline(true) }

func (s *Style) paint(p palette) {
	fg := func(c color.Color) lipgloss.Style { return line().Foreground(c) }
	s.Text, s.Muted = fg(p.Text), fg(p.Muted)
	s.Strong = fg(p.Strong).Bold(true)
	s.Heading, s.Accent = fg(p.Accent).Bold(true), fg(p.Accent)
	s.Good, s.Warn, s.Bad, s.Info = fg(p.Good), fg(p.Warn), fg(p.Bad).Bold(true), fg(p.Info)
	s.Key, s.Command = fg(p.Accent).Bold(true), fg(p.Strong).Background(p.Surface)
	s.Header = fg(p.Muted).Bold(true)
	s.Selected = fg(p.Strong).Background(p.Surface).Bold(true)
	s.Struck = fg(p.Muted).Strikethrough(true)
	s.Fresh, s.Fading = fg(p.OnMark).Background(p.Mark).Bold(true), fg(p.Warn).Bold(true)
	s.Alarm = fg(p.OnMark).Background(p.Alarm).Bold(true)
	s.Bar = fg(p.Text).Background(p.Surface)
	s.Border, s.BorderFocused = fg(p.Border), fg(p.BorderFocus)
	s.Title, s.TitleFocused = fg(p.Text).Bold(true), fg(p.BorderFocus).Bold(true)
	s.Match = fg(p.OnMark).Background(p.Mark)
	s.Real = fg(p.OnMark).Background(p.Info).Bold(true)
	s.Placeholder, s.Separator = fg(p.Muted), fg(p.Border)
}

// plain tells things apart by attributes that terminals without colour have too.
func (s *Style) plain() {
	text, bold := line(), line().Bold(true)
	reverse := line().Reverse(true)
	s.Text, s.Muted, s.Strong = text, text, bold
	s.Heading, s.Accent = bold.Underline(true), bold
	s.Good, s.Warn, s.Bad, s.Info = text, bold, bold, text
	s.Key, s.Command, s.Header, s.Selected = bold, bold, bold, bold
	s.Struck = text.Strikethrough(true)
	s.Fresh, s.Fading, s.Alarm = reverse, bold, reverse.Bold(true)
	s.Bar, s.Border, s.BorderFocused = reverse, text, bold
	s.Title, s.TitleFocused = text, bold
	s.Match, s.Real = reverse, reverse.Bold(true)
	s.Placeholder, s.Separator = text, text
}

// Changed returns the style for something that changed age ago, and whether it still stands out.
func (s *Style) Changed(age time.Duration) (lipgloss.Style, bool) {
	switch {
	case age < 0 || age >= FadeFor:
		return s.Text, false
	case age < FreshFor:
		return s.Fresh, true
	default:
		return s.Fading, true
	}
}
