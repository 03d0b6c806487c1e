package course_test

import (
	"testing"

	"healthlab/lab/course"
)

func TestGist(t *testing.T) {
	for message, want := range map[string]string{
		`Get "http://10.0.0.1:3000/health": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`: "context deadline exceeded",
		`Liveness probe failed: Get "http://10.0.0.1:3000/": dial tcp 10.0.0.1:3000: connect: connection refused`:       "connection refused",
		"dial tcp 10.0.0.1:3000: i/o timeout":          "i/o timeout",
		"HTTP probe failed with statuscode: 500":       "statuscode: 500",
		"cat: can't open '/tmp/healthy': No such file": "cat: can't open '/tmp/healthy': No such file",
		"": "",
	} {
		if got := course.Gist(message); got != want {
			t.Errorf("%s: got %q, want %q", message, got, want)
		}
	}
}
