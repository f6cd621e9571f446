package cache

import "slices"

// Span is the bytes of a blob from Start up to, but not including, End.
type Span struct{ Start, End int64 }

// Len is the number of bytes.
func (s Span) Len() int64 { return s.End - s.Start }

// spans are in ascending order and do not touch.
type spans []Span

// add puts a span into the list, uniting it with those that it touches.
func (s *spans) add(n Span) {
	from, _ := slices.BinarySearchFunc(*s, n.Start, func(x Span, start int64) int { return sign(x.End - start) })
	to := from
	for to < len(*s) && (*s)[to].Start <= n.End {
		n = Span{min(n.Start, (*s)[to].Start), max(n.End, (*s)[to].End)}
		to++
	}
	*s = slices.Replace(*s, from, to, n)
}

func sign(n int64) int {
	switch {
	case n < 0:
		return -1
	case n > 0:
		return 1
	}
	return 0
}

// prefix is the number of bytes without a gap from the beginning.
func (s spans) prefix() int64 {
	if len(s) == 0 || s[0].Start > 0 {
		return 0
	}
	return s[0].End
}

// within are the gaps in a span.
func (s spans) within(w Span) []Span {
	var gaps []Span
	from, _ := slices.BinarySearchFunc(s, w.Start, func(x Span, start int64) int { return sign(x.End - start) })
	for _, x := range s[from:] {
		if x.Start >= w.End {
			break
		}
		if x.Start > w.Start {
			gaps = append(gaps, Span{w.Start, x.Start})
		}
		w.Start = max(w.Start, x.End)
	}
	if w.Start < w.End {
		gaps = append(gaps, w)
	}
	return gaps
}
