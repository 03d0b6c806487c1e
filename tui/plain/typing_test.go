package plain

import (
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
)

// take receives all that a Read delivers, each true or false of begun as + or -.
func take(lines <-chan string, begun <-chan bool) []string {
	var got []string
	for {
		select {
		case line, ok := <-lines:
			if !ok {
				return got
			}
			got = append(got, line)
		case b := <-begun:
			got = append(got, map[bool]string{true: "+", false: "-"}[b])
		}
	}
}

func TestReadOfATerminal(t *testing.T) {
	for _, tt := range []struct {
		name, typed string
		want        []string
		shown       string
	}{
		{"a line", "n\n", []string{"+", "n", "-"}, "n\n"},
		{"Enter alone", "\n", []string{"", "-"}, "\n"},
		{"carriage returns", "n\rb\r\n", []string{"+", "n", "-", "+", "b", "-"}, "n\nb\n"},
		{"backspace", "ab\x7fc\n", []string{"+", "ac", "-"}, "ab\b \bc\n"},
		{"backspace takes a whole syllable", "다음\x7f\n", []string{"+", "다", "-"}, "다음\b\b  \b\b\n"},
		{"taken back to nothing", "a\x7fb\n", []string{"+", "-", "+", "b", "-"}, "a\b \bb\n"},
		{"backspace on nothing", "\x7fb\n", []string{"+", "b", "-"}, "b\n"},
		{"Ctrl+U", "abc\x15x\n", []string{"+", "-", "+", "x", "-"}, "abc\b \b\b \b\b \bx\n"},
		{"Ctrl+W", "k get pods\x17\n", []string{"+", "k get ", "-"}, "k get pods" + strings.Repeat("\b \b", 4) + "\n"},
		{"arrows", "a\x1b[A\x1bOB\x1b[1;5Cb\n", []string{"+", "ab", "-"}, "ab\n"},
		{"Ctrl+D ends it", "\x04n\n", nil, ""},
		{"Ctrl+D in a line does nothing", "a\x04\n", []string{"+", "a", "-"}, "a\n"},
		{"too long", strings.Repeat("x", maxLine+5) + "\n", []string{"+", strings.Repeat("x", maxLine), "-"}, strings.Repeat("x", maxLine) + "\n"},
		{"the end in a line", "ab", []string{"+", "ab", "-"}, "ab"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var shown strings.Builder
			got := take(Read(t.Context(), strings.NewReader(tt.typed), &shown))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("delivered (-want +got):\n%s", diff)
			}
			if shown.String() != tt.shown {
				t.Errorf("shown %q, want %q", shown.String(), tt.shown)
			}
		})
	}
}

func TestReadOfAPipe(t *testing.T) {
	got := take(Read(t.Context(), strings.NewReader("s\r\n\x1bx\nrest"), nil))
	if diff := cmp.Diff([]string{"s", "-", "\x1bx", "-", "rest", "-"}, got); diff != "" {
		t.Errorf("delivered (-want +got):\n%s", diff)
	}
}

// An editor that a command starts gets everything that is typed while it runs.
func TestNothingIsReadWhileALineIsObeyed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in, keys := io.Pipe()
		var read atomic.Bool
		go func() {
			defer func() { _ = keys.Close() }() // it always succeeds
			_, _ = io.WriteString(keys, "e\n")
			_, _ = io.WriteString(keys, "x")
			read.Store(true)
		}()
		lines, begun := Read(t.Context(), in, io.Discard)
		<-begun
		<-lines
		synctest.Wait()
		if read.Load() {
			t.Error("more was read before the line was obeyed")
		}
		<-begun
		if diff := cmp.Diff([]string{"+", "x", "-"}, take(lines, begun)); diff != "" {
			t.Errorf("afterwards (-want +got):\n%s", diff)
		}
	})
}
