package engine

import (
	"fmt"
	"slices"
	"strings"
)

// change is a statement that changes rows. What it does to rows it does one by one, as IRIS does, so that each is
// checked before the next.
type change struct {
	session  *Session
	keywords keywords
	mark     int // of undo, where the statement began
	depth    int // of cascades
}

// maxCascade bounds foreign keys that delete or change rows that others refer to.
const maxCascade = 100

// changing runs a statement that changes rows: all of it or nothing, except in mode NONE.
func (s *Session) changing(k keywords, fn func(x *change) error) error {
	for w := range k {
		if w != "%NOFPLAN" && w != "%PROFILE" && w != "%PROFILE_ALL" {
			s.needAdmin(w)
		}
	}
	x := &change{session: s, keywords: k}
	if s.tx == nil && s.mode == modeExplicit {
		s.begin(false)
	}
	if s.tx != nil {
		x.mark = len(s.tx.undo)
	}
	if s.mode == modeNone && s.tx == nil {
		return fn(x)
	}
	if err := s.sys.exec("SAVEPOINT statement"); err != nil {
		return err
	}
	err := guarded(x, fn)
	if err != nil {
		if undo := s.sys.exec("ROLLBACK TO statement"); undo != nil {
			err = fail(-400, "<ROLLFAIL> %v", undo)
		}
		if s.tx != nil {
			s.tx.undo = s.tx.undo[:x.mark]
		}
	}
	if end := s.sys.exec("RELEASE statement"); end != nil && err == nil {
		err = end
	}
	return err
}

func guarded(x *change, fn func(x *change) error) (err error) {
	defer catch(&err)
	return fn(x)
}

func (x *change) has(word string) bool { return x.keywords[word] }

func (x *change) record(u undo) {
	if !x.has("%NOJOURN") {
		x.session.record(u)
	}
}

// lock locks a row and the values of its unique keys, unless %NOLOCK says not to.
func (x *change) lock(t *table, rid int64, values []any) error {
	if x.has("%NOLOCK") {
		return nil
	}
	l := x.session.sys.locks[t]
	if x.session.tx == nil && l == nil || l != nil && (l.exclusive[x.session] > 0 || l.escalated == x.session) && len(l.shared) == 0 {
		return nil
	}
	keys := []string{rowKey(rid)}
	for i, k := range t.keys {
		if v, ok := k.text(t, values); ok {
			keys = append(keys, fmt.Sprintf("u%d/%s", i, v))
		}
	}
	return x.session.lockForChange(t, keys...)
}

// text is the value of a key as it is compared, and whether it is complete.
func (k *key) text(t *table, values []any) (string, bool) {
	var parts []string
	for _, c := range k.columns {
		v := values[slices.Index(t.columns, c)]
		if v == nil {
			return "", false
		}
		s := text(v)
		if collate(columnTyp(t, c)) == " COLLATE SQLUPPER" {
			s = upper(strings.TrimRight(s, " "))
		}
		parts = append(parts, fmt.Sprintf("%d:%s", len(s), s))
	}
	return strings.Join(parts, ","), true
}

// where is the condition that finds rows with these values in columns.
func where(t *table, columns []*column) string {
	var parts []string
	for _, c := range columns {
		parts = append(parts, c.sqlite()+" = ?"+collate(columnTyp(t, c)))
	}
	return strings.Join(parts, " AND ")
}

// unique finds another row that has the value of a key.
func (x *change) unique(t *table, rid int64, values []any, code int) error {
	if x.has("%NOCHECK") {
		return nil
	}
	for _, k := range t.keys {
		args := []any{}
		for _, c := range k.columns {
			v := values[slices.Index(t.columns, c)]
			if c.identity {
				v = rid
			}
			if v == nil {
				args = nil
				break
			}
			args = append(args, v)
		}
		if args == nil {
			continue
		}
		found, err := x.session.sys.rows(fmt.Sprintf("SELECT rid FROM %s WHERE %s AND rid <> ? LIMIT 1", t.sqlite(), where(t, k.columns)), append(args, rid)...)
		if err != nil {
			return err
		}
		if found != nil {
			return fail(code, "Table '%s', Constraint '%s', Field(s) %s; failed unique check", t.shown(), clean(k.name), k.shown(args))
		}
	}
	return nil
}

// shown lists the values of a key as messages do: a="x",b=5.
func (k *key) shown(values []any) string {
	var parts []string
	for i, c := range k.columns {
		v := text(values[i])
		switch values[i].(type) {
		case int64, float64:
		default:
			if v = `"` + clean(shorten(v)) + `"`; v == `""` {
				v = "$c(0)"
			}
		}
		parts = append(parts, clean(c.name)+"="+v)
	}
	return strings.Join(parts, ",")
}

// shorten keeps messages readable.
func shorten(s string) string {
	if utf16Length(s) > 200 {
		return substring(s, 1, 200) + "..."
	}
	return s
}

// invalid is a value that fails validation.
func invalid(code int, t *table, c *column, v any) error {
	if st, ok := v.(Stream); ok {
		v = st.Handle
	}
	return fail(code, "Field '%s.%s' (value '%s') failed validation", t.shown(), clean(c.name), clean(shorten(text(v))))
}

// hold makes of a value of an expression what a column holds.
func (x *change) hold(t *table, c *column, v any, k kind, code int) (any, error) {
	if v == nil {
		return nil, nil
	}
	dt := c.dataType
	if x.has("%NOCHECK") {
		dt.length, dt.limits = -1, false
		if dt.kind == kDate {
			dt.limits, dt.min, dt.max = true, firstDay, maxDay
		}
	}
	switch c.kind {
	case kCharStream, kBinStream:
		return x.holdStream(t, c, v, code)
	case kVector:
		if k != kVector {
			return nil, invalid(code, t, c, v)
		}
		held, err := dt.storeVector(v)
		if err != nil {
			return nil, invalid(code, t, c, v)
		}
		return held, nil
	}
	if k == kDate || k == kTime || k == kPosix || k == kStamp {
		if k != c.kind {
			v = external(k, v)
		}
	}
	if k == kCharStream || k == kBinStream {
		st := x.session.sys.streams[text(v)]
		if st == nil {
			return nil, invalid(code, t, c, v)
		}
		if v = any(string(st.data)); st.binary {
			v = st.data
		}
	}
	held, err := dt.store(v)
	if err != nil {
		return nil, invalid(code, t, c, v)
	}
	return held, nil
}

// holdStream makes a stream of a value; a handle that the server gave out stands for its stream, which is copied.
func (x *change) holdStream(t *table, c *column, v any, code int) (any, error) {
	sys := x.session.sys
	binary := c.kind == kBinStream
	if s, ok := v.(string); ok {
		if st := sys.streams[s]; st != nil && strings.Contains(s, "@%Stream.") {
			if st.binary != binary {
				return nil, invalid(code, t, c, v)
			}
			return sys.newStream(binary, slices.Clip(st.data)).Handle, nil
		}
	}
	if !binary {
		s, ok := textOf(v)
		if !ok {
			return nil, invalid(code, t, c, v)
		}
		return sys.newStream(false, []byte(s)).Handle, nil
	}
	b, ok := bytesOf(v)
	if !ok {
		return nil, invalid(code, t, c, v)
	}
	return sys.newStream(true, slices.Clone(b)).Handle, nil
}
