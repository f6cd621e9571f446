package live

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/irisfix/irisfix/loader/iris/wire"
)

// stream is the content that a handle stands for.
func (b *bench) stream(handle []byte) ([]byte, error) {
	s, err := b.ReadStream(b.ctx, handle)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(s)
	return data, errors.Join(err, s.Close())
}

// sendPieces writes a stream in pieces, inserts it, and compares what is read. A refusal or the loss of the connection
// is the answer.
func sendPieces(b *bench, table, sqlType string, code wire.Code, list ...wire.WriteStream) (Answer, error) {
	b.run(fmt.Sprintf("CREATE TABLE %s (v %s)", table, sqlType))
	r, err := b.raw(wire.Version, wire.ReadUncommitted)
	if err = errors.Join(b.err, err); err != nil {
		return Answer{}, err
	}
	id := r.next()
	prepare, err := wire.Prepare{SQL: "INSERT INTO " + table + " (v) VALUES (:%qpar(1))", Params: wire.UserParams(1)}.Append(nil, r.chars)
	if err != nil {
		return Answer{}, err
	}
	prepared, err := r.ask(wire.PP, id, prepare)
	if err != nil || prepared.failed() {
		return Answer{}, fmt.Errorf("PP: %v: %w", prepared, err)
	}
	handle, refusal := r.pieces(code, id, list)
	if refusal != "" {
		return told(false, refusal)
	}
	values := wire.NewValues(1, r.chars)
	values.Handle(handle)
	update, err := wire.PreparedUpdate{Values: values}.Append(nil, r.chars)
	if err != nil {
		return Answer{}, err
	}
	inserted, err := r.ask(wire.PU, id, update)
	if err != nil || inserted.failed() {
		return told(false, fmt.Sprintf("the stream was written, its handle refused: %v %v", inserted, err))
	}
	return b.compareStream(table, code, list)
}

// pieces sends them. What does not work is said.
func (r *raw) pieces(code wire.Code, statement uint32, list []wire.WriteStream) (handle []byte, refusal string) {
	for i, piece := range list {
		piece.Handle = handle
		request, err := piece.Append(nil)
		if err != nil {
			return nil, err.Error()
		}
		got, err := r.ask(code, statement, request)
		if err != nil {
			return nil, fmt.Sprintf("piece %d ended the connection: %v", i+1, err)
		}
		if handle, err = wire.ParseHandle(got.body); err != nil || got.failed() || len(handle) == 0 {
			return nil, fmt.Sprintf("piece %d was answered with %v", i+1, got)
		}
	}
	return handle, ""
}

func (b *bench) compareStream(table string, code wire.Code, list []wire.WriteStream) (Answer, error) {
	row := b.items("SELECT v FROM " + table)
	length := b.see("SELECT CHARACTER_LENGTH(v) FROM " + table)
	if b.err != nil {
		return Answer{}, b.err
	}
	data, err := b.stream(row[0].Data)
	if err != nil {
		return Answer{}, err
	}
	var want []byte
	var count uint32
	for _, piece := range list {
		want, count = append(want, piece.Data...), count+piece.Count
	}
	if count == 0 {
		count = uint32(len(want))
	}
	same := bytes.Equal(data, want)
	said := fmt.Sprintf("%s announced %d for %d bytes; what is read is the same: %t, its length %s", code, count, len(want), same, length)
	if !same {
		said += "; it is " + hexed(data)
	}
	return told(same, said)
}
