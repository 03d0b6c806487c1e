package images

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"healthlab/lab/node/images/shell"
	"healthlab/lab/node/images/shell/bash"
	"healthlab/lab/node/images/tools"
	"healthlab/lab/node/sandbox"
)

// Table returns every built-in image, in the order in which `healthlab images` prints them.
func Table() []*sandbox.Image {
	table := []*sandbox.Image{
		ecsdemoNodejs(), alpine(), busybox(), busyboxBefore129(), agnhost(), liveness(), serveHostname(), nginxImage(), nginxUnprivileged(), tardyNginx(), httpd(), redisImage(), postgresImage(), mysqlImage(), mariadbImage(), nodeImage(), pythonImage(), httpEcho(), whoami(), podinfo(), deploymentStrategies(), kuard(), kubia(), kubiaUnhealthy(), subicuraEcho(), curlImage(), httpBin(), goHTTPBin(), goproxy(), etcd(), pause(),
	}
	for _, image := range table {
		if image.Digest == "" {
			image.Digest = digest(image.Name)
		}
	}
	return table
}

func digest(name string) string {
	sum := sha256.Sum256([]byte("healthlab built-in image " + name))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// withTools adds the shell and the small programs, as the image's own have them in /bin and /usr/bin.
func withTools(programs map[string]sandbox.Program) map[string]sandbox.Program {
	all := map[string]sandbox.Program{}
	small := tools.Table()
	maps.Copy(small, shell.Table())
	inBin := strings.Fields("arch ash base64 busybox cat chgrp chmod chown cp date dd df echo egrep false fgrep getopt grep gunzip gzip " +
		"hostname kill link ln ls mkdir mknod mktemp more mount mountpoint mv netstat nice pidof ping printenv ps pwd rev rm rmdir sed sh " +
		"sleep stat sync tar touch true umount uname usleep watch zcat")
	inSbin := strings.Fields("ifconfig ip route")
	for name, program := range small {
		dir := "/usr/bin"
		if slices.Contains(inBin, name) {
			dir = "/bin"
		}
		if slices.Contains(inSbin, name) {
			dir = "/sbin"
		}
		all[path.Join(dir, name)] = program
	}
	maps.Copy(all, programs)
	return all
}

// withBash adds bash, which images have that build on Debian or ask for it.
func withBash(programs map[string]sandbox.Program) map[string]sandbox.Program {
	for name, program := range bash.Programs() {
		programs["/bin/"+name] = program
	}
	return programs
}

// passwd is /etc/passwd and the like of images that have a shell.
func passwd() map[string]sandbox.ImageFile {
	return map[string]sandbox.ImageFile{
		"/etc/passwd": {Data: []byte("root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n")},
		"/etc/group":  {Data: []byte("root:x:0:\nnobody:x:65534:\n")},
	}
}

// What a file of an image is that is none: ImageFile.Mode.
const (
	dir  = fs.ModeDir | 0o755
	link = fs.ModeSymlink | 0o777
)

func files(more map[string]string) map[string]sandbox.ImageFile {
	all := passwd()
	for name, text := range more {
		all[name] = sandbox.ImageFile{Data: []byte(text)}
	}
	all["/var/tmp"] = sandbox.ImageFile{Mode: dir}
	return all
}
