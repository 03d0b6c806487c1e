package podspec_test

import (
	"strings"
	"testing"

	v1 "k8s.io/api/core/v1"

	"healthlab/lab/podspec"
)

func TestChanges(t *testing.T) {
	sh := func(script string) []string { return []string{"/bin/sh", "-c", script} }
	for name, test := range map[string]struct {
		command []string
		want    string
	}{
		"nothing":                      {nil, ""},
		"looks at a file":              {[]string{"cat", "/tmp/healthy"}, ""},
		"tests":                        {[]string{"test", "-f", "/tmp/healthy"}, ""},
		"touches":                      {[]string{"/bin/touch", "/tmp/seen"}, "touch"},
		"a script that looks":          {sh("test -f /tmp/a && [ $(wc -l < /tmp/b) -gt 3 ]"), ""},
		"output thrown away":           {sh("curl -sf localhost >/dev/null 2>&1"), ""},
		"output to a file":             {sh("date > /tmp/last"), "> /tmp/last"},
		"output added to a file":       {sh("echo probe >> /var/log/probes.log; true"), "> /var/log/probes.log"},
		"to a file known at run time":  {sh(`n=$(cat /tmp/n); echo $((n+1)) > "$DIR/n"`), "> $…/n"},
		"in a substitution":            {sh("x=$(rm /tmp/a) ; true"), "rm"},
		"in a branch":                  {sh("if [ -f /tmp/a ]; then mv /tmp/a /tmp/b; else exit 1; fi"), "mv"},
		"only a word in a text":        {sh("echo 'rm -rf > /tmp/x'"), ""},
		"tee":                          {sh("date | tee -a /tmp/log"), "tee"},
		"tee to nowhere":               {sh("date | tee /dev/null"), ""},
		"behind a wrapper":             {[]string{"timeout", "-s", "KILL", "5", "mkdir", "/tmp/x"}, ""}, // KILL is taken for a program
		"behind a plain wrapper":       {[]string{"timeout", "5", "sh", "-c", "mkdir /tmp/x"}, "mkdir"},
		"a shell in a shell":           {sh("sh -c 'sh -c \"touch /tmp/x\"'"), "touch"},
		"sed looks":                    {sh("sed -n 1p /etc/hosts"), ""},
		"sed in place":                 {sh("sed -i s/a/b/ /etc/hosts"), "sed"},
		"find looks":                   {sh("find /tmp -name x -mmin -1"), ""},
		"find removes":                 {sh("find /tmp -name x -exec rm {} +"), "find"},
		"dd":                           {sh("dd if=/dev/zero of=/tmp/x count=1"), "dd"},
		"a signal":                     {sh("kill -HUP 1"), "kill"},
		"bash's port":                  {[]string{"bash", "-ec", "exec 3<>/dev/tcp/localhost/80"}, ""},
		"options before -c":            {[]string{"bash", "-o", "pipefail", "-c", "touch /tmp/x"}, ""}, // the option's value ends the search
		"a script in a file":           {[]string{"sh", "/opt/check.sh"}, ""},
		"what no shell would run":      {sh("if touch /tmp/x"), ""},
		"nested without end":           {sh(strings.Repeat("( ", 4000) + "touch /tmp/x" + strings.Repeat(")", 4000)), "touch"},
		"a script that is far too big": {sh("true;" + strings.Repeat("#", 17<<10)), ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := podspec.Changes(test.command); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

func TestOneByOne(t *testing.T) {
	for name, test := range map[string]struct {
		command, args []string
		want          string
	}{
		"a web server":          {[]string{"nginx", "-g", "daemon off;"}, nil, ""},
		"nc":                    {[]string{"nc", "-l", "-p", "8080"}, nil, "nc -l"},
		"nc in a loop":          {[]string{"sh", "-c"}, []string{"while true; do echo ok | nc -lp 8080 -w 1; done"}, "nc -l"},
		"busybox nc":            {[]string{"busybox", "nc", "-l", "-p", "80"}, nil, "nc -l"},
		"nc that goes on":       {[]string{"nc", "-lk", "8080"}, nil, ""},
		"BusyBox's that does":   {[]string{"nc", "-ll", "-p", "8080", "-e", "/bin/cat"}, nil, ""},
		"nc that calls":         {[]string{"nc", "-z", "localhost", "80"}, nil, ""},
		"ncat":                  {[]string{"ncat", "--listen", "80"}, nil, "ncat -l"},
		"ncat that goes on":     {[]string{"ncat", "--listen", "--keep-open", "80"}, nil, ""},
		"socat":                 {[]string{"socat", "TCP-LISTEN:80,reuseaddr", "-"}, nil, "socat"},
		"socat with a process":  {[]string{"socat", "tcp4-listen:80,fork", "exec:cat"}, nil, ""},
		"only mentioned in cat": {[]string{"sh", "-c", "echo 'nc -l'; sleep 1000"}, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := podspec.OneByOne(&v1.Container{Command: test.command, Args: test.args}); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

func FuzzChanges(f *testing.F) {
	f.Add("sh", "-c", "touch /tmp/x > y")
	f.Add("timeout", "5", "nc -l")
	f.Fuzz(func(_ *testing.T, a, b, c string) {
		podspec.Changes([]string{a, b, c})
		podspec.OneByOne(&v1.Container{Command: []string{a}, Args: []string{b, c}})
	})
}
