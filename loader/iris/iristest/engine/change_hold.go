package engine

import (
	"slices"
	"strings"
)

// invalid is a value that fails validation.
func invalid(code int, t *table, c *column, v any) error {
	if st, ok := v.(Stream); ok {
		v = st.Handle
	}
	return fail(code, "Field '%s.%s' (value '%s') failed validation", t.shown(), clean(c.name), clean(shorten(text(v))))
}

// hold makes of a value of an expression what a column holds.
func (x *change) hold(t *table, c *column, v any, k kind, code int) (any, error) {
	if v == nil {
		return nil, nil
	}
	dt := c.dataType
	if x.has("%NOCHECK") {
		dt.length, dt.limits = -1, false
		if dt.kind == kDate {
			dt.limits, dt.min, dt.max = true, firstDay, maxDay
		}
	}
	switch c.kind {
	case kCharStream, kBinStream:
		return x.holdStream(t, c, v, code)
	case kVector:
		if k != kVector {
			return nil, invalid(code, t, c, v)
		}
		held, err := dt.storeVector(v)
		if err != nil {
			return nil, invalid(code, t, c, v)
		}
		return held, nil
	}
	if k == kDate || k == kTime || k == kPosix || k == kStamp {
		if k != c.kind {
			v = external(k, v)
		}
	}
	if k == kCharStream || k == kBinStream {
		st := x.session.sys.streams[text(v)]
		if st == nil {
			return nil, invalid(code, t, c, v)
		}
		if v = any(string(st.data)); st.binary {
			v = st.data
		}
	}
	held, err := dt.store(v)
	if err != nil {
		return nil, invalid(code, t, c, v)
	}
	return held, nil
}

// holdStream makes a stream of a value; a handle that the server gave out stands for its stream, which is copied.
func (x *change) holdStream(t *table, c *column, v any, code int) (any, error) {
	sys := x.session.sys
	binary := c.kind == kBinStream
	if s, ok := v.(string); ok {
		if st := sys.streams[s]; st != nil && strings.Contains(s, "@%Stream.") {
			if st.binary != binary {
				return nil, invalid(code, t, c, v)
			}
			st.owner = nil
			return sys.newStream(binary, slices.Clip(st.data)).Handle, nil
		}
	}
	if !binary {
		s, ok := textOf(v)
		if !ok {
			return nil, invalid(code, t, c, v)
		}
		return sys.newStream(false, []byte(s)).Handle, nil
	}
	b, ok := bytesOf(v)
	if !ok {
		return nil, invalid(code, t, c, v)
	}
	return sys.newStream(true, slices.Clone(b)).Handle, nil
}
