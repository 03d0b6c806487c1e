package images_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"healthlab/lab/node/images/imagetest"
	"healthlab/lab/node/sandbox"
)

func TestHttpdReadsItsConfiguration(t *testing.T) {
	b := imagetest.New(t)
	c := b.Start(t, "httpd:2.4.58", sandbox.ContainerConfig{})
	listening(t, b, "10.244.0.7:80")
	prepare := `cd /usr/local/apache2; sed -i 's/^Listen 80/Listen 80\nIncludeOptional conf\/extra\/*.conf/' conf/httpd.conf
mkdir -p conf/extra /srv/x; echo sub >/srv/x/a.txt
cat >conf/extra/x.conf <<E
Redirect permanent /old http://example.org/new
Alias /x /srv/x
<Directory /srv/x>
  Require all granted
</Directory>
<Location /secret>
  Require all denied
</Location>
ErrorDocument 404 "not here"
Header set X-A "b c"
<IfModule no_such_module>
  Foo
</IfModule>
E
httpd -t && httpd -k graceful; until curl -s -o /dev/null -w '%{http_code}' localhost/x/a.txt | grep -q 200; do :; done`
	prepare = strings.ReplaceAll(prepare, "curl -s -o /dev/null -w '%{http_code}' localhost/x/a.txt | grep -q 200", "wget -q -O /dev/null localhost/x/a.txt 2>/dev/null")
	if _, errs, code := imagetest.Exec(t, c, "", "sh", "-c", prepare); code != 0 || errs != "Syntax OK\n" {
		t.Fatal(errs, code)
	}
	for _, tt := range []struct {
		path, body string
		status     int
	}{
		{path: "/", status: 200, body: "It works!"},
		{path: "/x/a.txt", status: 200, body: "sub\n"},
		{path: "/none", status: 404, body: "not here"},
		{path: "/old/1", status: 301, body: "http://example.org/new/1"},
		{path: "/secret", status: 403, body: "permission"},
		{path: "/.htaccess", status: 403, body: "permission"},
	} {
		if status, body, err := get(imagetest.Context(t), t, b, "10.244.0.7:80", tt.path); status != tt.status || !strings.Contains(body, tt.body) || err != nil {
			t.Errorf("%s: %d %q %v", tt.path, status, body, err)
		}
	}
	if out, _, _ := imagetest.Exec(t, c, "", "httpd", "-v"); !strings.HasPrefix(out, "Server version: Apache/2.4.58 (Unix)\n") {
		t.Errorf("%q", out)
	}
}

func TestHttpdRefuses(t *testing.T) {
	for name, tt := range map[string]struct{ conf, says string }{
		"unknown command": {"Listen 80\nFoo bar\n", "AH00526: Syntax error on line 2 of /usr/local/apache2/conf/httpd.conf:\nInvalid command 'Foo', perhaps misspelled or defined by a module not included in the server configuration\n"},
		"unknown section": {"Listen 80\n<VirtualHost *:80>\n</VirtualHost>\n", "Invalid command '<VirtualHost', perhaps"},
		"not closed":      {"Listen 80\n<Directory />\n", "<Directory> was not closed\n"},
		"bad port":        {"Listen x\n", "Port must be specified\n"},
		"no port":         {"ServerName x\n", "no listening sockets available"},
		"no directory":    {"Listen 80\nDocumentRoot /none\n", "DocumentRoot '/none' is not a directory, or is not readable\n"},
		"includes itself": {"Listen 80\nInclude conf/httpd.conf\n", "too many files"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			conf, log := filepath.Join(dir, "x.conf"), filepath.Join(dir, "0.log")
			if err := os.WriteFile(conf, []byte(tt.conf), 0o600); err != nil {
				t.Fatal(err)
			}
			b := imagetest.New(t)
			c := b.Start(t, "httpd", sandbox.ContainerConfig{LogPath: log, Mounts: []sandbox.Mount{{Source: conf, Target: "/usr/local/apache2/conf/httpd.conf"}}})
			if exit := imagetest.Ended(t, c); exit.Code != 1 {
				t.Errorf("%+v", exit)
			}
			text, err := os.ReadFile(log)
			if err != nil {
				t.Fatal(err)
			}
			var said strings.Builder
			for line := range strings.Lines(string(text)) {
				said.WriteString(strings.SplitN(line, " ", 4)[3])
			}
			if !strings.Contains(said.String(), tt.says) {
				t.Errorf("%s", said.String())
			}
		})
	}
}
