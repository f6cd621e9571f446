package fixturetest

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/irisfix/irisfix/internal/settings"
)

// Option changes how a database is made. Options are values: one may be used for any number of calls.
type Option struct {
	code  string // as it is written behind the name of the package
	apply func(*options)
}

// options are what a call was given.
type options struct {
	dir                        string // that relative paths are from
	fixtures                   []string
	target, lockFile, cacheDir string
	caFile                     string
	offline, frozen, plainHTTP bool
	keep                       keep
}

// keep says which databases stay.
type keep int

const (
	keepNone keep = iota
	keepFailed
	keepAll
)

// Also loads more fixtures into the same database, in this order, after the one that the call names.
func Also(fixtures ...string) Option {
	return Option{apply: func(o *options) { o.fixtures = append(o.fixtures, fixtures...) }} // its code is made from the list
}

// Target names the database system: "sqlite", "iris", which is the server that the environment or this machine has, or a URL
// such as iris://USER@HOST:1972/NAMESPACE, in which namespace the account is at home. Without it IRISFIX_TARGET counts.
func Target(target string) Option {
	return Option{fmt.Sprintf("Target(%q)", settings.Redact(target)), func(o *options) { o.target = target }}
}

// LockFile names the lock file, instead of the irisfix.lock in the directory of the package or above.
func LockFile(path string) Option {
	return Option{fmt.Sprintf("LockFile(%q)", path), func(o *options) { o.lockFile = path }}
}

// CacheDir names the cache, instead of the user's. Templates are kept there too.
func CacheDir(dir string) Option {
	return Option{fmt.Sprintf("CacheDir(%q)", dir), func(o *options) { o.cacheDir = dir }}
}

// CAFile names a PEM file of an authority to trust besides the system's, for registries.
func CAFile(path string) Option {
	return Option{fmt.Sprintf("CAFile(%q)", path), func(o *options) { o.caFile = path }}
}

// Offline fetches nothing: what is not in the cache ends the test.
func Offline() Option { return Option{"Offline()", func(o *options) { o.offline = true }} }

// Frozen uses only what the lock file pins, references with a digest, and directories.
func Frozen() Option { return Option{"Frozen()", func(o *options) { o.frozen = true }} }

// PlainHTTP speaks http with registries on other machines too.
func PlainHTTP() Option { return Option{"PlainHTTP()", func(o *options) { o.plainHTTP = true }} }

// Keep leaves the database where it is when the test has ended, and logs how to look into it and how to remove it. Of a test
// that passes go test shows the log with -v only.
func Keep() Option { return Option{"Keep()", func(o *options) { o.keep = keepAll }} }

// KeepOnFailure does as [Keep] does, if the test has failed.
func KeepOnFailure() Option {
	return Option{"KeepOnFailure()", func(o *options) { o.keep = max(o.keep, keepFailed) }}
}

// optionsOf are those of a call and of the environment.
func optionsOf(fixture string, list []Option) (options, error) {
	o := options{fixtures: []string{fixture}}
	var err error
	if o.dir, err = os.Getwd(); err != nil {
		return o, err
	}
	for _, option := range list {
		option.apply(&o)
	}
	if slices.Contains(o.fixtures, "") {
		return o, &settings.UsageError{Reason: "the name of a fixture is empty"}
	}
	for name, on := range map[string]*bool{"IRISFIX_OFFLINE": &o.offline, "IRISFIX_FROZEN": &o.frozen} {
		set, err := surroundings.Switch(name)
		if err != nil {
			return o, err
		}
		*on = *on || set
	}
	switch v := os.Getenv("IRISFIX_KEEP"); v {
	case "failed":
		o.keep = max(o.keep, keepFailed)
	default:
		all, err := surroundings.Switch("IRISFIX_KEEP")
		if err != nil {
			return o, &settings.UsageError{Reason: "IRISFIX_KEEP is neither 1, 0 nor failed: " + strconv.Quote(v)}
		} else if all {
			o.keep = keepAll
		}
	}
	return o, nil
}

// keeps reports whether the database of a test stays.
func (o options) keeps(tb testing.TB) bool {
	return o.keep == keepAll || o.keep == keepFailed && tb.Failed()
}

// absolute is a path that stays the same if the test goes to another directory. The empty one stays empty.
func (o options) absolute(path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(o.dir, path)
}
