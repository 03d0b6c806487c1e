package course_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"healthlab/lab/course"
)

func TestToDo(t *testing.T) {
	for name, tc := range map[string]struct{ body, text, todo string }{
		"Korean":        {"본문입니다.\n\n**할 일:** 실행하고\n기다리십시오.\n", "본문입니다.", "실행하고 기다리십시오."},
		"English":       {"A text.\n\n- item\n\n**To do:** Run it.", "A text.\n\n- item", "Run it."},
		"nothing else":  {"**To do:** Read.\n", "", "Read."},
		"no such":       {"A text.\n\nThe end.\n", "A text.\n\nThe end.\n", ""},
		"not the last":  {"**To do:** Run it.\n\nThe end.", "**To do:** Run it.\n\nThe end.", ""},
		"in a sentence": {"This is a **To do:** of another kind.", "This is a **To do:** of another kind.", ""},
		"empty":         {"", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			text, todo := course.ToDo(tc.body)
			if diff := cmp.Diff([]string{tc.text, tc.todo}, []string{text, todo}); diff != "" {
				t.Error(diff)
			}
		})
	}
}
