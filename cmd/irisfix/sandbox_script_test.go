package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// unsettled is what differs from run to run in the answers of irisfix sandbox, and what stands for it.
var unsettled = []struct {
	what *regexp.Regexp
	as   string
}{
	{regexp.MustCompile(`-[a-z2-7]{8}\b`), "-aaaaaaaa"},
	{regexp.MustCompile(`\bIFX[A-Z2-7]{9}`), "IFXAAAAAAAAA"},
	{regexp.MustCompile(`"elapsed_seconds":[0-9.]+`), `"elapsed_seconds":0`},
	{regexp.MustCompile(`"port":[0-9]+`), `"port":1972`},
	{regexp.MustCompile(`127\.0\.0\.1:[0-9]+`), "127.0.0.1:1972"},
	{regexp.MustCompile(`"manifest":\{.*?\]\}`), `"manifest":{}`},
}

// settled is the command `settled FILE`: the answers that were printed last go into the file, sorted, without what
// differs from run to run.
func settled(ts *testscript.TestScript, _ bool, args []string) {
	text := strings.ReplaceAll(ts.ReadFile("stdout"), ts.Getenv("WORK"), "$WORK")
	for _, u := range unsettled {
		text = u.what.ReplaceAllString(text, u.as)
	}
	lines := strings.SplitAfter(text, "\n")
	slices.Sort(lines)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Join(lines, "")), 0o644))
}

// named is the command `named`: $NAME is the name of the sandbox in the answer that was printed last.
func named(ts *testscript.TestScript, _ bool, _ []string) {
	m := regexp.MustCompile(`"sandbox":\{"name":"([^"]+)"`).FindStringSubmatch(ts.ReadFile("stdout"))
	if m == nil {
		ts.Fatalf("no sandbox was printed")
	}
	ts.Setenv("NAME", m[1])
}

// damage is the command `damage DIR`: what is kept of templates there loses its last byte.
func damage(ts *testscript.TestScript, _ bool, args []string) {
	list, err := filepath.Glob(filepath.Join(ts.MkAbs(args[0]), strings.Repeat("?", 64)))
	ts.Check(err)
	for _, path := range list {
		info, err := os.Stat(path)
		ts.Check(err)
		ts.Check(os.Chmod(path, 0o644))
		ts.Check(os.Truncate(path, info.Size()-1))
	}
}
