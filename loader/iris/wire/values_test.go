package wire

import (
	"bytes"
	"errors"
	"testing"
)

func TestABatchIsEncodedAsObserved(t *testing.T) {
	v := NewValues(2, Unicode)
	for _, row := range []struct {
		s string
		n int64
	}{{"a", 1}, {"é", -1}, {"тест\U0001F4BB", 300}} {
		if err := v.SQLText(row.s); err != nil {
			t.Fatal(err)
		}
		v.Int(row.n)
	}
	body := must[[]byte](t)(PreparedUpdate{Values: v}.Append(nil, Unicode))
	same(t, "PU request", body, messageVectors(t)["pu-request"].body)
	if v.Sets() != 3 || v.Size() != 29 {
		t.Error(v.Sets(), v.Size())
	}
}

func TestNoParametersAreOneSetOfNone(t *testing.T) {
	for _, v := range []*Values{nil, NewValues(0, Unicode)} {
		body := must[[]byte](t)(Update{SQL: "create table Z (a int)", Values: v}.Append(nil, Unicode))
		same(t, "DU request", body, messageVectors(t)["du-request"].body)
		if v.Sets() != 1 || v.PerSet() != 0 || v.Reader().More() || v.Size() != 0 {
			t.Error(v)
		}
	}
}

func TestSetsThatAreNotFullAreRefused(t *testing.T) {
	v := NewValues(3, Unicode)
	for n := range 7 {
		_, err := Execute{Values: v}.Append(nil, Unicode)
		var count *CountError
		if full := n > 0 && n%3 == 0; full != (err == nil) || !full && !errors.As(err, &count) {
			t.Errorf("%d values: %v", n, err)
		}
		v.Null()
	}
}

func TestARefusedValueLeavesTheSetAsItWas(t *testing.T) {
	v := NewValues(1, Unicode)
	if v.SQLText("\x00") != ErrOneNUL || v.SQLBytes([]byte{0}) != ErrOneNUL || v.SQLText("\xff") == nil {
		t.Error("taken")
	}
	if v.Size() != 0 || v.Sets() != 0 {
		t.Error(v.Size(), v.Sets())
	}
}

func TestNumbersThatFitNoItemAreSentAsText(t *testing.T) {
	v := NewValues(1, Unicode)
	v.Number(Number{false, 1 << 63, 0})
	v.Number(Number{true, 1<<63 + 1, -2})
	v.Number(Number{true, 1, -2})
	r := v.Reader()
	for _, want := range []string{"9223372036854775808", "-92233720368547758.09"} {
		if s, err := r.Text(Unicode); s != want || err != nil {
			t.Error(s, err)
		}
	}
	same(t, "a number that fits", r.Rest(), unhex(t, "03 07 fe"))
}

func TestCountsMustBeAsManyAsTheSets(t *testing.T) {
	body := AppendCounts(nil, []int64{1, 0, 2})
	if counts := must[[]int64](t)(ParseCounts(body, 3)); counts[0] != 1 || counts[1] != 0 || counts[2] != 2 {
		t.Error(counts)
	}
	for _, sets := range []int{0, 1, 2, 4, 100} {
		counts, err := ParseCounts(body, sets)
		var count *CountError
		if counts != nil || !errors.As(err, &count) || count.Got != 3 || count.Want != int64(sets) {
			t.Errorf("%d sets: %v, %v", sets, counts, err)
		}
	}
	if _, err := ParseCounts(unhex(t, "02 01"), 1); err == nil {
		t.Error("NULL is no count")
	}
}

// DB-API 5.3.2 sends executemany of a statement without parameters so.
func TestSetsOfNoValuesAreCounted(t *testing.T) {
	body := unhex(t, "02 01 02 04 03 04 03 02 04")
	m, err := ParsePreparedUpdate(body, Unicode)
	if err != nil || m.Values.Sets() != 3 || m.Values.PerSet() != 0 || m.Values.Size() != 0 {
		t.Fatalf("%+v, %v", m.Values, err)
	}
	if again, err := m.Append(nil, Unicode); err != nil || !bytes.Equal(again, body) {
		t.Errorf("%x, %v", again, err)
	}
}

func TestBlocksOfValuesThatCannotBeAreRefused(t *testing.T) {
	for body, what := range map[string]string{
		"05 04 01 00 01 02 04 02 04 02 04":                               "65,537 sets of none",
		"02 04 02 04 02 04 02 04":                                        "no set of none",
		"02 04 03 04 01 02 04 02 04":                                     "no set",
		"02 05 03 04 01 02 04 02 04":                                     "less than no set",
		"03 04 01 02 05 02 04 02 04":                                     "a negative number of values",
		"03 04 02 03 04 03 02 04 02 04":                                  "six values announced, two there",
		"0a 04 ff ff ff ff ff ff ff 7f 03 04 02 02 04 02 04 02 04 02 04": "a product beyond 64 bits",
	} {
		if m, err := ParseExecute(unhex(t, body), Unicode); err == nil {
			t.Errorf("%s: %+v", what, m)
		}
	}
}
