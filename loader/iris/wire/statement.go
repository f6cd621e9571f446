package wire

import (
	"strings"
	"unicode/utf8"
)

// MaxChunk is the most 16-bit units of SQL text in one item; longer texts are cut into several (as go-irisnative does
// it). A surrogate pair is never cut.
const MaxChunk = 31_904

// ParamKind describes a parameter of a statement text, in order of appearance.
type ParamKind struct {
	Kind   byte // '?' a value of the user, 'c' a literal that the client took out of the text
	Format int  // 0 none; 1, 2, 3 cast to CHAR(32), (128), (512); 4 CHAR; 10 integer; 11 numeric
}

// UserParams describes n values of the user, without a cast.
func UserParams(n int) []ParamKind {
	kinds := make([]ParamKind, n)
	for i := range kinds {
		kinds[i] = ParamKind{Kind: '?'}
	}
	return kinds
}

// statement appends the SQL text block and the parameter description block of PP, DQ and DU.
func (e *encoder) statement(sql string, params []ParamKind) {
	chunks := chunk(sql)
	e.int(len(chunks))
	for _, c := range chunks {
		e.text("SQL text", c)
	}
	e.int(len(params))
	for _, p := range params {
		e.dst = append(e.dst, 3, byte(String8), p.Kind)
		e.int(p.Format)
	}
}

// chunk cuts a text into pieces of MaxChunk units; at least one.
func chunk(sql string) []string {
	var chunks []string
	for start, units := 0, 0; ; {
		i := start
		for ; i < len(sql); units++ {
			r, n := utf8.DecodeRuneInString(sql[i:])
			if r >= 0x10000 {
				units++
			}
			if units >= MaxChunk {
				break
			}
			i += n
		}
		chunks, start, units = append(chunks, sql[start:i]), i, 0
		if i == len(sql) {
			return chunks
		}
	}
}

func (d *decoder) statement() (sql string, params []ParamKind) {
	var text strings.Builder
	for range d.count("chunks of SQL text", 1) {
		text.WriteString(d.text("SQL text"))
	}
	n := d.count("parameters", 2)
	if n > 0 {
		params = make([]ParamKind, n)
	}
	for i := range params {
		params[i] = ParamKind{d.paramKind(), d.int("parameter format")}
	}
	return text.String(), params
}

// paramKind reads the kind as one character, or as its code, as go-irisnative writes it.
func (d *decoder) paramKind() byte {
	it := d.item("parameter kind")
	if d.err != nil {
		return 0
	}
	v := int64(-1)
	if it.Type == String8 && len(it.Data) == 1 {
		v = int64(it.Data[0])
	} else if it.Type == Positive {
		v, _ = it.Int()
	}
	if v != '?' && v != 'c' {
		d.fail("parameter kind", &RangeError{it.Type.String(), "'?' or 'c'"})
	}
	return byte(v)
}
