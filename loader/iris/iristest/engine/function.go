package engine

import (
	"fmt"
	"strings"
)

// function is a function of SQL that is run by Go.
type function struct {
	min, max int
	args     []kind // what arguments are converted to; the last holds for the rest; kUnknown: as they are
	result   typ
	like     int  // the result has the type of this argument, from 1
	kinds    bool // run gets the kinds of the arguments too
	streams  bool // the first argument may be a stream, and comes as its content
	changes  bool // it has an effect, or its result changes: not to be run once for many rows
	run      func(s *Session, a []any, kinds []kind) (any, error)
}

// call compiles a function.
func (c *compiler) call(sc *scope, x *call) code {
	if aggregates[x.name] {
		return c.aggregate(sc, x)
	}
	if x.over != nil || windowOnly[x.name] {
		return c.windowCall(sc, x)
	}
	if special, ok := specials[x.name]; ok {
		return special(c, sc, x)
	}
	name := strings.TrimPrefix(x.name, "SQLUSER.")
	f, ok := functions[name]
	if !ok {
		panic(refuse(-359, " User defined SQL Function '%s' does not exist", clean(c.functionName(x))))
	}
	if len(x.args) < f.min {
		panic(refuse(-380, " Not enough arguments for %s", clean(x.name)))
	}
	if len(x.args) > f.max {
		panic(refuse(-381, " Too many arguments for %s", clean(x.name)))
	}
	return c.goCall(sc, name, f, x.args)
}

func (c *compiler) functionName(x *call) string {
	if strings.Contains(x.name, ".") {
		return x.name
	}
	return "SQLUSER." + x.name
}

func (c *compiler) goCall(sc *scope, name string, f *function, args []expr) code {
	t := f.result
	parts := []string{}
	kinds := []string{}
	for i, a := range args {
		v := c.expr(sc, a)
		if v.typ.stream() {
			if !f.streams || i > 0 {
				panic(refuse(-37, " Function %s not supported for stream fields", name))
			}
			v = code{"iris_stream(" + v.sql + ")", typString}
		}
		want := f.args[min(i, len(f.args)-1)]
		if want != kUnknown {
			v = code{c.to(v, kindTyp(want)), kindTyp(want)}
		}
		if f.like == i+1 {
			t = v.typ.plain()
		}
		parts = append(parts, v.sql)
		kinds = append(kinds, fmt.Sprint(v.typ.kind))
	}
	if f.kinds {
		parts = append(parts, kinds...)
	}
	return code{fmt.Sprintf("%s(%s)", sqliteName(name), strings.Join(parts, ", ")), t}
}

// kindTyp is the plain type of a kind.
func kindTyp(k kind) typ {
	switch k {
	case kInt:
		return typBigInt
	case kDecimal:
		return typDecimal
	case kDouble:
		return typDouble
	case kString:
		return typString
	case kDate:
		return typDate
	case kTime:
		return typTime
	case kPosix:
		return typPosix
	case kStamp:
		return typStamp
	case kVector:
		return typVector
	case kBinary:
		return typBinary
	}
	return typNull
}

// sqliteName is the name of a function in SQLite.
func sqliteName(name string) string {
	var b strings.Builder
	b.WriteString("f_")
	for _, r := range strings.ToLower(name) {
		if 'a' <= r && r <= 'z' || '0' <= r && r <= '9' {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, "_%x", r)
		}
	}
	return b.String()
}

// windowCall compiles ROW_NUMBER() OVER … and the like.
func (c *compiler) windowCall(sc *scope, x *call) code {
	if !windowOnly[x.name] || x.over == nil {
		panic(refuse(-1, " %s cannot have OVER", clean(x.name)))
	}
	var parts []string
	t := typBigInt
	for i, a := range x.args {
		v := c.expr(sc, a)
		parts = append(parts, v.sql)
		if i == 0 && x.name != "NTILE" {
			t = v.typ.plain()
		}
	}
	if x.name == "PERCENT_RANK" || x.name == "CUME_DIST" {
		t = typDouble
	}
	return code{fmt.Sprintf("%s(%s)%s", strings.ToLower(x.name), strings.Join(parts, ", "), c.overClause(sc, x.over)), t}
}
