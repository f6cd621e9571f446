package wire

import (
	"errors"
	"io"
	"math/rand/v2"
	"testing"
)

func TestEveryLengthFormOfEveryTypeIsReadBack(t *testing.T) {
	types := []Type{Placeholder, String8, String16, Positive, Negative, Decimal, NegativeDecimal, Double, CompactDouble, Object8, Object16}
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, size := range []int{0, 1, 2, 8, 9, 252, 253, 254, 255, 256, 65533, 65534, 65535, 65536, 100_000} {
		data := make([]byte, size)
		for i := range data {
			data[i] = byte(rnd.Uint32())
		}
		for _, typ := range types {
			for _, form := range []Form{Short, Medium, Long} {
				for _, ref := range []bool{false, true} {
					if typ == Placeholder && size > 0 {
						continue
					}
					want := Item{typ, ref, data}
					body := AppendItemForm([]byte("head"), want, form)
					got := one(t, body[4:])
					if got.Type != typ || got.ByRef != ref {
						t.Fatalf("%v %v: read %v %v", typ, ref, got.Type, got.ByRef)
					}
					same(t, typ.String(), got.Data, data)
				}
			}
		}
	}
}

func TestFormsAreWrittenAsAsked(t *testing.T) {
	it := Item{Type: String8, Data: []byte("x")}
	for form, want := range map[Form]string{Short: "03 01 78", Medium: "00 02 00 01 78", Long: "00 00 00 02 00 00 00 01 78"} {
		same(t, "form", AppendItemForm(nil, it, form), unhex(t, want))
	}
	same(t, "no payload", AppendItemForm(nil, Item{Type: Positive}, Medium), unhex(t, "00 01 00 04"))
	same(t, "by reference", AppendItem(nil, Item{Type: Positive, ByRef: true, Data: []byte{7}}), unhex(t, "03 24 07"))
}

func TestAnItemNeverReachesBeyondTheBody(t *testing.T) {
	for _, c := range []struct{ body, want string }{
		{"02", "1 bytes announced at offset 0, 0 remain"},
		{"ff 01 61", "254 bytes announced at offset 0, 2 remain"},
		{"00", "3 bytes announced at offset 0, 1 remain"},
		{"00 05", "3 bytes announced at offset 0, 2 remain"},
		{"00 00", "3 bytes announced at offset 0, 2 remain"},
		{"00 00 00", "7 bytes announced at offset 0, 3 remain"},
		{"00 00 00 ff ff ff", "7 bytes announced at offset 0, 6 remain"},
		{"00 00 00 ff ff ff ff 01", "4294967295 bytes announced at offset 0, 1 remain"},
		{"00 00 00 00 00 00 00", "item at offset 0 announces a length of 0"},
		{"00 00 01 01", "256 bytes announced at offset 0, 1 remain"},
	} {
		r := NewReader(unhex(t, c.body))
		_, err := r.Next()
		var length *LengthError
		if !errors.As(err, &length) || err.Error() != c.want {
			t.Errorf("%s: %v", c.body, err)
		}
		if _, again := r.Next(); again == nil || again.Error() != c.want {
			t.Errorf("%s: the position moved: %v", c.body, again)
		}
	}
}

func TestUnknownTypesAreNamed(t *testing.T) {
	for typ, want := range map[byte]string{
		3: "unknown item type 3", 10: "unknown item type 10", 13: "unsupported item type 13 (compressed string)",
		16: "unsupported item type 16 (vector)", 24: "unknown item type 24", 27: "unknown item type 27",
		35: "unknown item type 3", 48: "unsupported item type 16 (vector)", 64: "unknown item type 64", 0xFF: "unknown item type 255",
	} {
		_, err := NewReader([]byte{3, typ, 0}).Next()
		var unknown *TypeError
		if !errors.As(err, &unknown) || err.Error() != want {
			t.Errorf("%d: %v", typ, err)
		}
	}
}

func TestRowsEndOnlyBetweenRows(t *testing.T) {
	body := AppendNull(AppendInt(AppendNull(AppendInt(nil, 1)), 2))
	r, row := NewReader(body), make([]Item, 2)
	for want := int64(1); want <= 2; want++ {
		if err := r.Row(row); err != nil {
			t.Fatal(err)
		}
		if v, err := row[0].Int(); v != want || err != nil || !row[1].Null() {
			t.Error(v, err, row[1])
		}
	}
	if err := r.Row(row); err != io.EOF {
		t.Error(err)
	}
	if err := NewReader(body[:3]).Row(row); err != io.ErrUnexpectedEOF {
		t.Error("half a row:", err)
	}
}

func TestReaderConveniences(t *testing.T) {
	body := append(AppendBytes(AppendInt(nil, -7), []byte("1234")), 0xAB, 0xCD, 0xEF)
	r := NewReader(body)
	if v, err := r.Int(); v != -7 || err != nil {
		t.Error(v, err)
	}
	if v, err := r.Int(); v != 1234 || err != nil {
		t.Error("integer in digits:", v, err)
	}
	if _, err := r.Raw(4); err == nil || err.Error() != "4 bytes announced at offset 9, 3 remain" {
		t.Error(err)
	}
	if b, err := r.Raw(2); string(b) != "\xAB\xCD" || err != nil {
		t.Error(b, err)
	}
	same(t, "rest", r.Rest(), []byte{0xEF})
	r = NewReader(nil)
	if _, err := r.Int(); err != io.ErrUnexpectedEOF {
		t.Error(err)
	}
	if _, err := r.Text(Unicode); err != io.ErrUnexpectedEOF {
		t.Error(err)
	}
	if _, err := r.Raw(-1); err == nil {
		t.Error("a negative number of bytes")
	}
	for _, bad := range []string{"02 01", "04 01 31 78", "04 06 ff 01", "0a 08 00 00 00 00 00 00 00 00"} {
		if v, err := NewReader(unhex(t, bad)).Int(); err == nil {
			t.Errorf("%s is %d", bad, v)
		}
	}
}
