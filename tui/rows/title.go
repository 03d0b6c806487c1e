package rows

import (
	"healthlab/lab"
	"healthlab/tui/widget"
)

// Title is the title of a pane that follows its end. While it does not, the title says so, with the key that follows again.
func Title(title lab.Text, scroll *widget.Scroll) lab.Text {
	if scroll.Following() {
		return title
	}
	return lab.Textf("%s (멈춤, %[2]s로 이어 보기)", "%s (paused, %[2]s follows)", title, widget.EndKey)
}
