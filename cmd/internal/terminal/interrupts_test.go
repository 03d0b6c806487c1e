package terminal

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// An interrupt is meant for whoever had the terminal when it was pressed, also where it is told late.
func TestInterruptsMeanWhoHasTheTerminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []string
		tells := func(whom string) func() { return func() { told = append(told, whom) } }
		i := Interrupts{mean: tells("the program")}
		i.meaning()()
		back := i.Give(tells("the login"))
		i.meaning()()
		back()
		i.meaning()()
		second := i.Give(tells("the second login"))
		i.meaning()()
		second()
		time.Sleep(late)
		i.meaning()()
		want := []string{"the program", "the login", "the login", "the second login", "the program"}
		if !slices.Equal(told, want) {
			t.Errorf("told %q, want %q", told, want)
		}
	})
}
