package engine

import (
	"strconv"
	"strings"
)

// sessionValue is a function without arguments that tells something of the session.
func sessionValue(result typ, f func(s *Session) any) *function {
	return &function{max: 0, args: asIs, result: result, changes: true, run: func(s *Session, _ []any, _ []kind) (any, error) { return f(s), nil }}
}

func ofSession(min, max int, result typ, f func(s *Session, a []any) (any, error)) *function {
	return &function{min: min, max: max, args: asText, result: result, changes: true, run: func(s *Session, a []any, _ []kind) (any, error) {
		return f(s, a)
	}}
}

var systemFunctions = map[string]*function{
	"LAST_IDENTITY": sessionValue(typBigInt, func(s *Session) any { return s.lastIdentity }),
	"$ZVERSION":     sessionValue(typString, func(s *Session) any { return s.sys.options.Version }),
	"$ZV":           sessionValue(typString, func(s *Session) any { return s.sys.options.Version }),
	"$NAMESPACE":    sessionValue(typString, func(s *Session) any { return s.ns.name }),
	"$JOB":          sessionValue(typInt, func(s *Session) any { return s.job }),
	"$J":            sessionValue(typInt, func(s *Session) any { return s.job }),
	"$TLEVEL":       sessionValue(typInt, func(s *Session) any { return s.level() }),
	"$TL":           sessionValue(typInt, func(s *Session) any { return s.level() }),
	"$USERNAME":     userFunction, "USER": userFunction, "CURRENT_USER": userFunction, "SESSION_USER": userFunction, "SYSTEM_USER": userFunction,
	"$HOROLOG": sessionValue(typString, func(s *Session) any {
		n := s.now()
		return strconv.FormatInt(dayOf(n), 10) + "," + strconv.FormatInt(nanosOf(n, 0)/1e9, 10)
	}),
	"DATABASE": sessionValue(typString, func(s *Session) any { return s.ns.dir }),

	"%SYSTEM_SQL.DEFAULTSCHEMA":      sessionValue(typString, func(s *Session) any { return s.defaultSchema() }),
	"%SYSTEM_SQL.SCHEMA_DEFAULT":     sessionValue(typString, func(s *Session) any { return s.defaultSchema() }),
	"%SYSTEM_SQL.SCHEMA_TABLEEXISTS": ofSession(1, 1, typInt, tableExists),
	"%SYSTEM_SQL.SCHEMA_VIEWEXISTS":  ofSession(1, 1, typInt, viewExists),
	"%SYSTEM_SQL.UTIL_GETOPTION": ofSession(1, 1, typString, func(s *Session, a []any) (any, error) {
		return s.option(text(a[0]))
	}),
	"%SYSTEM_SQL.UTIL_SETOPTION": ofSession(2, 3, typString, func(s *Session, a []any) (any, error) {
		return s.setOption(text(a[0]), text(a[1]))
	}),
	"%SYSTEM_SQL.FUNCTIONS_SQLCODE": ofSession(1, 1, typString, func(_ *Session, a []any) (any, error) { return Text(-abs(integer(a[0]))), nil }),
	"%SYSTEM.SQL_SQLCODE":           ofSession(1, 1, typString, func(_ *Session, a []any) (any, error) { return Text(-abs(integer(a[0]))), nil }),
	"%SYSTEM.SQL_ISRESERVEDWORD": ofSession(1, 1, typInt, func(_ *Session, a []any) (any, error) {
		return reserved[strings.ToUpper(text(a[0]))], nil
	}),
	"%SYSTEM.SQL_ISVALIDREGULARIDENTIFIER": ofSession(1, 1, typInt, func(_ *Session, a []any) (any, error) {
		t, err := tokenize(text(a[0]))
		return err == nil && len(t) == 2 && t[0].kind == tokenWord && !reserved[t[0].upper], nil
	}),
	"%SYSTEM.SQL_DEFAULTSCHEMA":  sessionValue(typString, func(s *Session) any { return s.defaultSchema() }),
	"%SYSTEM.VERSION_GETVERSION": sessionValue(typString, func(s *Session) any { return s.sys.options.Version }),
	"%SYSTEM_VERSION.GETVERSION": sessionValue(typString, func(s *Session) any { return s.sys.options.Version }),
	"%SYSTEM.VERSION_GETNUMBER":  sessionValue(typString, versionNumber),
	"%SYSTEM_VERSION.GETNUMBER":  sessionValue(typString, versionNumber),
	"%SYSTEM.VERSION_GETMAJOR":   sessionValue(typString, func(s *Session) any { major, _, _ := strings.Cut(versionNumber(s).(string), "."); return major }),
	"%SYSTEM_VERSION.GETMAJOR":   sessionValue(typString, func(s *Session) any { major, _, _ := strings.Cut(versionNumber(s).(string), "."); return major }),
	"%SYSTEM.VERSION_GETPRODUCT": sessionValue(typString, func(*Session) any { return "IRIS" }),
}

var userFunction = sessionValue(typString, func(s *Session) any { return s.user })

func abs(n int) int { return max(n, -n) }

// versionNumber is 2025.1 of "IRIS for UNIX (…) 2025.1 (Build …".
func versionNumber(s *Session) any {
	for _, word := range strings.Fields(s.sys.options.Version) {
		if len(word) > 4 && isDigit(word[0]) && strings.Contains(word, ".") {
			return word
		}
	}
	return ""
}

func tableExists(s *Session, a []any) (any, error) {
	t, _ := s.lookup(splitName(text(a[0])))
	return t != nil, nil
}

func viewExists(s *Session, a []any) (any, error) {
	_, v := s.lookup(splitName(text(a[0])))
	return v != nil, nil
}

func splitName(s string) name {
	if schema, object, ok := strings.Cut(s, "."); ok {
		return name{schema, object}
	}
	return name{"", s}
}
