package wire

// Slots fills row, one item a column, from a row of fast select: one string item whose payload is itself a list of
// stored slots. Missing trailing slots, and all of an empty payload, are NULL. Items share the memory of it.
func (m Metadata) Slots(it Item, row []Item) error {
	data, err := it.Bytes()
	if err != nil {
		return err
	}
	for i := range row {
		row[i] = Item{Type: String8}
	}
	r := NewReader(data)
	for slot := 1; r.More(); slot++ {
		stored, err := r.Next()
		if err != nil {
			return err
		}
		for i, c := range m.Columns {
			if c.Slot == slot && i < len(row) {
				row[i] = stored
			}
		}
	}
	return nil
}

// GeneratedKeys is the body of the reply to GG, whose status is [StatusEnd].
type GeneratedKeys struct {
	Columns []Column
	Values  []Item // rows of values, one after the other
}

// Append appends the body.
func (m GeneratedKeys) Append(dst []byte, c *Charset) ([]byte, error) {
	e := encoder{dst: dst, message: "GG reply", charset: c}
	e.columns(m.Columns, false)
	for _, it := range m.Values {
		e.dst = AppendItem(e.dst, it)
	}
	return e.done(len(dst))
}

// ParseGeneratedKeys reads the body of the reply to GG. The values share its memory.
func ParseGeneratedKeys(body []byte, c *Charset) (GeneratedKeys, error) {
	d := decode("GG reply", body, c)
	m := GeneratedKeys{Columns: d.columns(false)}
	for d.err == nil && d.More() {
		m.Values = append(m.Values, d.item("keys"))
	}
	return m, d.err
}

// ParseEmpty checks the body of a request that has none: FD, GG, TC, TR, AF, AN, and by inference RC, RU, CC, CU.
func ParseEmpty(code Code, body []byte) error {
	return decode(code.String()+" request", body, Unicode).end()
}
