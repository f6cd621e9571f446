package lfs

import (
	"errors"
	"strings"
	"testing"
)

const (
	hex64   = "4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393"
	pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:" + hex64 + "\nsize 12345\n"
)

// The rules are those of git-lfs docs/spec.md; where git-lfs itself would read what breaks one, so do we, and say so.
func TestPointers(t *testing.T) {
	good := Pointer{"sha256:" + hex64, 12345}
	for name, tt := range map[string]struct {
		text, reason string
		read         Pointer
	}{
		"the example of the specification": {pointer, "", good},
		"before the first release":         {strings.Replace(pointer, "git-lfs", "hawser", 1), "", good},
		"an extension":                     {strings.Replace(pointer, "oid", "ext-0-foo sha256:"+strings.Repeat("a", 64)+"\noid", 1), "", good},
		"a key that nobody knows":          {pointer + "x-y 1\n", "", good},

		"line ends of Windows":    {strings.ReplaceAll(pointer, "\n", "\r\n"), "a carriage return", good},
		"no last line end":        {strings.TrimSuffix(pointer, "\n"), "does not end in a line feed", good},
		"an empty line":           {strings.Replace(pointer, "\noid", "\n\noid", 1), "line 2 is not a key and a value", good},
		"the keys out of order":   {strings.Replace(strings.Replace(pointer, "oid sha256:"+hex64+"\n", "", 1), "size 12345\n", "size 12345\noid sha256:"+hex64+"\n", 1), `the key "oid" is not in its place`, Pointer{}},
		"a key twice":             {pointer + "size 12345\n", `the key "size" is not in its place`, Pointer{}},
		"the version twice":       {strings.Replace(pointer, "oid", "version https://git-lfs.github.com/spec/v1\noid", 1), `the key "version" twice`, Pointer{}},
		"another version":         {strings.Replace(pointer, "/v1", "/v12", 1), `the version "https://git-lfs.github.com/spec/v12"`, Pointer{}},
		"an oid that is a path":   {strings.Replace(pointer, hex64, "../../"+hex64[6:], 1), `the oid "sha256:../../` + hex64[6:] + `"`, Pointer{}},
		"an oid in capitals":      {strings.Replace(pointer, hex64, strings.ToUpper(hex64), 1), `the oid "sha256:` + strings.ToUpper(hex64) + `"`, Pointer{}},
		"another hash":            {strings.Replace(pointer, "sha256", "sha512", 1), `the oid "sha512:` + hex64 + `"`, Pointer{}},
		"a negative size":         {strings.Replace(pointer, "12345", "-1", 1), `the size "-1"`, Pointer{}},
		"a size beyond numbers":   {strings.Replace(pointer, "12345", "99999999999999999999", 1), `the size "99999999999999999999"`, Pointer{}},
		"a size with zeros":       {strings.Replace(pointer, "12345", "012345", 1), `the size "012345"`, good},
		"an empty file":           {strings.Replace(pointer, "12345", "0", 1), `the size "0"`, Pointer{good.Digest, 0}},
		"no size":                 {strings.Replace(pointer, "size 12345\n", "", 1), `the size ""`, Pointer{}},
		"two blanks":              {strings.Replace(pointer, "size ", "size  ", 1), `the size " 12345"`, Pointer{}},
		"a key with a bad letter": {strings.Replace(pointer, "oid", "o_d", 1), "line 2 is not a key and a value", Pointer{}},
		"not UTF-8":               {pointer + "x \xff\n", "not UTF-8", Pointer{}},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := ParsePointer([]byte(tt.text))
			var broken *PointerError
			switch {
			case tt.reason == "" && err != nil:
				t.Error(err)
			case tt.reason != "" && (!errors.As(err, &broken) || broken.Reason != tt.reason):
				t.Errorf("got %v, want %s", err, tt.reason)
			case p != tt.read:
				t.Errorf("read as %+v, want %+v", p, tt.read)
			}
		})
	}
	for name, text := range map[string]string{
		"nothing": "", "data": "PK\x03\x04", "a large file": pointer + strings.Repeat("x", maxPointer),
		"another tool's": "version https://example.com/v1\noid sha256:" + hex64 + "\nsize 1\n", "half a word": "versio",
	} {
		if _, err := ParsePointer([]byte(text)); err != ErrNotPointer {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Whatever is read as a pointer names an object that cannot lie outside of the store.
func FuzzPointer(f *testing.F) {
	for _, text := range []string{pointer, strings.ReplaceAll(pointer, "\n", "\r\n"), "", "version https://git-lfs.github.com/spec/v1\n",
		strings.Replace(pointer, "oid", "ext-0-a sha256:x\noid", 1), pointer + "z 1\n"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := ParsePointer(data)
		if err != nil && err != ErrNotPointer && !errors.As(err, new(*PointerError)) {
			t.Fatal(err)
		}
		if p == (Pointer{}) {
			if err == nil {
				t.Fatal("an empty pointer without an error")
			}
			return
		}
		if p.Digest.Validate() != nil || p.Size < 0 || len(data) >= maxPointer || err == nil && p.Size == 0 {
			t.Fatalf("%+v of %q", p, data)
		}
	})
}
