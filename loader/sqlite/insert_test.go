package sqlite

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/irisfix/irisfix/bundle/dat"
)

func TestDecimalsOfFewDigitsAreTheNumbersThatTheirTextIs(t *testing.T) {
	values := []int64{0, 1, -1, 5, 10, 99, 100, 101, 12_345_678, 999_999_999_999_999, -999_999_999_999_999, 999_999_999_999_990}
	r := rand.New(rand.NewPCG(1, 2))
	for digits := int64(10); digits <= 1e15; digits *= 10 {
		for range 2_000 {
			values = append(values, r.Int64N(2*digits-1)-digits+1)
		}
	}
	for _, unscaled := range values {
		if !isExact(unscaled) {
			t.Fatalf("%d has more than 15 digits", unscaled)
		}
		for scale := range 19 { // as many as go with a number that is held in an int64
			text := string(dat.AppendDecimal(nil, unscaled, scale))
			digits := text
			if strings.Contains(text, ".") {
				digits = strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
			}
			want, err := strconv.ParseFloat(text, 64)
			if err != nil {
				t.Fatal(err)
			}
			x, whole := exact(unscaled, scale)
			if x != want || whole == strings.Contains(digits, ".") || strconv.FormatFloat(x, 'f', -1, 64) != digits {
				t.Errorf("%s is bound as %v, whole %t", text, x, whole)
			}
		}
	}
}

func TestDecimalsOfMoreDigitsGoThroughText(t *testing.T) {
	for _, unscaled := range []int64{1e15, -1e15, 1<<63 - 1, -1 << 63} {
		if isExact(unscaled) {
			t.Errorf("%d is taken for 15 digits", unscaled)
		}
	}
}
