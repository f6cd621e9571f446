package wire

import "fmt"

// Metadata is the body of the reply to PP, and of the first reply to DQ.
type Metadata struct {
	Columns    []Column // nil if the statement is no query
	Params     []Param
	Cacheable  bool // the statement may be executed again by its id
	FastSelect bool // rows are in the layout of [Metadata.Slots]; only if it was granted
	RowItems   int  // items of such a row
}

// A FeatureError says that a server uses a layout that is not known well enough to be read: the two clients disagree
// about fast insert. It cannot happen if the feature was not asked for.
type FeatureError struct {
	Feature int // as in the prefix: 2 is fast insert
}

func (e *FeatureError) Error() string {
	return fmt.Sprintf("unsupported statement feature %d", e.Feature)
}

// Append appends the body. The features are those granted by [ConnectReply]: with fast select or fast insert among
// them, a prefix says which one this statement uses.
func (m Metadata) Append(dst []byte, c *Charset, features int) ([]byte, error) {
	e := encoder{dst: dst, message: "metadata", charset: c}
	if features&(FeatureFastSelect|FeatureFastInsert) != 0 {
		e.bool(m.FastSelect)
		if m.FastSelect {
			e.int(m.RowItems)
		}
	} else if m.FastSelect {
		return dst, &FeatureError{FeatureFastSelect}
	}
	if len(m.Columns) > 0 {
		e.columns(m.Columns, m.FastSelect)
	}
	e.params(m.Params, m.Cacheable)
	return e.done(len(dst))
}

// ParseMetadata reads the body of a reply to PP, or of the first reply to DQ.
func ParseMetadata(body []byte, c *Charset, features int) (Metadata, error) {
	d := decode("metadata", body, c)
	var m Metadata
	if features&(FeatureFastSelect|FeatureFastInsert) != 0 {
		m.FastSelect, m.RowItems = d.prefix()
	}
	if d.err == nil && !d.onlyParams() {
		m.Columns = d.columns(m.FastSelect)
	}
	m.Params, m.Cacheable = d.params()
	return m, d.end()
}

// prefix reads the feature that a statement uses.
func (d *decoder) prefix() (fastSelect bool, rowItems int) {
	switch f := d.int("feature"); f {
	case 0:
		return false, 0
	case FeatureFastSelect:
		return true, d.int("row items")
	default:
		d.fail("feature", &FeatureError{f})
		return false, 0
	}
}

// onlyParams says whether the rest is a parameter block without columns before it. Nothing else tells the two apart;
// but the first number n fixes how many items there are: 4n+2 without columns, at least 10n+3 with them.
func (d *decoder) onlyParams() bool {
	r := d.Reader
	n, err := r.Int()
	if err != nil || n < 0 || n > int64(len(r.Rest())) {
		return false
	}
	left := paramItems*n + 1
	for ; left >= 0; left-- {
		if _, err := r.Next(); err != nil {
			break
		}
	}
	return left == 0 && !r.More()
}

// UpdateReply is the body of the reply to DU.
type UpdateReply struct {
	Params    []Param
	Cacheable bool
	Counts    []int64 // rows affected by each set of values
}

// Append appends the body. The features are those granted by [ConnectReply].
func (m UpdateReply) Append(dst []byte, c *Charset, features int) ([]byte, error) {
	e := encoder{dst: dst, message: "DU reply", charset: c}
	if features&FeatureFastInsert != 0 {
		e.int(0)
	}
	e.params(m.Params, m.Cacheable)
	e.dst = AppendCounts(e.dst, m.Counts)
	return e.done(len(dst))
}

// ParseUpdateReply reads the body of the reply to DU for a number of sets of values. Anything but one count for each is
// a [CountError].
func ParseUpdateReply(body []byte, c *Charset, features, sets int) (UpdateReply, error) {
	d := decode("DU reply", body, c)
	if features&FeatureFastInsert != 0 {
		if fast, _ := d.prefix(); fast {
			d.fail("feature", &FeatureError{FeatureFastSelect})
		}
	}
	var m UpdateReply
	m.Params, m.Cacheable = d.params()
	m.Counts = d.counts(sets)
	return m, d.err
}
