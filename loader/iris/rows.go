package iris

import (
	"context"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/irisfix/irisfix/bundle/dat"
	"github.com/irisfix/irisfix/loader"
	"github.com/irisfix/irisfix/loader/iris/client"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

const (
	batchRows = 1024
	// streamChunk is how much of a stream is read at once.
	streamChunk = 64 << 10
)

// rows is a table, or the result of a query, that is being read.
type rows struct {
	db       *db
	table    *dat.Table
	warnings []loader.Warning
	sql      string
	open     *client.Rows
	decoders []decoder
	n        int64 // rows read
	ended    bool
}

func (r *rows) Table() *dat.Table          { return r.table }
func (r *rows) Warnings() []loader.Warning { return r.warnings }

func (r *rows) Close() error {
	if r.open == nil {
		return nil
	}
	open := r.open
	r.open = nil
	return open.Close()
}

// start sends the query.
func (r *rows) start(ctx context.Context) (err error) {
	if r.open, err = r.db.Query(ctx, r.sql); err != nil {
		return err
	}
	stored := r.table.Stored()
	described := r.open.Columns()
	if len(described) != len(stored) {
		return fmt.Errorf("%s: %d columns were asked for and %d came", r.table.Name, len(stored), len(described))
	}
	r.decoders = make([]decoder, len(stored))
	for i := range stored {
		r.decoders[i] = decoder{column: &stored[i], charset: r.db.Charset(), stream: isStreamCode(described[i].Type)}
	}
	return nil
}

func isStreamCode(sqlType int) bool {
	return sqlType == wire.SQLLongVarchar || sqlType == wire.SQLLongVarbinary || sqlType == wire.SQLWLongVarchar
}

// Next implements [loader.Rows].
func (r *rows) Next(ctx context.Context, b *dat.Batch) error {
	if r.open == nil {
		if err := r.start(ctx); err != nil {
			return r.failed(ctx, err)
		}
	}
	for b.Rows < batchRows && b.Size(0, b.Rows) < dat.GroupSize && !r.ended {
		row, err := r.open.Next(ctx)
		if err == io.EOF {
			r.ended = true
			break
		}
		if err == nil {
			err = r.add(ctx, b, row)
		}
		if err != nil {
			return r.failed(ctx, err)
		}
	}
	if b.Rows == 0 {
		return io.EOF
	}
	return nil
}

// add adds a row to a batch.
func (r *rows) add(ctx context.Context, b *dat.Batch, row []wire.Item) error {
	r.n++
	for i := range r.decoders {
		d, v := &r.decoders[i], &b.Columns[i]
		var err error
		if d.stream && !row[i].Null() {
			err = r.db.readStream(ctx, v, row[i], isBinary(d.column.SQLType))
		} else {
			err = d.add(v, row[i])
		}
		switch {
		case err == nil:
		case r.db.Lost() != nil || sqlCode(err) != 0:
			return err
		default:
			return &loader.SourceError{Table: r.table.Name, Column: d.column.Name, Row: r.n, Reason: err.Error()}
		}
	}
	b.Rows++
	return nil
}

// failed gives an error of reading its class.
func (r *rows) failed(ctx context.Context, err error) error { return readError(ctx, r.db.where, err) }

// readError gives an error of reading its class.
func readError(ctx context.Context, where string, err error) error {
	var source *loader.SourceError
	var missing *loader.TableNotFoundError
	var failed *loader.FailedError
	switch {
	case err == nil:
		return nil
	case context.Cause(ctx) != nil:
		return context.Cause(ctx)
	case errors.As(err, &source), errors.As(err, &missing), errors.As(err, &failed):
		return err
	}
	return &loader.FailedError{Target: where, Err: translate(err)}
}

// errNotUTF8 refuses a character stream. Servers send them as UTF-8 whatever their locale.
var errNotUTF8 = errors.New("a character stream that is not UTF-8")

// readStream adds the content of a stream to a vector. It comes in pieces and is held once.
func (d *db) readStream(ctx context.Context, v *dat.Vector, it wire.Item, binary bool) (err error) {
	s, err := d.ReadStream(ctx, it.Data)
	if errors.Is(err, client.ErrNoStream) {
		v.AppendNull()
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	start := len(v.Data)
	for err == nil {
		v.Data = append(v.Data, make([]byte, streamChunk)...)
		n := 0
		n, err = s.Read(v.Data[len(v.Data)-streamChunk:])
		v.Data = v.Data[:len(v.Data)-streamChunk+n]
		if len(v.Data)-start > dat.MaxRowSize {
			return fmt.Errorf("a stream of more than %d bytes", dat.MaxRowSize)
		}
	}
	if err != io.EOF {
		return err
	}
	if !binary && !utf8.Valid(v.Data[start:]) {
		return errNotUTF8
	}
	if len(v.Data)-start == 1 && v.Data[start] == 0 { // the empty value
		v.Data = v.Data[:start]
	}
	v.Ends = append(v.Ends, len(v.Data))
	if v.Null != nil {
		v.Null = append(v.Null, false)
	}
	return nil
}
