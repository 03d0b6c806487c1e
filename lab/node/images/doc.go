// Package images holds the container images that are built into healthlab: files and programs that run in a container's own
// process, one file for each image and one table of them all. It owns no state; what an image's programs do with a container
// is the sandbox's to allow.
//
// A new image is one file with a function that returns a *sandbox.Image, and a line in Table.
package images
