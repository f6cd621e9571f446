package wire

import "strings"

// ConnectReply is the body of the reply to CN, if its status is [StatusOK]. Otherwise the body is an [ErrorText].
type ConnectReply struct {
	Version              string // the server's version text
	Directory            string // where it is installed
	DelimitedIdentifiers bool   // "x" is an identifier, not a literal
	Isolation            int    // in force
	Job                  string // number of the server's process
	Features             int    // granted: these count, not those that were asked for
}

// Append appends the body.
func (m ConnectReply) Append(dst []byte, c *Charset) ([]byte, error) {
	e := encoder{dst: dst, message: "CN reply", charset: c}
	e.text("version", m.Version+"|"+m.Directory)
	e.bool(m.DelimitedIdentifiers)
	e.int(0) // not read by any client
	e.int(m.Isolation)
	e.text("job", m.Job)
	e.int(0) // the SQL empty string setting, read and not used by the DB-API client
	e.int(m.Features)
	return e.done(len(dst))
}

// ParseConnectReply reads the body of the reply to CN. What later versions may add behind it is ignored.
func ParseConnectReply(body []byte, c *Charset) (ConnectReply, error) {
	d := decode("CN reply", body, c)
	var m ConnectReply
	m.Version, m.Directory, _ = strings.Cut(d.text("version"), "|")
	m.DelimitedIdentifiers = d.int("delimited identifiers") != 0
	d.item("unused")
	m.Isolation = d.int("isolation")
	m.Job = d.sqlText("job") // text or an integer
	d.item("empty string")
	m.Features = d.int("features")
	return m, d.err
}

// ErrorRequest is the body of an OE request: the status whose text is asked for. It carries the id of the failed
// statement and must follow the failing reply at once.
type ErrorRequest struct {
	Status uint16
}

// Append appends the body.
func (m ErrorRequest) Append(dst []byte) []byte { return AppendInt(dst, int64(m.Status)) }

// ParseErrorRequest reads the body of an OE request.
func ParseErrorRequest(body []byte) (ErrorRequest, error) {
	d := decode("OE request", body, Unicode)
	n := d.int("status")
	if n < 0 || n > 0xFFFF {
		d.fail("status", &RangeError{Number{n < 0, uint64(max(n, -n)), 0}.String(), "a status"})
	}
	return ErrorRequest{uint16(n)}, d.end()
}

// ErrorText is the body of the reply to OE, and of a CN reply that refuses.
type ErrorText struct {
	Text string
}

// Append appends the body.
func (m ErrorText) Append(dst []byte, c *Charset) ([]byte, error) {
	e := encoder{dst: dst, message: "error reply", charset: c}
	e.text("text", m.Text)
	return e.done(len(dst))
}

// ParseErrorText reads the text of an error; an empty body is an empty text.
func ParseErrorText(body []byte, c *Charset) (ErrorText, error) {
	d := decode("error reply", body, c)
	if !d.More() {
		return ErrorText{}, nil
	}
	m := ErrorText{d.sqlText("text")}
	return m, d.err
}
