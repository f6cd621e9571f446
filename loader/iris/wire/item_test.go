package wire

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
)

func TestObservedItemsAreWrittenByteForByte(t *testing.T) {
	for _, v := range itemVectors(t) {
		if v.readOnly {
			continue
		}
		name := v.kind + " " + v.value
		got, err := write(t, v)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if v.kind == "fill" {
			got = bytes.TrimRight(got, "x")
		}
		same(t, name, got, v.data)
	}
}

// write encodes the value of a vector.
func write(t *testing.T, v itemVector) ([]byte, error) {
	number := func() Number { return must[Number](t)(ParseNumber(v.value)) }
	double := func() float64 { return must[float64](t)(strconv.ParseFloat(v.value, 64)) }
	if v.value == "NaN" {
		double = func() float64 { return math.Float64frombits(0x7FF8 << 48) }
	}
	switch v.kind {
	case "int":
		return AppendInt(nil, must[int64](t)(strconv.ParseInt(v.value, 10, 64))), nil
	case "decimal":
		b, ok := AppendNumber(nil, number())
		if !ok {
			t.Errorf("decimal %s refused", v.value)
		}
		return b, nil
	case "double":
		return AppendDouble(nil, double()), nil
	case "compact":
		return AppendCompactDouble(nil, double()), nil
	case "text":
		return AppendText(nil, v.value, Unicode)
	case "sqltext":
		return AppendSQLText(nil, v.value, Unicode)
	case "cp1251":
		return AppendText(nil, v.value, must[*Charset](t)(CharsetFor("CP1251", false)))
	case "bytes":
		return AppendSQLBytes(nil, must[[]byte](t)(hex.DecodeString(v.value)))
	case "null":
		return AppendNull(nil), nil
	case "undefined":
		return AppendUndefined(nil), nil
	case "fill":
		n := must[int](t)(strconv.Atoi(v.value))
		return AppendSQLText(nil, strings.Repeat("x", n), Unicode)
	case "scrambled":
		it, err := Scramble(v.value, Unicode)
		return AppendItem(nil, it), err
	}
	return nil, fmt.Errorf("unknown kind %q", v.kind)
}

func TestObservedItemsAreReadBack(t *testing.T) {
	for _, v := range itemVectors(t) {
		data := v.data
		if v.kind == "fill" {
			n, _ := strconv.Atoi(v.value)
			data = append(data, strings.Repeat("x", n)...)
			v.value = strings.Repeat("x", n)
		}
		it := one(t, data)
		same(t, "written again", AppendItem(nil, it), data)
		got, err := read(t, v, it)
		if err != nil || got != v.value {
			t.Errorf("%s %.40s: read %.40s, %v", v.kind, v.value, got, err)
		}
	}
}

// read gives the value of an item in the words of the vector.
func read(t *testing.T, v itemVector, it Item) (string, error) {
	switch v.kind {
	case "int":
		n, err := it.Int()
		return strconv.FormatInt(n, 10), err
	case "decimal":
		n, err := it.Number()
		sign := ""
		if n.Negative {
			sign = "-"
		}
		return fmt.Sprintf("%s%dE%d", sign, n.Mantissa, n.Exponent), err
	case "double", "compact":
		f, err := it.Float()
		return strconv.FormatFloat(f, 'f', -1, 64), err
	case "text", "fill":
		return it.Text(Unicode)
	case "sqltext":
		if it.Null() {
			return "NULL", nil
		}
		return it.SQLText(Unicode)
	case "cp1251":
		return it.Text(must[*Charset](t)(CharsetFor("CP1251", false)))
	case "bytes":
		b, err := it.SQLBytes()
		return hex.EncodeToString(b), err
	case "null", "undefined":
		if !it.Null() {
			return "a value", nil
		}
		return "", nil
	case "scrambled":
		return Unscramble(it, Unicode)
	}
	return "", fmt.Errorf("unknown kind %q", v.kind)
}

func TestNullAndTheEmptyValueStayApart(t *testing.T) {
	for _, c := range []struct {
		item        string
		null, empty bool
	}{
		{"02 01", true, false}, {"01", true, false}, {"02 00", true, false}, {"02 02", true, false},
		{"03 01 00", false, true}, {"04 02 00 00", false, true},
		{"04 01 00 00", false, false}, {"06 02 00 00 00 00", false, false}, {"02 04", false, false}, {"03 04 00", false, false},
	} {
		it := one(t, unhex(t, c.item))
		if it.Null() != c.null || it.empty() != c.empty {
			t.Errorf("%s: null %v, empty %v", c.item, it.Null(), it.empty())
		}
	}
	empty := one(t, unhex(t, "03 01 00"))
	if b, err := empty.SQLBytes(); b == nil || len(b) != 0 || err != nil {
		t.Errorf("empty binary value is %v, %v", b, err)
	}
	if b, err := one(t, unhex(t, "02 01")).SQLBytes(); b != nil || err != nil {
		t.Errorf("NULL is %v, %v", b, err)
	}
	if s, err := empty.Text(Unicode); s != "\x00" || err != nil {
		t.Errorf("without the SQL rule it is one NUL, not %q, %v", s, err)
	}
}

func TestOneNULIsRefusedAsAnSQLValue(t *testing.T) {
	before := []byte("before")
	if b, err := AppendSQLText(before, "\x00", Unicode); err != ErrOneNUL || string(b) != "before" {
		t.Error("text:", err)
	}
	if b, err := AppendSQLBytes(before, []byte{0}); err != ErrOneNUL || string(b) != "before" {
		t.Error("bytes:", err)
	}
}

func TestValuesAboveTheLongestStringAreRefused(t *testing.T) {
	fits := strings.Repeat("x", MaxString)
	wide := strings.Repeat("\U0001F4BB", MaxString/2) // two units each: exactly as long
	for _, s := range []string{fits, wide} {
		if _, err := AppendSQLText(nil, s, Unicode); err != nil {
			t.Error(err)
		}
	}
	for _, s := range []string{fits + "x", wide + "€"} {
		_, err := AppendSQLText(nil, s, Unicode)
		if err == nil || err.Error() != "value of length 3641145 exceeds the longest string, 3641144" {
			t.Error(err)
		}
	}
	if _, err := AppendSQLBytes(nil, []byte(fits)); err != nil {
		t.Error(err)
	}
	if _, err := AppendSQLBytes(nil, []byte(fits+"x")); err == nil {
		t.Error("bytes above the limit were taken")
	}
}
