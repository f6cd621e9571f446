package engine

import (
	"maps"
)

// functions are the functions that run in Go, by upper case. Those of a class stand with its name.
var functions = map[string]*function{}

func init() { // several files contribute
	for _, group := range []map[string]*function{stringFunctions, numberFunctions, dateFunctions, systemFunctions} {
		maps.Copy(functions, group)
	}
}

var (
	asText   = []kind{kString}
	asIs     = []kind{kUnknown}
	asNumber = []kind{kUnknown}
)

func text(a any) string {
	s, _ := textOf(a)
	return s
}

// maxCount is more than any text has characters.
const maxCount = 1 << 30

// integer reads an argument as a whole number, cut off.
func integer(a any) int {
	d, _ := decimalOf(number(a))
	n, _ := d.truncate(0).integer()
	return int(max(min(n, maxCount), -maxCount))
}

// strict makes a function give NULL if an argument is NULL.
func strict(f func(a []any) (any, error)) func(*Session, []any, []kind) (any, error) {
	return func(_ *Session, a []any, _ []kind) (any, error) {
		for _, v := range a {
			if v == nil {
				return nil, nil
			}
		}
		return f(a)
	}
}

func onText(f func(s string) any) *function {
	return &function{min: 1, max: 1, args: asText, result: typString, run: strict(func(a []any) (any, error) { return f(text(a[0])), nil })}
}
