package tools_test

import (
	"maps"
	"math"
	"regexp"
	"runtime"
	"runtime/metrics"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"healthlab/lab/node/images/imagetest"
	"healthlab/lab/node/images/tools"
	"healthlab/lab/node/sandbox"
)

// endless are scripts in which a tool waits or works for ever, or for a long time.
func endless() map[string][]string {
	reading := func(tool string) []string {
		return []string{tool + " /dev/zero >/dev/null", "sleep 1000 | " + tool + " >/dev/null", "yes | " + tool + " >/dev/null"}
	}
	all := map[string][]string{
		"cat":       append(reading("cat"), "cat -A /dev/zero >/dev/null", "cat /dev/zero | sleep 1000"),
		"cp":        {"cp /dev/zero /dev/null", "yes n | cp -i /etc/passwd /etc/group; cp -i /etc/passwd /etc/group"},
		"cut":       {"yes a:b | cut -d: -f2 >/dev/null", "cut -f1 /dev/zero >/dev/null", "sleep 1000 | cut -f 1"},
		"dd":        {"dd if=/dev/zero of=/dev/null", "dd if=/dev/zero of=/dev/null bs=1G", "sleep 1000 | dd", "dd if=/dev/zero of=/dev/null skip=1G"},
		"egrep":     {"yes | egrep x"},
		"env":       {"env yes >/dev/null", "env sleep 1000"},
		"fgrep":     {"yes | fgrep x"},
		"find":      {"find / -exec sleep 1000 \\;", "while :; do find / >/dev/null; done"},
		"grep":      {"grep x /dev/zero", "yes | grep x", "sleep 1000 | grep x", `head -c 20000 /dev/zero | tr '\0' a | grep '\(a*\)*\(a*\)*\1\2b'`, "head -c 50m /dev/zero | tr '\\0' a | grep -E '(a|aa|aaa|a*)*(a|aa){50}b'"},
		"head":      {"head -n 1 /dev/zero", "yes | head -n 100000000000 >/dev/null", "head -c 100000000000 /dev/zero >/dev/null", "head -c -5 /dev/zero >/dev/null", "yes | head -n -5 >/dev/null"},
		"nc":        {"nc -l -p 80", "nc -l -p 80 -e sleep 1000", "nc -lk -p 81 & sleep 0.1; sleep 1000 | nc 10.244.0.7 81", "nc -lk -p 81 -e yes & sleep 0.1; nc 10.244.0.7 81 >/dev/null"},
		"rm":        {"touch a; rm -i a"},
		"mv":        {"touch a b; mv -i a b"},
		"sed":       {"sed ':a;ba' /etc/passwd", "yes | sed s/y/x/g >/dev/null", "sed p /dev/zero >/dev/null", "sleep 1000 | sed p", "echo a | sed ':a;s/a/aa/;ta'", `head -c 20000 /dev/zero | tr '\0' a | sed 's/\(a*\)*\(a*\)*\1\2b//'`},
		"seq":       {"seq 100000000000 >/dev/null", "seq 1 0 2 >/dev/null"},
		"sleep":     {"sleep 1000", "sleep infinity"},
		"sort":      {"sort /dev/zero", "yes | sort", "sleep 1000 | sort", "head -c 20m /dev/zero | tr '\\0' '\\n' | sort -k 1,1n -k 2,2n >/dev/null; sleep 1000"},
		"tail":      {"tail -f /dev/null", "tail -c 5 /dev/zero", "tail -n 5 /dev/zero", "yes | tail -n 5", "tail -F none", "sleep 1000 | tail -f", "tail -c +100000000000 /dev/zero"},
		"tar":       {"tar tf /dev/zero", "sleep 1000 | tar xf -", "yes | tar xf -", "tar cf - /etc | sleep 1000"},
		"tac":       reading("tac"),
		"rev":       reading("rev"),
		"base64":    append(reading("base64"), "yes | base64 -d >/dev/null"),
		"md5sum":    reading("md5sum"),
		"sha1sum":   reading("sha1sum"),
		"sha256sum": reading("sha256sum"),
		"sha512sum": reading("sha512sum"),
		"expr":      {`expr "$(head -c 20000 /dev/zero | tr '\0' a)" : '\(a*\)*\(a*\)*\1\2b'`},
		"tee":       {"yes | tee /dev/null >/dev/null", "sleep 1000 | tee"},
		"timeout":   {"timeout 1000 sleep 1000", "timeout 0.01 sh -c 'trap \"\" TERM; sleep 1000'"},
		"tr":        {"yes | tr y x >/dev/null", "tr '\\0' x </dev/zero >/dev/null", "sleep 1000 | tr a b"},
		"uniq":      {"yes | uniq", "uniq /dev/zero", "sleep 1000 | uniq"},
		"usleep":    {"usleep 1000000000"},
		"wc":        {"wc /dev/zero", "yes | wc", "sleep 1000 | wc"},
		"wget":      {"nc -lk -p 82 & sleep 0.1; wget -q -O - http://10.244.0.7:82", "wget -O - http://10.244.0.99/"},
		"xargs":     {"yes | xargs echo >/dev/null", "sleep 1000 | xargs", "echo 1000 | xargs sleep", "yes 1000 | xargs -P 4 -n 1 sleep", "xargs </dev/zero", "yes | xargs -I % echo % >/dev/null"},
		"awk": {
			"awk 'BEGIN { while (1) x++ }'", "awk '{ print }' /dev/zero >/dev/null", "sleep 1000 | awk '{ print }'", "yes | awk '{ s += $1 }'",
			"awk 'BEGIN { \"sleep 1000\" | getline }'", "awk 'BEGIN { system(\"sleep 1000\") }'", "awk 'BEGIN { print | \"sleep 1000\" }'",
			"awk 'BEGIN { while (1) print > \"/dev/null\" }'", "awk 'BEGIN { for (;;) a[i++ % 1000] = i; }'",
			`head -c 20000 /dev/zero | tr '\0' a | awk '{ gsub(/(a|aa|aaa|a*)*(a|aa){50}b/, "") }'`, "awk 'BEGIN { while ((getline < \"/dev/zero\") >= 0); }'",
			"awk -v RS='x*y' 1 /dev/zero", "awk 'BEGIN { while (1) length(sprintf(\"%99999s\", \"\")) }'",
		},
		"base32":   reading("base32"),
		"cksum":    reading("cksum"),
		"crc32":    reading("crc32"),
		"sum":      reading("sum"),
		"sha3sum":  reading("sha3sum"),
		"cmp":      {"cmp /dev/zero /dev/zero", "sleep 1000 | cmp - /dev/zero", "yes | cmp -l - /dev/zero >/dev/null"},
		"comm":     {"comm /dev/zero /dev/null", "yes | comm - /dev/null >/dev/null", "sleep 1000 | comm - /dev/null"},
		"diff":     {"sleep 1000 | diff - /dev/null"},
		"dos2unix": reading("dos2unix"),
		"unix2dos": reading("unix2dos"),
		"expand":   reading("expand"),
		"unexpand": reading("unexpand"),
		"factor":   {"factor 9223372036854775783 18446744073709551557 18446744073709551533 18446744073709551521 18446744073709551437 18446744073709551427", "sleep 1000 | factor", "yes 18446744073709551557 | factor >/dev/null"},
		"fold":     append(reading("fold"), "fold -s /dev/zero >/dev/null"),
		"gzip":     reading("gzip -c"),
		"gunzip":   {"yes | gzip | gunzip >/dev/null", "sleep 1000 | gunzip"},
		"zcat":     {"yes | gzip | zcat >/dev/null", "sleep 1000 | zcat"},
		"hd":       {"sleep 1000 | hd", "hd -v /dev/zero >/dev/null", "hd /dev/zero >/dev/null"},
		"hexdump":  {"sleep 1000 | hexdump", "hexdump -v /dev/zero >/dev/null", `hexdump -ve '1/1 "%x"' /dev/zero >/dev/null`, `hexdump -e '65535/1 "%x"' /dev/zero >/dev/null`, "hexdump -s 1t /dev/zero; hexdump -s 1000000000000000 /dev/zero"},
		"od":       {"sleep 1000 | od", "od -v /dev/zero >/dev/null", "od /dev/zero", "od -j 1000000000000000 /dev/zero"},
		"xxd":      {"sleep 1000 | xxd", "xxd /dev/zero >/dev/null", "xxd -r /dev/zero", "xxd -s 1000000000000000 /dev/zero"},
		"httpd":    {"httpd -f -p 80"},
		"install":  {"install /dev/zero /dev/null; install /dev/zero z; sleep 1000"},
		"less":     reading("less"),
		"more":     reading("more"),
		"nice":     {"nice yes >/dev/null"},
		"nl":       reading("nl"),
		"nohup":    {"nohup yes >/dev/null"},
		"paste":    {"yes | paste - - >/dev/null", "sleep 1000 | paste", "paste /dev/zero", "yes | paste -s >/dev/null"},
		"ping":     {"ping 10.244.0.7 >/dev/null", "ping -i 0 10.244.0.7 >/dev/null", "ping 10.244.9.9"},
		"setsid":   {"setsid yes >/dev/null"},
		"shuf":     {"shuf -i 1-100000000 >/dev/null", "sleep 1000 | shuf", "shuf /dev/zero"},
		"split":    {"yes | split -l 1000000000000; sleep 1000", "sleep 1000 | split", "split /dev/zero; sleep 1000"},
		"strings":  {"sleep 1000 | strings", "yes aaaaaaaa | strings >/dev/null", "strings /dev/zero"},
		"telnet":   {"nc -lk -p 83 & sleep 0.1; sleep 1000 | telnet 10.244.0.7 83", "nc -lk -p 83 -e yes & sleep 0.1; sleep 1000 | telnet 10.244.0.7 83 >/dev/null"},
		"time":     {"time sleep 1000", "time yes >/dev/null"},
		"top":      {"top -b >/dev/null", "top >/dev/null", "top -d 0 -b >/dev/null"},
		"truncate": {"while :; do truncate -s 3m t; done", "truncate -s 1g t; sleep 1000"},
		"tsort":    {"sleep 1000 | tsort", "tsort /dev/zero", "yes | tsort"},
		"watch":    {"watch sleep 1000", "watch -n 0 true >/dev/null", "watch -t yes >/dev/null"},
		"yes":      {"yes >/dev/null", "yes | sleep 1000"},
	}
	return all
}

// brief are the tools that neither wait nor loop: what they do is bounded by the files and processes of a container.
const brief = " [ arch busybox cal clear getopt groups ifconfig ip link logname mkfifo mknod mount mountpoint netstat nslookup route umount unlink vi basename chgrp chmod chown date df dirname du false free hostname id kill killall ln ls mkdir mktemp nproc " +
	"pgrep pidof pkill printenv ps pwd readlink realpath rmdir stat sync touch true tty uname uptime which whoami "

// TestGone kills each tool while it waits or works, and sees that its code runs no longer.
func TestGone(t *testing.T) {
	all := endless()
	for name := range tools.Table() {
		if all[name] == nil && !strings.Contains(brief, " "+name+" ") {
			t.Errorf("no script for %s", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		for _, text := range all[name] {
			t.Run(text, func(t *testing.T) {
				b := imagetest.New(t)
				c := b.Start(t, "busybox", sandbox.ContainerConfig{
					Command: []string{"sh", "-c", text + "; sleep 1000"}, Stdin: true, MaxProcesses: 24, DiskBytes: 4 << 20,
				})
				seen := regexp.MustCompile(`0:00 (` + name + `|yes|sleep 1000)( |\n)`)
				began := imagetest.Context(t)
				for rounds := 0; rounds < 5 && began.Err() == nil; { // until it has run for a while
					if out, _, _ := imagetest.Exec(t, c, "", "ps"); seen.MatchString(out) {
						rounds++
					}
				}
				if err := c.Signal(sandbox.SIGKILL); err != nil {
					t.Fatal(err)
				}
				imagetest.Ended(t, c)
				if left := running(); left != "" {
					t.Errorf("still there:\n%s", left)
				}
			})
		}
	}
}

// running returns a goroutine that runs a tool. One whose process has ended may still be on its way out of the last
// function, so it is looked for more than once.
func running() string {
	buf := make([]byte, 1<<20)
	deadline := time.Now().Add(500 * time.Millisecond)
	for {
		left := ""
		for g := range strings.SplitSeq(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
			if strings.Contains(g, "images/tools.") {
				left = g
			}
		}
		if left == "" || time.Now().After(deadline) {
			return left
		}
		runtime.Gosched()
	}
}

// live is how many bytes are held: the least of three collections, because what is allocated while one of them marks counts as
// live there, held or not.
func live() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	least := uint64(math.MaxUint64)
	for range 3 {
		runtime.GC()
		metrics.Read(sample)
		least = min(least, sample[0].Value.Uint64())
	}
	return least
}

// TestMemory runs tools over more than they may hold.
func TestMemory(t *testing.T) {
	megabytes := regexp.MustCompile(`([0-9]+)[mM]`)
	for _, text := range []string{
		"head -c 50m /dev/zero | tail -c 10 >/dev/null",
		"yes | head -c 16m | tail -n 10 >/dev/null",
		"yes | head -c 16m | uniq >/dev/null",
		"head -c 50m /dev/zero | wc >/dev/null",
		"yes | head -c 16m | cut -c 1 >/dev/null",
		"yes | head -c 16m | grep -c x",
		"yes | head -c 16m | sed -n p >/dev/null",
		"yes | head -c 20m | tr y x >/dev/null",
		"dd if=/dev/zero of=/dev/null bs=300M count=2 2>/dev/null",
		"yes | head -c 16m | xargs -n 100000 true",
		"head -c 20m /dev/zero | head -c -10 >/dev/null",
		"head -c 50m /dev/zero | tee /dev/null >/dev/null",
	} {
		t.Run(text, func(t *testing.T) {
			size, err := strconv.ParseUint(megabytes.FindStringSubmatch(text)[1], 10, 32)
			if err != nil {
				t.Fatal(err)
			}
			most := size << 19 // half of what it reads
			b := imagetest.New(t)
			c := b.Start(t, "busybox", sandbox.ContainerConfig{Command: []string{"sleep", "1000"}})
			before := live()
			done := make(chan struct{})
			go func() {
				defer close(done)
				if _, err := c.Exec(imagetest.Context(t), sandbox.ExecConfig{Command: []string{"sh", "-c", text}}); err != nil {
					t.Error(err)
				}
			}()
			tick := time.NewTicker(50 * time.Millisecond)
			defer tick.Stop()
			peak := uint64(0)
			for running := true; running; {
				select {
				case <-done:
					running = false
				case <-tick.C:
				}
				peak = max(peak, live())
			}
			if peak > before+most {
				t.Errorf("held %d MB", (peak-before)>>20)
			}
		})
	}
}
