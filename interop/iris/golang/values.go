package main

import (
	"encoding/hex"
	"fmt"
	"math/big"
	"os"
	"slices"
	"strconv"
	"strings"
)

// table is a table of values.txt with its rows: nil, a string, or []byte of binary data.
type table struct {
	name, sqlType, kind string
	rows                []any
}

// tablesOf reads the tables of these names; those with "-" in front are all but those.
func tablesOf(path string, names []string) ([]table, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var found []table
	for _, line := range strings.Split(string(data), "\n") {
		switch {
		case strings.HasPrefix(line, "table|"):
			part := strings.Split(line, "|")
			found = append(found, table{name: part[1], sqlType: part[2], kind: part[3]})
		case line != "" && strings.ContainsRune("-=x*+", rune(line[0])):
			t := &found[len(found)-1]
			v, err := value(t.kind, line[0], strings.TrimPrefix(line[1:], " "))
			if err != nil {
				return nil, fmt.Errorf("%q: %w", line, err)
			}
			t.rows = append(t.rows, v)
		}
	}
	without := slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(n, "-") })
	return slices.DeleteFunc(found, func(t table) bool {
		if without {
			return slices.Contains(names, "-"+t.name)
		}
		return len(names) > 0 && !slices.Contains(names, t.name)
	}), nil
}

func value(kind string, form byte, rest string) (any, error) {
	switch form {
	case '-':
		return nil, nil
	case '=':
		if kind == "binary" {
			return []byte(rest), nil
		}
		return rest, nil
	case 'x':
		if kind == "double" {
			return rest, nil
		}
		b, err := hex.DecodeString(rest)
		if kind == "text" {
			return string(b), err
		}
		return b, err
	}
	n, err := strconv.Atoi(rest)
	if err != nil {
		return nil, err
	}
	switch {
	case form == '+':
		return strings.Repeat("é", n), nil
	case kind == "text":
		return strings.Repeat("aé€💻", n/5) + []string{"", "a", "aé", "aé€", "aé€z"}[n%5], nil
	}
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i)
	}
	return b, nil
}

// same says whether what came back is the value.
func same(kind string, want, got any) bool {
	if want == nil || got == nil {
		return want == nil && got == nil
	}
	if kind == "binary" {
		g, ok := got.([]byte)
		return ok && slices.Equal(want.([]byte), g)
	}
	g, ok := got.(string)
	if !ok {
		return false
	}
	w := want.(string)
	switch kind {
	case "integer", "decimal":
		a, ok := new(big.Rat).SetString(w)
		b, also := new(big.Rat).SetString(g)
		return ok && also && a.Cmp(b) == 0
	case "date", "time", "timestamp":
		return moment(w) == moment(g)
	case "guid":
		return strings.EqualFold(w, g)
	case "vector":
		return slices.Equal(numbers(w), numbers(g))
	}
	return w == g
}

func moment(s string) string {
	if strings.Contains(s, ".") {
		return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
	}
	return s
}

func numbers(s string) (list []float64) {
	for _, part := range strings.Split(strings.Trim(s, "[]"), ",") {
		f, err := strconv.ParseFloat(part, 64)
		if err != nil {
			return nil
		}
		list = append(list, f)
	}
	return list
}

func brief(v any) string {
	s := fmt.Sprintf("%T %q", v, v)
	if len(s) > 80 {
		s = fmt.Sprintf("%.80s... (%d long)", s, len(s))
	}
	return s
}
