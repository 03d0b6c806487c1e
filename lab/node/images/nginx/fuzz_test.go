package nginx_test

import (
	"testing"

	"healthlab/lab/node/images/imagetest"
)

// FuzzConfiguration gives nginx -t any configuration: it says something or nothing, and ends with 0 or 1.
func FuzzConfiguration(f *testing.F) {
	b := imagetest.New(f)
	c := idle(f, b)
	put(f, c, "/etc/nginx/nginx.conf", "events {}\nhttp { include conf.d/*.conf; }\n")
	for _, seed := range []string{
		"server { listen 80; }", "server { location ~ ^/(a|b)$ { return 200 \"$1\"; } }", "map $uri $x { ~a b; default ${y}; }", "include x.conf;",
		"server { if ($x = \"a b\") { rewrite ^ /$1 last; } }", "types { a b; }", "upstream a { server b:1; }", "\"", "'\\", "server { listen [::]:80 ssl; }", "{", "}", ";",
		"server { error_page 404 =200 /x; expires 1h; add_header a b always; }", "server { proxy_pass http://$host$uri; }", "${", "$", "server{return 200 $}",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 4096 || text == "" {
			return
		}
		put(t, c, "/etc/nginx/conf.d/default.conf", text)
		if _, errs, code := imagetest.Exec(t, c, "", "nginx", "-t"); code != 0 && code != 1 {
			t.Errorf("%q: %d %s", text, code, errs)
		}
	})
}
