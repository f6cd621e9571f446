package iris

import (
	"bytes"
	"fmt"
	"regexp"
	"unicode/utf8"

	"github.com/irisfix/irisfix/bundle/dat"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

// guid is the form of a UNIQUEIDENTIFIER; IRIS refuses others (RSQL, Data Types).
var guid = regexp.MustCompile(`^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$`)

func guids(v *dat.Vector, i int) string {
	if v.IsNull(i) || guid.Match(v.Bytes(i)) {
		return ""
	}
	return fmt.Sprintf("%.40q, which is no GUID", v.Bytes(i))
}

var (
	integerElement = regexp.MustCompile(`^(0|-?[1-9][0-9]*)$`)
	numberElement  = regexp.MustCompile(`^-?(0|[1-9][0-9]*)?(\.[0-9]*[1-9])?(E-?[1-9][0-9]*)?$`)
)

// vectors refuses elements that IRIS would write in another way: it keeps numbers, not their spelling. What passes is
// read back and compared before the load is committed.
func vectors(c *dat.Column) check {
	form := numberElement
	switch c.ElementType {
	case "INTEGER", "INT":
		form = integerElement
	case "VARCHAR", "TIMESTAMP":
		form = nil
	}
	return unlessNull(func(v *dat.Vector, i int) string {
		elements := bytes.Split(v.Bytes(i), []byte{','})
		if c.Length > 0 && len(elements) != c.Length {
			return fmt.Sprintf("a vector of %d elements instead of %d", len(elements), c.Length)
		}
		for _, e := range elements {
			if len(e) == 0 || form != nil && (!form.Match(e) || string(e) == "-0" || string(e) == "-") {
				return fmt.Sprintf("the element %.40q, which IRIS writes in another way", e)
			}
		}
		return ""
	})
}

// texts refuses the one value that IRIS cannot tell from the empty one (GSQL 4.4.4), and what is too long. IRIS counts
// units of UTF-16.
func (r room) texts(c *dat.Column) check {
	longest := r.column.Length
	if longest == 0 || r.stream {
		longest = wire.MaxString
	}
	what := "text"
	if isBinary(c.SQLType) {
		what = "binary value"
	}
	return unlessNull(func(v *dat.Vector, i int) string {
		b := v.Bytes(i)
		switch {
		case len(b) == 1 && b[0] == 0:
			return "a " + what + " of one NUL, which IRIS does not tell from an empty one"
		case len(b) <= longest, r.stream:
			return ""
		case !isBinary(c.SQLType):
			if units := units(b); units > longest {
				return fmt.Sprintf("a text of %d characters, and the column takes %d", units, longest)
			}
			return ""
		}
		return fmt.Sprintf("a binary value of %d bytes, and the column takes %d", len(b), longest)
	})
}

// units is the length of a text as IRIS counts it.
func units(b []byte) (n int) {
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		if r > 0xFFFF {
			n++
		}
		n++
		b = b[size:]
	}
	return n
}
