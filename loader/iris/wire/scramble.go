package wire

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

// Scramble gives the form in which names and passwords travel in CN. It hides nothing: only TLS does. The rule is the
// DB-API client's (go-irisnative agrees for ASCII): on a Unicode server it works on 16-bit units, on others on bytes of
// the code page.
func Scramble(s string, c *Charset) (Item, error) {
	units, err := unitsOf(s, c)
	if err != nil {
		return Item{}, err
	}
	n, wide := len(units), false
	out := make([]uint16, n)
	for i, u := range units {
		k := n - 1 - i
		low := bits.RotateLeft8((byte(u)^0xA7)+byte(k), 5)
		out[k] = u&0xFF00 | uint16(low)
		wide = wide || out[k] > 0xFF
	}
	it := Item{Type: String8}
	if wide {
		it.Type = String16
	}
	for _, u := range out {
		if wide {
			it.Data = binary.LittleEndian.AppendUint16(it.Data, u)
			continue
		}
		it.Data = append(it.Data, byte(u))
	}
	return it, nil
}

// Unscramble is the reverse of [Scramble].
func Unscramble(it Item, c *Charset) (string, error) {
	scrambled, err := itemUnits(it)
	if err != nil {
		return "", err
	}
	n := len(scrambled)
	plain, wide := make([]byte, 0, 2*n), false
	for i := range n {
		k := n - 1 - i
		u := scrambled[k]
		low := (bits.RotateLeft8(byte(u), -5) - byte(k)) ^ 0xA7
		wide = wide || u > 0xFF
		plain = append(plain, low, byte(u>>8))
	}
	if wide {
		return Item{Type: String16, Data: plain}.Text(c)
	}
	for i := range n {
		plain[i] = plain[2*i]
	}
	return Item{Type: String8, Data: plain[:n]}.Text(c)
}

// unitsOf gives the code units of s on a server.
func unitsOf(s string, c *Charset) ([]uint16, error) {
	if c.page == nil {
		if !utf8.ValidString(s) {
			_, err := measure(s)
			return nil, err
		}
		return utf16.Encode([]rune(s)), nil
	}
	b, err := c.page.encode(nil, s)
	units := make([]uint16, len(b))
	for i := range b {
		units[i] = uint16(b[i])
	}
	return units, err
}

// itemUnits gives the code units of a string item.
func itemUnits(it Item) ([]uint16, error) {
	if it.Type != String16 {
		b, err := it.Bytes()
		units := make([]uint16, len(b))
		for i := range b {
			units[i] = uint16(b[i])
		}
		return units, err
	}
	if len(it.Data)%2 != 0 {
		return nil, &PayloadError{it.Type, len(it.Data)}
	}
	units := make([]uint16, len(it.Data)/2)
	for i := range units {
		units[i] = binary.LittleEndian.Uint16(it.Data[2*i:])
	}
	return units, nil
}
