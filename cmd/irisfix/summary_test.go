package main

import (
	"strings"
	"testing"
)

// Whatever stands in a manifest, it stays in its cell and is not markup there.
func TestMarkdownCode(t *testing.T) {
	for text, want := range map[string]string{
		"":                               "",
		"1.0.0":                          "`1.0.0`",
		"a|b":                            "`a¦b`",
		`a\|b`:                           "`a\\¦b`",
		"` ![x](https://example.com/x)":  "`' ![x](https://example.com/x)`",
		"a\n| b\r\n# c\u2028d\u202ee":    "`a ¦ b  # c d e`",
		"<img src=x onerror=alert(1)>":   "`<img src=x onerror=alert(1)>`",
		"@acme/everyone see #1 \xff end": "`@acme/everyone see #1 \ufffd end`",
	} {
		if got := markdownCode(text); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

func FuzzMarkdownCode(f *testing.F) {
	f.Add("1.0.0")
	f.Add("a`|\\\n")
	f.Fuzz(func(t *testing.T, s string) {
		got := markdownCode(s)
		if s == "" && got == "" {
			return
		}
		inner, ok := strings.CutPrefix(got, "`")
		inner, closed := strings.CutSuffix(inner, "`")
		if !ok || !closed || strings.ContainsAny(inner, "`|\r\n") {
			t.Errorf("%q: %q", s, got)
		}
	})
}
