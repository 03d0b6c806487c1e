// Package events is the pane of Kubernetes events: when last seen and how often, type, reason, object and message, the
// newest at the end and followed.
//
// Events that say the same of the same object have one row with their counts added up, see course.Grouped; a key shows each of
// them, as kubectl lists them. Where there is no room for all rows, warnings and killings of what is still there hold their place
// whatever comes after them, because they tell why something happens. The newest normal ones take what room is left, and the
// others share one line that names their reasons. Scrolling goes through all rows.
//
// It owns its scroll position and what it drew; the goroutine of the program's Update and View owns it.
package events
