package redis_test

import (
	_ "embed"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"healthlab/lab/node/images/imagetest"
	"healthlab/lab/node/sandbox"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// session is what a real redis-cli 7.0.15 prints about a real server, command by command.
//
//go:embed testdata/session.json
var session []byte

// ready waits until the server answers.
func ready(t testing.TB, c *sandbox.Container) {
	t.Helper()
	if out, errs, code := imagetest.Exec(t, c, "", "sh", "-c", "until redis-cli ping 2>/dev/null >/tmp/x; do :; done; cat /tmp/x"); code != 0 || !strings.HasPrefix(out, "PONG") && !strings.HasPrefix(out, "NOAUTH") {
		t.Fatal(out, errs)
	}
}

func TestAsRedis(t *testing.T) {
	var cases []struct {
		Do, Out string
		Code    int
	}
	if err := json.Unmarshal(session, &cases); err != nil {
		t.Fatal(err)
	}
	b := imagetest.New(t)
	c := b.Start(t, "redis:7", sandbox.ContainerConfig{Args: []string{"--save", ""}})
	ready(t, c)
	for _, tt := range cases {
		t.Run(tt.Do, func(t *testing.T) {
			out, _, code := imagetest.Exec(t, c, "", append([]string{"redis-cli"}, strings.Fields(tt.Do)...)...)
			if out != tt.Out || code != tt.Code {
				t.Errorf("got %q, %d, want %q, %d", out, code, tt.Out, tt.Code)
			}
		})
	}
}

func TestLives(t *testing.T) {
	b := imagetest.New(t)
	log := filepath.Join(t.TempDir(), "0.log")
	c := b.Start(t, "redis", sandbox.ContainerConfig{LogPath: log, Args: []string{"--requirepass", "secret"}})
	ready(t, c)
	for _, tt := range []struct {
		command, out, errs string
		code               int
	}{
		{command: "redis-cli ping", out: "NOAUTH Authentication required.\n\n"},
		{command: "redis-cli -a secret ping", out: "PONG\n", errs: "Warning: Using a password with '-a' or '-u' option on the command line interface may not be safe.\n"},
		{command: "REDISCLI_AUTH=secret redis-cli ping", out: "PONG\n"},
		{command: "redis-cli --no-auth-warning -a wrong ping", out: "NOAUTH Authentication required.\n\n", errs: "Warning: .*\nAUTH failed: WRONGPASS .*\n"},
		{command: "redis-cli -p 7778 ping", errs: "Could not connect to Redis at 127\\.0\\.0\\.1:7778: Connection refused\n", code: 1},
		{command: "redis-cli -h nosuch.invalid ping", errs: "Could not connect to Redis at nosuch\\.invalid:6379: Name or service not known\n", code: 1},
		{command: "redis-cli --foo", errs: "Unrecognized option .*\n", code: 1},
		{command: "printf 'ping\\nset \"a b\" c\\nget \"a b\"\\n' | REDISCLI_AUTH=secret redis-cli", out: "PONG\nOK\nc\n"},
		{command: "redis-server --foo bar", errs: "(?s).*>>> 'foo \"bar\"'\nBad directive or wrong number of arguments\n", code: 1},
		{command: "redis-server /none.conf", errs: "(?s).*Can't open config file '/none.conf'\n", code: 1},
		{command: "redis-server --port 6379 >/dev/null", code: 1},
		{command: "printf 'PING\\r\\n' | nc localhost 6379 -w 1", out: "-NOAUTH .*\r\n"},
	} {
		out, errs, code := imagetest.Exec(t, c, "", "sh", "-c", tt.command)
		if !regexp.MustCompile("^"+tt.out+"$").MatchString(out) || !regexp.MustCompile("^"+tt.errs+"$").MatchString(errs) || code != tt.code {
			t.Errorf("%s\n got %q, %q, %d\nwant %q, %q, %d", tt.command, out, errs, code, tt.out, tt.errs, tt.code)
		}
	}
	if err := c.Signal(sandbox.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if exit := imagetest.Ended(t, c); exit.Code != 0 {
		t.Errorf("%+v", exit)
	}
	text, err := os.ReadFile(log)
	if err != nil || !regexp.MustCompile(`1:M \d\d \w{3} \d{4} \d\d:\d\d:\d\d\.\d{3} \* Ready to accept connections\n(?s:.*)Received SIGTERM scheduling shutdown\.\.\.\n(?s:.*)Redis is now ready to exit, bye bye\.\.\.\n$`).Match(text) {
		t.Errorf("%s %v", text, err)
	}
}

// TestGarbage gets an error or a closed connection, and the server lives on.
func TestGarbage(t *testing.T) {
	b := imagetest.New(t)
	c := b.Start(t, "redis", sandbox.ContainerConfig{})
	ready(t, c)
	imagetest.Garbage(t, b, "127.0.0.1:6379", map[string]string{
		"HTTP": "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "zeros": strings.Repeat("\x00", 1000), "huge array": "*1000000000\r\n", "negative array": "*-5\r\nPING\r\n",
		"huge bulk": "*1\r\n$99999999999\r\n", "no bulk": "*1\r\nPING\r\n", "long line": strings.Repeat("a", 1<<20), "quotes": "SET \"a\r\n", "half": "*2\r\n$3\r\nGET\r\n$5\r\nab",
	}, func() { ready(t, c) })
}
