package wire

import (
	"errors"
	"fmt"
)

// ErrOneNUL refuses the character or binary value of exactly one NUL: in IRIS SQL it is the empty value, so the two
// cannot be told apart (vendor documentation, Using InterSystems SQL, "NULL and the Empty String").
var ErrOneNUL = errors.New("a value of one NUL is the empty value in IRIS")

// A TypeError says that an item has a type that cannot be read at all (Want is empty), or not as what was wanted.
type TypeError struct {
	Type Type
	Want string
}

func (e *TypeError) Error() string {
	if e.Want != "" {
		return fmt.Sprintf("item is a %v, not %s", e.Type, e.Want)
	}
	if e.Type == Undefined || typeNames[e.Type] == "" {
		return fmt.Sprintf("unknown item type %d", uint8(e.Type))
	}
	return fmt.Sprintf("unsupported item type %d (%v)", uint8(e.Type), e.Type)
}

// A LengthError says that something at Offset of a body announces more bytes than remain, or, for Want 0, that it
// announces a length that cannot be.
type LengthError struct {
	Offset int
	Want   uint64
	Have   int
}

func (e *LengthError) Error() string {
	if e.Want == 0 {
		return fmt.Sprintf("item at offset %d announces a length of 0", e.Offset)
	}
	return fmt.Sprintf("%d bytes announced at offset %d, %d remain", e.Want, e.Offset, e.Have)
}

// A PayloadError says that a payload has a length that its type cannot have.
type PayloadError struct {
	Type   Type
	Length int
}

func (e *PayloadError) Error() string {
	return fmt.Sprintf("%v with a payload of %d bytes", e.Type, e.Length)
}

// A RangeError says that a number does not fit what was wanted. It is never rounded instead.
type RangeError struct {
	Value string
	Want  string
}

func (e *RangeError) Error() string { return fmt.Sprintf("%s does not fit %s", e.Value, e.Want) }

// A SurrogateError says that a 16-bit string holds half of a surrogate pair. Such a string is no Unicode text.
type SurrogateError struct {
	Offset int // in 16-bit units
	Unit   uint16
}

func (e *SurrogateError) Error() string {
	return fmt.Sprintf("lone surrogate %04X at unit %d", e.Unit, e.Offset)
}

// An EncodingError says that a Go string is not valid UTF-8.
type EncodingError struct {
	Offset int // in bytes
}

func (e *EncodingError) Error() string { return fmt.Sprintf("invalid UTF-8 at byte %d", e.Offset) }

// A CharsetError says that a code page has no code for Rune, or, when reading, no character for Byte (Rune is then
// negative).
type CharsetError struct {
	Charset string
	Rune    rune
	Byte    byte
}

func (e *CharsetError) Error() string {
	if e.Rune < 0 {
		return fmt.Sprintf("byte %02X is no character in %s", e.Byte, e.Charset)
	}
	return fmt.Sprintf("character %U does not exist in %s", e.Rune, e.Charset)
}

// A LocaleError says that a server without Unicode named a locale whose code page is unknown here.
type LocaleError struct {
	Locale string
}

func (e *LocaleError) Error() string { return fmt.Sprintf("unknown 8-bit locale %q", e.Locale) }

// A TooLongError says that a value has more 16-bit units, or bytes, than an IRIS string can hold ([MaxString]).
type TooLongError struct {
	Length int
}

func (e *TooLongError) Error() string {
	return fmt.Sprintf("value of length %d exceeds the longest string, %d", e.Length, MaxString)
}
