package theme

import (
	"image/color"

	"charm.land/lipgloss/v2"
)

// palette is the colour tokens of a theme. Every token is readable on Background and on Surface at WCAG AA (4.5:1), and
// OnMark is readable on Mark and on Alarm.
type palette struct {
	Background, Surface       color.Color
	Text, Muted, Strong       color.Color
	Accent, Good, Warn, Bad   color.Color
	Info, Border, BorderFocus color.Color
	Mark, Alarm, OnMark       color.Color
}

func dark() palette {
	return palette{
		Background: lipgloss.Color("#14171c"), Surface: lipgloss.Color("#232a35"),
		Text: lipgloss.Color("#e3e7ed"), Muted: lipgloss.Color("#a2acb9"), Strong: lipgloss.Color("#ffffff"),
		Accent: lipgloss.Color("#6fc3ff"), Good: lipgloss.Color("#6fdc8c"), Warn: lipgloss.Color("#ffcf5c"),
		Bad: lipgloss.Color("#ff8f8f"), Info: lipgloss.Color("#b9a7ff"),
		Border: lipgloss.Color("#8390a2"), BorderFocus: lipgloss.Color("#6fc3ff"),
		Mark: lipgloss.Color("#ffcf5c"), Alarm: lipgloss.Color("#ff8f8f"), OnMark: lipgloss.Color("#14171c"),
	}
}

func light() palette {
	return palette{
		Background: lipgloss.Color("#fcfcfa"), Surface: lipgloss.Color("#e7ecf3"),
		Text: lipgloss.Color("#1d232b"), Muted: lipgloss.Color("#4c5866"), Strong: lipgloss.Color("#000000"),
		Accent: lipgloss.Color("#00569e"), Good: lipgloss.Color("#0a642d"), Warn: lipgloss.Color("#7a4a00"),
		Bad: lipgloss.Color("#b00020"), Info: lipgloss.Color("#5a35b0"),
		Border: lipgloss.Color("#5b6776"), BorderFocus: lipgloss.Color("#00569e"),
		Mark: lipgloss.Color("#7a4a00"), Alarm: lipgloss.Color("#b00020"), OnMark: lipgloss.Color("#ffffff"),
	}
}

func highContrast() palette {
	return palette{
		Background: lipgloss.Color("#000000"), Surface: lipgloss.Color("#1a1a1a"),
		Text: lipgloss.Color("#ffffff"), Muted: lipgloss.Color("#e0e0e0"), Strong: lipgloss.Color("#ffffff"),
		Accent: lipgloss.Color("#66e0ff"), Good: lipgloss.Color("#5cff7a"), Warn: lipgloss.Color("#ffe100"),
		Bad: lipgloss.Color("#ff9c9c"), Info: lipgloss.Color("#ffb3ff"),
		Border: lipgloss.Color("#ffffff"), BorderFocus: lipgloss.Color("#ffe100"),
		Mark: lipgloss.Color("#ffe100"), Alarm: lipgloss.Color("#ff9c9c"), OnMark: lipgloss.Color("#000000"),
	}
}

// sixteen uses only the terminal's own sixteen colours, which its user has made readable on its background; so text,
// and what is merely less important, keep the terminal's foreground.
func sixteen(lightBackground bool) palette {
	p := palette{
		Surface: lipgloss.NoColor{}, Background: lipgloss.NoColor{},
		Text: lipgloss.NoColor{}, Muted: lipgloss.NoColor{}, Strong: lipgloss.NoColor{},
		Accent: lipgloss.BrightCyan, Good: lipgloss.BrightGreen, Warn: lipgloss.BrightYellow, Bad: lipgloss.BrightRed,
		Info: lipgloss.BrightMagenta, Border: lipgloss.NoColor{}, BorderFocus: lipgloss.BrightCyan,
		Mark: lipgloss.BrightYellow, Alarm: lipgloss.BrightRed, OnMark: lipgloss.Black,
	}
	if lightBackground {
		p.Accent, p.Good, p.Warn = lipgloss.Blue, lipgloss.Green, lipgloss.Magenta
		p.Bad, p.Info, p.BorderFocus = lipgloss.Red, lipgloss.Magenta, lipgloss.Blue
		p.Mark, p.Alarm, p.OnMark = lipgloss.Blue, lipgloss.Red, lipgloss.BrightWhite
	}
	return p
}
