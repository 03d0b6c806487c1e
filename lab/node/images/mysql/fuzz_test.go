package mysql

import (
	"bytes"
	"testing"
)

// FuzzPackets reads what a client and a server may send.
func FuzzPackets(f *testing.F) {
	salt := bytes.Repeat([]byte{'s'}, saltLength)
	f.Add(login{user: "root", database: "shop", answer: scramble("pw", salt), plugin: nativePassword}.packet())
	f.Add(greeting("9.7.0", 1, salt))
	f.Add((&fault{1045, "28000", "Access denied"}).packet())
	f.Add(counted("text"))
	f.Add([]byte{0xfc, 1})
	f.Fuzz(func(t *testing.T, packet []byte) {
		if l, err := loggedIn(packet); err == nil && len(l.answer) > len(packet) {
			t.Error("the answer is longer than the packet")
		}
		if _, salt, err := greeted(packet); err == nil && len(salt) != saltLength {
			t.Errorf("a challenge of %d bytes", len(salt))
		}
		_ = faultOf(packet)
		if text, _, rest, err := uncounted(packet); err == nil && len(text)+len(rest) >= len(packet) {
			t.Error("more than there was")
		}
	})
}

func TestPackets(t *testing.T) {
	salt := bytes.Repeat([]byte{'s'}, saltLength)
	l, err := loggedIn(login{user: "joe", database: "shop", answer: scramble("pw", salt), plugin: nativePassword}.packet())
	if err != nil || l.user != "joe" || l.database != "shop" || !bytes.Equal(l.answer, scramble("pw", salt)) || l.plugin != nativePassword {
		t.Errorf("%+v %v", l, err)
	}
	version, got, err := greeted(greeting("9.7.0", 1, salt))
	if err != nil || version != "9.7.0" || !bytes.Equal(got, salt) {
		t.Errorf("%s %s %v", version, got, err)
	}
}
