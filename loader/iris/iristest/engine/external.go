package engine

import (
	"math"
	"strconv"
)

// external makes of what SQLite holds what goes out, in the form of ODBC.
func external(k kind, v any) any {
	if v == nil {
		return nil
	}
	switch k {
	case kDecimal, kTime:
		d, ok := decimalOf(v)
		if !ok {
			return v
		}
		if k == kTime {
			return timeText(d)
		}
		return d.value()
	case kInt, kBit:
		if s, ok := v.(string); ok { // a sum that left the integers
			if d, ok := decimalOf(s); ok {
				return d.value()
			}
		}
	case kDate:
		if day, ok := v.(int64); ok {
			return dayText(day)
		}
	case kPosix:
		if n, ok := v.(int64); ok {
			return posixText(n)
		}
	case kCharStream, kBinStream:
		if s, ok := v.(string); ok {
			return Stream{Handle: s, Binary: k == kBinStream}
		}
	case kDouble:
		if n, ok := v.(int64); ok {
			return float64(n)
		}
	case kBinary:
		if s, ok := v.(string); ok {
			if b, ok := latin1(s); ok {
				return b
			}
		}
	case kString, kVector, kGUID, kStamp:
		if s, ok := textOf(v); ok {
			return s
		}
	case kUnknown:
		if b, ok := v.([]byte); ok {
			return b
		}
	}
	return v
}

func formatScientific(f float64) string { return strconv.FormatFloat(f, 'E', -1, 64) }

// floatOf reads the text of a finite double.
func floatOf(s string) (any, error) {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
		return nil, errValue
	}
	return f, nil
}
