package wire

import "io"

// Reader takes the items of a body one by one. It copies nothing: items share the body's memory. It is not safe for
// concurrent use.
type Reader struct {
	body []byte
	pos  int
}

// NewReader starts at the beginning of body.
func NewReader(body []byte) *Reader { return &Reader{body: body} }

// Next gives the next item, io.EOF at the end of the body, a [LengthError] for a length that does not fit what remains,
// and a [TypeError] that names the type for one that cannot be read. After an error the position stays where it was.
func (r *Reader) Next() (Item, error) {
	b := r.body[r.pos:]
	if len(b) == 0 {
		return Item{}, io.EOF
	}
	if b[0] == 1 {
		r.pos++
		return Item{Type: Undefined}, nil
	}
	field, n := lengthOf(b)
	switch {
	case field > len(b):
		return Item{}, &LengthError{r.pos, uint64(field), len(b)}
	case n == 0:
		return Item{}, &LengthError{r.pos, 0, len(b) - field}
	case n > uint64(len(b)-field):
		return Item{}, &LengthError{r.pos, n, len(b) - field}
	}
	it, end := Item{Type: Type(b[field])}, field+int(n)
	if it.Type >= byRef && it.Type < 2*byRef {
		it.Type, it.ByRef = it.Type-byRef, true
	}
	if !it.Type.known() {
		return Item{}, &TypeError{Type: it.Type}
	}
	if it.Type == Placeholder && n > 1 {
		return Item{}, &PayloadError{it.Type, int(n) - 1}
	}
	it.Data = b[field+1 : end : end]
	r.pos += end
	return it, nil
}

// Row fills row with the next items. At the end of the body it gives io.EOF; if the body ends within the row,
// io.ErrUnexpectedEOF. Rows follow one another without a separator.
func (r *Reader) Row(row []Item) error {
	for i := range row {
		it, err := r.Next()
		if err == io.EOF && i > 0 {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return err
		}
		row[i] = it
	}
	return nil
}

// More says whether anything of the body remains.
func (r *Reader) More() bool { return r.pos < len(r.body) }

// Rest gives what remains of the body, without moving.
func (r *Reader) Rest() []byte { return r.body[r.pos:] }

// Raw takes n bytes that are no items.
func (r *Reader) Raw(n int) ([]byte, error) {
	if n < 0 || n > len(r.body)-r.pos {
		return nil, &LengthError{r.pos, uint64(max(n, 0)), len(r.body) - r.pos}
	}
	r.pos += n
	return r.body[r.pos-n : r.pos : r.pos], nil
}

// Int takes the next item as an integer; see [Item.Int]. A string that is an integer in digits counts as one:
// ObjectScript knows no difference, and the DB-API client takes the job number of a connection in either form. The end
// of the body is io.ErrUnexpectedEOF.
func (r *Reader) Int() (int64, error) {
	it, err := r.must()
	if err != nil {
		return 0, err
	}
	if it.Type == String8 {
		n, err := ParseNumber(string(it.Data[:min(len(it.Data), maxNumberText+1)]))
		if err != nil {
			return 0, &TypeError{it.Type, "an integer"}
		}
		return n.Scaled(0)
	}
	return it.Int()
}

// Text takes the next item as text; see [Item.Text]. The end of the body is io.ErrUnexpectedEOF.
func (r *Reader) Text(c *Charset) (string, error) {
	it, err := r.must()
	if err != nil {
		return "", err
	}
	return it.Text(c)
}

// must is Next where the body may not end.
func (r *Reader) must() (Item, error) {
	it, err := r.Next()
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return it, err
}
