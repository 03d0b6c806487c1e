package shell_test

import "testing"

// A name that no script can write is handed on, as ash does (ash.c, init), and a shell complains under its own name.
func TestNamesThatComeFromOutside(t *testing.T) {
	c := newBed(t).idle(t)
	for _, tt := range []struct {
		command []string
		want    answer
	}{
		{[]string{"env", "data-1=one", "!x=two", "sh", "-c", `env | grep -e data-1 -e '!x'`}, answer{"!x=two\ndata-1=one\n", "", 0}},
		{[]string{"env", "data-1=one", "sh", "-c", `(sh -c env) | grep data-1`}, answer{"data-1=one\n", "", 0}},
		{[]string{"/bin/sh", "-c", `echo $0; nosuch`}, answer{"/bin/sh\n", "/bin/sh: nosuch: not found\n", 127}},
		{[]string{"/bin/sh", "-c", "echo >/no/x"}, answer{"", "/bin/sh: can't create /no/x: nonexistent directory\n", 1}},
	} {
		if got := run(t, c, "", tt.command...); got != tt.want {
			t.Errorf("%q\n got %+v\nwant %+v", tt.command, got, tt.want)
		}
	}
}
