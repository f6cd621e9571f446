package main

import (
	"os"
	"strings"
	"testing"
)

// Nothing is released whose licence nobody has read, and no licence is listed of what is not in it.
func TestEveryLinkedModuleHasALicence(t *testing.T) {
	t.Chdir("../..")
	unused := map[string]bool{}
	for path := range licences {
		unused[path] = true
	}
	for _, p := range platforms {
		modules, err := linked(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		if len(modules) < 15 || modules[0].path != "std" {
			t.Errorf("%s: only %d modules, of which %s is the first", p, len(modules), modules[0].path)
		}
		for _, m := range modules {
			delete(unused, m.path)
		}
		text, err := thirdParty(t.Context(), p)
		if err != nil {
			t.Errorf("%s: %v", p, err)
		}
		for _, m := range modules {
			if !strings.Contains(string(text), "\n"+m.path+" "+m.version+": "+licences[m.path]+"\n") {
				t.Errorf("%s: the text does not name %s %s", p, m.path, m.version)
			}
		}
		// Parts with a licence of their own, and a licence that is not in a file LICENSE.
		for _, part := range []string{"internal/snapref/LICENSE", "The Go Authors", "This is free and unencumbered software"} {
			if !strings.Contains(string(text), part) {
				t.Errorf("%s: the text lacks %q", p, part)
			}
		}
	}
	for path := range unused {
		t.Errorf("%s is in no program any more", path)
	}
}

func TestSBOMSaysNothingOfTheMachineThatWroteIt(t *testing.T) {
	for name, want := range map[string]string{"written": "tidied", "unknown": "", "empty": ""} {
		data, err := os.ReadFile("testdata/" + name + ".cdx.json")
		if err != nil {
			t.Fatal(err)
		}
		got, err := tidySBOM(data, newYear)
		if want == "" {
			if err == nil {
				t.Errorf("%s: no error", name)
			}
			continue
		}
		wanted, readErr := os.ReadFile("testdata/" + want + ".cdx.json")
		if err != nil || readErr != nil || string(got) != string(wanted) {
			t.Errorf("%s: %v, %v\n%s", name, err, readErr, got)
		}
	}
}

func TestPlatformsAreChosenByName(t *testing.T) {
	if all, err := choose(nil); err != nil || len(all) != 6 {
		t.Errorf("%v, %v", all, err)
	}
	if one, err := choose([]string{"windows/arm64"}); err != nil || len(one) != 1 || one[0].program() != "irisfix.exe" {
		t.Errorf("%v, %v", one, err)
	}
	if p, err := choose([]string{"linux/amd64", "plan9/386"}); err == nil {
		t.Errorf("%v", p)
	}
}

func TestAnArchiveOfTheSourcesKnowsItsCommit(t *testing.T) {
	const commit = "24e7b25e7b7068545ce242dc2f545e9c054f9d2d"
	t.Setenv("SOURCE_DATE_EPOCH", "")
	if got, at, err := source(t.Context(), commit+" 1767225600\n"); err != nil || got != commit || !at.Equal(newYear) {
		t.Errorf("%s, %v, %v", got, at, err)
	}
	t.Setenv("SOURCE_DATE_EPOCH", "1767225600")
	if got, at, err := source(t.Context(), commit+" 1800000000\n"); err != nil || got != commit || !at.Equal(newYear) {
		t.Errorf("%s, %v, %v", got, at, err)
	}
	for _, text := range []string{"soon", "-1", "0"} {
		t.Setenv("SOURCE_DATE_EPOCH", text)
		if _, at, err := source(t.Context(), commit+" 1800000000\n"); err == nil {
			t.Errorf("%s is %v", text, at)
		}
	}
}
