package plain

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSentences(t *testing.T) {
	got := sentences("# Title\n\nOne **bold** sentence\nover two lines. Another `x`? Yes.\n\n- an item\n  that goes on\n- second\n\n```yaml\na: 1\n  b: 2\n```\n**To do:** go.\n")
	want := []string{
		"Title", "One bold sentence over two lines.", "Another x?", "Yes.", "- an item that goes on", "- second", "a: 1", "  b: 2", "To do: go.",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("sentences (-want +got):\n%s", diff)
	}
}
