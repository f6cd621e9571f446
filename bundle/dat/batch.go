package dat

import "slices"

// Batch is some rows of a table, column by column. The columns are those of [Table.Stored], in order. A batch is not
// safe for concurrent use.
type Batch struct {
	Rows    int
	Columns []Vector
}

// Vector is the values of one column, one for each row of the batch. A NULL has an entry too, zero or empty.
type Vector struct {
	Kind  Kind
	Null  []bool    // nil if there is no NULL
	Int   []int64   // Kind Int
	Float []float64 // Kind Float
	Data  []byte    // Kind Bytes: all values end to end
	Ends  []int     // Kind Bytes: where each value ends in Data
}

// NewBatch returns an empty batch for rows of the table.
func NewBatch(t *Table) *Batch {
	stored := t.Stored()
	b := &Batch{Columns: make([]Vector, len(stored))}
	for i := range stored {
		b.Columns[i].Kind = stored[i].Kind()
	}
	return b
}

// Reset makes the batch empty and keeps its memory.
func (b *Batch) Reset() {
	b.Rows = 0
	for i := range b.Columns {
		b.Columns[i].Reset()
	}
}

// Size is the size of the rows from i up to j, as the limits of the format count it: 8 bytes for each number, the
// length and 4 bytes for each text or binary, NULL like an empty value.
func (b *Batch) Size(i, j int) int {
	n := 0
	for k := range b.Columns {
		v := &b.Columns[k]
		if v.Kind == Bytes {
			n += 4*(j-i) + v.start(j) - v.start(i)
		} else {
			n += 8 * (j - i)
		}
	}
	return n
}

// Append adds the rows from i up to j of another batch of the same table.
func (b *Batch) Append(from *Batch, i, j int) {
	for k := range b.Columns {
		b.Columns[k].append(&from.Columns[k], i, j)
	}
	b.Rows += j - i
}

// Pick makes the batch the given rows of another one, in that order.
func (b *Batch) Pick(from *Batch, rows []int) {
	b.Reset()
	for _, i := range rows {
		b.Append(from, i, i+1)
	}
}

// Len is the number of values, NULLs included.
func (v *Vector) Len() int {
	switch v.Kind {
	case Int:
		return len(v.Int)
	case Float:
		return len(v.Float)
	}
	return len(v.Ends)
}

// IsNull tells whether value i is NULL.
func (v *Vector) IsNull(i int) bool { return v.Null != nil && v.Null[i] }

// Bytes returns value i of a vector of kind Bytes. It shares the vector's memory.
func (v *Vector) Bytes(i int) []byte { return v.Data[v.start(i):v.Ends[i]] }

func (v *Vector) start(i int) int {
	if i == 0 {
		return 0
	}
	return v.Ends[i-1]
}

// AppendInt adds a value to a vector of kind Int.
func (v *Vector) AppendInt(x int64) {
	v.Int = append(v.Int, x)
	if v.Null != nil {
		v.Null = append(v.Null, false)
	}
}

// AppendFloat adds a value to a vector of kind Float.
func (v *Vector) AppendFloat(x float64) {
	v.Float = append(v.Float, x)
	if v.Null != nil {
		v.Null = append(v.Null, false)
	}
}

// AppendBytes adds a copy of a value to a vector of kind Bytes.
func (v *Vector) AppendBytes(x []byte) {
	v.Data = append(v.Data, x...)
	v.Ends = append(v.Ends, len(v.Data))
	if v.Null != nil {
		v.Null = append(v.Null, false)
	}
}

// AppendNull adds a NULL.
func (v *Vector) AppendNull() {
	if v.Null == nil {
		v.Null = make([]bool, v.Len(), v.Len()+64)
	}
	switch v.Kind {
	case Int:
		v.Int = append(v.Int, 0)
	case Float:
		v.Float = append(v.Float, 0)
	default:
		v.Ends = append(v.Ends, len(v.Data))
	}
	v.Null = append(v.Null, true)
}

// Reset makes the vector empty and keeps its memory.
func (v *Vector) Reset() {
	v.Null, v.Int, v.Float, v.Data, v.Ends = nil, v.Int[:0], v.Float[:0], v.Data[:0], v.Ends[:0]
}

// Truncate drops the values from i on.
func (v *Vector) Truncate(i int) {
	switch v.Kind {
	case Int:
		v.Int = v.Int[:i]
	case Float:
		v.Float = v.Float[:i]
	default:
		v.Data, v.Ends = v.Data[:v.start(i)], v.Ends[:i]
	}
	if v.Null != nil {
		v.Null = v.Null[:i]
	}
}

func (v *Vector) append(from *Vector, i, j int) {
	switch {
	case v.Null == nil && from.Null != nil && slices.Contains(from.Null[i:j], true):
		v.Null = make([]bool, v.Len(), v.Len()+j-i)
		fallthrough
	case v.Null != nil && from.Null != nil:
		v.Null = append(v.Null, from.Null[i:j]...)
	case v.Null != nil:
		v.Null = append(v.Null, make([]bool, j-i)...)
	}
	switch v.Kind {
	case Int:
		v.Int = append(v.Int, from.Int[i:j]...)
	case Float:
		v.Float = append(v.Float, from.Float[i:j]...)
	default:
		shift := len(v.Data) - from.start(i)
		v.Data = append(v.Data, from.Data[from.start(i):from.start(j)]...)
		for _, end := range from.Ends[i:j] {
			v.Ends = append(v.Ends, end+shift)
		}
	}
}

// nulls is the number of NULLs.
func (v *Vector) nulls() int {
	n := 0
	for _, null := range v.Null {
		if null {
			n++
		}
	}
	return n
}
