package wire

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

func TestIntegersSurvive(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	values := []int64{0, 1, -1, math.MaxInt64, math.MinInt64}
	for shift := range 63 {
		v := int64(1) << shift
		values = append(values, v-1, v, v+1, -v-1, -v, -v+1, int64(rnd.Uint64())>>shift)
	}
	for _, v := range values {
		it := one(t, AppendInt(nil, v))
		if got, err := it.Int(); got != v || err != nil {
			t.Errorf("%d: %d, %v", v, got, err)
		}
		n, err := it.Number()
		if err != nil || n.Canonical() != big.NewInt(v).String() {
			t.Errorf("%d: %v, %v", v, n.Canonical(), err)
		}
	}
}

func TestDecimalsSurvive(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	for range 20_000 {
		n := Number{rnd.IntN(2) == 0, rnd.Uint64() >> (1 + rnd.IntN(63)), rnd.IntN(256) - 128}
		n.Negative = n.Negative && n.Mantissa > 0
		body, ok := AppendNumber(nil, n)
		if !ok {
			t.Fatalf("%+v refused", n)
		}
		if got, err := one(t, body).Number(); got != n || err != nil {
			t.Fatalf("%+v: %+v, %v", n, got, err)
		}
		if got, err := ParseNumber(n.String()); err != nil || got.String() != n.String() {
			t.Fatalf("%s parsed as %s, %v", n, got, err)
		}
		checkCanonical(t, n)
	}
}

// checkCanonical compares the two texts of a number as exact fractions.
func checkCanonical(t *testing.T, n Number) {
	t.Helper()
	exact, ok1 := new(big.Rat).SetString(n.String())
	canonical, ok2 := new(big.Rat).SetString(n.Canonical())
	if !ok1 || !ok2 || exact.Cmp(canonical) != 0 {
		t.Fatalf("%s is canonically %s", n, n.Canonical())
	}
}

func TestNumbersThatNoItemCanHoldAreRefused(t *testing.T) {
	for _, n := range []Number{
		{Mantissa: 1 << 63}, {Negative: true, Mantissa: 1<<63 + 1}, {Mantissa: math.MaxUint64},
		{Mantissa: 1, Exponent: 128}, {Mantissa: 1, Exponent: -129},
	} {
		if b, ok := AppendNumber([]byte("before"), n); ok || string(b) != "before" {
			t.Errorf("%v was taken", n)
		}
	}
	for _, n := range []Number{{Mantissa: 1<<63 - 1, Exponent: 127}, {Negative: true, Mantissa: 1 << 63, Exponent: -128}, {Negative: true}} {
		if _, ok := AppendNumber(nil, n); !ok {
			t.Errorf("%v was refused", n)
		}
	}
}

func TestIntNeverRounds(t *testing.T) {
	for _, c := range []struct {
		item string
		want int64
		fail string
	}{
		{"04 06 02 01", 100, ""}, {"05 06 fe 2c 01", 3, ""}, {"03 07 02", -100, ""},
		{"04 06 fe 7d", 0, "1.25 does not fit a 64-bit integer with 0 decimals"},
		{"0a 04 00 00 00 00 00 00 00 80", 0, "9223372036854775808 does not fit a 64-bit integer with 0 decimals"},
		{"0a 05 ff ff ff ff ff ff ff 7f", 0, "-9223372036854775809 does not fit a 64-bit integer with 0 decimals"},
		{"0a 05 00 00 00 00 00 00 00 00", 0, "-18446744073709551616 does not fit a mantissa of 64 bits"},
		{"0b 04 00 00 00 00 00 00 00 00 00", 0, "positive integer with a payload of 9 bytes"},
		{"02 06", 0, "decimal with a payload of 0 bytes"},
		{"03 01 31", 0, "item is a 8-bit string, not an integer"},
	} {
		got, err := one(t, unhex(t, c.item)).Int()
		if got != c.want || (err == nil) != (c.fail == "") || err != nil && err.Error() != c.fail {
			t.Errorf("%s: %d, %v", c.item, got, err)
		}
	}
}

func TestIntegersWithSpareBytesAreRead(t *testing.T) {
	for item, want := range map[string]int64{
		"03 04 00": 0, "0a 04 01 00 00 00 00 00 00 00": 1, "03 05 ff": -1, "0a 05 fe ff ff ff ff ff ff ff": -2,
	} {
		if got, err := one(t, unhex(t, item)).Int(); got != want || err != nil {
			t.Errorf("%s: %d, %v", item, got, err)
		}
	}
}

func TestNumbersAsText(t *testing.T) {
	for _, c := range []struct {
		n                 Number
		text, canonical   string
		nanos             int64
		inexactBeyondNano bool
	}{
		{Number{false, 150, -2}, "1.50", "1.5", 1_500_000_000, false},
		{Number{true, 1, -2}, "-0.01", "-.01", -10_000_000, false},
		{Number{true, 5, -1}, "-0.5", "-.5", -500_000_000, false},
		{Number{false, 5, -1}, "0.5", ".5", 500_000_000, false},
		{Number{false, 0, -3}, "0.000", "0", 0, false},
		{Number{true, 0, 5}, "0", "0", 0, false},
		{Number{false, 12, 3}, "12000", "12000", 12_000_000_000_000, false},
		{Number{false, 100, -2}, "1.00", "1", 1_000_000_000, false},
		{Number{false, 1, -10}, "0.0000000001", ".0000000001", 0, true},
		{Number{false, 1, 10}, "10000000000", "10000000000", 0, true},
		{Number{true, 12, -200}, "-12E-200", "-12E-200", 0, true},
	} {
		if c.n.String() != c.text || c.n.Canonical() != c.canonical {
			t.Errorf("%+v: %s, %s", c.n, c.n.String(), c.n.Canonical())
		}
		nanos, err := c.n.Scaled(9)
		if nanos != c.nanos || (err != nil) != c.inexactBeyondNano {
			t.Errorf("%s s: %d ns, %v", c.text, nanos, err)
		}
	}
}

func TestTextThatIsNoNumberIsRefused(t *testing.T) {
	for _, s := range []string{"", "-", "+", ".", "1.2.3", "1e", "1e99999", "12x", " 1", "0x10", "18446744073709551616", "--1", "1/2", "1:"} {
		if n, err := ParseNumber(s); err == nil {
			t.Errorf("%q is %v", s, n)
		}
	}
	for s, want := range map[string]Number{
		"+1": {false, 1, 0}, "-.5": {true, 5, -1}, "5.": {false, 5, 0}, "1.50E2": {false, 150, 0}, "-0.0": {false, 0, -1},
		"18446744073709551615": {false, math.MaxUint64, 0}, "1e-7": {false, 1, -7},
	} {
		if n, err := ParseNumber(s); n != want || err != nil {
			t.Errorf("%q: %+v, %v", s, n, err)
		}
	}
}
