package tui

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain looks for goroutines left behind. Bubble Tea's keyboard reader is not counted: after a panic nobody waits for
// it, and with a key still unread at the end it blocks for good (ultraviolet's sendEvents knows no context).
func TestMain(m *testing.M) {
	const reader = "github.com/charmbracelet/ultraviolet.(*TerminalReader)."
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction(reader+"StreamEvents"), goleak.IgnoreAnyFunction(reader+"sendBytes"))
}
