package iristest_test

import (
	"encoding/binary"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/irisfix/irisfix/loader/iris/iristest"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

// Codes that only the drivers of the vendor use.
var (
	streamSize = wire.Code{'S', 'S'}
	getBytes   = wire.Code{'G', 'B'}
)

// documents is a connection to a server with the table D (a INTEGER, c LONGVARCHAR, b LONGVARBINARY).
func documents(t testing.TB, set ...func(*iristest.Options)) *talker {
	t.Helper()
	k := login(t, iristest.New(t, set...))
	k.run("CREATE TABLE D (a INTEGER, c LONGVARCHAR, b LONGVARBINARY)")
	return k
}

// piece is the body of SM or SB: handle in hexadecimal, as an item; count; data.
func piece(handle string, count int, data string) string {
	return handle + hex.EncodeToString(binary.LittleEndian.AppendUint32(nil, uint32(count))) + hex.EncodeToString([]byte(data))
}

// written sends pieces of a stream and gives its handle, as an item.
func (k *talker) written(code wire.Code, pieces ...string) string {
	k.t.Helper()
	handle := "0204"
	for _, data := range pieces {
		count := len(data)
		if code == wire.SM {
			count, _ = wire.Units(data)
		}
		status, reply := k.ask(code, 6, piece(handle, count, data))
		if status != 0 {
			k.t.Fatalf("%v: status %d, %s", code, status, k.why(6, status))
		}
		handle = reply
	}
	return handle
}

// insert puts handles (items in hexadecimal) into D.
func (k *talker) insert(column, handle string) {
	k.t.Helper()
	prepare, _ := wire.Prepare{SQL: "INSERT INTO D (" + column + ") VALUES (:%qpar(1))", Params: wire.UserParams(1)}.Append(nil, wire.Unicode)
	if status, _ := k.ask(wire.PP, 7, hex.EncodeToString(prepare)); status != 0 {
		k.t.Fatalf("status %d", status)
	}
	if status, body := k.ask(wire.PU, 7, "0201 0204 030401 030401"+handle); status != 0 || body != "030401" {
		k.t.Fatalf("status %d, %s", status, body)
	}
}

const text3 = "aя€💻" // 5 units of 16 bits, 1+2+3+4 bytes

func TestStreamsGoThereAndBackInPieces(t *testing.T) {
	binaryData := strings.Repeat("\x00\xff\xc3\xa9", 100_000)
	characters := strings.Repeat(text3, 100_000)
	k := documents(t)
	k.insert("c", k.written(wire.SM, characters[:10], characters[10:500_000], characters[500_000:]))
	k.insert("b", k.written(wire.SB, binaryData[:1], binaryData[1:]))
	for _, tt := range []struct {
		query, data string
		size        int64
	}{{"SELECT c FROM D WHERE c IS NOT NULL", characters, 500_000}, {"SELECT b FROM D WHERE b IS NOT NULL", binaryData, 400_000}} {
		handle := k.rows(tt.query)
		size := hex.EncodeToString(wire.AppendInt(nil, tt.size))
		if status, body := k.ask(streamSize, 8, handle); status != 0 || body != size {
			t.Errorf("size: status %d, %s", status, body)
		}
		for name, length := range map[string]string{"all": "0205", "as many as there are": size, "more": "0604 00000080"} {
			k.ask(streamSize, 8, handle)
			if status, body := k.ask(wire.JS, 8, handle+length); status != 0 || body != hex.EncodeToString([]byte(tt.data)) {
				t.Errorf("%s: status %d, %d bytes", name, status, len(body)/2)
			}
		}
	}
}

func TestReadingGoesOnWhereItStopped(t *testing.T) {
	k := documents(t)
	k.insert("c", k.written(wire.SM, text3+"z"))
	handle := k.rows("SELECT c FROM D")
	for _, tt := range []struct{ length, want string }{{"030401", "a"}, {"030402", "я€"}, {"030401", "💻"}, {"030409", "z"}, {"030409", ""}} {
		if status, body := k.ask(wire.JS, 8, handle+tt.length); status != 0 || body != hex.EncodeToString([]byte(tt.want)) {
			t.Errorf("%s: status %d, %s", tt.length, status, body)
		}
	}
	if status, body := k.ask(getBytes, 8, handle+"030402 030402"); status != 0 || body != hex.EncodeToString([]byte("я€")) {
		t.Errorf("a part: status %d, %s", status, body)
	}
	if status, body := k.ask(wire.JS, 8, handle+"0205"); status != 0 || body != hex.EncodeToString([]byte(text3+"z")) {
		t.Errorf("all: status %d, %s", status, body)
	}
}

func TestPiecesAnnounceCharacters(t *testing.T) {
	k := documents(t)
	for name, tt := range map[string]struct {
		code    wire.Code
		body    string
		refused bool
	}{
		"units, as both drivers":                       {wire.SM, piece("0204", 5, text3), false},
		"a new stream as text":                         {wire.SM, piece("030130", 5, text3), false},
		"code points, as the DB-API client 3.8.0":      {wire.SM, piece("0204", 4, text3), false},
		"surrogates of three bytes each, as JDBC does": {wire.SM, piece("0204", 5, "aя€\xed\xa0\xbd\xed\xb2\xbb"), false},
		"bytes":                 {wire.SM, piece("0204", 10, text3), true},
		"nothing":               {wire.SM, piece("0204", 0, text3), true},
		"binary":                {wire.SB, piece("0204", 10, text3), false},
		"binary, one too few":   {wire.SB, piece("0204", 9, text3), true},
		"binary, as characters": {wire.SB, piece("0204", 5, text3), true},
		"no such stream":        {wire.SM, piece("0401 3939", 5, text3), true},
		"no count":              {wire.SM, "0204 0500", true},
	} {
		t.Run(name, func(t *testing.T) {
			status, handle := k.ask(tt.code, 6, tt.body)
			if tt.refused {
				if status == 0 {
					t.Errorf("accepted: %s", handle)
				}
				return
			}
			if status != 0 {
				t.Fatalf("status %d, %s", status, k.why(6, status))
			}
			if _, data := k.ask(wire.JS, 8, handle+"0205"); data != hex.EncodeToString([]byte(text3)) {
				t.Errorf("%s", data)
			}
		})
	}
}

func TestStreamsThatAreNotThereAre403(t *testing.T) {
	k := documents(t)
	for _, body := range []string{"0401 7878 0205", "0201 0205"} {
		if status, _ := k.ask(wire.JS, 8, body); status != 403 {
			t.Errorf("%s: status %d", body, status)
		}
	}
}

// Both drivers write UTF-8, whatever the server's locale is.
func TestStreamsAreUTF8OnAnEightBitServerToo(t *testing.T) {
	k := documents(t, func(o *iristest.Options) { o.EightBit, o.Locale = true, "CP1251" })
	k.insert("c", k.written(wire.SM, "тест"))
	if status, body := k.ask(wire.JS, 8, k.rows("SELECT c FROM D")+"0205"); status != 0 || body != hex.EncodeToString([]byte("тест")) {
		t.Errorf("status %d, %s", status, body)
	}
}

func TestHandlesHoldBytesThatNoTextHas(t *testing.T) {
	k := documents(t)
	handle, _ := hex.DecodeString(k.written(wire.SM, "x"))
	if !strings.ContainsAny(string(handle[2:]), "\x01\x03") {
		t.Errorf("%x", handle)
	}
}

// JDBC 3.10.3 closes an empty stream by its handle, and after each row with streams all of the statement by 0.
func TestStreamsAreClosedWithoutAReply(t *testing.T) {
	k := documents(t)
	handle := k.written(wire.SM, text3)
	for _, body := range []string{handle, "0204"} {
		k.send(wire.CS, 6, body)
		if status, _ := k.ask(streamSize, 6, handle); status != 0 {
			t.Errorf("after CS with %s: status %d", body, status)
		}
	}
	k.send(wire.CS, 6, "030401")
	k.ended()
}
