package terminal

import (
	"fmt"
	"os"

	"golang.org/x/sys/windows"
)

// EachKey makes a terminal hand over each key as it is pressed, and show none. Ctrl+C still interrupts. restore brings back
// what was before.
func EachKey(terminal *os.File) (restore func() error, err error) {
	console := windows.Handle(terminal.Fd())
	var before uint32
	if err := windows.GetConsoleMode(console, &before); err != nil {
		return nil, fmt.Errorf("read the terminal's mode: %w", err)
	}
	if err := windows.SetConsoleMode(console, before&^(windows.ENABLE_LINE_INPUT|windows.ENABLE_ECHO_INPUT)); err != nil {
		return nil, fmt.Errorf("set the terminal's mode: %w", err)
	}
	return func() error {
		if err := windows.SetConsoleMode(console, before); err != nil {
			return fmt.Errorf("restore the terminal's mode: %w", err)
		}
		return nil
	}, nil
}
