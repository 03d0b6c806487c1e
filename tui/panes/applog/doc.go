// Package applog is the pane of the chosen pod's application log. It follows the end until it is scrolled up. The
// goroutine of the program's Update and View owns it.
package applog
