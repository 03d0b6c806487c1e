package redis_test

import (
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"healthlab/lab/node/images/imagetest"
	"healthlab/lab/node/sandbox"
)

// step is what one of several clients sends, and what it must get.
type step struct{ who, send, want string }

func play(t *testing.T, b *imagetest.Bed, steps []step) {
	t.Helper()
	conns := map[string]net.Conn{}
	for _, s := range steps {
		conn := conns[s.who]
		if conn == nil {
			var err error
			if conn, err = b.Dial(imagetest.Context(t), "tcp", "127.0.0.1:6379"); err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			conns[s.who] = conn
		}
		if _, err := io.WriteString(conn, s.send); err != nil {
			t.Fatal(err)
		}
		got := make([]byte, len(s.want))
		if _, err := io.ReadFull(conn, got); err != nil || string(got) != s.want {
			t.Fatalf("%s %q\n got %q %v\nwant %q", s.who, s.send, got, err, s.want)
		}
	}
}

const (
	ok      = "+OK\r\n"
	queued  = "+QUEUED\r\n"
	nothing = "*-1\r\n" // a transaction that did not happen
)

func TestTransactions(t *testing.T) {
	b := imagetest.New(t)
	ready(t, b.Start(t, "redis", sandbox.ContainerConfig{}))
	outdated := func(setUp, change, want string) []step {
		return []step{
			{"a", setUp, ok},
			{"a", "WATCH k\r\n", ok},
			{"b", change, want},
			{"a", "MULTI\r\n", ok},
			{"a", "SET n 1\r\n", queued},
			{"a", "EXEC\r\n", nothing},
			{"a", "EXISTS n\r\n", ":0\r\n"},
		}
	}
	for _, tt := range []struct {
		name  string
		steps []step
	}{
		{"runs what was queued", []step{{"a", "MULTI\r\nSET k 1\r\nINCR k\r\nGET none\r\nEXEC\r\n", ok + queued + queued + queued + "*3\r\n+OK\r\n:2\r\n$-1\r\n"}}},
		{"is not seen before", []step{{"a", "MULTI\r\nSET k 1\r\n", ok + queued}, {"b", "EXISTS k\r\n", ":0\r\n"}, {"a", "EXEC\r\n", "*1\r\n+OK\r\n"}, {"b", "EXISTS k\r\n", ":1\r\n"}}},
		{"forgets", []step{{"a", "MULTI\r\nSET k 1\r\nDISCARD\r\nGET k\r\n", ok + queued + ok + "$-1\r\n"}}},
		{"goes on after an error", []step{{"a", "SET k x\r\nMULTI\r\nINCR k\r\nSET k 2\r\nEXEC\r\n", ok + ok + queued + queued + "*2\r\n-ERR value is not an integer or out of range\r\n+OK\r\n"}}},
		{"stops at an unknown command", []step{{"a", "MULTI\r\nFOO\r\nSET k 1\r\nEXEC\r\nGET k\r\n", ok + "-ERR unknown command 'FOO', with args beginning with: \r\n" + queued + "-EXECABORT Transaction discarded because of previous errors.\r\n$-1\r\n"}}},
		{"stops at wrong arguments", []step{{"a", "MULTI\r\nGET\r\nEXEC\r\n", ok + "-ERR wrong number of arguments for 'get' command\r\n-EXECABORT Transaction discarded because of previous errors.\r\n"}}},
		{"has no subscriptions in it", []step{{"a", "MULTI\r\nSUBSCRIBE c\r\nEXEC\r\n", ok + "-ERR Command not allowed inside a transaction\r\n-EXECABORT Transaction discarded because of previous errors.\r\n"}}},
		{"is not nested", []step{{"a", "MULTI\r\nMULTI\r\nWATCH k\r\nEXEC\r\n", ok + "-ERR MULTI calls can not be nested\r\n-ERR WATCH inside MULTI is not allowed\r\n*0\r\n"}}},
		{"has to be begun", []step{{"a", "EXEC\r\nDISCARD\r\n", "-ERR EXEC without MULTI\r\n-ERR DISCARD without MULTI\r\n"}}},
		{"a watched key that stays", []step{{"a", "WATCH k\r\n", ok}, {"b", "SET other 1\r\n", ok}, {"b", "DEL k\r\n", ":0\r\n"}, {"a", "MULTI\r\nPING\r\nEXEC\r\n", ok + queued + "*1\r\n+PONG\r\n"}}},
		{"a watched key that changes", outdated("SET k 1\r\n", "INCR k\r\n", ":2\r\n")},
		{"a watched key that gets the same", outdated("SET k 1\r\n", "SET k 1\r\n", ok)},
		{"a watched key that goes", outdated("SET k 1\r\n", "DEL k\r\n", ":1\r\n")},
		{"a watched key that comes", outdated("SELECT 0\r\n", "RPUSH k 1\r\n", ":1\r\n")},
		{"a watched key of a database that is emptied", outdated("SET k 1\r\n", "FLUSHALL\r\n", ok)},
		{"a watched key that is renamed", outdated("SET k 1\r\n", "RENAME k l\r\n", ok)},
		{"not watched any more", []step{{"a", "SET k 1\r\nWATCH k\r\nUNWATCH\r\n", ok + ok + ok}, {"b", "SET k 2\r\n", ok}, {"a", "MULTI\r\nEXEC\r\n", ok + "*0\r\n"}}},
		{"of another database", []step{{"a", "WATCH k\r\n", ok}, {"b", "SELECT 1\r\nSET k 2\r\n", ok + ok}, {"a", "MULTI\r\nEXEC\r\n", ok + "*0\r\n"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			play(t, b, append([]step{{"before", "FLUSHALL\r\n", ok}}, tt.steps...))
		})
	}
}

func TestPublish(t *testing.T) {
	b := imagetest.New(t)
	ready(t, b.Start(t, "redis", sandbox.ContainerConfig{}))
	play(t, b, []step{
		{"other", "PUBLISH news x\r\n", ":0\r\n"},
		{"a", "PING\r\nSUBSCRIBE news sport\r\n", "+PONG\r\n*3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n*3\r\n$9\r\nsubscribe\r\n$5\r\nsport\r\n:2\r\n"},
		{"b", "PSUBSCRIBE n*/s?[xy]\r\n", "*3\r\n$10\r\npsubscribe\r\n$9\r\nn*/s?[xy]\r\n:1\r\n"},
		{"b", "SUBSCRIBE news\r\n", "*3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:2\r\n"},
		{"other", "PUBLISH news hello\r\n", ":2\r\n"},
		{"a", "", "*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$5\r\nhello\r\n"},
		{"b", "", "*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$5\r\nhello\r\n"},
		{"other", "PUBLISH n/a/s1y hi\r\n", ":1\r\n"},
		{"b", "", "*4\r\n$8\r\npmessage\r\n$9\r\nn*/s?[xy]\r\n$7\r\nn/a/s1y\r\n$2\r\nhi\r\n"},
		{"other", "PUBSUB CHANNELS\r\nPUBSUB NUMSUB news none\r\nPUBSUB NUMPAT\r\n", "*2\r\n$4\r\nnews\r\n$5\r\nsport\r\n*4\r\n$4\r\nnews\r\n:2\r\n$4\r\nnone\r\n:0\r\n:1\r\n"},
		{"a", "GET k\r\n", "-ERR Can't execute 'get': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context\r\n"},
		{"a", "PING\r\nPING x\r\n", "*2\r\n$4\r\npong\r\n$0\r\n\r\n*2\r\n$4\r\npong\r\n$1\r\nx\r\n"},
		{"a", "UNSUBSCRIBE\r\n", "*3\r\n$11\r\nunsubscribe\r\n$4\r\nnews\r\n:1\r\n*3\r\n$11\r\nunsubscribe\r\n$5\r\nsport\r\n:0\r\n"},
		{"a", "UNSUBSCRIBE\r\nPING\r\n", "*3\r\n$11\r\nunsubscribe\r\n$-1\r\n:0\r\n+PONG\r\n"},
		{"other", "MULTI\r\nPUBLISH news 1\r\nEXEC\r\n", ok + queued + "*1\r\n:1\r\n"},
		{"b", "QUIT\r\n", "*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$1\r\n1\r\n+OK\r\n"},
	})
}

// TestDeafSubscriber does not keep publishers from going on: it loses its connection.
func TestDeafSubscriber(t *testing.T) {
	b := imagetest.New(t)
	ready(t, b.Start(t, "redis", sandbox.ContainerConfig{}))
	message := strings.Repeat("x", 1<<20)
	deaf, err := b.Dial(imagetest.Context(t), "tcp", "127.0.0.1:6379")
	if err != nil {
		t.Fatal(err)
	}
	defer deaf.Close()
	if _, err := io.WriteString(deaf, "SUBSCRIBE c\r\n"); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(deaf, make([]byte, 8)); err != nil {
		t.Fatal(err)
	}
	other, err := b.Dial(imagetest.Context(t), "tcp", "127.0.0.1:6379")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	answer := make([]byte, 4)
	for string(answer) != ":0\r\n" {
		if _, err := io.WriteString(other, "*3\r\n$7\r\nPUBLISH\r\n$1\r\nc\r\n$1048576\r\n"+message+"\r\n"); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(other, answer); err != nil {
			t.Fatal(err)
		}
	}
}

// TestClientTalks is redis-cli in a transaction and as a subscriber, which does not keep the server from its end.
func TestClientTalks(t *testing.T) {
	b := imagetest.New(t)
	log := filepath.Join(t.TempDir(), "0.log")
	c := b.Start(t, "redis", sandbox.ContainerConfig{LogPath: log})
	ready(t, c)
	for _, tt := range []struct{ command, out string }{
		{`printf 'multi\nset a 1\nincr a\nexec\n' | redis-cli`, "OK\nQUEUED\nQUEUED\nOK\n2\n"},
		{`printf 'multi\nget\nexec\n' | redis-cli --no-raw`, "OK\n(error) ERR wrong number of arguments for 'get' command\n(error) EXECABORT Transaction discarded because of previous errors.\n"},
		{`printf 'set a 1\nwatch a\nset a 2\nmulti\nexec\n' | redis-cli --no-raw`, "OK\nOK\nOK\nOK\n(nil)\n"},
		{
			`redis-cli --no-raw subscribe news >/tmp/sub & p=$!; until [ "$(redis-cli publish news hello)" = 1 ]; do :; done; until grep -q hello /tmp/sub; do :; done; kill $p; cat /tmp/sub`,
			"Reading messages... (press Ctrl-C to quit)\n1) \"subscribe\"\n2) \"news\"\n3) (integer) 1\n1) \"message\"\n2) \"news\"\n3) \"hello\"\n",
		},
		{
			// Another channel: the subscriber before may still be counted.
			`redis-cli psubscribe 's*' >/tmp/sub & p=$!; until [ "$(redis-cli publish sport hello)" = 1 ]; do :; done; until grep -q hello /tmp/sub; do :; done; kill $p; cat /tmp/sub`,
			"psubscribe\ns*\n1\npmessage\ns*\nsport\nhello\n",
		},
	} {
		if out, errs, _ := imagetest.Exec(t, c, "", "sh", "-c", tt.command); out != tt.out {
			t.Errorf("%s\n got %q %q\nwant %q", tt.command, out, errs, tt.out)
		}
	}
	play(t, b, []step{{"listens", "SUBSCRIBE c\r\n", "*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n"}})
	idle, err := b.Dial(imagetest.Context(t), "tcp", "127.0.0.1:6379")
	if err != nil {
		t.Fatal(err)
	}
	defer idle.Close()
	if err := c.Signal(sandbox.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if exit := imagetest.Ended(t, c); exit.Code != 0 {
		t.Errorf("%+v", exit)
	}
}
