package images

import (
	"context"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"
)

// mountText is what mounttest writes, and waits for.
const mountText = "mount-tester new file\n"

// agnhostMounttest makes files and says what files are like (test/images/agnhost/mounttest). The order of what it does is
// the original's, whatever the order of the flags: the file system, new files, modes, owners, content.
func agnhostMounttest(flags *pflag.FlagSet) func(context.Context, *agnhostCall) int {
	fsType := flags.String("fs_type", "", "Path to print the fs type for")
	mode := flags.String("file_mode", "", "Path to print the mode bits of")
	perm := flags.String("file_perm", "", "Path to print the perms of")
	owner := flags.String("file_owner", "", "Path to print the owning UID and GID of")
	made := []struct {
		mode fs.FileMode
		name *string
	}{{mode: 0o644}, {mode: 0o666}, {mode: 0o660}, {mode: 0o777}}
	for i, f := range made {
		made[i].name = flags.String(fmt.Sprintf("new_file_%04o", f.mode), "", fmt.Sprintf("Path to write to and read from with perm %04o", f.mode))
	}
	content := flags.String("file_content", "", "Path to read the file content from")
	loop := flags.String("file_content_in_loop", "", "Path to read the file content in loop from")
	retry := flags.Int("retry_time", 180, "Retry time during the loop")
	breaks := flags.Bool("break_on_expected_content", true, "Break out of loop on expected content, (use with --file_content_in_loop flag only)")
	return func(ctx context.Context, c *agnhostCall) int {
		code := 0
		try := func(name string, f func(name string) bool) {
			if name != "" && !f(name) {
				code = 1
			}
		}
		try(*fsType, c.fsType)
		for _, f := range made {
			try(*f.name, func(name string) bool { return c.newFile(name, f.mode) })
		}
		try(*mode, func(name string) bool {
			return c.about(name, "Stat", func(info fs.FileInfo) { fmt.Fprintf(c.Stdout, "mode of file %q: %v\n", name, info.Mode()) })
		})
		try(*perm, func(name string) bool {
			return c.about(name, "Stat", func(info fs.FileInfo) { fmt.Fprintf(c.Stdout, "perms of file %q: %v\n", name, info.Mode().Perm()) })
		})
		try(*owner, func(name string) bool {
			return c.about(name, "stat", func(fs.FileInfo) { // everything is root's
				fmt.Fprintf(c.Stdout, "owner UID of %q: 0\nowner GID of %q: 0\n", name, name)
			})
		})
		try(*content, c.showContent)
		try(*loop, func(name string) bool { return c.contentInLoop(ctx, name, time.Duration(*retry)*time.Second, *breaks) })
		return code
	}
}

// reason is an error as the original prints it.
func reason(call, name string, err error) string {
	return fmt.Sprintf("%s %s: %s", call, name, strings.ToLower(errText(err)))
}

func (c *agnhostCall) about(name, call string, say func(fs.FileInfo)) bool {
	info, err := c.FS().Stat(c.Path(name))
	if err != nil {
		text := strings.ToLower(errText(err))
		if call == "Stat" {
			text = reason("stat", name, err)
		}
		fmt.Fprintf(c.Stdout, "error from %s(%q): %s\n", call, name, text)
		return false
	}
	say(info)
	return true
}

// fsType says on which kind of file system a path is: the original knows tmpfs by its name, the others by their number.
func (c *agnhostCall) fsType(name string) bool {
	full, err := c.FS().Resolve(c.Path(name), true)
	if err == nil {
		_, err = c.FS().Stat(full)
	}
	if err != nil {
		fmt.Fprintf(c.Stdout, "error from statfs(%q): %s\n", name, strings.ToLower(errText(err)))
		return false
	}
	table, err := c.read("/proc/mounts")
	if err != nil {
		fmt.Fprintf(c.Stdout, "error from statfs(%q): %v\n", name, err)
		return false
	}
	kind, longest := "", -1
	for line := range strings.Lines(table) {
		f := strings.Fields(line)
		if len(f) < 3 {
			continue
		}
		dir := strings.ReplaceAll(f[1], `\040`, " ")
		if inside := full == dir || strings.HasPrefix(full, strings.TrimSuffix(dir, "/")+"/"); inside && len(dir) >= longest {
			kind, longest = f[2], len(dir)
		}
	}
	// What a volume's directory is on differs from node to node: most often ext4.
	magic := map[string]int64{"overlay": 0x794c7630, "proc": 0x9fa0, "volume": 0xef53}
	if n, ok := magic[kind]; ok {
		kind = strconv.FormatInt(n, 10)
	}
	fmt.Fprintf(c.Stdout, "mount type of %q: %s\n", name, kind)
	return true
}

func (c *agnhostCall) newFile(name string, mode fs.FileMode) bool {
	if err := c.FS().WriteFile(c.Path(name), []byte(mountText), mode); err != nil {
		fmt.Fprintf(c.Stdout, "error writing new file %q: %s\n", name, reason("open", name, err))
		return false
	}
	return c.showContent(name)
}

func (c *agnhostCall) showContent(name string) bool {
	data, err := c.FS().ReadFile(c.Path(name), boundedBytes)
	if err != nil {
		fmt.Fprintf(c.Stdout, "error reading file content for %q: %s\n", name, reason("open", name, err))
		return false
	}
	fmt.Fprintf(c.Stdout, "content of file %q: %s\n", name, data)
	return true
}

// contentInLoop reads a file every two seconds, until it has what mounttest writes.
func (c *agnhostCall) contentInLoop(ctx context.Context, name string, retry time.Duration, breaks bool) bool {
	var err error
	for start := time.Now(); time.Since(start) < retry && ctx.Err() == nil; waitFor(ctx, 2*time.Second) {
		var data []byte
		if data, err = c.FS().ReadFile(c.Path(name), boundedBytes); err != nil {
			fmt.Fprintf(c.Stdout, "Error reading file %s: %s, retrying\n", name, reason("open", name, err))
			continue
		}
		fmt.Fprintf(c.Stdout, "content of file %q: %s\n", name, data)
		if !breaks {
			continue
		}
		if string(data) == mountText {
			break
		}
		fmt.Fprintf(c.Stdout, "Unexpected content. Expected: %s. Retrying\n", mountText)
	}
	return err == nil
}
