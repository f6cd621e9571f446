package engine

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// maxDay is 9999-12-31 as a day count.
const maxDay = 2980013

// epoch is day 0 of $HOROLOG (InterSystems SQL Reference, Data Types, DATE).
var epoch = time.Date(1840, 12, 31, 0, 0, 0, 0, time.UTC)

const firstDay = -672045 // 0001-01-01

// parseDay reads YYYY-MM-DD.
func parseDay(s string) (int64, bool) {
	if len(s) != 10 {
		return 0, false
	}
	t, err := time.Parse("2006-01-02", s)
	if err != nil || t.Year() < 1 {
		return 0, false
	}
	return (t.Unix() - epoch.Unix()) / 86400, true
}

func dayText(day int64) string {
	return time.Unix(epoch.Unix()+day*86400, 0).UTC().Format("2006-01-02")
}

// parseTime reads HH:MM[:SS[.f]] as seconds since midnight, with at most nine digits of a fraction.
func parseTime(s string) (Decimal, bool) {
	whole, fraction, hasFraction := strings.Cut(s, ".")
	if hasFraction && fraction == "" || len(fraction) > 9 {
		return Decimal{}, false
	}
	parts := strings.Split(whole, ":")
	if len(parts) < 2 || len(parts) > 3 || hasFraction && len(parts) != 3 {
		return Decimal{}, false
	}
	var seconds int64
	for i, limit := range []int64{23, 59, 59}[:len(parts)] {
		n, ok := digits(parts[i], 2)
		if !ok || n > limit || i > 0 && len(parts[i]) != 2 {
			return Decimal{}, false
		}
		seconds = seconds*60 + n
	}
	if len(parts) == 2 {
		seconds *= 60
	}
	nanos, ok := digits(fraction+strings.Repeat("0", 9-len(fraction)), 9)
	d, _ := parseDecimal(strconv.FormatInt(seconds*1e9+nanos, 10) + "E-9")
	return d, ok
}

// digits reads up to n digits.
func digits(s string, n int) (v int64, ok bool) {
	if s == "" || len(s) > n {
		return 0, false
	}
	for i := range len(s) {
		if !isDigit(s[i]) {
			return 0, false
		}
		v = v*10 + int64(s[i]-'0')
	}
	return v, true
}

// timeText writes seconds since midnight as HH:MM:SS[.f].
func timeText(d Decimal) string {
	n := d.bigAt(min(int(d.Exponent), -9))
	if d.Exponent < -9 {
		return d.String()
	}
	nanos := n.Int64()
	s := nanos / 1e9
	text := fmt.Sprintf("%02d:%02d:%02d", s/3600, s/60%60, s%60)
	return text + fractionText(nanos%1e9)
}

// fractionText is .f without trailing zeros, or nothing.
func fractionText(nanos int64) string {
	if nanos == 0 {
		return ""
	}
	return "." + strings.TrimRight(fmt.Sprintf("%09d", nanos), "0")
}

// parseStamp reads YYYY-MM-DD[ HH:MM:SS[.f]] as days since 0001-01-01… and nanoseconds of the day.
func parseStamp(s string) (day, nanos int64, ok bool) {
	date, clock, hasTime := strings.Cut(s, " ")
	if day, ok = parseDay(date); !ok || !hasTime {
		return day, 0, ok
	}
	seconds, ok := parseTime(strings.TrimSpace(clock))
	if !ok {
		return 0, 0, false
	}
	return day, seconds.bigAt(-9).Int64(), true
}

func stampText(day, nanos int64) string {
	s := nanos / 1e9
	return fmt.Sprintf("%s %02d:%02d:%02d%s", dayText(day), s/3600, s/60%60, s%60, fractionText(nanos%1e9))
}

// The encoding of %PosixTime: microseconds since 1970 moved so that numbers sort and are never zero (Class
// Reference, %Library.PosixTime).
const (
	posixAfter  = 1 << 60
	posixBefore = 3 << 61 // taken away from times before 1970
	posixDays   = 47117   // day count of 1970-01-01
	firstPosix  = -6979664624441081856
	lastPosix   = 1406323805406846975
)

func encodePosix(day, nanos int64) int64 {
	micros := (day-posixDays)*86400e6 + nanos/1e3
	if micros >= 0 {
		return micros + posixAfter
	}
	return micros - posixBefore
}

func decodePosix(v int64) (day, nanos int64) {
	micros := v - posixAfter
	if v < 0 {
		micros = v + posixBefore
	}
	day = micros / 86400e6
	rest := micros % 86400e6
	if rest < 0 {
		day, rest = day-1, rest+86400e6
	}
	return day + posixDays, rest * 1e3
}

func posixText(v int64) string {
	day, nanos := decodePosix(v)
	return stampText(day, nanos)
}
