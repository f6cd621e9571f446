package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/irisfix/irisfix/loader/iris/client"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

// own is the client that irisfix loads and creates with.
type own struct {
	*client.Conn
	off bool
}

func openOwn(ctx context.Context, at string) (judge, error) {
	u, err := url.Parse(at)
	if err != nil {
		return nil, err
	}
	password, _ := u.User.Password()
	c, err := client.Connect(ctx, client.Config{Address: u.Host, Namespace: u.Path[1:], User: u.User.Username(), Password: password})
	if err != nil {
		return nil, err
	}
	return &own{Conn: c}, nil
}

// begin opens a transaction where a driver without autocommit would have one.
func (j *own) begin(ctx context.Context, sql string) error {
	word, _, _ := strings.Cut(sql, " ")
	if j.off && !j.InTransaction() && (word == "INSERT" || word == "UPDATE" || word == "DELETE") {
		return j.Begin(ctx)
	}
	return nil
}

func (j *own) exec(ctx context.Context, sql string, args ...any) (int64, error) {
	if err := j.begin(ctx, sql); err != nil {
		return 0, err
	}
	return j.Exec(ctx, sql, args...)
}

func (j *own) query(ctx context.Context, t *table, sql string) ([][]any, error) {
	rows, err := j.Query(ctx, sql)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all [][]any
	for {
		items, err := rows.Next(ctx)
		if err == io.EOF {
			return j.streams(ctx, t, all)
		}
		if err != nil {
			return nil, err
		}
		row := make([]any, len(items))
		for i, it := range items {
			kind := "text"
			if t != nil && i == 1 {
				kind = t.kind
			}
			if row[i], err = j.shown(it, kind, rows.Columns()[i].Type); err != nil {
				return nil, err
			}
		}
		all = append(all, row)
	}
}

// shown is a value in the form of values.txt; of a stream its handle.
func (j *own) shown(it wire.Item, kind string, sqlType int) (any, error) {
	if it.Null() {
		return nil, nil
	}
	switch it.Type {
	case wire.String8, wire.String16:
		if sqlType == wire.SQLLongVarchar || sqlType == wire.SQLLongVarbinary {
			return append([]byte(nil), it.Data...), nil
		}
		if kind == "binary" {
			b, err := it.SQLBytes()
			return append([]byte{}, b...), err
		}
		text, err := it.SQLText(j.Charset())
		if kind == "double" && err == nil {
			return bits(text)
		}
		return text, err
	case wire.Double, wire.CompactDouble:
		f, err := it.Float()
		return fmt.Sprintf("%016x", math.Float64bits(f)), err
	}
	n, err := it.Number()
	if err != nil {
		return nil, err
	}
	return stored(n, sqlType)
}

// stored is a number, or the moment that it stands for in a column of that type.
func stored(n wire.Number, sqlType int) (any, error) {
	switch sqlType {
	case wire.SQLHorologDate:
		v, err := n.Scaled(0)
		if err != nil {
			return nil, err
		}
		day, err := wire.DayFromHorolog(v)
		return time.Unix(int64(day)*24*60*60, 0).UTC().Format(time.DateOnly), err
	case wire.SQLHorologTime:
		v, err := n.Scaled(9)
		return time.Unix(0, v).UTC().Format("15:04:05.999999999"), err
	case wire.SQLPosixTimestamp:
		v, err := n.Scaled(0)
		if err != nil {
			return nil, err
		}
		micros, err := wire.DecodePosixTime(v)
		return time.UnixMicro(micros).UTC().Format("2006-01-02 15:04:05.999999"), err
	}
	return n.String(), nil
}

// bits is the double of a text.
func bits(text string) (any, error) {
	f, err := strconv.ParseFloat(text, 64)
	return fmt.Sprintf("%016x", math.Float64bits(f)), err
}

// streams puts the content of streams in place of their handles.
func (j *own) streams(ctx context.Context, t *table, rows [][]any) ([][]any, error) {
	if t == nil || !strings.HasPrefix(t.sqlType, "LONG") {
		return rows, nil
	}
	for _, row := range rows {
		if row[1] == nil {
			continue
		}
		r, err := j.ReadStream(ctx, row[1].([]byte))
		if err != nil {
			return nil, err
		}
		data, err := io.ReadAll(r)
		if err != nil {
			return nil, err
		}
		if row[1] = data; t.kind == "text" {
			row[1] = string(data)
		}
	}
	return rows, nil
}

func (j *own) argument(t table, v any) any {
	s, ok := v.(string)
	if !ok {
		return v
	}
	switch t.kind {
	case "integer":
		n, err := strconv.ParseInt(s, 10, 64)
		if err == nil {
			return n
		}
	case "decimal":
		n, err := wire.ParseNumber(s)
		if err == nil {
			return n
		}
	case "double":
		bits, err := strconv.ParseUint(s, 16, 64)
		if err == nil {
			return math.Float64frombits(bits)
		}
	}
	return v
}

// streamFrom is the length from which a value is written as a stream first.
const streamFrom = 1 << 18

func (j *own) insert(ctx context.Context, t table, sql string, n int, v any) error {
	stmt, err := j.Prepare(ctx, sql)
	if err != nil {
		return err
	}
	defer stmt.Close()
	values := stmt.NewValues()
	values.Int(int64(n))
	switch v := j.argument(t, v).(type) {
	case string:
		if len(v) >= streamFrom && strings.HasPrefix(t.sqlType, "LONG") {
			err = j.streamed(ctx, stmt, values, strings.NewReader(v), false)
		} else {
			err = values.SQLText(v)
		}
	case []byte:
		if len(v) >= streamFrom && strings.HasPrefix(t.sqlType, "LONG") {
			err = j.streamed(ctx, stmt, values, strings.NewReader(string(v)), true)
		} else {
			err = values.SQLBytes(v)
		}
	case nil:
		values.Null()
	case int64:
		values.Int(v)
	case float64:
		values.Double(v)
	case wire.Number:
		values.Number(v)
	}
	if err != nil {
		return err
	}
	counts, err := stmt.ExecBatch(ctx, values)
	if err == nil && (len(counts) != 1 || counts[0] != 1) {
		err = fmt.Errorf("counts %v", counts)
	}
	return err
}

func (j *own) streamed(ctx context.Context, stmt *client.Stmt, values *wire.Values, r io.Reader, binary bool) error {
	handle, err := stmt.WriteStream(ctx, r, binary)
	if err != nil {
		return err
	}
	values.Handle(handle)
	return nil
}

func (j *own) autocommit(_ context.Context, on bool) error {
	j.off = !on
	return nil
}

func (j *own) commit(ctx context.Context) error {
	if !j.InTransaction() {
		return nil
	}
	return j.Commit(ctx)
}

func (j *own) rollback(ctx context.Context) error {
	if !j.InTransaction() {
		return nil
	}
	return j.Rollback(ctx)
}

func (j *own) code(err error) int {
	var e *client.SQLError
	if errors.As(err, &e) {
		return -e.Code
	}
	return 0
}

func (j *own) close() error { return j.Close() }
