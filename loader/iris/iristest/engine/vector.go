package engine

import (
	"math"
	"strconv"
	"strings"
)

// irisVector is TO_VECTOR(data, type, length): elements in canonical form with commas between them.
func irisVector(a []any) (any, error) {
	if a[0] == nil {
		return nil, nil
	}
	s := strings.TrimSpace(text(a[0]))
	if inner, ok := strings.CutPrefix(s, "["); ok {
		if s, ok = strings.CutSuffix(inner, "]"); !ok {
			return nil, failAt(atOpen, -1, "Invalid vector: closing bracket missing")
		}
	}
	element, length := a[1].(string), int(a[2].(int64))
	parts := strings.Split(s, ",")
	if length > maxString {
		return nil, failAt(atOpen, -1, "Invalid length of vector")
	}
	for i, p := range parts {
		v, ok := vectorElement(strings.TrimSpace(p), element)
		if !ok {
			return nil, failAt(atOpen, -1, "Invalid vector element '%s'", clean(p))
		}
		parts[i] = v
	}
	for length > 0 && len(parts) < length {
		parts = append(parts, "0")
	}
	if length > 0 {
		parts = parts[:length]
	}
	return strings.Join(parts, ","), nil
}

func vectorElement(s, element string) (string, bool) {
	switch element {
	case "STRING", "VARCHAR":
		return s, true
	case "TIMESTAMP":
		_, _, ok := parseStamp(s)
		return s, ok
	}
	n, ok := numberOf(s)
	if !ok || s == "" {
		return "", false
	}
	d, isDecimal := decimalOf(n)
	switch element {
	case "INTEGER":
		return d.truncate(0).String(), isDecimal
	case "DECIMAL":
		return d.String(), isDecimal
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsInf(f, 0) {
		return "", false
	}
	if element == "FLOAT" {
		short, err := strconv.ParseFloat(strconv.FormatFloat(f, 'g', -1, 32), 64)
		if err != nil || f != 0 && math.IsInf(float64(float32(f)), 0) {
			return "", false
		}
		f = short
	}
	return formatDouble(f), true
}

// storeVector holds a vector in a column: its elements in the column's type, its length that of the column.
func (t *dataType) storeVector(v any) (any, error) {
	s, ok := v.(string)
	if !ok {
		return nil, errValue
	}
	parts := strings.Split(s, ",")
	if t.length > 0 && len(parts) != t.length {
		return nil, errValue
	}
	for i, p := range parts {
		if parts[i], ok = vectorElement(p, t.element); !ok {
			return nil, errValue
		}
	}
	return strings.Join(parts, ","), nil
}
