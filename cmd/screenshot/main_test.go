package main

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/exp/golden"
)

func drawn(screen string, width, height int) string {
	canvas := lipgloss.NewCanvas(width, height).Compose(lipgloss.NewLayer(screen))
	p := picture{canvas: canvas, width: width, height: height, ink: "#dddddd", paper: "#111111"}
	return p.draw()
}

func TestPicture(t *testing.T) {
	golden.RequireEqual(t, drawn("┌─ 파드 <1/1>\n\x1b[1;38;2;255;0;0m✗ 실패\x1b[0m ○●■\n\x1b[7m█ a\x1b[0m\x1b[9mb\x1b[0m", 14, 3))
}

func TestPictureIsXML(t *testing.T) {
	for d := xml.NewDecoder(strings.NewReader(drawn(`<a href="x">&'`+"✓✗▸‖□→↓•·…⚠", 40, 1))); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

// No symbol of the console may depend on the viewer's fonts.
func TestSymbolsAreShapes(t *testing.T) {
	for _, s := range strings.Split("| ✓ ✗ · ‖ ⚠ • ▸ → ○ ● ■ □ █ … ↓ ─ ╭ ╮ ╰ ╯ │ ┏ ┓ ┗ ┛ ━ ┃", " ") {
		if shape(s) == "" {
			t.Errorf("%s is drawn as text", s)
		}
	}
	if shape("a") != "" || shape("가") != "" {
		t.Error("text is drawn as a shape")
	}
}
