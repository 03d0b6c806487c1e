package tui

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"healthlab/tui/widget"
)

// footer shows the keys that matter now.
func (m *Model) footer(w int) string {
	if m.prompt.open {
		return m.prompt.draw(w)
	}
	var out strings.Builder
	for _, item := range m.footerItems(w) {
		out.WriteString(m.style.Key.Render(item.key) + " " + m.style.Text.Render(item.name) + "  ")
	}
	return " " + widget.Fit(out.String(), w-1, "")
}

// footerItem is a key of the footer, with the cells that it takes.
type footerItem struct {
	Binding
	key, name string
	x, w      int
}

// footerItems are the keys that have room in w cells, each whole or not at all. Help and quit are always there, at the
// end.
func (m *Model) footerItems(w int) []footerItem {
	item := func(b Binding) footerItem {
		key, name := keyName(b.Keys[0], m.ascii), m.say(b.Name)
		return footerItem{Binding: b, key: key, name: name, w: ansi.StringWidth(key) + 1 + ansi.StringWidth(name)}
	}
	const gap = 2
	last := []footerItem{item(m.keys.byID("help")), item(m.keys.byID("quit"))}
	room := w - 1
	for _, i := range last {
		room -= i.w + gap
	}
	var items []footerItem
	for _, b := range m.keys.bindings {
		if b.inFooter == nil || b.ID == last[0].ID || b.ID == last[1].ID || !b.inFooter(m) {
			continue
		}
		if i := item(b); i.w+gap <= room {
			room -= i.w + gap
			items = append(items, i)
		}
	}
	items = append(items, last...)
	x := 1
	for i := range items {
		items[i].x = x
		x += items[i].w + gap
	}
	return items
}
