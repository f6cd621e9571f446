package wire

import "strconv"

// Type is the type of an item: the byte after its length.
type Type uint8

// The types of items. Codes 10 to 12 are reserved; 13 to 15 (compressed strings) and 16 ($VECTOR) have no public
// layout and are refused by name. Everything above 26 was never seen. Source: the vendor engineers' comments below
// "Inside $LISTBUILD" (community.intersystems.com), and what the clients write.
const (
	Placeholder     Type = 0  // no value; read as NULL
	String8         Type = 1  // one byte a character; an empty payload is SQL NULL
	String16        Type = 2  // UTF-16, little endian
	Positive        Type = 4  // an integer of 0 or more
	Negative        Type = 5  // an integer below 0
	Decimal         Type = 6  // a decimal of 0 or more
	NegativeDecimal Type = 7  // a decimal below 0
	Double          Type = 8  // IEEE binary64 (8 bytes) or binary32 (0 to 4 bytes)
	CompactDouble   Type = 9  // IEEE binary64, low zero bytes removed
	Object8         Type = 25 // reference to an object, id@Class, one byte a character
	Object16        Type = 26 // the same in UTF-16, little endian
	// Undefined is no code on the wire: it stands for the one-byte form 01, which has no type and no payload.
	Undefined Type = 0xFF
)

// byRef is added to a type that is passed by reference.
const byRef = 32

var typeNames = map[Type]string{
	Placeholder: "placeholder", String8: "8-bit string", String16: "16-bit string", Positive: "positive integer",
	Negative: "negative integer", Decimal: "decimal", NegativeDecimal: "negative decimal", Double: "double",
	CompactDouble: "compact double", 13: "compressed string", 14: "compressed string", 15: "compressed string",
	16: "vector", Object8: "8-bit object reference", Object16: "16-bit object reference", Undefined: "undefined",
}

// String gives the name of the type, or its number.
func (t Type) String() string {
	if name, ok := typeNames[t]; ok {
		return name
	}
	return "type " + strconv.Itoa(int(t))
}

// known says whether items of this type can be read.
func (t Type) known() bool {
	return t <= String16 || t >= Positive && t <= CompactDouble || t == Object8 || t == Object16
}
