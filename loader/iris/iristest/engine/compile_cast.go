package engine

import (
	"fmt"
)

// cast compiles CAST and CONVERT (InterSystems SQL Reference, CAST).
func (c *compiler) cast(sc *scope, x *cast) code {
	v := c.expr(sc, x.x)
	spec := x.to
	if canonical := typeNames[spec.name]; (canonical == "VARCHAR" || canonical == "VARBINARY") && len(spec.args) == 0 {
		switch spec.name {
		case "CHAR", "CHARACTER", "NCHAR", "BINARY":
			spec.args = []string{"1"}
		case "CHAR VARYING", "CHARACTER VARYING":
			spec.args = []string{"'"} // any length
		default:
			spec.args = []string{"30"}
		}
	}
	exact := typeNames[spec.name] == "NUMERIC" && len(spec.args) == 0
	t, err := resolveType(spec)
	if err != nil {
		panic(err)
	}
	if exact { // the digits that there are
		t.scale, t.precision, t.limits = 18, 37, false
	}
	ty := t.typ()
	if v.typ.stream() {
		if t.kind != kString && t.kind != kBinary && t.kind != v.typ.kind {
			panic(refuse(-37, " CAST not supported for stream fields"))
		}
		if t.kind == v.typ.kind {
			return v
		}
		v = code{"iris_stream(" + v.sql + ")", typString}
	}
	if v.typ.param > 0 {
		c.used(v.typ.param, castParam(ty))
	}
	if t.kind == kCharStream || t.kind == kBinStream {
		panic(refuse(-376, " CAST to a stream is not supported"))
	}
	n := c.session.sys.castType(t)
	return code{fmt.Sprintf("iris_cast(%s, %d, %d)", v.sql, v.typ.kind, n), ty}
}

// castParam is what a parameter is taken for that is cast: text, unless it is to be a number.
func castParam(t typ) typ {
	if t.numeric() {
		return t
	}
	return typString
}
