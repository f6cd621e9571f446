package iristest

import (
	"github.com/irisfix/irisfix/loader/iris/iristest/engine"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

// parameterSets are the values of a request, set after set.
type parameterSets struct {
	c      *conversation
	r      *wire.Reader
	params []engine.Param
	left   int
}

func (c *conversation) sets(values *wire.Values, st *statement) (*parameterSets, error) {
	if values.PerSet() != len(st.params) {
		return nil, fail(codeFatal, "%d values in a set, the statement has %d parameters", values.PerSet(), len(st.params))
	}
	return &parameterSets{c: c, r: values.Reader(), params: st.params, left: values.Sets()}, nil
}

// next gives the values of one set.
func (s *parameterSets) next() ([]any, error) {
	s.left--
	args := make([]any, len(s.params))
	for i, p := range s.params {
		it, err := s.r.Next()
		if err != nil {
			return nil, err
		}
		if args[i], err = s.c.value(it, p); err != nil {
			return nil, err
		}
	}
	return args, nil
}

// value reads a parameter. Text and binary data look the same in an item: the parameter's type decides.
func (c *conversation) value(it wire.Item, p engine.Param) (any, error) {
	switch {
	case it.Null():
		return nil, nil
	case it.Type == wire.Double || it.Type == wire.CompactDouble:
		return it.Float()
	case it.Type >= wire.Positive && it.Type <= wire.NegativeDecimal:
		return number(it)
	case it.Type == wire.String8:
		if s, ok := c.streams.written[string(it.Data)]; ok {
			return s, nil
		}
		if isBinary(p.Type) {
			data, err := it.SQLBytes()
			return append([]byte{}, data...), err
		}
	}
	return c.text(it)
}

func isBinary(sqlType int) bool {
	return sqlType == wire.SQLBinary || sqlType == wire.SQLVarbinary || sqlType == wire.SQLLongVarbinary
}

// number gives an int64 if the value is one and was not written with decimals, else an exact decimal, else text.
func number(it wire.Item) (any, error) {
	n, err := it.Number()
	if err != nil {
		return nil, err
	}
	if it.Type <= wire.Negative {
		if v, err := n.Scaled(0); err == nil {
			return v, nil
		}
		return n.String(), nil
	}
	mantissa, err := wire.Number{Negative: n.Negative, Mantissa: n.Mantissa}.Scaled(0)
	if err != nil {
		return n.String(), nil // beyond what IRIS holds as a number
	}
	return engine.Decimal{Mantissa: mantissa, Exponent: int8(n.Exponent)}, nil
}
