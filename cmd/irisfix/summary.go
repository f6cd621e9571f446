package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/irisfix/irisfix/internal/phrase"
	"github.com/irisfix/irisfix/workspace"
)

// appendSummary adds to a file what a pull did, for people, in Markdown. GitHub Actions shows so what steps have appended to
// the file that GITHUB_STEP_SUMMARY names; it belongs to all of them, hence it is not replaced as a whole.
func appendSummary(path string, list []workspace.Pulled, requests int64) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = f.WriteString(summary(list, requests))
	return errors.Join(err, f.Close())
}

func summary(list []workspace.Pulled, requests int64) string {
	var b strings.Builder
	b.WriteString("\n### Test fixtures\n\n| Fixture | Version | Digest | Fetched | Here already |\n|---|---|---|--:|--:|\n")
	var fetched, reused int64
	for _, p := range list {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", markdownCode(p.Name), markdownCode(p.Version),
			markdownCode(phrase.ShortDigest(p.Digest.String())), phrase.Bytes(p.Fetched), phrase.Bytes(p.Reused))
		fetched, reused = fetched+p.Fetched, reused+p.Reused
	}
	if len(list) > 1 {
		fmt.Fprintf(&b, "| **%s** | | | **%s** | **%s** |\n", phrase.Count(int64(len(list)), "fixture"), phrase.Bytes(fetched), phrase.Bytes(reused))
	}
	if requests == 0 {
		b.WriteString("\nEverything was in the cache: no registry was asked.\n")
	} else {
		fmt.Fprintf(&b, "\n%s to registries.\n", phrase.Count(requests, "request"))
	}
	return b.String()
}

// markdownCode shows a text as code, in which nothing is markup and nobody is mentioned. What would end the code or the
// cell of a table is replaced; the rules for names and versions allow neither.
func markdownCode(s string) string {
	if s == "" {
		return ""
	}
	return "`" + strings.NewReplacer("`", "'", "|", "¦").Replace(phrase.OneLine(s)) + "`"
}
