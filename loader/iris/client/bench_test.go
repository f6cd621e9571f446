package client_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"testing"

	"github.com/irisfix/irisfix/loader/iris/client"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

const rowsAtOnce = 1000

// free is a server that costs next to nothing: it inserts nowhere, and its tables hold the same rows for ever.
type free struct {
	replay
	page []byte // rows
}

func (f *free) Write(p []byte) (int, error) {
	h := wire.ParseHeader([wire.HeaderSize]byte(p))
	one := must(wire.Metadata{Params: make([]wire.Param, 2), Cacheable: true}.Append(nil, wire.Unicode, 0))
	two := must(wire.Metadata{Columns: make([]wire.Column, 2)}.Append(nil, wire.Unicode, 0))
	switch wire.Code(h.Code) {
	case wire.HS:
		f.have = hello.reply
	case wire.CN:
		f.have = welcome.reply
	case wire.PP:
		f.have = reply(h.ID, h.Statement, 0, one)
	case wire.PU:
		f.have = reply(h.ID, h.Statement, 0, bytes.Repeat(items(1), rowsAtOnce))
	case wire.DQ:
		f.have = append(reply(h.ID, h.Statement, 0, two), reply(h.ID, h.Statement, 0, nil)...)
	case wire.FD:
		f.have = reply(h.ID, h.Statement, 0, f.page)
	}
	return len(p), nil
}

func reachFree(b *testing.B) *client.Conn {
	b.Helper()
	socket := &free{page: bytes.Repeat(items(1, "some text of a usual length"), rowsAtOnce)}
	c, err := client.Connect(b.Context(), client.Config{
		Dial: func(context.Context, string, string) (net.Conn, error) { return socket, nil }})
	if err != nil {
		b.Fatal(err)
	}
	return c
}

// BenchmarkInsert is what a thousand rows in a batch cost the client.
func BenchmarkInsert(b *testing.B) {
	stmt, err := reachFree(b).Prepare(b.Context(), "INSERT INTO T VALUES ( ? , ? )")
	if err != nil {
		b.Fatal(err)
	}
	values := stmt.NewValues()
	b.ReportAllocs()
	for b.Loop() {
		values.Reset()
		for i := range rowsAtOnce {
			values.Int(int64(i))
			if err := values.SQLText("some text of a usual length"); err != nil {
				b.Fatal(err)
			}
		}
		if _, err := stmt.ExecBatch(b.Context(), values); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFetch is what a thousand rows cost the client.
func BenchmarkFetch(b *testing.B) {
	rows, err := reachFree(b).Query(b.Context(), sel)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		for range rowsAtOnce {
			if _, err := rows.Next(b.Context()); err == io.EOF || err != nil {
				b.Fatal(err)
			}
		}
	}
}
