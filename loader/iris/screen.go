package iris

import (
	"github.com/irisfix/irisfix/bundle/dat"
)

// check is why a column of the target does not hold value i of a vector, or nothing.
type check func(v *dat.Vector, i int) string

// check returns what is to be looked at in values of a column; nil if every value has room.
func (r room) check(c *dat.Column) check {
	checks := []check{r.nulls(c)}
	switch kinds[c.SQLType] {
	case "number":
		checks = append(checks, r.numbers(c), r.counts())
	case "double":
		checks = append(checks, doubles)
	case "text", "binary":
		checks = append(checks, r.texts(c))
	case "guid":
		checks = append(checks, guids)
	case "vector":
		checks = append(checks, vectors(c))
	case "date", "timestamp":
		checks = append(checks, r.days(c), r.fractions(c))
	case "time":
		checks = append(checks, r.fractions(c))
	}
	return all(checks)
}

// all is one check of several.
func all(checks []check) check {
	n := 0
	for _, c := range checks {
		if c != nil {
			checks[n] = c
			n++
		}
	}
	checks = checks[:n]
	if n == 0 {
		return nil
	}
	return func(v *dat.Vector, i int) string {
		for _, c := range checks {
			if reason := c(v, i); reason != "" {
				return reason
			}
		}
		return ""
	}
}

// nulls refuses NULL where the target does not take it or puts something else in its place (RSQL:createtable, DEFAULT).
func (r room) nulls(c *dat.Column) check {
	reason := ""
	switch {
	case !c.Nullable:
		return nil
	case r.counter:
		reason = "NULL, which IRIS replaces with a number of its own"
	case r.key:
		reason = "NULL in the primary key, which IRIS does not take"
	case !r.column.Nullable:
		reason = "NULL, which the column does not take"
	default:
		return nil
	}
	return func(v *dat.Vector, i int) string {
		if v.IsNull(i) {
			return reason
		}
		return ""
	}
}

// unlessNull is a check of values that are not NULL.
func unlessNull(c check) check {
	return func(v *dat.Vector, i int) string {
		if v.IsNull(i) {
			return ""
		}
		return c(v, i)
	}
}
