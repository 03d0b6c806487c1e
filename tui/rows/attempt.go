package rows

import (
	"healthlab/probes"
	"healthlab/tui/theme"
	"healthlab/tui/widget"
)

// Attempt is the mark of an attempt in a strip. A warning is a success that the kubelet would report as an event.
func Attempt(s *theme.Style, o probes.Outcome, warning bool) widget.Mark {
	if warning {
		return widget.Mark{Glyph: s.Glyphs.Warn, Style: s.Warn}
	}
	switch o {
	case probes.Success:
		return widget.Mark{Glyph: s.Glyphs.OK, Style: s.Good}
	case probes.Failure:
		return widget.Mark{Glyph: s.Glyphs.Fail, Style: s.Bad}
	case probes.Unknown:
	}
	return widget.Mark{Glyph: s.Glyphs.Unknown, Style: s.Info}
}
