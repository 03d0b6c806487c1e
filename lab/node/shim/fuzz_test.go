package shim

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"testing"

	"healthlab/lab/node/network"
)

// FuzzAnswers has a container's process say whatever it could to healthlab.
func FuzzAnswers(f *testing.F) {
	frame := func(k kind, payload string) []byte {
		b := binary.BigEndian.AppendUint32([]byte{byte(k)}, uint32(len(payload)))
		return append(b, payload...)
	}
	f.Add(frame(callAnnounce, `{"Pod":"10.244.0.2","Port":80,"Bound":"::","Real":"127.0.0.1:4000"}`))
	f.Add(frame(callWithdraw, `{"Addr":"10.244.0.2:80"}`))
	f.Add(frame(callRoute, `{"From":"10.244.0.2","Inside":true,"To":{"Addr":"127.0.0.1:80"}}`))
	f.Add(frame(callClaim, `{"Route":{"Server":{"Addr":"10.244.0.2:80"}},"Dialed":"127.0.0.1:3"}`))
	f.Add(frame(callExit, `{"ID":"x","Exit":{"Code":1}}`))
	f.Add(frame(callUsage, `{"Bytes":-1}`))
	f.Add(frame(frameDone, `{"Error":{"Errno":"EADDRINUSE","Call":"bind"}}`))
	f.Add([]byte{byte(callExit), 0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, data []byte) {
		r := &Runtime{net: network.NewSwitch(netip.MustParseAddr("10.244.0.1"), nil), processes: map[*process]struct{}{}}
		r.cfg.MemoryBytes = 1 << 60
		p := &process{runtime: r, containers: map[string]*Container{}, servers: map[network.Socket]func(){}}
		in := bytes.NewReader(data)
		for {
			k, payload, err := readFrame(in)
			if err != nil {
				return
			}
			if k == frameDone {
				var code int
				_ = readAnswer(payload, &code) // an error is an answer
				continue
			}
			value, err := p.answer(k, payload)
			var out bytes.Buffer
			if err := writeAnswer(&out, value, err); err != nil {
				t.Errorf("an answer cannot be sent: %v", err)
			}
		}
	})
}
