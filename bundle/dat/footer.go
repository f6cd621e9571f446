package dat

import "math"

// footer is the metadata at the end of a file, as far as the profile uses it.
type footer struct {
	columns  []schemaElement
	rows     int64
	groups   []group
	table    string // value of MetadataKey
	hasTable bool
}

// schemaElement is a column in the words of Parquet.
type schemaElement struct {
	name     string
	optional bool
	layout
}

// group is a row group. Its columns' pages follow each other.
type group struct {
	rows   int64
	chunks []chunk
}

// chunk is one column of a row group: one page with its header.
type chunk struct {
	offset, length int64

	values int64 // what the footer says
	codec  int
}

// zstdCodec is CompressionCodec.ZSTD.
const zstdCodec = 6

// size is the bytes that the group takes in the file.
func (g *group) size() int64 {
	last := g.chunks[len(g.chunks)-1]
	return last.offset + last.length - g.chunks[0].offset
}

func elements(t *Table) []schemaElement {
	stored := t.Stored()
	list := make([]schemaElement, len(stored))
	for i := range stored {
		list[i] = schemaElement{stored[i].Name, stored[i].Nullable, stored[i].layout()}
	}
	return list
}

// appendGroup writes one row group of FileMetaData. Uncompressed sizes include the page headers.
func appendGroup(w *thriftWriter, columns []schemaElement, g *group, raw []int64) {
	total := int64(0)
	w.element(func() {
		w.list(1, thriftStruct, len(g.chunks))
		for i, c := range g.chunks {
			total += raw[i]
			w.element(func() {
				w.i64(2, 0) // file_offset: deprecated, must be 0 if the metadata is here only
				w.structure(3, func() { columns[i].appendMeta(w, g.rows, c, raw[i]) })
			})
		}
		w.i64(2, total)
		w.i64(3, g.rows)
	})
}

func (e *schemaElement) appendMeta(w *thriftWriter, rows int64, c chunk, raw int64) {
	const rle = 3
	encodings := []int{e.encoding}
	if e.optional {
		encodings = append(encodings, rle)
	}
	w.i32(1, e.physical)
	w.list(2, thriftI32, len(encodings))
	for _, enc := range encodings {
		w.b = append(w.b, byte(enc<<1))
	}
	w.list(3, thriftBinary, 1)
	w.raw(e.name)
	w.i32(4, zstdCodec)
	w.i64(5, rows)
	w.i64(6, raw)
	w.i64(7, c.length)
	w.i64(9, c.offset)
}

// appendFooter writes FileMetaData. The row groups come encoded.
func appendFooter(dst []byte, t *Table, rows int64, groups int, encoded []byte) []byte {
	columns := elements(t)
	w := &thriftWriter{b: dst}
	w.element(func() {
		w.i32(1, 2) // version
		w.list(2, thriftStruct, len(columns)+1)
		w.element(func() { // the root
			w.text(4, "table")
			w.i32(5, len(columns))
		})
		for i := range columns {
			w.element(func() { columns[i].append(w) })
		}
		w.i64(3, rows)
		w.list(4, thriftStruct, groups)
		w.b = append(w.b, encoded...)
		w.list(5, thriftStruct, 1)
		w.element(func() {
			w.text(1, MetadataKey)
			w.text(2, string(t.JSON()))
		})
		w.text(6, createdBy)
	})
	return w.b
}

func (e *schemaElement) append(w *thriftWriter) {
	w.i32(1, e.physical)
	if e.physical == physFixed {
		w.i32(2, e.width)
	}
	repetition := 0
	if e.optional {
		repetition = 1
	}
	w.i32(3, repetition)
	w.text(4, e.name)
	if e.converted >= 0 {
		w.i32(6, e.converted)
	}
	if e.logical == logicalDecimal { // older readers look here
		w.i32(7, e.scale)
		w.i32(8, e.precision)
	}
	if e.logical == logicalNone {
		return
	}
	w.structure(10, func() { w.structure(e.logical, func() { e.appendLogical(w) }) })
}

func (e *schemaElement) appendLogical(w *thriftWriter) {
	switch e.logical {
	case logicalDecimal:
		w.i32(1, e.scale)
		w.i32(2, e.precision)
	case logicalTime, logicalTimestamp:
		w.bool(1, false) // not adjusted to UTC: wall clock
		unit := 2
		if e.nanos {
			unit = 3
		}
		w.structure(2, func() { w.structure(unit, func() {}) })
	}
}

func parseFooter(data []byte) (*footer, error) {
	f := new(footer)
	r := &thriftReader{b: data}
	r.fields(func(id, typ int) bool {
		switch {
		case id == 2 && typ == thriftList:
			r.list(func(i, _ int) { f.parseElement(r, i) })
		case id == 3:
			f.rows = r.int(typ)
		case id == 4 && typ == thriftList:
			r.list(func(int, int) { f.parseGroup(r) })
		case id == 5 && typ == thriftList:
			r.list(func(int, int) { f.parsePair(r) })
		default:
			return false
		}
		return true
	})
	return f, r.err
}

func (f *footer) parseElement(r *thriftReader, i int) {
	e := schemaElement{layout: layout{converted: -1, physical: -1}}
	repetition := 0
	r.fields(func(id, typ int) bool {
		switch id {
		case 1:
			e.physical = r.i32(typ)
		case 2:
			e.width = r.i32(typ)
		case 3:
			repetition = r.i32(typ)
		case 4:
			e.name = r.text(typ)
		case 10:
			r.fields(func(id, _ int) bool {
				e.logical = id
				e.parseLogical(r)
				return true
			})
		default:
			return false
		}
		return true
	})
	if i == 0 {
		return // the root
	}
	if repetition > 1 || e.physical < 0 {
		r.fail("column %q is not a plain column", e.name)
	}
	e.optional = repetition == 1
	f.columns = append(f.columns, e)
}

func (e *schemaElement) parseLogical(r *thriftReader) {
	r.fields(func(id, typ int) bool {
		switch {
		case e.logical == logicalDecimal && id == 1:
			e.scale = r.i32(typ)
		case e.logical == logicalDecimal && id == 2:
			e.precision = r.i32(typ)
		case id == 2 && typ == thriftStruct:
			r.fields(func(unit, _ int) bool { e.nanos = unit == 3; return false })
		case id == 1 && typ == thriftTrue:
			r.fail("column %q is adjusted to UTC", e.name)
		default:
			return false
		}
		return true
	})
}

func (f *footer) parseGroup(r *thriftReader) {
	var g group
	r.fields(func(id, typ int) bool {
		switch {
		case id == 1 && typ == thriftList:
			r.list(func(int, int) { g.parseChunk(r) })
		case id == 3:
			g.rows = r.int(typ)
		default:
			return false
		}
		return true
	})
	if len(g.chunks) != len(f.columns) {
		r.fail("a row group of %d columns where the schema has %d", len(g.chunks), len(f.columns))
	}
	f.groups = append(f.groups, g)
}

func (g *group) parseChunk(r *thriftReader) {
	c := chunk{offset: -1}
	r.fields(func(id, typ int) bool {
		if id != 3 || typ != thriftStruct {
			return false
		}
		r.fields(func(id, typ int) bool {
			switch id {
			case 4:
				c.codec = r.i32(typ)
			case 5:
				c.values = r.int(typ)
			case 7:
				c.length = r.int(typ)
			case 9:
				c.offset = r.int(typ)
			default:
				return false
			}
			return true
		})
		return true
	})
	g.chunks = append(g.chunks, c)
}

func (f *footer) parsePair(r *thriftReader) {
	var key, value string
	r.fields(func(id, typ int) bool {
		switch id {
		case 1:
			key = r.text(typ)
		case 2:
			value = r.text(typ)
		default:
			return false
		}
		return true
	})
	if key == MetadataKey {
		f.table, f.hasTable = value, true
	}
}

// check holds the footer against the table that it says it has and against the file's length up to the footer.
func (f *footer) check(t *Table, end int64) error {
	want := elements(t)
	if len(f.columns) != len(want) {
		return corrupt("%d columns where the table has %d", len(f.columns), len(want))
	}
	minRow := int64(0)
	for i, e := range f.columns {
		// The file says what the JSON cannot: whether nanoseconds were needed.
		want[i].nanos = want[i].nanos || e.nanos && (e.logical == logicalTime || e.logical == logicalTimestamp)
		// These follow from the type, and other words for them would do no harm.
		e.kind, e.encoding, e.converted = want[i].kind, want[i].encoding, want[i].converted
		if e != want[i] {
			return corrupt("column %q does not have the type that the table declares", e.name)
		}
		minRow += 4
		if e.kind != Bytes {
			minRow += 4
		}
	}
	rows, at := int64(0), int64(len(magic))
	for i, g := range f.groups {
		if g.rows < 1 || g.rows > GroupRows || (g.rows-1)*minRow >= GroupSize {
			return corrupt("row group %d of %d rows", i, g.rows)
		}
		for _, c := range g.chunks {
			if c.offset != at || c.length < 1 || c.length > math.MaxInt32 {
				return corrupt("row group %d with a page of %d bytes at %d", i, c.length, c.offset)
			}
			if c.codec != zstdCodec || c.values != g.rows { // other readers of Parquet go by that
				return corrupt("row group %d of %d rows with %d values in codec %d", i, g.rows, c.values, c.codec)
			}
			at += c.length
		}
		rows += g.rows
	}
	if at != end || rows != f.rows {
		return corrupt("%d rows up to byte %d, the footer says %d rows up to byte %d", rows, at, f.rows, end)
	}
	return nil
}
