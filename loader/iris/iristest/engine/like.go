package engine

import (
	"strings"
	"unicode/utf8"
)

// irisLike is LIKE with % and _ (InterSystems SQL Reference, LIKE).
func irisLike(a []any) (any, error) {
	if a[0] == nil || a[1] == nil {
		return nil, nil
	}
	s, pattern, escape := text(a[0]), text(a[1]), ""
	if a[2] != nil {
		escape = text(a[2])
	}
	if a[3].(int64) == 1 {
		s, pattern, escape = upper(s), upper(pattern), upper(escape)
	}
	return matchLike(s, pattern, escape), nil
}

// matchLike goes back to the last % when the rest does not match, so that it takes no more than len(s) × len(pattern).
func matchLike(s, pattern, escape string) bool {
	i, j := 0, 0
	star, mark := -1, 0
	for i < len(s) {
		if j < len(pattern) {
			rest := pattern[j:]
			escaped := escape != "" && strings.HasPrefix(rest, escape) && len(rest) > len(escape)
			if !escaped && rest[0] == '%' {
				star, mark = j, i
				j++
				continue
			}
			_, size := utf8.DecodeRuneInString(s[i:])
			if !escaped && rest[0] == '_' {
				i, j = i+size, j+1
				continue
			}
			if escaped {
				rest = rest[len(escape):]
			}
			_, want := utf8.DecodeRuneInString(rest)
			if rest[:want] == s[i:i+size] {
				i += size
				j = len(pattern) - len(rest) + want
				continue
			}
		}
		if star < 0 {
			return false
		}
		_, size := utf8.DecodeRuneInString(s[mark:])
		mark += size
		i, j = mark, star+1
	}
	return strings.Trim(pattern[j:], "%") == ""
}

// irisStarts is %STARTSWITH: with NULL or ” every value begins (InterSystems SQL Reference, %STARTSWITH).
func irisStarts(a []any) (any, error) {
	if a[0] == nil {
		return nil, nil
	}
	s, prefix := text(a[0]), text(a[1])
	if a[2].(int64) == 1 {
		s, prefix = upper(s), upper(prefix)
	}
	return strings.HasPrefix(s, prefix), nil
}

func irisContains(a []any) (any, error) {
	if a[0] == nil || a[1] == nil {
		return nil, nil
	}
	return strings.Contains(text(a[0]), text(a[1])), nil
}
