// Package images holds the built-in container images.
package images

import (
	"healthlab/lab/node/sandbox"
)

// Table returns every built-in image, in the order in which `healthlab images` prints them.
func Table() []*sandbox.Image { panic("being written") }

// Find returns the image that a reference names, and the tag. The error names the images that exist.
func Find(ref string) (image *sandbox.Image, tag string, err error) { panic("being written") }
