package wire

// Item is one element of the $LIST encoding. Data shares the memory of the body that it was read from.
type Item struct {
	Type  Type
	ByRef bool // marked as passed by reference (native calls only)
	Data  []byte
}

// Null says whether the item is SQL NULL: an empty string, the undefined form, or a placeholder. The empty string of
// SQL is a payload of one NUL instead (vendor documentation, Using InterSystems SQL, "NULL and the Empty String").
func (it Item) Null() bool {
	switch it.Type {
	case String8, String16:
		return len(it.Data) == 0
	}
	return it.Type == Undefined || it.Type == Placeholder
}

// Bytes gives the payload of an 8-bit string, sharing the memory of the body; nil if the item is NULL. Anything else is
// a [TypeError].
func (it Item) Bytes() ([]byte, error) {
	if it.Null() {
		return nil, nil
	}
	if it.Type != String8 {
		return nil, &TypeError{it.Type, "bytes"}
	}
	return it.Data, nil
}

// SQLBytes is [Item.Bytes] of an SQL value: a payload of exactly one NUL is the empty value. NULL is nil, the empty
// value is not.
func (it Item) SQLBytes() ([]byte, error) {
	if it.empty() {
		return it.Data[:0], nil
	}
	return it.Bytes()
}

// empty says whether the item is the empty value of SQL. Only a payload of exactly one NUL character is.
func (it Item) empty() bool {
	return it.Type == String8 && len(it.Data) == 1 && it.Data[0] == 0 ||
		it.Type == String16 && len(it.Data) == 2 && it.Data[0] == 0 && it.Data[1] == 0
}

// AppendNull appends SQL NULL, which is also the empty string of native calls.
func AppendNull(dst []byte) []byte { return append(dst, 2, byte(String8)) }

// AppendUndefined appends the undefined form: an omitted argument of a call. As an SQL value write NULL instead.
func AppendUndefined(dst []byte) []byte { return append(dst, 1) }

// AppendBytes appends b verbatim as an 8-bit string. An empty b reads as NULL.
func AppendBytes(dst, b []byte) []byte {
	return append(appendHead(dst, byte(String8), len(b)), b...)
}

// AppendSQLBytes appends b as an SQL value: the empty value is written as one NUL. A value that is one NUL already is
// refused with [ErrOneNUL], one longer than [MaxString] with a [TooLongError].
func AppendSQLBytes(dst, b []byte) ([]byte, error) {
	switch {
	case len(b) == 0:
		return append(dst, 3, byte(String8), 0), nil
	case len(b) == 1 && b[0] == 0:
		return dst, ErrOneNUL
	case len(b) > MaxString:
		return dst, &TooLongError{len(b)}
	}
	return AppendBytes(dst, b), nil
}
