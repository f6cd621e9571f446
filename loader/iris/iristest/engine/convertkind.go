package engine

import "strings"

// convert makes of a value of one kind, as SQLite holds it, one of another kind. Text that is not a number stays as it
// is where a number is wanted, so that it equals none.
func convert(v any, from, to kind) (any, error) {
	if v == nil || from == to {
		return v, nil
	}
	switch to {
	case kInt, kBit:
		d, ok := decimalOf(v)
		if !ok {
			return v, nil
		}
		return decimalValue(d), nil
	case kDecimal:
		if d, ok := decimalOf(v); ok {
			return d.String(), nil
		}
		return v, nil
	case kDouble:
		if f, err := storeDouble(v); err == nil {
			return f, nil
		}
		return v, nil
	case kString, kVector, kGUID:
		if from == kDate || from == kPosix {
			s, _ := textOf(external(from, v))
			return s, nil
		}
		s, _ := textOf(v)
		return s, nil
	case kBinary:
		if b, ok := bytesOf(v); ok {
			return b, nil
		}
		return v, nil
	case kDate, kTime, kPosix, kStamp:
		return convertTemporal(v, from, to)
	}
	return v, nil
}

func decimalValue(d Decimal) any {
	if n, ok := d.integer(); ok {
		return n
	}
	return d.float()
}

// convertTemporal reads a date or a time. What cannot be read is an error, as in IRIS (InterSystems SQL Reference,
// Data Types, Date, Time).
func convertTemporal(v any, from, to kind) (any, error) {
	t := dataType{kind: to, min: firstDay, max: maxDay, limits: true, scale: 9, anyScale: true}
	if from == kDate && to == kTime || from == kTime && to != kTime {
		return nil, failAt(atOpen, -149, "a date is no time")
	}
	if (from == kDate || from == kPosix || from == kStamp) && to != from {
		v = external(from, v)
	}
	if s, ok := v.(string); ok && from == kPosix && to == kTime {
		_, v, _ = strings.Cut(s, " ")
	}
	out, err := t.store(v)
	if err == nil {
		return out, nil
	}
	s, _ := textOf(v)
	if to == kTime {
		return nil, failAt(atOpen, -147, "Error: '%s' is an invalid ODBC/JDBC Time value", clean(s))
	}
	what := "Date"
	if to != kDate {
		what = "Timestamp"
	}
	return nil, failAt(atOpen, -146, "Error: '%s' is an invalid ODBC/JDBC %s value", clean(s), what)
}
