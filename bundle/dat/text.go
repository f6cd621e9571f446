package dat

import (
	"math"
	"strconv"
)

// The text forms of values, the same for every database: dates as YYYY-MM-DD, times as HH:MM:SS[.f], timestamps with
// one space between, no trailing zeros in the fraction. Parsing takes exactly what formatting gives and nothing else.

// Unit is the number of units in a second that a TIME or timestamp column counts in.
type Unit int64

const (
	Micro Unit = 1_000_000
	Nano  Unit = 1_000_000_000
)

// Unit returns the unit of a TIME or timestamp column.
func (c *Column) Unit() Unit {
	if c.nanoseconds() {
		return Nano
	}
	return Micro
}

const (
	minDay      = -719_162  // 0001-01-01
	maxDay      = 2_932_896 // 9999-12-31
	daySeconds  = 86_400
	yearsPerEra = 400
	daysPerEra  = 146_097
	// epochShift is the days from 0000-03-01 to 1970-01-01. Counting from a first of March puts the leap day last.
	epochShift = 719_468
)

// AppendDate appends a number of days since 1970-01-01 as text. The day must be within the years 1 to 9999.
func AppendDate(dst []byte, day int64) []byte {
	z := day + epochShift
	era := z / daysPerEra
	ofEra := z % daysPerEra
	year := (ofEra - ofEra/1460 + ofEra/36524 - ofEra/146096) / 365
	ofYear := ofEra - (365*year + year/4 - year/100)
	shifted := (5*ofYear + 2) / 153 // month counted from March
	month := shifted + 3
	if month > 12 {
		month -= 12
		year++
	}
	dst = digits(dst, era*yearsPerEra+year, 4)
	dst = append(dst, '-')
	dst = digits(dst, month, 2)
	dst = append(dst, '-')
	return digits(dst, ofYear-(153*shifted+2)/5+1, 2)
}

// ParseDate is the reverse of [AppendDate].
func ParseDate(s []byte) (day int64, ok bool) {
	if len(s) != 10 || s[4] != '-' || s[7] != '-' {
		return 0, false
	}
	year, ok1 := number(s[:4])
	month, ok2 := number(s[5:7])
	d, ok3 := number(s[8:])
	if !ok1 || !ok2 || !ok3 || year < 1 || month < 1 || month > 12 || d < 1 || d > monthDays(year, month) {
		return 0, false
	}
	if month <= 2 {
		year--
		month += 12
	}
	ofYear := (153*(month-3)+2)/5 + d - 1
	return year*365 + year/4 - year/100 + year/400 + ofYear - epochShift, true
}

func monthDays(year, month int64) int64 {
	switch {
	case month == 2 && (year%4 != 0 || year%100 == 0 && year%400 != 0):
		return 28
	case month == 2:
		return 29
	case month == 4 || month == 6 || month == 9 || month == 11:
		return 30
	}
	return 31
}

// AppendTime appends a time of day, counted in units since midnight.
func AppendTime(dst []byte, v int64, u Unit) []byte {
	seconds, fraction := v/int64(u), v%int64(u)
	dst = digits(dst, seconds/3600, 2)
	dst = append(dst, ':')
	dst = digits(dst, seconds/60%60, 2)
	dst = append(dst, ':')
	dst = digits(dst, seconds%60, 2)
	if fraction == 0 {
		return dst
	}
	dst = append(dst, '.')
	for u /= 10; fraction > 0; u /= 10 {
		dst = append(dst, byte('0'+fraction/int64(u)))
		fraction %= int64(u)
	}
	return dst
}

// ParseTime is the reverse of [AppendTime]. It fails for more digits than the unit holds.
func ParseTime(s []byte, u Unit) (v int64, ok bool) {
	if len(s) < 8 || s[2] != ':' || s[5] != ':' {
		return 0, false
	}
	hour, ok1 := number(s[:2])
	minute, ok2 := number(s[3:5])
	second, ok3 := number(s[6:8])
	if !ok1 || !ok2 || !ok3 || hour > 23 || minute > 59 || second > 59 {
		return 0, false
	}
	v = (hour*3600 + minute*60 + second) * int64(u)
	if len(s) == 8 {
		return v, true
	}
	f := s[9:]
	fraction, ok := number(f)
	if s[8] != '.' || !ok || f[len(f)-1] == '0' || len(f) > 9 {
		return 0, false
	}
	scale := int64(u)
	for range f {
		if scale%10 != 0 {
			return 0, false
		}
		scale /= 10
	}
	return v + fraction*scale, true
}

// AppendTimestamp appends a wall-clock time, counted in units since 1970-01-01 00:00:00.
func AppendTimestamp(dst []byte, v int64, u Unit) []byte {
	perDay := daySeconds * int64(u)
	day, rest := v/perDay, v%perDay
	if rest < 0 {
		day, rest = day-1, rest+perDay
	}
	dst = AppendDate(dst, day)
	dst = append(dst, ' ')
	return AppendTime(dst, rest, u)
}

// ParseTimestamp is the reverse of [AppendTimestamp]. It fails for what the unit cannot hold: nanoseconds reach from
// 1677 to 2262.
func ParseTimestamp(s []byte, u Unit) (v int64, ok bool) {
	if len(s) < 19 || s[10] != ' ' {
		return 0, false
	}
	day, ok1 := ParseDate(s[:10])
	rest, ok2 := ParseTime(s[11:], u)
	perDay := daySeconds * int64(u)
	if day < 0 { // towards zero, so that the product does not overflow before the sum
		day, rest = day+1, rest-perDay
	}
	if !ok1 || !ok2 || day > math.MaxInt64/perDay || day < math.MinInt64/perDay {
		return 0, false
	}
	v = day*perDay + rest
	return v, (v >= day*perDay) == (rest >= 0)
}

// digits appends n with leading zeros to the given width.
func digits(dst []byte, n int64, width int) []byte {
	for p := pow10[width-1]; p > 0; p /= 10 {
		dst = append(dst, byte('0'+n/p%10))
	}
	return dst
}

// number reads decimal digits, at most 18, and nothing else.
func number(s []byte) (int64, bool) {
	if len(s) == 0 || len(s) > maxIntPrecision {
		return 0, false
	}
	n := int64(0)
	for _, c := range s {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}

var pow10 = func() (p [maxIntPrecision + 1]int64) {
	p[0] = 1
	for i := 1; i < len(p); i++ {
		p[i] = 10 * p[i-1]
	}
	return p
}()

// AppendDecimal appends an unscaled number with scale digits after the point, all of them.
func AppendDecimal(dst []byte, unscaled int64, scale int) []byte {
	if unscaled < 0 {
		dst = append(dst, '-')
	}
	abs := uint64(unscaled)
	if unscaled < 0 {
		abs = -abs
	}
	return point(dst, strconv.AppendUint(nil, abs, 10), scale)
}

// point appends decimal digits with the point set before the last scale of them.
func point(dst, digits []byte, scale int) []byte {
	if scale == 0 {
		return append(dst, digits...)
	}
	for range scale + 1 - len(digits) {
		digits = append([]byte{'0'}, digits...)
	}
	whole := len(digits) - scale
	dst = append(dst, digits[:whole]...)
	dst = append(dst, '.')
	return append(dst, digits[whole:]...)
}
