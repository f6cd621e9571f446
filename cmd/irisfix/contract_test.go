package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/irisfix/irisfix/internal/explain"
)

// scriptless are the classes that no script can provoke, with the message in internal/explain that stands for them.
// SIGTERM is sent by TestTermination.
var scriptless = map[int]string{11: "rollback-failed", 70: "panic", 143: "interrupted-pin"}

// Every class is provoked by a script that compares exit code and whole message.
func TestEveryClassHasAScript(t *testing.T) {
	files, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	words, err := os.ReadFile(filepath.Join("..", "..", "internal", "explain", "testdata", "words.txtar"))
	if err != nil {
		t.Fatal(err)
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
		for _, c := range explain.Classes() {
			for _, m := range compared.FindAllStringSubmatch(script, -1) {
				if m[1] == strconv.Itoa(c.Code) && says(m[2], c.Name) {
					provoked[strconv.Itoa(c.Code)]++
				}
			}
			for _, m := range signalled.FindAllStringSubmatch(script, -1) {
				if c.Code == 130 && says(m[1], c.Name) {
					provoked["130"]++
				}
			}
		}
	}
	for _, c := range explain.Classes() {
		message, excused := scriptless[c.Code]
		switch n := provoked[strconv.Itoa(c.Code)]; {
		case excused && n > 0:
			t.Errorf("%d %s has a script now: take it from the list of those that have none", c.Code, c.Name)
		case !excused && n == 0:
			t.Errorf("%d %s has no script", c.Code, c.Name)
		case excused && !strings.Contains(string(words), "-- "+message+" --\nirisfix: "+c.Words()+": "):
			t.Errorf("%d %s has no message %q", c.Code, c.Name, message)
		}
	}
}
