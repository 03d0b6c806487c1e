package tools

import (
	"context"
	"errors"
	"fmt"
	"path"

	"healthlab/lab/node/sandbox"
)

// Table returns the programs by name. Each knows --help.
func Table() map[string]sandbox.Program {
	all := programs()
	all["busybox"] = busybox
	for name, program := range all {
		if name == "true" || name == "false" || name == "busybox" {
			continue
		}
		all[name] = func(ctx context.Context, p *sandbox.Process) int {
			if len(p.Args) == 2 && p.Args[1] == "--help" {
				usage(p)
				return 0
			}
			return program(ctx, p)
		}
	}
	return all
}

func programs() map[string]sandbox.Program {
	return map[string]sandbox.Program{
		"true": exit(0), "false": exit(1),

		"basename": basename, "cat": cat, "chmod": chmod, "chown": chown, "chgrp": chown, "egrep": grep, "fgrep": grep, "realpath": realpath, "cp": cp, "cut": cut, "date": date, "dd": dd,
		"df": df, "dirname": dirname, "du": du, "env": env, "find": find, "free": free, "grep": grep, "head": head,
		"hostname": hostname, "id": id, "kill": kill, "killall": killall, "ln": ln, "ls": ls, "mkdir": mkdir,
		"mktemp": mktemp, "mv": mv, "nc": nc, "nproc": nproc, "pidof": pidof, "pgrep": pgrep, "pkill": pgrep, "ps": ps,
		"pwd": pwd, "readlink": readlink, "rm": rm, "rmdir": rmdir, "sed": sed, "seq": seq, "sleep": sleep, "sort": sortLines,
		"stat": stat, "sync": exit(0), "tail": tail, "tar": tarProgram, "tee": tee, "timeout": timeout, "touch": touch, "tr": tr, "tty": tty, "uname": uname,
		"uniq": uniq, "uptime": uptime, "usleep": usleep, "wc": wc, "wget": wget, "which": which, "whoami": whoami, "xargs": xargs,
		"awk": awkProgram, "diff": diff, "cksum": cksum, "crc32": cksum, "sum": sumBlocks, "sha3sum": checksum, "base32": base64Program,
		"getopt": getopt, "install": install, "truncate": truncateFiles, "unlink": unlinkFile, "link": special, "mkfifo": special,
		"mknod": special, "dos2unix": dosToUnix, "unix2dos": dosToUnix, "time": timeProgram, "nohup": nohup, "nice": nice,
		"setsid": setsid, "watch": watch, "top": top, "clear": clearScreen, "less": pager, "more": pager, "vi": vi,
		"mount": mount, "umount": umount, "mountpoint": mountpoint, "gzip": gzipProgram, "gunzip": gzipProgram, "zcat": gzipProgram,
		"cal": cal, "arch": arch, "groups": groups, "logname": logname,
		"ip": ip, "ifconfig": ifconfig, "route": route, "netstat": netstat, "ping": ping, "nslookup": nslookup, "telnet": telnet, "httpd": httpd, "od": od, "cmp": cmpFiles, "comm": commLines, "paste": paste, "fold": fold, "expand": expand, "unexpand": expand, "nl": nl,
		"tsort": tsort, "factor": factor, "split": split, "shuf": shuf, "strings": stringsOf,
		"hexdump": hexdump, "hd": hexdump, "xxd": xxd, "base64": base64Program, "expr": expr, "md5sum": checksum, "rev": rev, "sha1sum": checksum, "sha256sum": checksum,
		"sha512sum": checksum, "tac": tac, "yes": yes, "printenv": printenv,
	}
}

// Reason is the text that programs print for an error: "No such file or directory".
func Reason(err error) string {
	var errno sandbox.Errno
	if errors.As(err, &errno) {
		return string(errno)
	}
	return err.Error()
}

// ofSystem reports whether an error is one that the container's system gave.
func ofSystem(err error) bool {
	var errno sandbox.Errno
	return errors.As(err, &errno)
}

// name is how the program was called.
func name(p *sandbox.Process) string { return path.Base(p.Args[0]) }

// failf prints a message that begins with the program's name and returns 1.
func failf(p *sandbox.Process, format string, args ...any) int {
	_, _ = fmt.Fprintf(p.Stderr, name(p)+": "+format+"\n", args...)
	return 1
}

func exit(code int) sandbox.Program {
	return func(context.Context, *sandbox.Process) int { return code }
}
