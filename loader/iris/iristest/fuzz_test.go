package iristest_test

import (
	"io"
	"net"
	"testing"

	"github.com/irisfix/irisfix/loader/iris/iristest"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

// Whatever a client sends, the server answers or closes the connection, and goes on for others.
func FuzzConversation(f *testing.F) {
	for code, body := range map[wire.Code]string{
		{'P', 'P'}: "030401 0a01 53454c4543542031 0204", {'D', 'Q'}: "030401 0a01 53454c4543542031 0204 030401 0204 0204 0204",
		{'P', 'U'}: oneFails, {'S', 'M'}: "0204 03000000 616263", {'J', 'S'}: "0301 30 0205", {'G', 'B'}: "0301 30 030401 030402",
		{'E', 'B'}: "01000000 0204 030401 0a01 53454c4543542031 030401 0204", {'E', 'I'}: "0404e903 0204", {'I', 'L'}: "0204",
		{'S', 'P'}: "16012553595354454d2e53514c5f476574524f574944", {'S', 'U'}: "0204020402040304010204", {'O', 'E'}: "030477",
		{0x4b, 0xc2}: "1001 2553595354454d2e56657273696f6e 0c01 47657456657273696f6e 0204", {'A', 'F'}: "",
	} {
		f.Add(wire.AppendRequest(nil, 5, 4, code, unhex(f, body)))
	}
	s := iristest.New(f)
	f.Fuzz(func(t *testing.T, sent []byte) {
		k := login(t, s)
		if _, err := k.c.Write(sent); err != nil {
			t.Fatal(err)
		}
		k.c.(*net.TCPConn).CloseWrite()
		io.Copy(io.Discard, k.c) //nolint:errcheck // it may be cut
		again := login(t, s)
		again.send(wire.DC, 0, "")
		again.ended()
		k.c.Close()
	})
}
