package lab

import (
	"strings"
	"time"
)

// Foreign is why a command of a lab was stopped on a real cluster: what it would have changed exists, and is not
// healthlab's. It is the cause of an Error.
type Foreign struct {
	Objects []ForeignObject
	// File is the manifest that would have been applied to them; empty if the command had none.
	File string
}

// ForeignObject is an object of somebody else's as it was when it was looked at. Two values are equal by Same only if
// nobody but its controllers has changed the object in between.
type ForeignObject struct {
	Name string // as kind/name
	// Owner is whose it is, as far as it says so: the owner that is noted on it, what it is managed by, or else who wrote
	// it last. Empty if nothing is known.
	Owner string
	// Controller is the object that controls it, as kind/name, and that would undo what is done to it; empty if none does.
	Controller string

	UID        string
	Generation int64     // grows whenever what is wanted of it changes
	Changed    time.Time // when it was last written, its status aside; zero if unknown
}

// Error lists the objects.
func (f *Foreign) Error() string {
	var names []string
	for _, o := range f.Objects {
		names = append(names, o.Name)
	}
	return "not healthlab's: " + strings.Join(names, ", ")
}

// Adoptable reports whether the objects can become healthlab's: no other object controls one of them.
func (f *Foreign) Adoptable() bool {
	for _, o := range f.Objects {
		if o.Controller != "" {
			return false
		}
	}
	return len(f.Objects) > 0
}

// Same reports whether o is still the object that it was.
func (o ForeignObject) Same(now ForeignObject) bool {
	changed := o.Changed.Equal(now.Changed)
	o.Changed, now.Changed = time.Time{}, time.Time{}
	return changed && o == now
}
