package iris

import (
	"bytes"
	"context"
	"math"

	"github.com/irisfix/irisfix/bundle/dat"
	"github.com/irisfix/irisfix/loader/iris/client"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

// largestParameter is how long a value for a stream may be, in bytes, to go as an ordinary parameter. The newest official
// drivers were seen to do so up to 100,000 (docs/decisions/iris-wire.md); older ones go further.
const largestParameter = 100_000

// encoder puts values of one column into the parameters of a statement.
type encoder struct {
	column *dat.Column
	stream bool // the column of the target is one
	skip   bool // the target gives values of its own
	text   []byte
}

// add adds value i of a vector.
func (e *encoder) add(ctx context.Context, st *client.Stmt, values *wire.Values, v *dat.Vector, i int) error {
	if v.IsNull(i) {
		values.Null()
		return nil
	}
	switch e.column.SQLType {
	case "BIT", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "SERIAL":
		values.Int(v.Int[i])
		return nil
	case "NUMERIC", "DECIMAL", "MONEY":
		return e.addDecimal(values, v, i)
	case "DOUBLE", "FLOAT", "REAL":
		values.Double(v.Float[i])
		return nil
	case "DATE", "TIME", "TIMESTAMP", "POSIXTIME", "DATETIME":
		e.text = v.AppendText(e.text[:0], e.column, i)
		return values.SQLBytes(e.text) // which is how ASCII goes
	}
	return e.addBytes(ctx, st, values, v.Bytes(i))
}

// addDecimal adds a decimal by its digits, never through a float.
func (e *encoder) addDecimal(values *wire.Values, v *dat.Vector, i int) error {
	if v.Kind == dat.Int {
		values.Number(numberOf(v.Int[i], *e.column.Scale))
		return nil
	}
	e.text = v.FormatDecimal(e.text[:0], e.column, i)
	n, err := wire.ParseNumber(string(e.text))
	if err == nil {
		values.Number(n)
	}
	return err
}

func numberOf(unscaled int64, scale int) wire.Number {
	n := wire.Number{Negative: unscaled < 0, Mantissa: uint64(unscaled), Exponent: -scale}
	if n.Negative {
		n.Mantissa = -n.Mantissa
	}
	return n
}

// addBytes adds text or binary, through a stream of its own if it is long.
func (e *encoder) addBytes(ctx context.Context, st *client.Stmt, values *wire.Values, b []byte) error {
	binary := isBinary(e.column.SQLType)
	switch {
	case e.stream && (len(b) > largestParameter || looksLikeHandle(b)):
		handle, err := st.WriteStream(ctx, bytes.NewReader(b), binary)
		if err == nil {
			values.Handle(handle)
		}
		return err
	case binary || isASCII(b):
		return values.SQLBytes(b)
	}
	return values.SQLText(string(b))
}

func isBinary(sqlType string) bool {
	return sqlType == "BINARY" || sqlType == "VARBINARY" || sqlType == "LONGVARBINARY"
}

// looksLikeHandle reports a value that a stream column could take for the id of a stream, whose content it would then
// store instead: a number, @ and a class, or a list with the name of a stream class in it (RSQL:insert, Insert Stream
// Data into Table; GSQL 21.1.4).
func looksLikeHandle(b []byte) bool {
	digits := len(b) - len(bytes.TrimLeft(b, "0123456789"))
	return digits > 0 && digits < len(b) && b[digits] == '@' || bytes.Contains(b[:min(len(b), longestHandle)], []byte("Stream."))
}

// longestHandle is more than a handle has: a number and two names of at most 257 characters of 16 bits.
const longestHandle = 1 << 10

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

// isSpecial reports a double that no document says IRIS would give back: NaN, an infinity, or the zero below zero.
func isSpecial(x float64) (name string) {
	switch {
	case math.IsNaN(x):
		return "NaN"
	case math.IsInf(x, 0):
		return "an infinity"
	case x == 0 && math.Signbit(x):
		return "-0.0"
	}
	return ""
}
