package wire

// Values are the parameter values of one or more executions of a statement, encoded as they are added: set after set,
// in the order of the parameters. A nil *Values is one set of no values. It is not safe for concurrent use.
type Values struct {
	perSet  int
	items   int
	again   int // sets of no values, beyond the first
	buf     []byte
	charset *Charset
}

// NewValues starts sets of perSet values each for a server of charset c.
func NewValues(perSet int, c *Charset) *Values { return &Values{perSet: perSet, charset: c} }

// Reset forgets the values and keeps the memory.
func (v *Values) Reset() { v.items, v.buf = 0, v.buf[:0] }

// PerSet is the number of values in a set.
func (v *Values) PerSet() int {
	if v == nil {
		return 0
	}
	return v.perSet
}

// Sets is the number of complete sets. Without parameters it is one, or as many as a client sent.
func (v *Values) Sets() int {
	if v.PerSet() == 0 {
		return 1 + v.repeats()
	}
	return v.items / v.perSet
}

func (v *Values) repeats() int {
	if v == nil {
		return 0
	}
	return v.again
}

// Size is the number of bytes that the values take.
func (v *Values) Size() int {
	if v == nil {
		return 0
	}
	return len(v.buf)
}

// Reader gives the values one by one, set after set.
func (v *Values) Reader() *Reader {
	if v == nil {
		return NewReader(nil)
	}
	return NewReader(v.buf)
}

// Null adds SQL NULL.
func (v *Values) Null() { v.add(AppendNull(v.buf)) }

// Int adds an integer.
func (v *Values) Int(n int64) { v.add(AppendInt(v.buf, n)) }

// Double adds a double in its plain form.
func (v *Values) Double(f float64) { v.add(AppendDouble(v.buf, f)) }

// Number adds a decimal, as text if it does not fit an item ([AppendNumber]). Either is exact.
func (v *Values) Number(n Number) {
	buf, ok := AppendNumber(v.buf, n)
	if !ok {
		buf = AppendBytes(buf, []byte(n.String()))
	}
	v.add(buf)
}

// SQLText adds text; see [AppendSQLText]. Nothing is added on an error.
func (v *Values) SQLText(s string) error {
	buf, err := AppendSQLText(v.buf, s, v.charset)
	if err == nil {
		v.add(buf)
	}
	return err
}

// SQLBytes adds binary data; see [AppendSQLBytes]. Nothing is added on an error.
func (v *Values) SQLBytes(b []byte) error {
	buf, err := AppendSQLBytes(v.buf, b)
	if err == nil {
		v.add(buf)
	}
	return err
}

// Handle adds the handle of a stream, as it was received.
func (v *Values) Handle(h []byte) { v.add(AppendBytes(v.buf, h)) }

// Item adds an item as it is.
func (v *Values) Item(it Item) { v.add(AppendItem(v.buf, it)) }

func (v *Values) add(buf []byte) { v.buf, v.items = buf, v.items+1 }

// values appends the parameter values block: sets, values in a set, values.
func (e *encoder) values(v *Values) {
	per := v.PerSet()
	if e.err == nil && per > 0 && (v.items == 0 || v.items%per != 0) {
		want := (v.items/per + 1) * per
		e.err = &MessageError{e.message, "values", &CountError{"values", int64(want), int64(v.items)}}
		return
	}
	e.int(v.Sets())
	e.int(per)
	if per > 0 {
		e.dst = append(e.dst, v.buf...)
	}
}

// maxBareSets is how many executions without parameters a message may ask for.
const maxBareSets = 1 << 16

// values reads the parameter values block. The values share the body's memory.
func (d *decoder) values() *Values {
	sets := d.int("parameter sets")
	per := d.count("values in a set", 1)
	if d.err != nil {
		return nil
	}
	// Every value takes a byte at least. Sets of nothing, which DB-API 5.3.2 sends for a statement without parameters that
	// is to be executed several times, are bounded by nothing else.
	limit := maxBareSets
	if per > 0 {
		limit = len(d.Rest()) / per
	}
	if sets < 1 || sets > limit {
		d.fail("parameter sets", &CountError{"sets", int64(limit), int64(sets)})
		return nil
	}
	v, start := &Values{perSet: per, items: sets * per, charset: d.charset}, d.pos
	if per == 0 {
		v.again = sets - 1
	}
	for range v.items {
		if d.item("values"); d.err != nil {
			return nil
		}
	}
	if per > 0 {
		v.buf = d.body[start:d.pos:d.pos]
	}
	return v
}
