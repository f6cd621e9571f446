package wire

import "strconv"

// The two offsets of %PosixTime (vendor documentation, class reference, %Library.PosixTime).
const (
	posixAfter  = 1 << 60  // added to times from 1970 on
	posixBefore = -6 << 60 // added to times before
)

// EncodePosixTime gives the stored form of a %PosixTime (SQL type 1093) for microseconds since 1970-01-01 00:00:00, as
// read off a clock, without a time zone. Times beyond its range, some 73,000 years back and 255,000
// ahead, are a [RangeError].
func EncodePosixTime(micros int64) (int64, error) {
	offset := int64(posixAfter)
	if micros < 0 {
		offset = posixBefore
	}
	wire := micros + offset
	if wire < 0 != (micros < 0) {
		return 0, &RangeError{strconv.FormatInt(micros, 10), "%PosixTime"}
	}
	return wire, nil
}

// DecodePosixTime is the reverse of [EncodePosixTime]. Values between the two ranges are no times: a [RangeError].
func DecodePosixTime(wire int64) (micros int64, err error) {
	micros = wire - posixAfter
	if wire < 0 {
		micros = wire - posixBefore
	}
	if micros < 0 != (wire < 0) {
		return 0, &RangeError{strconv.FormatInt(wire, 10), "the times of %PosixTime"}
	}
	return micros, nil
}

// horologEpoch is 1970-01-01 in days since 1840-12-31, day 0 of $HOROLOG (vendor documentation, "$HOROLOG",
// RCOS_vhorolog).
const horologEpoch = 47_117

// HorologFromDay turns a day since 1970-01-01 into a day of $HOROLOG, the stored form of DATE (SQL type 1091).
func HorologFromDay(day int32) int64 { return int64(day) + horologEpoch }

// DayFromHorolog turns a day of $HOROLOG into a day since 1970-01-01, or gives a [RangeError].
func DayFromHorolog(horolog int64) (day int32, err error) {
	d := horolog - horologEpoch
	if d > horolog || d != int64(int32(d)) {
		return 0, &RangeError{strconv.FormatInt(horolog, 10), "a date"}
	}
	return int32(d), nil
}
