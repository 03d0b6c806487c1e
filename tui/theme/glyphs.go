package theme

// Glyphs are the symbols of a theme. Each is one cell wide by every way of measuring that terminals use: none has a
// variation selector or is a double-width character.
type Glyphs struct {
	OK, Fail, Wait, Hold, Unknown string // what came of an attempt, or is awaited
	Warn, Info                    string
	Chosen, Current, Pointer      string // the chosen row, the current step, a hint at what to do next
	Done, Todo                    string // of a checklist
	Running, Canceled             string // of tasks
	Full, Empty                   string // the parts of a bar
	Block                         string // what large digits are made of
	Ellipsis                      string // ends what was cut off
	Down                          string // there is more below
	Rule                          string // a horizontal line
	Bullet                        string
	Plain, Focused                Border
	Axis                          Axis
}

// Axis is what a timeline is drawn with.
type Axis struct {
	Solid, Dashed, Dotted string // a state that is as it should be; one in between; one that is not
	Hatch, Dense          string // where something is expected, and where it is by what is known since
	Point                 string // when something has come about
	Fault, Guide          string // what the user has done, and the line down from it
}

// Border is what a frame is drawn with.
type Border struct {
	TopLeft, TopRight, BottomLeft, BottomRight, Horizontal, Vertical string
}

// Unicode returns the glyphs for terminals that draw them one cell wide, which is nearly all.
func Unicode() Glyphs {
	return Glyphs{
		OK: "✓", Fail: "✗", Wait: "·", Hold: "‖", Unknown: "?",
		Warn: "⚠", Info: "•",
		Chosen: "▸", Current: "▸", Pointer: "→",
		Done: "✓", Todo: "○",
		Running: "●", Canceled: "■",
		Full: "■", Empty: "□", Block: "█",
		Ellipsis: "…", Down: "↓", Rule: "─", Bullet: "•",
		Plain:   Border{"╭", "╮", "╰", "╯", "─", "│"},
		Focused: Border{"┏", "┓", "┗", "┛", "━", "┃"},
		Axis: Axis{
			Solid: "━", Dashed: "╍", Dotted: "┈", Hatch: "░", Dense: "▒", Point: "◆", Fault: "▼", Guide: "┊",
		},
	}
}

// ASCII returns glyphs of seven-bit characters, for terminals or fonts that draw the others wrongly.
func ASCII() Glyphs {
	return Glyphs{
		OK: "+", Fail: "x", Wait: ".", Hold: "H", Unknown: "?",
		Warn: "!", Info: "-",
		Chosen: ">", Current: ">", Pointer: ">",
		Done: "x", Todo: "o",
		Running: "*", Canceled: "#",
		Full: "#", Empty: "-", Block: "#",
		Ellipsis: "~", Down: "v", Rule: "-", Bullet: "*",
		Plain:   Border{"+", "+", "+", "+", "-", "|"},
		Focused: Border{"#", "#", "#", "#", "=", "#"},
		Axis: Axis{
			Solid: "=", Dashed: "-", Dotted: ".", Hatch: ":", Dense: "%", Point: "@", Fault: "V", Guide: "'",
		},
	}
}
