package main

import (
	"runtime"
	"strings"
	"testing"
)

// excuses are the blocks that no reader types in: where they are held to the truth, or why they cannot be. A page that ends
// in a slash is all pages below it.
var excuses = []struct{ page, begins, reason string }{
	{"README.md", "go install ./cmd/irisfix", "TestDemo runs the demonstration"},
	{"README.md", "-- DuckDB", "interop/test_parquet.py reads .DAT files with DuckDB"},
	{"README.md", "$ irisfix pull registry.example/db", "a gigabyte: interop/test_large.py and bench/rows.py move it"},
	{"README.md", "@pytest.mark.dat_fixture", "docs/howto/pytest.md has this test"},
	{"README.md", "func TestTotal(", "fixturetest: ExampleSQLite"},
	{"README.md", "- uses: irisfix/irisfix@", "docs/howto/ci.md has this step"},
	{"docs/benchmarks.md", "make bench", "bench/test_bench.py"},
	{"docs/commands/", "", "TestManualIsCurrent compares with the program, TestExamples runs its examples"},
	{"docs/explanation/atomic.md", "   lock the record", "a picture"},
	{"docs/explanation/why-oci.md", "irisfix.lock   ", "a picture"},
	{"docs/format.md", "", "interop/second_implementation.py is written from this page"},
	{"docs/howto/go.md", "go get ", "needs a release"},
	{"docs/howto/go.md", "go test -ldflags", "fixturetest: TestAProgramMayHaveAnotherSQLite"},
	{"docs/howto/go.md", "go tool irisfix", "fixturetest: TestThePageAboutGo"},
	{"docs/howto/go.md", "--- FAIL: ", "fixturetest: TestThePageAboutGo"},
	{"docs/howto/install.md", "", "interop/test_install.py follows it"},
	{"docs/howto/pytest.md", "@pytest.mark.dat_fixture(\"orders\")\ndef test_total", "the same as the first test of the page"},
	{"docs/howto/pytest.md", "go install ./cmd/irisfix", "interop/test_example_pytest.py installs both"},
	{"docs/howto/pytest.md", "pip install pytest-irisfix[iris]", "python/tests/test_iris.py takes such a target"},
	{"docs/iris.md", "iris://user", "the form of a URL"},
	{"docs/iris.md", "go run ./loader/iris/iristest/cmd/iristest", "runs until it is stopped; loader/iris/iristest/demo starts it"},
	{"docs/operations.md", "registry ──►", "a picture"},
	{"docs/reference.md", "CREATE TABLE IF NOT EXISTS \"IrisFix.Loads\"", "loader/sqlite runs it"},
	{"docs/decisions/iris-wire.md", "", "messages in hexadecimal"},
}

// Every block of every page is run, written to a file for what is run, or named above; and nothing stands above that is
// not in a page.
func TestNoExampleEscapes(t *testing.T) {
	used := map[int]bool{}
	for _, p := range pages(t) {
		blocks := fence.FindAllStringSubmatch(p.text, -1)
		marks := 0
		for line := range strings.Lines(p.text) {
			if line = strings.TrimLeft(line, " \t>"); strings.HasPrefix(line, "```") || strings.HasPrefix(line, "~~~") {
				marks++
			}
		}
		if marks != 2*len(blocks) {
			t.Errorf("%s: %d lines with ``` or ~~~ for %d blocks", p.name, marks, len(blocks))
		}
		for _, block := range blocks {
			if block[1] == "" && !isSession(block) && !excused(p, block[4], used) {
				t.Errorf("%s: nobody runs or checks the block that begins so:\n%.200s", p.name, block[4])
			}
		}
	}
	for i, e := range excuses {
		if !used[i] {
			t.Errorf("%s has no such block: %s", e.page, e.begins)
		}
	}
}

// What CONTRIBUTING.md says of pages is so.
func TestHowPagesAreRun(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the pages are for a shell")
	}
	const text = `<!-- file: sub/greet.sh -->
~~~sh
echo "$1, $NAME at 127.0.0.1:5000"
~~~

~~~console
$ export NAME=Ada; cd sub
old
$ sh greet.sh \
    'good morning'
$ pwd; echo "$HOME"
$ irisfix list 127.0.0.1:5000/acme
$ echo unseen >&2
$ echo seen >&2; exit 3
~~~

~~~console
$ echo 0.04 s, '"elapsed_seconds": 1e-3'
0.01 s, "elapsed_seconds": 0.5
~~~
`
	const want = `$ export NAME=Ada; cd sub
$ sh greet.sh \
    'good morning'
good morning, Ada at 127.0.0.1:5000
$ pwd; echo "$HOME"
/work/sub
/home/me
$ irisfix list 127.0.0.1:5000/acme
irisfix: not found: 127.0.0.1:5000/acme
`
	p := &page{name: "page.md", text: strings.ReplaceAll(text, "~~~", "```")}
	got := p.follow(newReader(t, p))
	blocks := fence.FindAllStringSubmatch(got, -1)
	if len(blocks) != 3 || blocks[0][0] != fence.FindString(p.text) {
		t.Fatalf("%q", blocks)
	}
	if b := blocks[1][4]; !strings.HasPrefix(b, want) || !strings.HasSuffix(b, "$ echo unseen >&2\n$ echo seen >&2; exit 3\nseen\n") {
		t.Errorf("%s", b)
	}
	if blocks[2][4] != "$ echo 0.04 s, '\"elapsed_seconds\": 1e-3'\n0.01 s, \"elapsed_seconds\": 0.5\n" {
		t.Errorf("%s", blocks[2][4])
	}
}

func excused(p *page, block string, used map[int]bool) bool {
	for i, e := range excuses {
		if (e.page == p.name || strings.HasSuffix(e.page, "/") && strings.HasPrefix(p.name, e.page)) && strings.HasPrefix(block, e.begins) {
			used[i] = true
			return true
		}
	}
	return false
}
