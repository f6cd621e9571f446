package bundle

import (
	"bytes"
	"encoding/json"
	"strconv"

	"github.com/irisfix/irisfix/internal/strictjson"
)

// Encode returns the manifest.json: UTF-8, keys in the order of the format, two blanks of indent, one final newline.
// Values that are free, of features, queries and unknown keys, keep their spelling.
func (m *Manifest) Encode() []byte {
	var o object
	o.text("fixture_id", m.FixtureID)
	o.text("version", m.Version)
	o.text("schema_version", m.SchemaVersion)
	o.text("description", m.Description)
	o.text("created_at", m.CreatedAt)
	o.text("iris_version", m.IRISVersion)
	if m.Namespace != "" {
		o.text("namespace", m.Namespace)
	}
	o.list("tables", len(m.Tables), func(i int) []byte { return m.Tables[i].encode() })
	if m.Kind() == Database {
		o.text("dat_file", m.DatFile)
		o.text("checksum", m.Checksum.String())
	}
	if m.Features != nil {
		o.raw("features", m.Features)
	}
	if m.KnownQueries != nil {
		o.list("known_queries", len(m.KnownQueries), func(i int) []byte { return m.KnownQueries[i].encode() })
	}
	o.members(m.extra)
	var out bytes.Buffer
	if err := json.Indent(&out, o.close(), "", "  "); err != nil {
		panic(err) // every part was encoded here or checked on reading
	}
	out.WriteByte('\n')
	return out.Bytes()
}

func (t *TableEntry) encode() []byte {
	var o object
	o.text("name", t.Name)
	o.raw("row_count", strconv.AppendInt(nil, t.RowCount, 10))
	if t.File != "" {
		o.text("file", t.File)
		o.text("checksum", t.Checksum.String())
	}
	o.members(t.extra)
	return o.close()
}

func (q *KnownQuery) encode() []byte {
	if q.raw != nil {
		return q.raw
	}
	var o object
	o.text("name", q.Name)
	o.text("sql", q.SQL)
	if q.ExpectRows != nil {
		o.raw("expect_rows", strconv.AppendInt(nil, *q.ExpectRows, 10))
	}
	if q.ExpectValue != nil {
		o.raw("expect_value", q.ExpectValue)
	}
	return o.close()
}

// object is a JSON object in the making.
type object struct{ b bytes.Buffer }

func (o *object) raw(key string, value []byte) {
	if o.b.Len() == 0 {
		o.b.WriteByte('{')
	} else {
		o.b.WriteByte(',')
	}
	o.b.WriteString(quote(key))
	o.b.WriteByte(':')
	o.b.Write(value)
}

func (o *object) text(key, value string) { o.raw(key, []byte(quote(value))) }

func (o *object) list(key string, n int, item func(int) []byte) {
	items := make([][]byte, n)
	for i := range items {
		items[i] = item(i)
	}
	o.raw(key, append(append([]byte{'['}, bytes.Join(items, []byte{','})...), ']'))
}

func (o *object) members(list []strictjson.Member) {
	for _, m := range list {
		o.raw(m.Key, m.Value)
	}
}

func (o *object) close() []byte {
	if o.b.Len() == 0 {
		o.b.WriteByte('{')
	}
	o.b.WriteByte('}')
	return o.b.Bytes()
}

// quote returns s as JSON text without the HTML escapes that encoding/json adds.
func quote(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		panic(err) // a string can always be encoded
	}
	return string(bytes.TrimRight(b.Bytes(), "\n"))
}
