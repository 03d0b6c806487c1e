package tui

import (
	"bufio"
	"fmt"
	"io"
	"os"

	tea "charm.land/bubbletea/v2"

	"healthlab/lab"
	"healthlab/tui/widget"
)

// logView shows past news and the end of healthlab's own log.
type logView struct{ flow }

func logTitle() lab.Text {
	return lab.T("지난 알림과 healthlab 로그", "Past news and healthlab's log")
}

// logMsg is the end of healthlab's own log.
type logMsg struct{ Lines []string }

const logTail = 200

// show shows past news at once, and the end of healthlab's own log as soon as it has been read.
func (f *logView) show() tea.Cmd {
	f.open(nil)
	path := f.cfg.LogFile
	if path == "" {
		return nil
	}
	return func() tea.Msg {
		lines, err := tail(path, logTail)
		if err != nil {
			lines = []string{err.Error()}
		}
		return logMsg{append([]string{"", path}, lines...)}
	}
}

// onLog adds what was read to the page, unless that has been closed meanwhile.
func (f *logView) onLog(msg logMsg) {
	if d, ok := f.dialog.(*textDialog); ok && d.head == f.say(logTitle()) {
		f.open(msg.Lines)
	}
}

func (f *logView) open(own []string) {
	var lines []string
	for _, n := range f.past {
		lines = append(lines, n.At.Format("15:04:05")+"  "+f.say(n.Text))
	}
	if len(lines) == 0 {
		lines = append(lines, f.say(lab.T("아직 없습니다.", "Nothing yet.")))
	}
	f.read(logTitle(), append(lines, own...)).scroll = widget.NewScroll(true) // the newest are in sight
}

// tail returns the last n lines of a file, reading no more than its last 64 KiB.
func tail(path string, n int) ([]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read the log: %w", err)
	}
	defer func() { _ = f.Close() }() // only read from
	const most = 64 << 10
	if info, err := f.Stat(); err == nil && info.Size() > most {
		if _, err := f.Seek(-most, io.SeekEnd); err != nil {
			return nil, fmt.Errorf("read the log: %w", err)
		}
	}
	var lines []string
	scanner := bufio.NewScanner(f)
	scanner.Buffer(nil, most)
	for scanner.Scan() {
		lines = append(lines, scanner.Text())
	}
	return lines[max(len(lines)-n, 0):], scanner.Err()
}
