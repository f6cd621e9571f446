package engine

import (
	"strings"
)

var stringFunctions = map[string]*function{
	"UPPER": onText(func(s string) any { return upper(s) }),
	"UCASE": onText(func(s string) any { return upper(s) }),
	"LOWER": onText(func(s string) any { return strings.ToLower(s) }),
	"LCASE": onText(func(s string) any { return strings.ToLower(s) }),
	"LTRIM": onText(func(s string) any { return strings.TrimLeft(s, " ") }),
	"RTRIM": onText(func(s string) any { return strings.TrimRight(s, " ") }),
	// LENGTH does not count trailing blanks (InterSystems SQL Reference, LENGTH).
	"LENGTH": {min: 1, max: 1, args: asText, result: typInt, run: strict(func(a []any) (any, error) {
		return int64(utf16Length(strings.TrimRight(text(a[0]), " "))), nil
	})},
	"CHAR_LENGTH": charLength, "CHARACTER_LENGTH": charLength, "DATALENGTH": charLength, "$LENGTH": charLength, "LEN": charLength,
	"SUBSTRING": {min: 2, max: 3, args: asIs, result: typString, streams: true, run: runSubstring},
	"SUBSTR":    {min: 2, max: 3, args: []kind{kString, kUnknown}, result: typString, run: runSubstring},
	"LEFT": {min: 2, max: 2, args: []kind{kString, kUnknown}, result: typString, run: strict(func(a []any) (any, error) {
		return substring(text(a[0]), 1, integer(a[1])), nil
	})},
	"RIGHT": {min: 2, max: 2, args: []kind{kString, kUnknown}, result: typString, run: strict(func(a []any) (any, error) {
		s := text(a[0])
		n := utf16Length(s)
		return substring(s, max(n-integer(a[1]), 0)+1, n), nil
	})},
	"TRIM": {min: 3, max: 3, args: asText, result: typString, run: strict(func(a []any) (any, error) {
		s, chars := text(a[2]), text(a[1])
		if a[0] != "TRAILING" {
			s = strings.TrimLeft(s, chars)
		}
		if a[0] != "LEADING" {
			s = strings.TrimRight(s, chars)
		}
		return s, nil
	})},
	"REPLACE": {min: 3, max: 3, args: asText, result: typString, run: strict(func(a []any) (any, error) {
		if text(a[1]) == "" {
			return a[0], nil
		}
		return strings.ReplaceAll(text(a[0]), text(a[1]), text(a[2])), nil
	})},
	"CONCAT": {min: 2, max: 2, args: asText, result: typString, run: strict(func(a []any) (any, error) { return text(a[0]) + text(a[1]), nil })},
	"STRING": {min: 1, max: 99, args: asText, result: typString, run: func(_ *Session, a []any, _ []kind) (any, error) {
		s := ""
		for _, v := range a {
			s += text(v)
		}
		return s, nil
	}},
	"POSITION":  {min: 2, max: 2, args: asText, result: typInt, run: position(0, 1)},
	"CHARINDEX": {min: 2, max: 3, args: asText, result: typInt, run: position(0, 1)},
	"LOCATE":    {min: 2, max: 3, args: asText, result: typInt, run: position(0, 1)},
	"INSTR":     {min: 2, max: 3, args: asText, result: typInt, run: position(1, 0)},
	"$FIND":     {min: 2, max: 2, args: asText, result: typInt, run: position(1, 0)},
	"REPEAT":    repeatFunction, "REPLICATE": repeatFunction,
	"SPACE": {min: 1, max: 1, args: asIs, result: typString, run: strict(func(a []any) (any, error) {
		return strings.Repeat(" ", max(min(integer(a[0]), maxString), 0)), nil
	})},
	"REVERSE": onText(func(s string) any {
		r := []rune(s)
		for i, j := 0, len(r)-1; i < j; i, j = i+1, j-1 {
			r[i], r[j] = r[j], r[i]
		}
		return string(r)
	}),
	"LPAD": {min: 2, max: 3, args: []kind{kString, kUnknown, kString}, result: typString, run: pad(true)},
	"RPAD": {min: 2, max: 3, args: []kind{kString, kUnknown, kString}, result: typString, run: pad(false)},
	"ASCII": {min: 1, max: 1, args: asText, result: typInt, run: strict(func(a []any) (any, error) {
		for _, r := range text(a[0]) {
			return int64(r), nil
		}
		return nil, nil
	})},
	"CHAR": {min: 1, max: 1, args: asIs, result: typString, run: strict(func(a []any) (any, error) {
		n := integer(a[0])
		if n < 0 || n > 0x10FFFF {
			return "", nil
		}
		return string(rune(n)), nil
	})},
	"$PIECE": {min: 2, max: 3, args: []kind{kString, kString, kUnknown}, result: typString, run: strict(func(a []any) (any, error) {
		n := 1
		if len(a) > 2 {
			n = integer(a[2])
		}
		parts := strings.Split(text(a[0]), text(a[1]))
		if n < 1 || n > len(parts) {
			return "", nil
		}
		return parts[n-1], nil
	})},
}

var charLength = &function{min: 1, max: 1, args: asIs, result: typInt, streams: true, kinds: true,
	run: func(_ *Session, a []any, kinds []kind) (any, error) {
		if b, ok := a[0].([]byte); ok {
			return int64(len(b)), nil
		}
		if a[0] == nil {
			return nil, nil
		}
		return int64(utf16Length(text(external(kinds[0], a[0])))), nil
	}}

var repeatFunction = &function{min: 2, max: 2, args: []kind{kString, kUnknown}, result: typString, run: strict(func(a []any) (any, error) {
	s, n := text(a[0]), max(integer(a[1]), 0)
	if len(s)*n > 4*maxString {
		return nil, failAt(atOpen, -400, "Unexpected error occurred: <MAXSTRING>")
	}
	return strings.Repeat(s, n), nil
})}

func runSubstring(_ *Session, a []any, _ []kind) (any, error) {
	if a[0] == nil || a[1] == nil {
		return nil, nil
	}
	start, length := integer(a[1]), maxCount
	if len(a) > 2 {
		if a[2] == nil {
			return nil, nil
		}
		length = integer(a[2])
	}
	if b, ok := a[0].([]byte); ok {
		from := min(max(start-1, 0), len(b))
		return b[from:max(min(from+length, len(b)), from)], nil
	}
	return substring(text(a[0]), start, length), nil
}

// position counts characters as IRIS does; the arguments that hold what is sought and where differ by function.
func position(what, where int) func(*Session, []any, []kind) (any, error) {
	return strict(func(a []any) (any, error) {
		s, start := text(a[where]), 1
		if len(a) > 2 {
			start = max(integer(a[2]), 1)
		}
		rest := substring(s, start, maxCount)
		i := strings.Index(rest, text(a[what]))
		if i < 0 {
			return int64(0), nil
		}
		return int64(utf16Length(rest[:i]) + start), nil
	})
}

func pad(left bool) func(*Session, []any, []kind) (any, error) {
	return strict(func(a []any) (any, error) {
		s, n, fill := text(a[0]), integer(a[1]), " "
		if len(a) > 2 {
			fill = text(a[2])
		}
		missing := n - utf16Length(s)
		if missing <= 0 || fill == "" || n > maxString {
			return substring(s, 1, max(n, 0)), nil
		}
		filling := substring(strings.Repeat(fill, missing/utf16Length(fill)+1), 1, missing)
		if left {
			return filling + s, nil
		}
		return s + filling, nil
	})
}
