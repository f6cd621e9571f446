package wire

import (
	"bytes"
	"encoding/hex"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// itemVector is one line of testdata/items.txt; see testdata/README.md.
type itemVector struct {
	kind, value string
	readOnly    bool
	data        []byte
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.NewReplacer(" ", "", "\t", "", "|", "").Replace(s))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var codePoint = regexp.MustCompile(`\\u\{([0-9A-F]+)\}`)

func itemVectors(t testing.TB) []itemVector {
	t.Helper()
	file, err := os.ReadFile("testdata/items.txt")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []itemVector
	for line := range strings.Lines(string(file)) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), " | ")
		if len(f) != 4 {
			t.Fatalf("line of %d fields: %q", len(f), line)
		}
		kind, readOnly := strings.CutSuffix(f[0], "<")
		value := codePoint.ReplaceAllStringFunc(f[1], func(s string) string {
			r, _ := strconv.ParseInt(s[3:len(s)-1], 16, 32)
			return string(rune(r))
		})
		vectors = append(vectors, itemVector{kind, value, readOnly, unhex(t, f[2])})
	}
	return vectors
}

// messageVector is one file of testdata/messages: a header, unless it has none, and a body.
type messageVector struct {
	name    string
	code    string
	request bool
	header  *Header
	whole   []byte
	body    []byte
}

func messageVectors(t testing.TB) map[string]messageVector {
	t.Helper()
	paths, err := filepath.Glob("testdata/messages/*.hex")
	if err != nil || len(paths) == 0 {
		t.Fatal("no vectors", err)
	}
	vectors := map[string]messageVector{}
	for _, path := range paths {
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(path), ".hex")
		v := messageVector{}
		var text strings.Builder
		for line := range strings.Lines(string(file)) {
			if code, ok := strings.CutPrefix(line, "# code: "); ok {
				v.code = strings.TrimSpace(code)
			}
			v.request = v.request || strings.HasPrefix(line, "# direction: request")
			if !strings.HasPrefix(line, "#") {
				data, _, _ := strings.Cut(strings.TrimSpace(line), ";")
				text.WriteString(data)
			}
		}
		v.whole = unhex(t, text.String())
		v.body = v.whole
		if base, bare := strings.CutSuffix(name, ".body"); bare {
			name = base
		} else {
			h := ParseHeader([HeaderSize]byte(v.whole[:HeaderSize]))
			v.header, v.body = &h, v.whole[HeaderSize:]
		}
		v.name = name
		vectors[name] = v
	}
	return vectors
}

// same fails unless two pieces of bytes are equal.
func same(t testing.TB, what string, got, want []byte) {
	t.Helper()
	if !bytes.Equal(got, want) {
		t.Errorf("%s:\n got %x\nwant %x", what, got, want)
	}
}

// must passes the first result on, or fails.
func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// one reads the only item of a body.
func one(t testing.TB, body []byte) Item {
	t.Helper()
	r := NewReader(body)
	it, err := r.Next()
	if err != nil {
		t.Fatalf("%x: %v", body, err)
	}
	if r.More() {
		t.Fatalf("%x: more after the item", body)
	}
	return it
}
