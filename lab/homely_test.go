package lab_test

import (
	"testing"

	"healthlab/lab"
)

func TestHomely(t *testing.T) {
	for _, tt := range []struct{ name, text, home, want string }{
		{"a path below home", "kubectl apply -f /home/kim/labs/app.yaml", "/home/kim", "kubectl apply -f ~/labs/app.yaml"},
		{"home with a slash at its end", "/home/kim/labs", "/home/kim/", "~/labs"},
		{"another home", "ls /home/kimberly/labs", "/home/kim", "ls /home/kimberly/labs"},
		{"not at the start of a word", "--file=/home/kim/a", "/home/kim", "--file=/home/kim/a"},
		{"no home", "ls /a", "", "ls /a"},
		{"home is the root", "ls /a", "/", "ls /a"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := lab.Homely(tt.text, tt.home); got != tt.want {
				t.Errorf("Homely(%q, %q) = %q, want %q", tt.text, tt.home, got, tt.want)
			}
		})
	}
}
