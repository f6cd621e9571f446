package settings

import (
	"regexp"
	"strings"

	"github.com/irisfix/irisfix/loader/iris/discover"
)

// Kinds of targets.
const (
	SQLite    = "sqlite"
	IRIS      = "iris"
	Directory = "dir" // for database fixtures
)

// Target is a database as a user names it.
type Target struct {
	Kind  string
	Path  string           // of SQLite and of a directory
	Text  string           // for messages, without password
	Given []discover.Given // of InterSystems IRIS, the first before the others
}

// Target reads a TARGET: the argument that was found in from, else IRISFIX_TARGET, else the IRIS that is found by
// [Environment.Server].
func (e *Environment) Target(from, arg string) (Target, error) {
	if arg == "" {
		from, arg = "IRISFIX_TARGET", e.get("IRISFIX_TARGET")
	}
	if arg == "" {
		return Target{Kind: IRIS, Text: "InterSystems IRIS"}, nil
	}
	kind, path, found := strings.Cut(arg, ":")
	switch {
	case kind == SQLite && path == ":memory:":
		return Target{}, &UsageError{arg + " is a database in memory, which would be gone when irisfix ends; name a file, as in sqlite:test.db"}
	case kind == SQLite && (strings.HasPrefix(path, "//") || strings.HasPrefix(path, "file:")):
		return Target{}, &UsageError{arg + " is a URL; name the file after the colon, as in sqlite:test.db or sqlite:/tmp/test.db"}
	case found && path != "" && (kind == SQLite || kind == Directory):
		return Target{Kind: kind, Path: path, Text: arg}, nil
	case kind == IRIS && found:
		u, err := discover.ParseURL(arg)
		if err != nil {
			return Target{}, &UsageError{Redact(arg) + ": " + err.Error() + " (iris://USER@HOST:1972/NAMESPACE)"}
		}
		return Target{Kind: kind, Text: Redact(arg), Given: []discover.Given{{From: from, URL: u}}}, nil
	}
	return Target{}, &UsageError{"not a target: " + Redact(arg) + " (use iris://USER@HOST/NAMESPACE, sqlite:PATH, or dir:PATH for a database fixture)"}
}

// userInfo is the user and the password of a URL.
var userInfo = regexp.MustCompile(`((?:^iris:|//)[^/@:\s]*):.*@`)

// Redact takes the password out of a URL, also out of a mistyped one that no parser would take.
func Redact(arg string) string { return userInfo.ReplaceAllString(arg, "$1:xxxxx@") }
