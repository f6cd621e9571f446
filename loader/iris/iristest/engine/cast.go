package engine

import (
	"reflect"
	"strings"
)

// castType keeps a type that CAST names and returns its number.
func (s *System) castType(t dataType) int {
	for i, known := range s.casts {
		if reflect.DeepEqual(known, t) {
			return i
		}
	}
	s.casts = append(s.casts, t)
	return len(s.casts) - 1
}

func (s *System) irisCast(a []any) (any, error) {
	t := s.casts[a[2].(int64)]
	return castTo(a[0], kind(a[1].(int64)), &t)
}

// castTo is CAST: text is cut to its length, integers are cut off, decimals rounded to the scale, text that is no number
// counts as the number that it begins with (InterSystems SQL Reference, CAST).
func castTo(v any, from kind, t *dataType) (any, error) {
	if v == nil {
		return nil, nil
	}
	switch t.kind {
	case kString:
		s, _ := textOf(external(from, v))
		if t.length >= 0 {
			s = substring(s, 1, t.length)
		}
		return s, nil
	case kBinary:
		b, ok := bytesOf(v)
		if !ok {
			return nil, failAt(atOpen, -400, "text with characters above 255 is no binary data")
		}
		if t.length >= 0 && len(b) > t.length {
			b = b[:t.length]
		}
		return b, nil
	case kInt, kDecimal, kDouble, kBit:
		return castNumber(number(v), t)
	case kDate, kTime, kPosix, kStamp:
		return castTemporal(v, from, t)
	case kVector, kGUID:
		s, _ := textOf(v)
		if t.kind == kGUID {
			s = substring(s, 1, 36)
		}
		return s, nil
	}
	return nil, failAt(atOpen, -400, "CAST is not possible")
}

func castNumber(n any, t *dataType) (any, error) {
	if t.kind == kDouble {
		return storeDouble(n)
	}
	d, _ := decimalOf(n)
	if t.kind == kDecimal { // CAST scales and does not validate
		return d.round(t.scale).String(), nil
	}
	if t.kind == kBit {
		if d.Mantissa != 0 {
			return int64(1), nil
		}
		return int64(0), nil
	}
	whole, ok := d.truncate(0).integer()
	if !ok {
		return nil, failAt(atOpen, -400, "number out of range for CAST")
	}
	return whole, nil
}

func castTemporal(v any, from kind, t *dataType) (any, error) {
	if s, ok := v.(string); ok && t.kind == kDate && from == kString && !strings.Contains(strings.TrimPrefix(s, "-"), "-") {
		n, _ := decimalOf(leadingNumber(s))
		day, _ := n.truncate(0).integer()
		return day, nil
	}
	out, err := convertTemporal(v, from, t.kind)
	if err != nil {
		return nil, err
	}
	if t.kind == kTime && !t.anyScale {
		d, _ := decimalOf(out)
		return d.truncate(max(t.scale, 0)).String(), nil
	}
	return out, nil
}
