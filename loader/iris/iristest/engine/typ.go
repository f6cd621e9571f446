package engine

// typ is what is known of an expression before it runs.
type typ struct {
	kind      kind
	odbc      int
	precision int
	scale     int
	nullable  int
	collation string  // upper case; empty: EXACT
	column    *column // that it is, unchanged
	table     *table
	param     int  // number of the parameter that it is
	literal   bool // it is a constant
}

// The types of expressions.
var (
	typInt     = typ{kind: kInt, odbc: TypeInteger, precision: 10, nullable: 1}
	typBigInt  = typ{kind: kInt, odbc: TypeBigInt, precision: 19, nullable: 1}
	typBit     = typ{kind: kInt, odbc: TypeInteger, precision: 10, nullable: 1}
	typDecimal = typ{kind: kDecimal, odbc: TypeNumeric, precision: 18, scale: 0, nullable: 1}
	typDouble  = typ{kind: kDouble, odbc: TypeDouble, precision: 20, nullable: 1}
	typString  = typ{kind: kString, odbc: TypeVarChar, precision: 4096, nullable: 1}
	typDate    = typ{kind: kDate, odbc: TypeDate, precision: 10, nullable: 1}
	typTime    = typ{kind: kTime, odbc: TypeTime, precision: 8, nullable: 1}
	typPosix   = typ{kind: kPosix, odbc: TypeTimestamp, precision: 26, scale: 6, nullable: 1}
	typStamp   = typ{kind: kStamp, odbc: TypeTimestamp, precision: 29, scale: 9, nullable: 1}
	typVector  = typ{kind: kVector, odbc: TypeVarChar, precision: 4096, nullable: 1}
	typBinary  = typ{kind: kBinary, odbc: TypeVarBinary, precision: 4096, nullable: 1}
	typNull    = typ{kind: kUnknown, odbc: TypeVarChar, precision: 4096, nullable: 1}
)

func columnTyp(t *table, c *column) typ {
	ty := typ{kind: c.kind, odbc: c.odbc, precision: c.precision, scale: c.scale, nullable: 1, collation: c.collated(), column: c, table: t}
	if c.notNull || c.identity {
		ty.nullable = 0
	}
	return ty
}

func (t *dataType) typ() typ {
	return typ{kind: t.kind, odbc: t.odbc, precision: t.precision, scale: t.scale, nullable: 1}
}

// plain is the type of a value that is computed from one of this type.
func (t typ) plain() typ {
	t.column, t.table, t.param, t.literal = nil, nil, 0, false
	t.nullable = 1
	return t
}

func (t typ) numeric() bool {
	return t.kind == kInt || t.kind == kBit || t.kind == kDecimal || t.kind == kDouble
}

func (t typ) temporal() bool {
	return t.kind == kDate || t.kind == kTime || t.kind == kPosix || t.kind == kStamp
}

func (t typ) stream() bool { return t.kind == kCharStream || t.kind == kBinStream }

// folds says whether comparison ignores case and trailing blanks.
func (t typ) folds() bool {
	return t.kind == kString && (t.collation == "SQLUPPER" || t.collation == "UPPER" || t.collation == "ALPHAUP")
}

// common is the type of a value that may be of either: of CASE, COALESCE, UNION.
func common(a, b typ) typ {
	switch {
	case a.kind == kUnknown:
		b = b.plain()
		return b
	case b.kind == kUnknown:
		return a.plain()
	case a.kind == b.kind || a.kind == kBit && b.kind == kInt || a.kind == kInt && b.kind == kBit:
		w := a.plain()
		w.precision, w.scale = max(a.precision, b.precision), max(a.scale, b.scale)
		if a.odbc != b.odbc && a.kind == kInt {
			w.odbc = TypeBigInt
		}
		if a.collation != b.collation {
			w.collation = ""
			if a.literal || a.param > 0 {
				w.collation = b.collation
			} else if b.literal || b.param > 0 {
				w.collation = a.collation
			}
		}
		return w
	case a.numeric() && b.numeric():
		if a.kind == kDouble || b.kind == kDouble {
			return typDouble
		}
		d := typDecimal
		d.precision, d.scale = max(a.precision, b.precision), max(a.scale, b.scale)
		return d
	case a.temporal() && b.kind == kString && (b.literal || b.param > 0):
		return a.plain()
	case b.temporal() && a.kind == kString && (a.literal || a.param > 0):
		return b.plain()
	case (a.kind == kDate || a.kind == kPosix || a.kind == kStamp) && (b.kind == kDate || b.kind == kPosix || b.kind == kStamp):
		return typStamp
	}
	return typString
}
