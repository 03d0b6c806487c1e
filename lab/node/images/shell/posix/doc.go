// Package posix has what the images' two shells, BusyBox's and bash, do alike: test's operators on files and numbers, and
// reading a script by lines. It refuses whatever one of them does in its own way, messages above all. It owns no state.
package posix
