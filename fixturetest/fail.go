package fixturetest

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"github.com/irisfix/irisfix/internal/explain"
	"github.com/irisfix/irisfix/sandbox"
	"github.com/irisfix/irisfix/workspace"
)

// fail ends the test with an error in words.
func (c *call) fail(err error, fixture string) {
	c.tb.Helper()
	c.tb.Fatal(c.message(err, fixture))
}

// message is what the command would print, with advice for a test. With -v it says what the error is made of.
func (c *call) message(err error, fixture string) string {
	if one, ok := errors.AsType[*sandbox.FixtureError](err); ok {
		fixture = one.Argument
	}
	shown := c.shown(fixture)
	var text strings.Builder
	explain.Error(err, explain.Invocation{
		Command: "load", Args: []string{shown}, Typed: again(c.tb.Name()), Version: version(),
		Call: &explain.Call{Name: "fixturetest." + c.function, Help: "go doc github.com/irisfix/irisfix/fixturetest." + c.function, Code: func(args []string, flag string) string {
			return c.code(fixture, slices.DeleteFunc(slices.Clone(args), func(a string) bool { return a == shown }), flag)
		}},
	}).Print(&text, false)
	if testing.Verbose() {
		explain.PrintTrace(&text, err)
	}
	return strings.TrimRight(text.String(), "\n")
}

// shown is a fixture for the command line of somebody who is not in the directory of the test.
func (c *call) shown(fixture string) string {
	path := c.absolute(fixture)
	if info, err := os.Stat(path); workspace.IsPath(fixture) || strings.ContainsAny(fixture, `/\`) && err == nil && info.IsDir() {
		return path
	}
	return fixture
}

// again is the command line that runs a test again.
func again(name string) []string {
	var pattern []string
	for part := range strings.SplitSeq(name, "/") {
		pattern = append(pattern, "^"+regexp.QuoteMeta(part)+"$")
	}
	run := strings.Join(pattern, "/")
	if strings.HasPrefix(name, "Benchmark") {
		return []string{"go", "test", "./...", "-run", "^$", "-bench", run}
	}
	return []string{"go", "test", "./...", "-run", run}
}

// flagCode is what stands for a flag of the command.
var flagCode = map[string]string{
	"--plain-http":     "PlainHTTP()",
	"--ca-file ca.pem": `CAFile("ca.pem")`,
	"--cache-dir DIR":  `CacheDir("DIR")`,
}

// code is the call with another fixture in the place of one, if others has it, and with what stands for a flag.
func (c *call) code(fixture string, others []string, flag string) string {
	fixtures := slices.Clone(c.fixtures)
	if i := slices.Index(fixtures, fixture); i >= 0 && len(others) > 0 {
		fixtures[i] = others[0]
	}
	text := fmt.Sprintf("fixturetest.%s(t, %q", c.function, fixtures[0])
	if len(fixtures) > 1 {
		var also []string
		for _, f := range fixtures[1:] {
			also = append(also, fmt.Sprintf("%q", f))
		}
		text += ", fixturetest.Also(" + strings.Join(also, ", ") + ")"
	}
	for _, option := range c.given {
		if option.code != "" {
			text += ", fixturetest." + option.code
		}
	}
	if flag != "" {
		if flagCode[flag] == "" {
			return ""
		}
		text += ", fixturetest." + flagCode[flag]
	}
	return text + ")"
}

// version is that of this module, as far as the program knows what it was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "devel"
	}
	for _, m := range append(slices.Clone(info.Deps), &info.Main) {
		if m.Path != "github.com/irisfix/irisfix" {
			continue
		}
		if v := strings.Trim(m.Version, "()"); v != "" {
			return v
		}
	}
	return "devel"
}
