package main

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/cobra"
)

// before is what the examples take for granted.
const before = `env TOKEN=secret
database IRIS.DAT
sql app.db 'DROP TABLE orders' 'ALTER TABLE customer RENAME TO customers' 'CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER REFERENCES customers (id))' 'INSERT INTO orders VALUES (1, 1)'
exec irisfix create --name orders --output fixtures/orders --from sqlite:app.db
exec irisfix create --name whole --output fixtures/whole --database IRIS.DAT
exec irisfix create --name orders --output testdata/fixtures/orders --from sqlite:app.db
exec irisfix push fixtures/orders ghcr.io/acme/fixtures/orders:1.1.0
exec irisfix push fixtures/orders ghcr.io/acme/orders:1.0.0
exec irisfix push fixtures/orders ghcr.io/acme/fixtures/orders:1.0.0 --pin orders
exec irisfix push fixtures/whole ghcr.io/acme/whole:1.0.0 --pin whole
exec irisfix pull
rm fixtures/orders fixtures/whole
exec irisfix pull -o fixtures
rm usb
`

// inGitLFS puts the fixtures under git and their files into Git LFS.
const inGitLFS = `env GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
exec git init -q -b main .
pointer fixtures/orders/customers.dat fixtures/orders/orders.dat fixtures/whole/IRIS.DAT
exec git add fixtures
exec git commit -q -m begin
`

// TestExamples runs the examples of all help texts as they stand there, each command's with what the examples before
// it have left.
func TestExamples(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the examples are for a shell")
	}
	dir := t.TempDir()
	count := 0
	for _, cmd := range commands(newRoot(newApp(&console{env: os.Getenv}, nil))) {
		if cmd.Example == "" {
			if cmd.Runnable() && cmd.Name() != "irisfix" && cmd.Name() != "help" && cmd.Parent().Name() != "completion" {
				t.Errorf("%s has no example", cmd.CommandPath())
			}
			continue
		}
		script := before
		if cmd.Name() == "unload" {
			script += "exec irisfix load orders --to sqlite:test.db\nexec irisfix load whole --to dir:databases/test\n"
		}
		if cmd.Name() == "create" || cmd.Name() == "irisfix" {
			script += "rm fixtures\n"
		}
		if strings.HasPrefix(cmd.CommandPath(), "irisfix lfs") {
			script += inGitLFS
		}
		if cmd.CommandPath() == "irisfix sandbox remove" {
			script += "irisserver plain\nstdin kept\nexec irisfix sandbox --to $IRIS\nnamed\n"
		}
		for line := range strings.Lines(cmd.Example) {
			line = strings.TrimSpace(line)
			if !strings.HasPrefix(line, "irisfix") && !strings.Contains(line, "| irisfix") {
				t.Errorf("%s: not a command: %s", cmd.CommandPath(), line)
			}
			script += example(line)
			count++
		}
		name := strings.ReplaceAll(cmd.CommandPath(), " ", "_") + ".txtar"
		if err := os.WriteFile(filepath.Join(dir, name), []byte(script+"-- prompted --\nme\nsecret\n-- kept --\n"+`{"open":{"fixtures":["./fixtures/orders"],"keep":true}}`+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if count < 40 {
		t.Errorf("only %d examples", count)
	}
	params := scripts(t, dir)
	params.UpdateScripts = false
	testscript.Run(t, params)
}

// example is the line of a script that runs an example.
func example(line string) string {
	quoted := "exec sh -c '" + strings.ReplaceAll(line, "'", "''") + "'\n"
	switch {
	case strings.HasPrefix(line, "irisfix serve"): // runs until it is stopped; TestServe does
		return "exec irisfix serve --help\n"
	case strings.HasPrefix(line, "irisfix sandbox remove"): // a name is never used twice
		return "exec irisfix sandbox remove $NAME --to $IRIS\n"
	case line == "irisfix login registry.example.com": // asks on a terminal
		if runtime.GOOS != "linux" {
			return ""
		}
		return "ttyin -stdin prompted\n" + quoted
	}
	return quoted
}

// commands lists a command and all below it.
func commands(cmd *cobra.Command) []*cobra.Command {
	list := []*cobra.Command{cmd}
	for _, c := range cmd.Commands() {
		list = append(list, commands(c)...)
	}
	return list
}
