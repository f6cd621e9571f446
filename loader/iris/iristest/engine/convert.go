package engine

import (
	"errors"
	"strings"
)

// errValue is a value that a type does not take.
var errValue = errors.New("value fails validation")

// store makes of a value that came from outside, or that an expression gave, what the column holds in SQLite. It
// converts from the form of ODBC and validates (InterSystems SQL Reference, INSERT, Data Values).
func (t *dataType) store(v any) (any, error) {
	if v == nil {
		return nil, nil
	}
	switch t.kind {
	case kInt, kBit:
		return t.storeInteger(v)
	case kDecimal:
		return t.storeDecimal(v)
	case kDouble:
		return storeDouble(v)
	case kString:
		s, ok := textOf(v)
		if !ok || !t.fits(utf16Length(s)) {
			return nil, errValue
		}
		return s, nil
	case kBinary:
		b, ok := bytesOf(v)
		if !ok || !t.fits(len(b)) {
			return nil, errValue
		}
		return b, nil
	case kDate:
		return t.storeDate(v)
	case kTime:
		return t.storeTime(v)
	case kPosix, kStamp:
		return t.storeStamp(v)
	case kGUID:
		s, ok := textOf(v)
		if !ok || len(s) != 36 {
			return nil, errValue
		}
		return s, nil
	}
	return nil, errValue
}

func (t *dataType) fits(length int) bool {
	return length <= maxString && (t.length < 0 || length <= t.length)
}

func (t *dataType) storeDate(v any) (any, error) {
	var day int64
	if s, isText := v.(string); isText && strings.Contains(strings.TrimPrefix(s, "-"), "-") {
		d, _, ok := parseStamp(s)
		if !ok {
			return nil, errValue
		}
		day = d
	} else {
		d, ok := decimalOf(v)
		if !ok {
			return nil, errValue
		}
		if day, ok = d.integer(); !ok {
			return nil, errValue
		}
	}
	if day < t.min || day > t.max {
		return nil, errValue
	}
	return day, nil
}

// storeTime rounds to the precision (InterSystems SQL Reference, Data Types, Time).
func (t *dataType) storeTime(v any) (any, error) {
	var d Decimal
	ok := false
	if s, isText := v.(string); isText && strings.Contains(s, ":") {
		if date, clock, both := strings.Cut(s, " "); both {
			if _, isDay := parseDay(date); !isDay {
				return nil, errValue
			}
			s = clock
		}
		d, ok = parseTime(s)
	} else {
		d, ok = decimalOf(v)
	}
	if !ok || d.Mantissa < 0 || d.compare(Decimal{Mantissa: 86400}) >= 0 {
		return nil, errValue
	}
	if t.anyScale {
		return d.truncate(9).String(), nil
	}
	rounded := d.round(t.scale)
	if rounded.compare(Decimal{Mantissa: 86400}) >= 0 {
		rounded = d.truncate(t.scale)
	}
	return rounded.String(), nil
}

func (t *dataType) storeStamp(v any) (any, error) {
	s, isText := v.(string)
	if isText && strings.Contains(strings.TrimPrefix(s, "-"), "-") {
		day, nanos, ok := parseStamp(s)
		if !ok {
			return nil, errValue
		}
		if t.kind == kPosix {
			return encodePosix(day, nanos), nil
		}
		return stampText(day, nanos), nil
	}
	n, ok := numberOf(v)
	if !ok || t.kind != kPosix {
		return nil, errValue
	}
	logical, ok := n.(int64)
	if !ok || logical < firstPosix || logical > lastPosix || logical > posixFirstGap && logical < posixAfter {
		return nil, errValue
	}
	return logical, nil
}

// posixFirstGap is the last encoded time before 1970; between it and posixAfter there is none.
const posixFirstGap = -1 - posixBefore

// textOf makes text of a value, numbers in canonical form.
func textOf(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return emptyIfNUL(v), true
	case []byte:
		return emptyIfNUL(fromLatin1(v)), true
	case int64:
		return Decimal{Mantissa: v}.String(), true
	case Decimal:
		return v.String(), true
	case float64:
		return formatDouble(v), true
	}
	return "", false
}

func bytesOf(v any) ([]byte, bool) {
	if b, ok := v.([]byte); ok {
		if len(b) == 1 && b[0] == 0 {
			return []byte{}, true
		}
		return b, true
	}
	s, ok := textOf(v)
	if !ok {
		return nil, false
	}
	return latin1(s)
}
