package engine

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// moment is a date and a time that a format is applied to.
type moment struct {
	day, nanos int64
}

func (m moment) date() time.Time { return time.Unix(epoch.Unix()+m.day*86400, 0).UTC() }

// formatParts are the elements of a format of TO_CHAR and TO_DATE, the longest first (InterSystems SQL Reference, TO_CHAR).
var formatParts = []string{"MONTH", "HH24", "HH12", "YYYY", "SSSSS", "DDD", "DAY", "MON", "DD", "DY", "MM", "YY", "HH", "MI", "SS", "FF", "AM", "PM", "D"}

// nextPart takes the first element of a format off; plain text comes one character at a time.
func nextPart(format string) (part, rest string, ok bool) {
	for _, p := range formatParts {
		if len(format) >= len(p) && strings.EqualFold(format[:len(p)], p) {
			return p, format[len(p):], true
		}
	}
	return format[:1], format[1:], false
}

func (m moment) format(format string) string {
	var b strings.Builder
	d := m.date()
	s := m.nanos / 1e9
	for format != "" {
		part, rest, ok := nextPart(format)
		format = rest
		if !ok {
			b.WriteString(part)
			continue
		}
		switch part {
		case "YYYY":
			fmt.Fprintf(&b, "%04d", d.Year())
		case "YY":
			fmt.Fprintf(&b, "%02d", d.Year()%100)
		case "MM":
			fmt.Fprintf(&b, "%02d", int(d.Month()))
		case "MON":
			b.WriteString(d.Month().String()[:3])
		case "MONTH":
			b.WriteString(d.Month().String())
		case "DD":
			fmt.Fprintf(&b, "%02d", d.Day())
		case "DDD":
			fmt.Fprintf(&b, "%03d", d.YearDay())
		case "D":
			fmt.Fprint(&b, int(d.Weekday())+1)
		case "DY":
			b.WriteString(d.Weekday().String()[:3])
		case "DAY":
			b.WriteString(d.Weekday().String())
		case "HH24":
			fmt.Fprintf(&b, "%02d", s/3600)
		case "HH", "HH12":
			fmt.Fprintf(&b, "%02d", (s/3600+11)%12+1)
		case "MI":
			fmt.Fprintf(&b, "%02d", s/60%60)
		case "SS":
			fmt.Fprintf(&b, "%02d", s%60)
		case "SSSSS":
			fmt.Fprint(&b, s)
		case "FF":
			fmt.Fprintf(&b, "%06d", m.nanos%1e9/1e3)
		case "AM", "PM":
			b.WriteString([]string{"AM", "PM"}[min(s/43200, 1)])
		}
	}
	return b.String()
}

// parseMoment reads text by a format.
func parseMoment(s, format string) (moment, bool) {
	f := struct{ year, month, day, hour, minute, second, nanos, pm int64 }{year: 1, month: 1, day: 1, pm: -1}
	number := func(n int) (int64, bool) {
		i := 0
		for i < len(s) && i < n && isDigit(s[i]) {
			i++
		}
		v, ok := digits(s[:i], n)
		s = s[i:]
		return v, ok
	}
	for format != "" {
		part, rest, isPart := nextPart(format)
		format = rest
		if !isPart {
			if s == "" {
				break
			}
			if strings.ContainsAny(s[:1], "0123456789") {
				return moment{}, false
			}
			s = s[1:]
			continue
		}
		ok := true
		switch part {
		case "YYYY":
			f.year, ok = number(4)
		case "YY":
			f.year, ok = number(2)
			f.year += 1900
		case "MM":
			f.month, ok = number(2)
		case "MON", "MONTH":
			f.month, ok = 0, false
			for m := time.January; m <= time.December; m++ {
				name := m.String()
				if part == "MON" {
					name = name[:3]
				}
				if len(s) >= len(name) && strings.EqualFold(s[:len(name)], name) {
					f.month, ok, s = int64(m), true, s[len(name):]
				}
			}
		case "DD":
			f.day, ok = number(2)
		case "HH24", "HH", "HH12":
			f.hour, ok = number(2)
		case "MI":
			f.minute, ok = number(2)
		case "SS":
			f.second, ok = number(2)
		case "FF":
			i := 0
			for i < len(s) && i < 9 && isDigit(s[i]) {
				i++
			}
			f.nanos, ok = digits(s[:i]+strings.Repeat("0", 9-i), 9)
			s = s[i:]
		case "AM", "PM":
			ok = len(s) >= 2
			if ok {
				f.pm = 0
				if strings.EqualFold(s[:2], "PM") {
					f.pm = 1
				}
				s = s[2:]
			}
		default:
			ok = false
		}
		if !ok && s == "" {
			break
		}
		if !ok {
			return moment{}, false
		}
	}
	if f.pm >= 0 {
		f.hour = f.hour%12 + 12*f.pm
	}
	day, ok := parseDay(fmt.Sprintf("%04d-%02d-%02d", f.year, f.month, f.day))
	if !ok || s != "" || f.hour > 23 || f.minute > 59 || f.second > 59 {
		return moment{}, false
	}
	return moment{day, (f.hour*3600+f.minute*60+f.second)*1e9 + f.nanos}, true
}

// momentOf reads a value of a temporal kind, or text in the form of ODBC.
func momentOf(v any, k kind) (moment, bool) {
	switch x := v.(type) {
	case int64:
		switch k {
		case kPosix:
			day, nanos := decodePosix(x)
			return moment{day, nanos}, true
		case kTime:
			return moment{0, x * 1e9}, true
		}
		return moment{x, 0}, true
	case string:
		if k == kTime {
			d, ok := decimalOf(x)
			if !ok {
				return moment{}, false
			}
			return moment{0, d.truncate(9).bigAt(-9).Int64()}, true
		}
		if n, err := strconv.ParseInt(x, 10, 64); err == nil {
			return moment{n, 0}, true
		}
		if t, ok := parseTime(x); ok {
			return moment{0, t.bigAt(-9).Int64()}, true
		}
		day, nanos, ok := parseStamp(x)
		return moment{day, nanos}, ok
	}
	return moment{}, false
}
