package client_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/irisfix/irisfix/loader/iris/client"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

// ss is the question for the size of a stream.
var ss = wire.Code{'S', 'S'}

// js is the two messages that read a stream, with this reply to the second.
func js(id, statement uint32, size int, reply []byte) []step {
	return []step{ask(id, statement, ss, items("1@%Stream"), 0, items(size)),
		{want: wire.AppendRequest(nil, id+2, statement, wire.JS, items("1@%Stream", size)), reply: reply}}
}

// steps joins what are several messages each.
func steps(all ...[]step) []step { return slices.Concat(all...) }

var handle = []byte("1@%Stream")

// content reads a stream.
func content(t *testing.T, c *client.Conn) (string, error) {
	t.Helper()
	r, err := c.ReadStream(t.Context(), handle)
	if err != nil {
		return "", err
	}
	b, err := io.ReadAll(r)
	return string(b), err
}

func TestAStreamIsAskedForAsTheDriversDo(t *testing.T) {
	c := connect(t, steps(
		[]step{on("0b 00 00 00  05 00 00 00  01 00 00 00  53 53 | 0b 01 31 40 25 53 74 72 65 61 6d",
			"03 00 00 00  05 00 00 00  01 00 00 00  00 00 | 03 04 04"),
			on("0e 00 00 00  07 00 00 00  01 00 00 00  4a 53 | 0b 01 31 40 25 53 74 72 65 61 6d  03 04 04",
				"04 00 00 00  07 00 00 00  01 00 00 00  00 00 | 00 ff 'ab'")},
		[]step{ask(9, 2, ss, items("1@%Stream"), 0, items(0))})...)
	for i, want := range []string{"\x00\xffab", ""} {
		if got, err := content(t, c); got != want || err != nil {
			t.Errorf("%d: %q, %v", i, got, err)
		}
	}
}

// The drivers ask for a stream under the statement whose row held its handle.
func TestAStreamBelongsToTheStatementOfItsRow(t *testing.T) {
	c := connect(t, steps(
		[]step{du(5, 1, insert, 0, items(0, 1, 1)), dq(7, 2, sel, reply(7, 2, 0, integer(true)), reply(7, 2, 0, items(1)))},
		js(9, 2, 1, reply(11, 2, 0, []byte("x"))), []step{fd(13, 2, 100, nil)})...)
	exec(t, c, insert)
	rows, err := c.Query(t.Context(), sel)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := rows.Next(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, err := content(t, c); got != "x" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := rows.Next(t.Context()); err != io.EOF {
		t.Error(err)
	}
}

// What comes must be as much as the server said: in bytes, or in 16-bit units of UTF-8, of surrogates too.
func TestAStreamThatIsNotAsLongAsItShouldBeIsAnError(t *testing.T) {
	for name, tt := range map[string]struct {
		size int
		data string
		want error
	}{
		"bytes":          {4, "\x80\x80\x80\x80", nil},
		"units":          {5, "aя€💻", nil},
		"surrogates":     {5, "aя€\xed\xa0\xbd\xed\xb2\xbb", nil},
		"nothing":        {3, "", &client.StreamSizeError{Size: 3}},
		"a byte too few": {4, "abc", &client.StreamSizeError{Size: 4, Bytes: 3, Units: 3}},
		"one too many":   {4, "aя€💻", &client.StreamSizeError{Size: 4, Bytes: 10, Units: 5}},
	} {
		for _, n := range []int{1, 100} {
			c := connect(t, append(js(5, 1, tt.size, fragmented(reply(7, 1, 0, []byte(tt.data)), n)), ask(9, 0, wire.TC, nil, 0, nil))...)
			got, err := content(t, c)
			if got != tt.data || fmt.Sprint(err) != fmt.Sprint(tt.want) {
				t.Errorf("%s: %q, %v", name, got, err)
			}
			if err := c.Commit(t.Context()); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

func TestASizeThatIsNoneEndsTheConnection(t *testing.T) {
	for name, tt := range map[string]struct {
		body []byte
		want string
	}{
		"nothing":  {nil, "unexpected EOF"},
		"negative": {items(-1), "a stream of size -1"},
		"text":     {items("many"), "item is a 8-bit string, not an integer"},
	} {
		_, err := content(t, connect(t, ask(5, 1, ss, items("1@%Stream"), 0, tt.body)))
		if want := "connection lost after SS was sent: protocol error: reply to SS: " + tt.want; err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", name, err, want)
		}
	}
}

// The status is that of the last fragment, whose bytes are not delivered if it is an error.
func TestAStreamThatFailsWithinIsAnErrorAndNotAnEnd(t *testing.T) {
	part := wire.AppendReply(nil, 7, 1, 0, true, []byte("good"))
	failed := append(part, reply(7, 1, 412, []byte("bad"))...)
	c := connect(t, steps(js(5, 1, 7, failed), []step{oe(9, 1, 412, "stream error")}, js(11, 2, 4, reply(13, 2, 0, []byte("next"))))...)
	got, err := content(t, c)
	if got != "good" || err == nil || err.Error() != "SQLCODE -412: stream error" {
		t.Errorf("got %q, %v", got, err)
	}
	if got, err := content(t, c); got != "next" || err != nil {
		t.Errorf("next: %q, %v", got, err)
	}
	cut := js(5, 1, 7, part)
	cut[1] = cut[1].closing()
	got, err = content(t, connect(t, cut...))
	if got != "good" || !errors.Is(err, client.ErrLost) || errors.Is(err, io.EOF) {
		t.Errorf("cut: %q, %v", got, err)
	}
	got, err = content(t, connect(t, js(5, 1, 7, append(part, reply(7, 2, 0, []byte("x"))...))...))
	if want := "connection lost after JS was sent: protocol error: reply to JS: statement 2 is answered, statement 1 was asked"; got != "good" || err == nil || err.Error() != want {
		t.Errorf("another's: %q, %v", got, err)
	}
}

func TestAHandleOfNoStream(t *testing.T) {
	c := connect(t, steps([]step{ask(5, 1, ss, items("1@%Stream"), 403, nil)}, js(7, 2, 1, reply(9, 2, 403, []byte("x"))),
		[]step{ask(11, 0, wire.TC, nil, 0, nil)})...)
	for range 2 {
		if _, err := content(t, c); err != client.ErrNoStream {
			t.Errorf("got %v", err)
		}
	}
	if err := c.Commit(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestWhileAStreamIsReadTheConnectionIsBusy(t *testing.T) {
	c := connect(t, steps(
		[]step{dq(5, 1, sel, reply(5, 1, 0, integer(true)), reply(5, 1, 0, items(1)))},
		js(7, 1, 6, reply(9, 1, 0, []byte("abcdef"))), []step{fd(11, 1, 100, items(2))})...)
	rows, err := c.Query(t.Context(), sel)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := rows.Next(t.Context()); err != nil {
		t.Fatal(err)
	}
	r, err := c.ReadStream(t.Context(), handle)
	if err != nil {
		t.Fatal(err)
	}
	for name, do := range map[string]func() error{
		"Exec":       func() error { _, err := c.Exec(t.Context(), insert); return err },
		"Next":       func() error { _, err := rows.Next(t.Context()); return err },
		"ReadStream": func() error { _, err := c.ReadStream(t.Context(), handle); return err },
		"Commit":     func() error { return c.Commit(t.Context()) },
	} {
		if err := do(); err != client.ErrBusy {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n, err := r.Read(make([]byte, 2)); n != 2 || err != nil {
		t.Errorf("read %d, %v", n, err)
	}
	for range 2 {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
	if got, err := read(t.Context(), rows); err != io.EOF || len(got) != 1 {
		t.Errorf("rows afterwards: %q, %v", got, err)
	}
}

// A stream is larger than the limit of replies and than the memory that reading it takes.
func TestAStreamIsNotHeldInMemory(t *testing.T) {
	const fragment, fragments = 1 << 20, 64
	many, one := js(5, 1, fragment*fragments, nil), js(9, 2, fragment*fragments, nil)
	data := bytes.Repeat([]byte("x"), fragment)
	many[1].then = func(c net.Conn) {
		for i := range fragments {
			c.Write(wire.AppendReply(nil, 7, 1, 0, i < fragments-1, data))
		}
	}
	one[1].then = func(c net.Conn) {
		c.Write(wire.Header{Length: fragment * fragments, ID: 11, Statement: 2}.Append(nil))
		for range fragments {
			c.Write(data)
		}
	}
	c := connectWith(t, client.Config{Limit: 1000}, steps(many, one)...)
	for range 2 {
		r, err := c.ReadStream(t.Context(), handle)
		if err != nil {
			t.Fatal(err)
		}
		before, h := live(), &heap{}
		n, err := io.Copy(h, r)
		if n != fragment*fragments || err != nil {
			t.Errorf("got %d bytes, %v", n, err)
		}
		if h.most > before+16<<20 {
			t.Errorf("%d bytes of memory for a stream of %d", h.most-before, n)
		}
	}
}

// live is the memory in use.
func live() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// heap notes the most memory that was in use while something was read, every few MiB.
type heap struct {
	most uint64
	left int
}

func (h *heap) Write(p []byte) (int, error) {
	if h.left -= len(p); h.left < 0 {
		h.left = 8 << 20
		h.most = max(h.most, live())
	}
	return len(p), nil
}

const ins = "INSERT INTO T VALUES ( :%qpar(1) )"

func prepareStream(t *testing.T, locale string, unicode byte, steps ...step) *client.Stmt {
	t.Helper()
	hs := step{reply: reply(1, 0, 0, append(bytesOf("41 00"), append([]byte{unicode, 0}, items(locale)...)...))}
	prepare := pp(5, 1, ins, 1, 0, must(wire.Metadata{Params: make([]wire.Param, 1), Cacheable: true}.Append(nil, wire.Unicode, 0)))
	c, err := client.Connect(t.Context(), client.Config{
		Address: serve(t, nil, append([]step{hs, welcome, prepare}, steps...)...)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	stmt, err := c.Prepare(t.Context(), "INSERT INTO T VALUES ( ? )")
	if err != nil {
		t.Fatal(err)
	}
	return stmt
}

// sent is a piece that is expected, and the handle that is given for it.
func sent(id uint32, code wire.Code, handle string, data []byte, next string) step {
	m := wire.WriteStream{Handle: []byte(handle), Data: data, Count: uint32(len(data))}
	if code == wire.SM && utf8.Valid(data) {
		m.Count = uint32(len(utf16.Encode([]rune(string(data)))))
	}
	body, err := m.Append(nil)
	return ask(id, 1, code, must(body, err), 0, items(next))
}

// The count of each piece is that of its bytes or 16-bit units, and pieces of text end between characters.
func TestAStreamIsWrittenInPieces(t *testing.T) {
	const piece = 1 << 20
	text := []byte("a" + strings.Repeat("я", piece)) // the first piece would end within a character
	binary := bytes.Repeat([]byte{0xD1}, 2*piece)
	for name, tt := range map[string]struct {
		binary bool
		data   []byte
		steps  []step
	}{
		"text": {false, text, []step{
			sent(7, wire.SM, "", text[:piece-1], "h1"), sent(9, wire.SM, "h1", text[piece-1:2*piece-1], "h2"),
			sent(11, wire.SM, "h2", text[2*piece-1:], "h3")}},
		"binary": {true, binary, []step{
			sent(7, wire.SB, "", binary[:piece], "h1"), sent(9, wire.SB, "h1", binary[piece:], "h3")}},
		"one byte": {true, []byte{0}, []step{sent(7, wire.SB, "", []byte{0}, "h3")}},
	} {
		for i, r := range []io.Reader{bytes.NewReader(tt.data), iotest.OneByteReader(bytes.NewReader(tt.data)), iotest.DataErrReader(bytes.NewReader(tt.data))} {
			got, err := prepareStream(t, "UNICODE", 1, tt.steps...).WriteStream(t.Context(), r, tt.binary)
			if string(got) != "h3" || err != nil {
				t.Errorf("%s, reader %d: %q, %v", name, i, got, err)
			}
		}
	}
}

func TestAPieceOfTextAnnouncesItsUnits(t *testing.T) {
	got, err := prepareStream(t, "UNICODE", 1, on("0d 00 00 00  07 00 00 00  01 00 00 00  53 4d | 03 01 30 | 03 00 00 00 | d1 8f f0 9f 92 bb",
		"1b 00 00 00  07 00 00 00  01 00 00 00  00 00 | 1b 01 '5@%Stream.GlobalCharacter'")).
		WriteStream(t.Context(), strings.NewReader("я💻"), false)
	if string(got) != "5@%Stream.GlobalCharacter" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

// The drivers of the vendor write UTF-8 on 8-bit servers too.
func TestTextIsUTF8WhateverTheCharsetOfTheServer(t *testing.T) {
	stmt := prepareStream(t, "CP1251", 0, sent(7, wire.SM, "", []byte("я💻"), "h"))
	if got, err := stmt.WriteStream(t.Context(), strings.NewReader("я💻"), false); string(got) != "h" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestWhatIsNoTextIsNotSentAsText(t *testing.T) {
	const piece = 1 << 20
	cause := errors.New("disk on fire")
	x := strings.Repeat("x", piece)
	for name, tt := range map[string]struct {
		r     io.Reader
		steps []step
		want  error
	}{
		"invalid":        {strings.NewReader("ab\xff"), nil, &wire.EncodingError{Offset: 2}},
		"cut":            {strings.NewReader("ab\xd1"), nil, &wire.EncodingError{Offset: 2}},
		"in piece 2":     {strings.NewReader(x + "b\xff"), []step{sent(7, wire.SM, "", []byte(x), "h")}, &wire.EncodingError{Offset: piece + 1}},
		"at the seam":    {strings.NewReader(x[1:] + "\xd1"), []step{sent(7, wire.SM, "", []byte(x[1:]), "h")}, &wire.EncodingError{Offset: piece - 1}},
		"across a seam":  {strings.NewReader(x[1:] + "\xd1x"), []step{sent(7, wire.SM, "", []byte(x[1:]), "h")}, &wire.EncodingError{Offset: piece - 1}},
		"reader's error": {io.MultiReader(strings.NewReader("abc"), iotest.ErrReader(cause)), nil, cause},
		"nothing":        {strings.NewReader(""), nil, nil},
	} {
		got, err := prepareStream(t, "UNICODE", 1, tt.steps...).WriteStream(t.Context(), tt.r, false)
		want := "stream of no bytes"
		if tt.want != nil {
			want = fmt.Sprint("stream: ", tt.want)
		}
		if got != nil || err == nil || err.Error() != want {
			t.Errorf("%s: %q, %v, want %s", name, got, err, want)
		}
	}
}

func TestAPieceWithoutAHandleEndsTheConnection(t *testing.T) {
	for name, tt := range map[string]struct {
		body []byte
		want string
	}{
		"nothing": {nil, "SB or SM reply: handle: unexpected EOF"},
		"NULL":    {items(nil), "no handle"},
		"integer": {items(5), "SB or SM reply: handle: item is a positive integer, not bytes"},
	} {
		s := sent(7, wire.SB, "", []byte("x"), "")
		s.reply = reply(7, 1, 0, tt.body)
		_, err := prepareStream(t, "UNICODE", 1, s).WriteStream(t.Context(), strings.NewReader("x"), true)
		if want := "connection lost after SB was sent: protocol error: reply to SB: " + tt.want; err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", name, err, want)
		}
	}
}
