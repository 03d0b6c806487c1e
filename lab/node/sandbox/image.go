package sandbox

import (
	"context"
	"io/fs"
)

// Image is a built-in container image: files, and programs that run inside healthlab. Images are made once and never
// changed afterwards, so containers share them.
type Image struct {
	// Name is the canonical repository, such as docker.io/library/alpine.
	Name string
	// Aliases are other repositories that mean the same image.
	Aliases []string
	// Does is one line for `healthlab images`.
	Does Text
	// Size is what a pull of the image reports, in bytes.
	Size int64
	// Digest is sha256:…, made from the name, and from what sets versions of the image apart.
	Digest string

	Entrypoint []string
	Cmd        []string
	Env        []string // KEY=VALUE
	// VersionEnv is the variable that tells the version which the tag stands for. Empty: none does.
	VersionEnv string
	Dir        string // working directory; empty: /
	StopSignal Signal // what ends the main program gracefully; zero: SIGTERM

	// Files is the initial content of the root directory, by absolute slash-separated path.
	Files map[string]ImageFile
	// Programs are what can be executed, by absolute path such as /bin/sh.
	Programs map[string]Program
}

// ID tells the image from all others, also from those of the same name.
func (i *Image) ID() string { return i.Name + "@" + i.Digest }

// Text is said in Korean and in English. It has the shape of lab.Text, which this package does not know.
type Text struct{ Ko, En string }

// ImageFile is one entry of an image's root directory.
type ImageFile struct {
	Data []byte
	Mode fs.FileMode // permissions, plus fs.ModeDir or fs.ModeSymlink (Data is then the target); zero: 0644
}

// Program is an executable. It returns its exit code, 0 to 255.
//
// ctx ends when the process is killed; a program must then return promptly, so everything in it that blocks takes ctx
// or goes through the Process, whose reads, writes, listeners and connections end by themselves. Goroutines that a
// program starts must have ended when it returns. A panic ends the process with code 2, as in a Go program.
type Program func(ctx context.Context, p *Process) int

// UnknownImageError says that there is no built-in image of a name, by any tag.
type UnknownImageError struct {
	Image   string // as people write it, such as node:18
	Instead string // which images there are
	Pull    string // what containerd says about an image that it cannot pull
}

func (e *UnknownImageError) Error() string {
	return "healthlab has no image " + e.Image + "; " + e.Instead + ": " + e.Pull
}
