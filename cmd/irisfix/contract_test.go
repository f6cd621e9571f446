package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// contract is the table of exit codes that programs rely on, section 8 of the contracts. It is written down here a
// second time, so that a number or a name cannot change by accident.
var contract = []struct {
	code int
	name string
}{
	{1, "not-found"}, {2, "checksum-mismatch"}, {3, "table-not-found"}, {4, "connection-failed"}, {5, "load-failed"},
	{6, "registry-unavailable"}, {7, "unauthorized"}, {8, "pin-violation"}, {9, "fixture-invalid"}, {10, "target-conflict"},
	{11, "rollback-failed"}, {12, "local-io"}, {13, "not-cached"}, {64, "usage"}, {70, "internal"}, {130, "interrupted"}, {143, "interrupted"},
}

// scriptless are the classes that no script can provoke, with the message in testdata/words.txtar that stands for them.
// SIGTERM is sent by TestTermination.
var scriptless = map[int]string{11: "rollback-failed", 70: "panic", 143: "interrupted-pin"}

func TestClassesAreThoseOfTheContract(t *testing.T) {
	have := map[int]string{}
	for _, c := range classes {
		if _, twice := have[c.code]; twice {
			t.Errorf("two classes have the number %d", c.code)
		}
		have[c.code] = c.name
		if c.when == "" || c.match == nil || c.say == nil {
			t.Errorf("class %s is incomplete", c.name)
		}
	}
	for _, c := range contract {
		if have[c.code] != c.name {
			t.Errorf("%d is %q, want %q", c.code, have[c.code], c.name)
		}
		delete(have, c.code)
	}
	for code, name := range have {
		t.Errorf("%d %s is not in the contract", code, name)
	}
	if unclassified.code != 70 || unclassified.name != "internal" {
		t.Errorf("what nobody thought of is %d %s", unclassified.code, unclassified.name)
	}
}

// Every class is provoked by a script that compares exit code and whole message.
func TestEveryClassHasAScript(t *testing.T) {
	files, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	// exits CODE irisfix …, then cmp stderr NAME, then NAME with the words of the class.
	compared := regexp.MustCompile(`(?m)^(?:\[[^]]*\] )?(?:locked \S+ |exits )(\d+) irisfix .*\n(?:.*\n)?(?:\[[^]]*\] )?cmp stderr (\S+)$`)
	signalled := regexp.MustCompile(`(?m)^kill -INT .*\n.*\ncmp stderr (\S+)$`)
	provoked := map[string]int{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		script := string(data)
		says := func(section, class string) bool {
			return strings.Contains(script, "-- "+section+" --\nirisfix: "+strings.ReplaceAll(class, "-", " ")+": ")
		}
		for _, c := range contract {
			for _, m := range compared.FindAllStringSubmatch(script, -1) {
				if m[1] == strconv.Itoa(c.code) && says(m[2], c.name) {
					provoked[strconv.Itoa(c.code)]++
				}
			}
			for _, m := range signalled.FindAllStringSubmatch(script, -1) {
				if c.code == 130 && says(m[1], c.name) {
					provoked["130"]++
				}
			}
		}
	}
	for _, c := range contract {
		message, excused := scriptless[c.code]
		switch n := provoked[strconv.Itoa(c.code)]; {
		case excused && n > 0:
			t.Errorf("%d %s has a script now: take it from the list of those that have none", c.code, c.name)
		case !excused && n == 0:
			t.Errorf("%d %s has no script", c.code, c.name)
		case excused && !isUnreached(message, c.code):
			t.Errorf("%d %s has no message %q", c.code, c.name, message)
		}
	}
}

func isUnreached(name string, code int) bool {
	for _, s := range unreached {
		if s.name == name && s.code == code {
			return true
		}
	}
	return false
}
