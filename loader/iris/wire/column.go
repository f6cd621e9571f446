package wire

// Flags are the properties of a column.
type Flags uint16

// The flags, in the order of their bytes on the wire.
const (
	AutoIncrement Flags = 1 << iota
	CaseSensitive
	Currency
	ReadOnly
	RowVersion
	Unique
	Aliased
	Expression
	Hidden
	Identity
	KeyColumn
	RowID
	flagCount = iota
)

// Whether a column or parameter takes NULL, as in ODBC.
const (
	NoNulls         = 0
	Nullable        = 1
	NullableUnknown = 2
)

// Column describes a column of a result.
type Column struct {
	Name             string
	Type             int // SQL type code
	Precision, Scale int
	Nullable         int // NoNulls, Nullable, NullableUnknown
	Label            string
	Table, Schema    string // "" for expressions
	Flags            Flags
	Slot             int // position in a row of fast select, from 1; 0 otherwise
}

// Param describes a parameter of a statement.
type Param struct {
	Type             int // SQL type code
	Precision, Scale int
	Nullable         int
}

// Sizes in items, and so the fewest bytes, of one description.
const (
	columnItems = 10
	paramItems  = 4
)

func (e *encoder) columns(columns []Column, slots bool) {
	e.int(len(columns))
	for _, c := range columns {
		e.text("column name", c.Name)
		e.int(c.Type)
		e.int(c.Precision)
		e.int(c.Scale)
		e.int(c.Nullable)
		e.text("column label", c.Label)
		e.text("table name", c.Table)
		e.text("schema name", c.Schema)
		e.int(0) // no catalogue
		e.flags(c.Flags)
		if slots {
			e.int(c.Slot)
		}
	}
}

func (e *encoder) flags(f Flags) {
	e.dst = appendHead(e.dst, byte(String8), flagCount)
	for i := range flagCount {
		e.dst = append(e.dst, byte(f>>i&1))
	}
}

func (d *decoder) columns(slots bool) []Column {
	n := d.count("columns", columnItems)
	if n == 0 {
		return nil
	}
	columns := make([]Column, n)
	for i := range columns {
		c := &columns[i]
		c.Name, c.Type = d.text("column name"), d.int("column type")
		c.Precision, c.Scale = d.int("precision"), d.int("scale")
		c.Nullable, c.Label = d.int("nullable"), d.text("column label")
		c.Table, c.Schema = d.text("table name"), d.text("schema name")
		d.item("catalogue")
		c.Flags = d.flags()
		if slots {
			c.Slot = d.int("slot")
		}
		if d.err != nil {
			return nil
		}
	}
	return columns
}

// flags reads up to twelve bytes; missing ones count as 0.
func (d *decoder) flags() Flags {
	var f Flags
	for i, b := range d.bytes("column flags") {
		if b != 0 && i < flagCount {
			f |= 1 << i
		}
	}
	return f
}

func (e *encoder) params(params []Param, cacheable bool) {
	e.int(len(params))
	for _, p := range params {
		e.int(p.Type)
		e.int(p.Precision)
		e.int(p.Scale)
		e.int(p.Nullable)
	}
	e.bool(cacheable)
}

func (d *decoder) params() (params []Param, cacheable bool) {
	n := d.count("parameters", paramItems)
	if n > 0 {
		params = make([]Param, n)
	}
	for i := range params {
		p := &params[i]
		p.Type, p.Precision = d.int("parameter type"), d.int("parameter precision")
		p.Scale, p.Nullable = d.int("parameter scale"), d.int("parameter nullable")
	}
	return params, d.int("cacheable")&1 != 0
}
