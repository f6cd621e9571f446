package wire

import (
	"math"
	"testing"
	"time"
)

func TestPosixTimesAgreeWithThePublishedBounds(t *testing.T) {
	for text, want := range map[string]int64{
		"0001-01-01T00:00:00Z":        -6979664624441081856,
		"9999-12-31T23:59:59.999999Z": 1406323805406846975,
		"2025-09-16T10:20:30.123456Z": 1154679522636970432,
		"1970-01-01T00:00:00Z":        1152921504606846976,
		"1969-12-31T23:59:59.999999Z": -6917529027641081857,
	} {
		at := must[time.Time](t)(time.Parse(time.RFC3339Nano, text))
		if got, err := EncodePosixTime(at.UnixMicro()); got != want || err != nil {
			t.Errorf("%s: %d, %v", text, got, err)
		}
		if got, err := DecodePosixTime(want); got != at.UnixMicro() || err != nil {
			t.Errorf("%s back: %d, %v", text, got, err)
		}
	}
}

func TestTimesOutsideOfPosixTimeAreRefused(t *testing.T) {
	for _, micros := range []int64{math.MaxInt64, math.MinInt64, math.MaxInt64 - posixAfter + 1, math.MinInt64 - posixBefore - 1} {
		if wire, err := EncodePosixTime(micros); err == nil {
			t.Errorf("%d became %d", micros, wire)
		}
	}
	for _, wire := range []int64{0, posixAfter - 1, -1, posixBefore} {
		if micros, err := DecodePosixTime(wire); err == nil {
			t.Errorf("%d is %d", wire, micros)
		}
	}
	for _, micros := range []int64{math.MaxInt64 - posixAfter, math.MinInt64 - posixBefore, -1, 0} {
		wire, err := EncodePosixTime(micros)
		back, err2 := DecodePosixTime(wire)
		if back != micros || err != nil || err2 != nil {
			t.Errorf("%d: %d, %v, %v", micros, back, err, err2)
		}
	}
}

func TestDaysOfHorolog(t *testing.T) {
	for text, want := range map[string]int64{
		"2025-01-02": 67207, "1840-12-31": 0, "0001-01-01": -672045, "1970-01-01": 47117, "9999-12-31": 2980013,
	} {
		at := must[time.Time](t)(time.Parse(time.DateOnly, text))
		day := int32(math.Floor(float64(at.Unix()) / 86400))
		if got := HorologFromDay(day); got != want {
			t.Errorf("%s: %d", text, got)
		}
		if got, err := DayFromHorolog(want); got != day || err != nil {
			t.Errorf("%s back: %d, %v", text, got, err)
		}
	}
	for _, h := range []int64{math.MinInt64, math.MaxInt64, math.MaxInt32 + horologEpoch + 1, math.MinInt32 + horologEpoch - 1} {
		if day, err := DayFromHorolog(h); err == nil {
			t.Errorf("%d is %d", h, day)
		}
	}
}
