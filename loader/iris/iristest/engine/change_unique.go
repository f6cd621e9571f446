package engine

import (
	"fmt"
	"slices"
	"strings"
)

// text is the value of a key as it is compared, and whether it is complete.
func (k *key) text(t *table, values []any) (string, bool) {
	var parts []string
	for _, c := range k.columns {
		v := values[slices.Index(t.columns, c)]
		if v == nil {
			return "", false
		}
		s := text(v)
		if collate(columnTyp(t, c)) == " COLLATE SQLUPPER" {
			s = upper(strings.TrimRight(s, " "))
		}
		parts = append(parts, fmt.Sprintf("%d:%s", len(s), s))
	}
	return strings.Join(parts, ","), true
}

// where is the condition that finds rows with these values in columns.
func where(t *table, columns []*column) string {
	var parts []string
	for _, c := range columns {
		parts = append(parts, c.sqlite()+" = ?"+collate(columnTyp(t, c)))
	}
	return strings.Join(parts, " AND ")
}

// unique finds another row that has the value of a key.
func (x *change) unique(t *table, rid int64, values []any, code int) error {
	if x.has("%NOCHECK") {
		return nil
	}
	for _, k := range t.keys {
		args := []any{}
		for _, c := range k.columns {
			v := values[slices.Index(t.columns, c)]
			if c.identity {
				v = rid
			}
			if v == nil {
				args = nil
				break
			}
			args = append(args, v)
		}
		if args == nil {
			continue
		}
		found, err := x.session.sys.rows(fmt.Sprintf("SELECT rid FROM %s WHERE %s AND rid <> ? LIMIT 1", t.sqlite(), where(t, k.columns)), append(args, rid)...)
		if err != nil {
			return err
		}
		if found != nil {
			return fail(code, "Table '%s', Constraint '%s', Field(s) %s; failed unique check", t.shown(), clean(k.name), k.shown(args))
		}
	}
	return nil
}

// shown lists the values of a key as messages do: a="x",b=5.
func (k *key) shown(values []any) string {
	var parts []string
	for i, c := range k.columns {
		v := text(values[i])
		switch values[i].(type) {
		case int64, float64:
		default:
			if v = `"` + clean(shorten(v)) + `"`; v == `""` {
				v = "$c(0)"
			}
		}
		parts = append(parts, clean(c.name)+"="+v)
	}
	return strings.Join(parts, ",")
}

// shorten keeps messages readable.
func shorten(s string) string {
	if utf16Length(s) > 200 {
		return substring(s, 1, 200) + "..."
	}
	return s
}
