package iristest

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/irisfix/irisfix/loader/iris/iristest/engine"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

// appendRow appends the items of a row, each in the form that the options want.
func (c *conversation) appendRow(dst []byte, columns []engine.Column, row []any) ([]byte, error) {
	if len(row) != len(columns) {
		return dst, fmt.Errorf("a row of %d values for %d columns", len(row), len(columns))
	}
	for i, v := range row {
		start := len(dst)
		var err error
		if dst, err = c.appendValue(dst, columns[i], v); err != nil {
			return dst, err
		}
		if c.options.LongItems && v != nil { // NULL in a longer form is the empty text to the DB-API driver 5.4.1
			if dst, err = lengthen(dst, start); err != nil {
				return dst, err
			}
		}
	}
	return dst, nil
}

func (c *conversation) appendValue(dst []byte, col engine.Column, v any) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return wire.AppendNull(dst), nil
	case int64:
		if c.options.TextNumbers {
			return wire.AppendBytes(dst, strconv.AppendInt(nil, v, 10)), nil
		}
		return wire.AppendInt(dst, v), nil
	case engine.Decimal:
		return c.appendDecimal(dst, v)
	case float64:
		return c.appendDouble(dst, v), nil
	case string:
		if logical := logicalType(col); logical != 0 && c.options.LogicalDates {
			return appendLogical(dst, logical, v)
		}
		return c.appendText(dst, v)
	case []byte:
		return appendBinary(dst, v), nil
	case engine.Stream:
		return wire.AppendBytes(dst, c.streams.handle(v)), nil
	}
	return dst, fmt.Errorf("a value of type %T", v)
}

func (c *conversation) appendDecimal(dst []byte, v engine.Decimal) ([]byte, error) {
	n := wire.Number{Negative: v.Mantissa < 0, Mantissa: uint64(v.Mantissa), Exponent: int(v.Exponent)}
	if n.Negative {
		n.Mantissa = -n.Mantissa
	}
	if c.options.TextNumbers {
		return wire.AppendBytes(dst, []byte(n.Canonical())), nil
	}
	dst, ok := wire.AppendNumber(dst, n)
	if !ok {
		return dst, fmt.Errorf("the number %v has no item", n)
	}
	return dst, nil
}

func (c *conversation) appendDouble(dst []byte, v float64) []byte {
	switch {
	case c.options.TextNumbers:
		return wire.AppendBytes(dst, strconv.AppendFloat(nil, v, 'G', -1, 64))
	case c.compact:
		return wire.AppendCompactDouble(dst, v)
	}
	return wire.AppendDouble(dst, v)
}

// appendText appends character data. One NUL and the empty text are the same here, as in IRIS.
func (c *conversation) appendText(dst []byte, s string) ([]byte, error) {
	switch {
	case s == "\x00":
		return wire.AppendSQLText(dst, "", c.charset)
	case !utf8.ValidString(s) && !c.options.EightBit:
		wide := wire.Item{Type: wire.String16}
		for _, u := range units(s) {
			wide.Data = append(wide.Data, byte(u), byte(u>>8))
		}
		return wire.AppendItem(dst, wide), nil
	}
	out, err := wire.AppendSQLText(dst, s, c.charset)
	var missing *wire.CharsetError
	if errors.As(err, &missing) {
		return dst, fail(codeFatal, "<WIDE CHAR> %v", err)
	}
	return out, err
}

func appendBinary(dst, b []byte) []byte {
	if len(b) == 0 {
		b = []byte{0} // the empty value
	}
	return wire.AppendBytes(dst, b)
}

// lengthen rewrites the item at the end of dst in a longer form than it needs.
func lengthen(dst []byte, start int) ([]byte, error) {
	it, err := wire.NewReader(dst[start:]).Next()
	if err != nil {
		return dst, err
	}
	it.Data = slices.Clone(it.Data)
	form := wire.Medium
	if len(it.Data) > mediumFrom {
		form = wire.Long
	}
	return wire.AppendItemForm(dst[:start], it, form), nil
}

// mediumFrom is the longest payload whose shortest form is the short one.
const mediumFrom = 253
