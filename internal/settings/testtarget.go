package settings

import "strings"

// TestTarget reads on which database system databases for tests are made: the argument that was found in from, else
// IRISFIX_TARGET, else InterSystems IRIS if IRIS_HOST or IRIS_HOSTNAME is set, else SQLite. It is sqlite, iris, which is the
// server that is found without an argument, or the URL of one; which file IRISFIX_TARGET names does not matter.
func (e *Environment) TestTarget(from, arg string) (Target, error) {
	named := e.get("IRISFIX_TARGET")
	switch {
	case arg == "" && named != "":
		from, arg = "IRISFIX_TARGET", named
	case arg == "" && e.get("IRIS_HOST") == "" && e.get("IRIS_HOSTNAME") == "":
		arg = SQLite
	case arg == "":
		arg = IRIS
	}
	switch {
	case arg == SQLite || arg == named && strings.HasPrefix(arg, SQLite+":"):
		return Target{Kind: SQLite, Text: "SQLite"}, nil
	case arg == IRIS && strings.HasPrefix(named, IRIS+":"):
		return e.Target("IRISFIX_TARGET", named)
	case arg == IRIS:
		return Target{Kind: IRIS, Text: "InterSystems IRIS"}, nil
	case strings.HasPrefix(arg, IRIS+":"):
		return e.Target(from, arg)
	}
	return Target{}, &UsageError{from + " is sqlite, iris or iris://USER@HOST/NAMESPACE, not " + Redact(arg)}
}
