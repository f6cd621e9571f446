package dat

import (
	"hash/crc32"

	"github.com/irisfix/irisfix/internal/parallel"
)

// magic stands at both ends of a Parquet file.
const magic = "PAR1"

// maxPageHeader is more than a page header of the profile can have.
const maxPageHeader = 64

const dataPageV2 = 3

// page is a data page: a header, the levels, the values compressed or not.
type page struct {
	rows, nulls      int
	encoding         int
	levels           int // bytes
	raw, stored      int // bytes of levels and values, before and after compression
	compressed       bool
	crc              uint32
	header           int // bytes of the header itself
	hasCRC, complete bool
}

// encodePage returns the page of a column with its header, and the size it has uncompressed.
func (e *schemaElement) encodePage(v *Vector, compress bool) (out []byte, raw int64, err error) {
	p := page{rows: v.Len(), nulls: v.nulls(), encoding: e.encoding, compressed: compress}
	var levels []byte
	if e.optional {
		levels = encodeLevels(nil, v.Null, p.rows)
	}
	values, err := e.encodeValues(nil, v)
	if err != nil {
		return nil, 0, err
	}
	p.levels, p.raw = len(levels), len(levels)+len(values)
	body := levels
	if compress {
		body = encoder().EncodeAll(values, append(make([]byte, 0, len(levels)+len(values)/2+64), levels...))
	}
	if p.compressed = compress && len(body) < p.raw; !p.compressed {
		body = append(levels, values...)
	}
	p.stored, p.crc = len(body), checksum(body)
	out = p.appendHeader(make([]byte, 0, maxPageHeader+len(body)))
	raw = int64(len(out) + p.raw)
	return append(out, body...), raw, nil
}

func (p *page) appendHeader(dst []byte) []byte {
	w := &thriftWriter{b: dst}
	w.element(func() {
		w.i32(1, dataPageV2)
		w.i32(2, p.raw)
		w.i32(3, p.stored)
		w.i32(4, int(int32(p.crc)))
		w.structure(8, func() {
			w.i32(1, p.rows)
			w.i32(2, p.nulls)
			w.i32(3, p.rows)
			w.i32(4, p.encoding)
			w.i32(5, p.levels)
			w.i32(6, 0) // no repetition levels
			w.bool(7, p.compressed)
		})
	})
	return w.b
}

func parsePageHeader(src []byte) (page, error) {
	p := page{compressed: true}
	before := len(src)
	r := &thriftReader{b: src}
	r.fields(func(id, typ int) bool {
		switch id {
		case 1:
			p.complete = r.i32(typ) == dataPageV2
		case 2:
			p.raw = r.i32(typ)
		case 3:
			p.stored = r.i32(typ)
		case 4:
			p.crc, p.hasCRC = uint32(r.i32(typ)), true
		case 8:
			if typ != thriftStruct {
				return false
			}
			r.fields(func(id, typ int) bool { return p.parseDataHeader(r, id, typ) })
		default:
			return false
		}
		return true
	})
	p.header = before - len(r.b)
	return p, r.err
}

func (p *page) parseDataHeader(r *thriftReader, id, typ int) bool {
	switch id {
	case 1:
		p.rows = r.i32(typ)
	case 2:
		p.nulls = r.i32(typ)
	case 4:
		p.encoding = r.i32(typ)
	case 5:
		p.levels = r.i32(typ)
	case 7:
		p.compressed = typ == thriftTrue
	default:
		return false
	}
	return true
}

// check refuses what the profile does not allow before anything is allocated by it.
func (p *page) check(e *schemaElement, rows, length int) error {
	switch {
	case !p.complete, !p.hasCRC:
		return corrupt("column %q: not a data page of the profile", e.name)
	case p.rows != rows:
		return corrupt("column %q: a page of %d rows in a row group of %d", e.name, p.rows, rows)
	case p.header+p.stored != length:
		return corrupt("column %q: a page of %d bytes in a chunk of %d", e.name, p.header+p.stored, length)
	case p.encoding != e.encoding:
		return corrupt("column %q: encoding %d", e.name, p.encoding)
	case p.nulls < 0 || p.nulls > rows || p.nulls > 0 && !e.optional:
		return corrupt("column %q: %d of %d values are NULL", e.name, p.nulls, rows)
	case p.levels < 0 || p.levels > p.stored || p.levels > p.raw || (p.levels > 0) != e.optional:
		return corrupt("column %q: %d bytes of levels", e.name, p.levels)
	case !p.compressed && p.raw != p.stored:
		return corrupt("column %q: an uncompressed page of %d bytes says %d", e.name, p.stored, p.raw)
	}
	return nil
}

// decode fills v with the values of the page, whose bytes after the header are given.
func (p *page) decode(e *schemaElement, v *Vector, body []byte) (err error) {
	if checksum(body) != p.crc {
		return corrupt("column %q: a page does not match its checksum", e.name)
	}
	var null []bool
	if e.optional {
		if null, err = decodeLevels(body[:p.levels], p.rows); err != nil {
			return err
		}
	}
	values := body[p.levels:]
	if p.compressed {
		room := borrow(p.raw - p.levels)
		defer giveBack(room)
		if values, err = decoder().DecodeAll(values, room[:0:p.raw-p.levels]); err != nil {
			return corrupt("column %q: %v", e.name, err)
		}
		if len(values) != p.raw-p.levels {
			return corrupt("column %q: a page holds %d bytes and says %d", e.name, len(values), p.raw-p.levels)
		}
	}
	v.Reset()
	v.Null = null
	if v.nulls() != p.nulls {
		return corrupt("column %q: %d values are NULL, the page says %d", e.name, v.nulls(), p.nulls)
	}
	v.Null = nil
	// The decoders are fuzzed by their authors and by us, yet they are not ours: a panic in them is a bad file.
	if err := parallel.Protect(func() error { return e.decodeValues(v, values, p.rows-p.nulls, null) }); err != nil {
		return corrupt("column %q: %v", e.name, err)
	}
	return nil
}

// checksum is the CRC that a page header carries, of the levels and the values as they are stored.
func checksum(body []byte) uint32 { return crc32.ChecksumIEEE(body) }
