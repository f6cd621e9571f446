package wire

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestDoublesKeepEveryBit(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 8))
	bits := []uint64{0, 1, 1 << 63, 0x7FF0 << 48, 0xFFF0 << 48, 0x7FF8 << 48, 0x7FF0<<48 | 1, 0xFFF8<<48 | 77, math.Float64bits(math.SmallestNonzeroFloat32)}
	for range 20_000 {
		v := rnd.Uint64()
		bits = append(bits, v, v<<32, math.Float64bits(float64(math.Float32frombits(uint32(v)))))
	}
	for _, v := range bits {
		f := math.Float64frombits(v)
		for _, body := range [][]byte{AppendDouble(nil, f), AppendCompactDouble(nil, f)} {
			got, err := one(t, body).Float()
			if math.Float64bits(got) != v || err != nil {
				t.Fatalf("%016x as %x: %016x, %v", v, body, math.Float64bits(got), err)
			}
		}
	}
}

func TestSinglesKeepTheBitsOfANaN(t *testing.T) {
	got, err := one(t, unhex(t, "06 08 01 00 a0 ff")).Float()
	if want := uint64(0xFFF4000020000000); math.Float64bits(got) != want || err != nil {
		t.Errorf("%016x, %v", math.Float64bits(got), err)
	}
}

func TestDoublesOfImpossibleLengthAreRefused(t *testing.T) {
	for item, want := range map[string]string{
		"07 08 00 00 00 00 00":             "double with a payload of 5 bytes",
		"0b 08 00 00 00 00 00 00 00 00 00": "double with a payload of 9 bytes",
		"0b 09 00 00 00 00 00 00 00 00 00": "compact double with a payload of 9 bytes",
		"03 04 01":                         "item is a positive integer, not a double",
	} {
		if _, err := one(t, unhex(t, item)).Float(); err == nil || err.Error() != want {
			t.Errorf("%s: %v", item, err)
		}
	}
}
