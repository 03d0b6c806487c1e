// Package images holds the container images that are built into healthlab: files and programs that run in a container's own
// process, one file for each image and one table of them all. It owns no state; what an image's programs do with a container
// is the sandbox's to allow.
//
// Names are matched by rules (names.go), so that mirrors and copies need no entry; tags by a table of the real ones (tags.go),
// so that one that does not exist cannot be pulled. What an image's program cannot do is refused in the program's own words,
// never ignored. Larger programs have packages of their own: nginx, redis, postgres, mysql, nodejs, python, curl, the
// shell and the tools.
//
// What runs in place of an image that is not here, where somebody asks for that, is StandIn: package standin, with a shell.
//
// A new image is one file with a function that returns a *sandbox.Image, a line in Table, and its tags in tagsOf.
package images
