package wire

// Query is the body of a DQ request: a query with its text. Two replies follow: [Metadata], then rows; or one, if the
// first has an error status.
type Query struct {
	SQL     string // parameters as :%qpar(n); see [Placeholders]
	Params  []ParamKind
	Values  *Values
	Timeout int // seconds; 0 for none
	MaxRows int // 0 for all
}

// Append appends the body.
func (m Query) Append(dst []byte, c *Charset) ([]byte, error) {
	e := encoder{dst: dst, message: "DQ request", charset: c}
	e.statement(m.SQL, m.Params)
	e.values(m.Values)
	e.int(m.Timeout)
	e.int(m.MaxRows)
	return e.done(len(dst))
}

// ParseQuery reads the body of a DQ request.
func ParseQuery(body []byte, c *Charset) (Query, error) {
	d := decode("DQ request", body, c)
	var m Query
	m.SQL, m.Params = d.statement()
	m.Values = d.values()
	m.Timeout, m.MaxRows = d.int("timeout"), d.int("maximum rows")
	return m, d.end()
}

// Execute is the body of a PQ request: a prepared query. One reply follows, with rows.
type Execute struct {
	Values  *Values
	Timeout int // seconds; 0 for none
	MaxRows int // 0 for all
}

// Append appends the body.
func (m Execute) Append(dst []byte, c *Charset) ([]byte, error) {
	e := encoder{dst: dst, message: "PQ request", charset: c}
	e.values(m.Values)
	e.int(m.Timeout)
	e.int(m.MaxRows)
	return e.done(len(dst))
}

// ParseExecute reads the body of a PQ request.
func ParseExecute(body []byte, c *Charset) (Execute, error) {
	d := decode("PQ request", body, c)
	m := Execute{Values: d.values(), Timeout: d.int("timeout"), MaxRows: d.int("maximum rows")}
	return m, d.end()
}

// Prepare is the body of a PP request. The reply is [Metadata].
type Prepare struct {
	SQL    string // parameters as :%qpar(n); see [Placeholders]
	Params []ParamKind
}

// Append appends the body.
func (m Prepare) Append(dst []byte, c *Charset) ([]byte, error) {
	e := encoder{dst: dst, message: "PP request", charset: c}
	e.statement(m.SQL, m.Params)
	return e.done(len(dst))
}

// ParsePrepare reads the body of a PP request.
func ParsePrepare(body []byte, c *Charset) (Prepare, error) {
	d := decode("PP request", body, c)
	var m Prepare
	m.SQL, m.Params = d.statement()
	return m, d.end()
}
