package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/opencontainers/go-digest"
	"github.com/rogpeppe/go-internal/testscript"
)

// pointer FILE...: puts files into Git LFS, as its clean filter does, in the repository of the directory above all.
func pointer(ts *testscript.TestScript, neg bool, args []string) {
	for _, name := range args {
		data, err := os.ReadFile(ts.MkAbs(name))
		ts.Check(err)
		d := digest.FromBytes(data)
		hex := d.Encoded()
		object := filepath.Join(ts.Getenv("WORK"), ".git", "lfs", "objects", hex[:2], hex[2:4], hex)
		ts.Check(os.MkdirAll(filepath.Dir(object), 0o755))
		ts.Check(os.WriteFile(object, data, 0o644))
		text := fmt.Sprintf("version https://git-lfs.github.com/spec/v1\noid %s\nsize %d\n", d, len(data))
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(text), 0o644))
	}
}
