package lockfile_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/irisfix/irisfix/registry/lockfile"
)

// renovate is what default.json, the preset for Renovate, says of lock files. Renovate's expressions are RE2, as Go's are.
func renovate(t *testing.T) (file, pin *regexp.Regexp) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "default.json"))
	if err != nil {
		t.Fatal(err)
	}
	var preset struct {
		CustomManagers []struct {
			ManagerFilePatterns, MatchStrings []string
		}
	}
	if err := json.Unmarshal(data, &preset); err != nil {
		t.Fatal(err)
	}
	m := preset.CustomManagers
	if len(m) != 1 || len(m[0].ManagerFilePatterns) != 1 || len(m[0].MatchStrings) != 1 {
		t.Fatalf("other managers: %+v", m)
	}
	return regexp.MustCompile(strings.Trim(m[0].ManagerFilePatterns[0], "/")), regexp.MustCompile(m[0].MatchStrings[0])
}

// What the preset finds in a lock file is the pins that have a tag, in their parts, and what it changes is a lock file again.
func TestRenovateFindsAndChangesPins(t *testing.T) {
	_, pin := renovate(t)
	for reference, parts := range map[string][2]string{ // repository and tag; empty: stays as it is
		"ghcr.io/acme/orders:1.2.0":              {"ghcr.io/acme/orders", "1.2.0"},
		"ghcr.io/acme/team/fixtures/orders:1":    {"ghcr.io/acme/team/fixtures/orders", "1"},
		"127.0.0.1:5000/acme/shop:1.0.0":         {"127.0.0.1:5000/acme/shop", "1.0.0"},
		"localhost/shop:latest":                  {"localhost/shop", "latest"},
		"localhost:5000/a/b:5000":                {"localhost:5000/a/b", "5000"},
		"[::1]:5000/z:v2":                        {"[::1]:5000/z", "v2"},
		"registry.example.com/a_b/c-d.e:1.0.0-a": {"registry.example.com/a_b/c-d.e", "1.0.0-a"},
		"registry.example.com/x:_under.score-d":  {"registry.example.com/x", "_under.score-d"},
		"ghcr.io/acme/orders":                    {},
		"127.0.0.1:5000/acme/shop":               {},
		"[::1]:5000/z":                           {},
	} {
		var f lockfile.File
		for name, ref := range map[string]string{"a": "before.example/x", "N.am-e_1": reference, "z": "after.example/x"} {
			if err := f.Set(name, ref+"@sha256:"+hexA); err != nil {
				t.Fatal(err)
			}
		}
		text := string(f.Encode())
		found := pin.FindAllStringSubmatchIndex(text, -1)
		if parts == [2]string{} {
			if found != nil {
				t.Errorf("%s: found %d pins", reference, len(found))
			}
			continue
		}
		if len(found) != 1 {
			t.Errorf("%s: found %d pins", reference, len(found))
			continue
		}
		part := func(name string) string {
			i := 2 * pin.SubexpIndex(name)
			return text[found[0][i]:found[0][i+1]]
		}
		if got := [4]string{part("depName"), part("packageName"), part("currentValue"), part("currentDigest")}; got != [4]string{"N.am-e_1", parts[0], parts[1], "sha256:" + hexA} {
			t.Errorf("%s: %q", reference, got)
		}
		changed := text[:found[0][0]] + `"` + part("depName") + `": "` + part("packageName") + ":9.9.9@sha256:" + hexB + `"` + text[found[0][1]:]
		again, err := lockfile.Parse([]byte(changed))
		if err != nil {
			t.Errorf("%s: %v", reference, err)
			continue
		}
		if got, _ := again.Reference("N.am-e_1"); got != parts[0]+":9.9.9@sha256:"+hexB {
			t.Errorf("%s has become %s", reference, got)
		}
		if string(again.Encode()) != changed {
			t.Errorf("%s: the bytes are not canonical any more", reference)
		}
	}
}

func TestRenovateFindsLockFiles(t *testing.T) {
	file, _ := renovate(t)
	for path, want := range map[string]bool{
		lockfile.Name: true, "services/shop/" + lockfile.Name: true, "my" + lockfile.Name: false, lockfile.Name + ".bak": false, "irisfix-lock": false,
	} {
		if file.MatchString(path) != want {
			t.Errorf("%s: %v", path, !want)
		}
	}
}
