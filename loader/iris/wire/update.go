package wire

// Keys selects the generated keys that an update gives back. Only two forms were seen, and no other meaning is known.
type Keys int

const (
	KeysDefault Keys = iota // -1, as the DB-API client sends it
	KeysNull                // NULL, as go-irisnative sends it
	KeysOther               // anything else; only read, never written
)

// Update is the body of a DU request: a statement with its text that is no query. The reply is [UpdateReply].
type Update struct {
	SQL     string // parameters as :%qpar(n); see [Placeholders]
	Params  []ParamKind
	Keys    Keys
	Timeout int // always 0
	Values  *Values
}

// Append appends the body.
func (m Update) Append(dst []byte, c *Charset) ([]byte, error) {
	e := encoder{dst: dst, message: "DU request", charset: c}
	e.statement(m.SQL, m.Params)
	e.keys(m.Keys)
	e.int(m.Timeout)
	e.values(m.Values)
	return e.done(len(dst))
}

// ParseUpdate reads the body of a DU request.
func ParseUpdate(body []byte, c *Charset) (Update, error) {
	d := decode("DU request", body, c)
	var m Update
	m.SQL, m.Params = d.statement()
	m.Keys, m.Timeout = d.keys(), d.int("timeout")
	m.Values = d.values()
	return m, d.end()
}

// PreparedUpdate is the body of a PU request: any number of executions of a prepared statement. The reply has one count
// for each; see [ParseCounts].
type PreparedUpdate struct {
	Keys    Keys
	Timeout int // always 0
	Values  *Values
}

// Append appends the body.
func (m PreparedUpdate) Append(dst []byte, c *Charset) ([]byte, error) {
	e := encoder{dst: dst, message: "PU request", charset: c}
	e.keys(m.Keys)
	e.int(m.Timeout)
	e.values(m.Values)
	return e.done(len(dst))
}

// ParsePreparedUpdate reads the body of a PU request.
func ParsePreparedUpdate(body []byte, c *Charset) (PreparedUpdate, error) {
	d := decode("PU request", body, c)
	m := PreparedUpdate{Keys: d.keys(), Timeout: d.int("timeout"), Values: d.values()}
	return m, d.end()
}

func (e *encoder) keys(k Keys) {
	switch k {
	case KeysDefault:
		e.int(-1)
	case KeysNull:
		e.dst = AppendNull(e.dst)
	default:
		e.err = &MessageError{e.message, "key selector", &RangeError{"other", "a known selector"}}
	}
}

func (d *decoder) keys() Keys {
	it := d.item("key selector")
	if it.Null() {
		return KeysNull
	}
	if v, err := it.Int(); err == nil && v == -1 {
		return KeysDefault
	}
	return KeysOther
}

// AppendCounts appends the body of a reply to PU: the rows affected by each set.
func AppendCounts(dst []byte, counts []int64) []byte {
	for _, n := range counts {
		dst = AppendInt(dst, n)
	}
	return dst
}

// ParseCounts reads the body of a reply to PU. Anything but one count for each of the sets is a [CountError]: such a
// reply must not pass as a success.
func ParseCounts(body []byte, sets int) ([]int64, error) {
	d := decode("PU reply", body, Unicode)
	counts := d.counts(sets)
	return counts, d.err
}

func (d *decoder) counts(sets int) []int64 {
	if d.err != nil {
		return nil
	}
	counts := make([]int64, 0, min(sets, len(d.Rest())))
	for d.More() {
		v, err := d.Int()
		if err != nil {
			d.fail("counts", err)
			return nil
		}
		counts = append(counts, v)
	}
	if len(counts) != sets {
		d.fail("counts", &CountError{"counts", int64(sets), int64(len(counts))})
		return nil
	}
	return counts
}
