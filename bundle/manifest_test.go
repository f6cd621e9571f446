package bundle

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
)

const emptySum = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

// minimal is a manifest with one table; replace gives it other text in one place.
func minimal(replace ...string) string {
	s := `{
  "fixture_id": "rag-100",
  "version": "1.2.0",
  "schema_version": "1.0",
  "description": "",
  "created_at": "2026-01-31T12:00:00Z",
  "iris_version": "unknown",
  "tables": [
    {
      "name": "RAG.Entities",
      "row_count": 100,
      "file": "RAG.Entities.dat",
      "checksum": "` + emptySum + `"
    }
  ]
}
`
	for i := 0; i < len(replace); i += 2 {
		if !strings.Contains(s, replace[i]) {
			panic("nothing to replace: " + replace[i])
		}
		s = strings.Replace(s, replace[i], replace[i+1], 1)
	}
	return s
}

func TestCanonicalManifestsAreRewrittenByteForByte(t *testing.T) {
	tests := map[string]string{
		"a table fixture": minimal(),
		"everything": minimal(`"iris_version": "unknown",`, `"iris_version": "IRIS 2024.1 <&>",
  "namespace": "USER",`, "\n  ]\n}", `
  ],
  "features": {
    "weights": [
      1.50,
      1e3,
      -0
    ],
    "text": "\u00e9 <&> é",
    "none": null
  },
  "known_queries": [
    {
      "name": "all",
      "sql": "SELECT 1",
      "expect_rows": 1,
      "mine": 1.0
    },
    {
      "name": "scalar",
      "sql": "SELECT 2",
      "expect_value": 2.50
    }
  ],
  "x_unknown": {
    "kept": 1.000
  },
  "x_null": null
}`, `
      "checksum": "`+emptySum+`"`, `
      "checksum": "`+emptySum+`",
      "x_table": [
        1.10
      ]`),
		"a database fixture": minimal(`,
      "file": "RAG.Entities.dat",
      "checksum": "`+emptySum+`"`, "", "\n  ]\n}", `
  ],
  "dat_file": "IRIS.DAT",
  "checksum": "`+emptySum+`"
}`),
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			m, err := ParseManifest([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			if got := string(m.Encode()); got != text {
				t.Errorf("got\n%s\nwant\n%s", got, text)
			}
		})
	}
}

// What iris-devtester 1.x writes: another order of keys, nulls, no final newline.
func TestIrisDevtesterManifestIsAccepted(t *testing.T) {
	m, err := ParseManifest([]byte(`{"fixture_id": "static-pytest-test", "version": "1.0.0", "schema_version": "1.0",
		"description": "Static fixture", "created_at": "2025-11-04T14:29:15.506023Z", "iris_version": "unknown",
		"namespace": "STATIC_FIXTURE", "dat_file": "IRIS.DAT", "checksum": "` + emptySum + `",
		"tables": [{"name": "SQLUser.PluginTestData", "row_count": 2}], "features": null, "known_queries": null}`))
	if err != nil {
		t.Fatal(err)
	}
	if m.Kind() != Database || m.DatFile != "IRIS.DAT" || m.Rows() != 2 || len(m.Warnings()) != 0 {
		t.Errorf("%+v", m)
	}
}

func TestUnknownKeysAreAWarning(t *testing.T) {
	m, err := ParseManifest([]byte(minimal(`"description": "",`, `"description": "", "Fixture_ID": "x",`, `"row_count": 100,`, `"row_count": 100, "rows": 7,`)))
	if err != nil {
		t.Fatal(err)
	}
	want := `[{manifest.json unknown key "Fixture_ID", kept as it is} {table "RAG.Entities" unknown key "rows", kept as it is}]`
	if got := fmt.Sprint(m.Warnings()); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestEverythingThatIsWrongIsSaid(t *testing.T) {
	file := func(path string) string { return minimal(`"RAG.Entities.dat"`, path) }
	tests := []struct{ name, text, want string }{
		{"empty", "", "manifest.json: line 1, column 1: empty"},
		{"truncated", minimal()[:100], "manifest.json: line 5, column 21: ends too early"},
		{"not an object", "[1]", "manifest.json: not an object"},
		{"UTF-16", "\xff\xfe{\x00", "manifest.json: line 1, column 1: not UTF-8"},
		{"a duplicate key", minimal(`"version": "1.2.0",`, `"version": "1.2.0", "version": "1.3.0",`), `manifest.json: line 3, column 32: duplicate key "version"`},
		{"deeply nested", strings.Repeat(`{"a":`, 1000), "manifest.json: line 1, column 322: nested deeper than 64 levels"},
		{"too large", minimal() + strings.Repeat(" ", MaxManifest), "manifest.json: larger than 1 MiB"},
		{"several things", minimal(`"rag-100"`, `"rag 100"`, `"1.2.0"`, `"1.2"`, `"row_count": 100`, `"row_count": -1`),
			`manifest.json: tables[0].row_count: -1 is not a whole number of 0 or more; fixture_id: "rag 100" is not a name: letters, digits, dot, underscore and hyphen, at most 128; version: "1.2" is not a semantic version such as 1.0.0`},
		{"nothing required", `{"tables":[]}`, "manifest.json: fixture_id: missing or empty; version: missing or empty; schema_version: missing or empty; created_at: missing or empty; neither a table fixture (tables with file and checksum) nor a database fixture (dat_file and checksum)"},
		{"wrong types", minimal(`"rag-100"`, `100`, `"1.2.0"`, `null`, `[
    {`, `[3, {`), "manifest.json: fixture_id: not a text; tables[0]: not an object; tables[0].name: missing or empty; tables[0].row_count: missing; version: missing or empty; some tables have a file and some have none"},
		{"a fraction of a row", minimal(`100,`, `1.0,`), "manifest.json: tables[0].row_count: 1.0 is not a whole number of 0 or more"},
		{"more rows than can be counted", minimal(`100,`, `99999999999999999999,`), "manifest.json: tables[0].row_count: 99999999999999999999 is not a whole number of 0 or more"},
		{"local time", minimal(`12:00:00Z`, `12:00:00+01:00`), `manifest.json: created_at: "2026-01-31T12:00:00+01:00" is not a time in UTC such as 2026-01-31T12:00:00Z`},
		{"both kinds", minimal("\n  ]\n}", `],"dat_file":"IRIS.DAT","checksum":"`+emptySum+`"}`), "manifest.json: both a database fixture (dat_file) and a table fixture (tables with file)"},
		{"a checksum that is none", minimal(emptySum, "md5:abc"), `manifest.json: table "RAG.Entities": checksum "md5:abc" is not sha256: and 64 hex digits`},
		{"a checksum in capitals", minimal("e3b0c", "E3B0C"), `manifest.json: table "RAG.Entities": checksum "` + strings.Replace(emptySum, "e3b0c", "E3B0C", 1) + `" is not sha256: and 64 hex digits`},
		{"the same table twice", twoTables("A", "a.dat", "A", "b.dat"), `manifest.json: table "A": listed twice`},
		{"the record of loads", twoTables("A", "a.dat", "irisFix.Loads", "b.dat"), `manifest.json: table "irisFix.Loads": the name is reserved: irisfix.* for the record of loads, sqlite_* for SQLite`},
		{"case twins", twoTables("A", "x/a.dat", "B", "X/A.dat"), `manifest.json: X/A.dat: the same file as "x/a.dat" where case does not count`},
		{"a file below a file", twoTables("A", "a.dat", "B", "A.dat/b.dat"), `manifest.json: A.dat/b.dat: below "a.dat", which is a file`},
		{"a query without SQL", minimal("\n  ]\n}", `], "known_queries": [{"name": "q", "expect_value": []}]}`), "manifest.json: known_queries[0].expect_value: not a number, a text or a truth value; known_queries[0]: name or sql is missing"},
		{"features that are a list", minimal("\n  ]\n}", `], "features": [1]}`), "manifest.json: features: not an object"},
		{"dot dot", file(`"../x.dat"`), `manifest.json: table "RAG.Entities": "../x.dat": element ".." in the path`},
		{"a hidden folder", file(`".git/x.dat"`), `manifest.json: table "RAG.Entities": ".git/x.dat": the hidden name ".git"; programs act on files of such names`},
		{"a program", file(`"conftest.py"`), `manifest.json: table "RAG.Entities": "conftest.py": the file of a table ends in .dat`},
		{"absolute", file(`"/x.dat"`), `manifest.json: table "RAG.Entities": "/x.dat": absolute path`},
		{"drive letter", file(`"C:x.dat"`), `manifest.json: table "RAG.Entities": "C:x.dat": colon in the path, a drive letter or a stream on Windows`},
		{"backslash", file(`"a\\x.dat"`), `manifest.json: table "RAG.Entities": "a\\x.dat": backslash in the path; use forward slashes`},
		{"NUL", file(`"a\u0000.dat"`), `manifest.json: table "RAG.Entities": "a\x00.dat": control character in the path`},
		{"a device", file(`"sub/nul.txt"`), `manifest.json: table "RAG.Entities": "sub/nul.txt": the name "nul.txt" is reserved on Windows`},
		{"a device with a superscript", file(`"COM¹"`), `manifest.json: table "RAG.Entities": "COM¹": the name "COM¹" is reserved on Windows`},
		{"empty element", file(`"a//b"`), `manifest.json: table "RAG.Entities": "a//b": empty element in the path`},
		{"trailing dot", file(`"a."`), `manifest.json: table "RAG.Entities": "a.": an element that ends in a dot or blank, which Windows drops`},
		{"the manifest", file(`"Manifest.JSON"`), `manifest.json: table "RAG.Entities": "Manifest.JSON": the manifest itself`},
		{"an endless element", file(`"` + strings.Repeat("x", 256) + `"`), `manifest.json: table "RAG.Entities": "` + strings.Repeat("x", 256) + `": an element of 256 bytes in the path, more than 255`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ParseManifest([]byte(tt.text))
			var invalid *InvalidError
			if !errors.As(err, &invalid) || err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

func twoTables(name1, file1, name2, file2 string) string {
	entry := func(name, file string) string {
		return fmt.Sprintf(`{"name": %q, "row_count": 1, "file": %q, "checksum": %q}`, name, file, emptySum)
	}
	head, _, _ := strings.Cut(minimal(), `"tables"`)
	return head + `"tables": [` + entry(name1, file1) + "," + entry(name2, file2) + "]}"
}

func TestNewerSchemaAsksForANewerProgram(t *testing.T) {
	_, err := ParseManifest([]byte(minimal(`"schema_version": "1.0"`, `"schema_version": "2.0"`)))
	var newer *NewerError
	if !errors.As(err, &newer) || err.Error() != "schema_version: version 2.0 is newer" {
		t.Errorf("got %v", err)
	}
	if _, err := ParseManifest([]byte(minimal(`"schema_version": "1.0"`, `"schema_version": "0.9"`))); err == nil || errors.As(err, &newer) {
		t.Errorf("version 0.9, which never was: %v", err)
	}
	m, err := ParseManifest([]byte(minimal(`"schema_version": "1.0"`, `"schema_version": "1.3"`)))
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(m.Warnings()); got != "[{schema_version 1.3 is newer than 1.0; what it adds is ignored}]" {
		t.Error(got)
	}
}

func TestFileNames(t *testing.T) {
	tables := []string{"RAG.Entities", "rag.entities", "Rag.Entities", "with space", "a/b\\c", "Ünïcödé", "100%", "NUL", "com1", "..", ".hidden", strings.Repeat("long", 100), strings.Repeat("long", 101)}
	names := FileNames(tables)
	want := []string{"RAG.Entities.dat", "rag.entities~2.dat", "Rag.Entities~3.dat", "with%20space.dat", "a%2Fb%5Cc.dat",
		"%C3%9Cn%C3%AFc%C3%B6d%C3%A9.dat", "100%25.dat", "%4EUL.dat", "%63om1.dat", "...dat", ".hidden.dat"}
	for i, w := range want {
		if names[i] != w {
			t.Errorf("%q: got %s, want %s", tables[i], names[i], w)
		}
	}
	seen := map[string]bool{}
	for i, n := range names {
		if reason := checkPath(n); reason != "" {
			t.Errorf("%q gives %q: %s", tables[i], n, reason)
		}
		if seen[strings.ToLower(n)] {
			t.Errorf("%s twice", n)
		}
		seen[strings.ToLower(n)] = true
	}
}

// Whatever is accepted is written in canonical form, and that reads as the same manifest.
func FuzzManifest(f *testing.F) {
	f.Add([]byte(minimal()))
	f.Add([]byte(minimal(`"RAG.Entities.dat"`, `"../x"`)))
	f.Add([]byte(minimal("\n  ]\n}", `], "features": {"a": 1.50}, "known_queries": [{"name":"q","sql":"s","expect_value":null}], "x": [1]}`)))
	if data, err := os.ReadFile("testdata/manifest.json"); err == nil {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := ParseManifest(data)
		if err != nil {
			return
		}
		once := m.Encode()
		again, err := ParseManifest(once)
		if err != nil {
			if len(once) >= MaxManifest {
				return // indentation may make it larger than it was
			}
			t.Fatalf("%v\n%s", err, once)
		}
		if string(again.Encode()) != string(once) {
			t.Errorf("%s\n%s", once, again.Encode())
		}
	})
}
