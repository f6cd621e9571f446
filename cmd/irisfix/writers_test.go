package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// atOnce runs command lines at the same time and returns what each printed on its error stream, with its exit code.
func atOnce(t *testing.T, dir string, lines ...string) (codes []int, errs []string) {
	t.Helper()
	processes := make([]*exec.Cmd, len(lines))
	said := make([]bytes.Buffer, len(lines))
	for i, line := range lines {
		processes[i] = program(t, dir, strings.Fields(line)...)
		processes[i].Stderr = &said[i]
		if err := processes[i].Start(); err != nil {
			t.Fatal(err)
		}
	}
	for i, p := range processes {
		p.Wait()
		codes, errs = append(codes, p.ProcessState.ExitCode()), append(errs, said[i].String())
	}
	return codes, errs
}

func must(t *testing.T, dir, line string) {
	t.Helper()
	if out, err := program(t, dir, strings.Fields(line)...).CombinedOutput(); err != nil {
		t.Fatalf("irisfix %s: %s", line, out)
	}
}

// Two and more writers at once: each one's work is whole, or it is told what was in the way.
func TestWritersAtOnce(t *testing.T) {
	dir := t.TempDir()
	if err := makeDatabase(filepath.Join(dir, "app.db"), small); err != nil {
		t.Fatal(err)
	}
	server, address := serve(t, dir, "--addr", "127.0.0.1:0", "--dir", "registry")
	defer func() { server.Process.Kill(); server.Wait() }()
	must(t, dir, "create --name one --output one --from sqlite:app.db")
	must(t, dir, "create --name two --output two --from sqlite:app.db --tables customer --version 2.0.0")
	must(t, dir, "push one "+address+"/acme/one:1")
	must(t, dir, "push two "+address+"/acme/two:1")

	t.Run("one lock file", func(t *testing.T) {
		var lines []string
		for i := range 8 {
			lines = append(lines, fmt.Sprintf("pin name%d %s/acme/one:1", i, address))
		}
		codes, errs := atOnce(t, dir, lines...)
		if slices.Max(codes) != 0 {
			t.Errorf("%v %q", codes, errs)
		}
		data, err := os.ReadFile(filepath.Join(dir, "irisfix.lock"))
		if err != nil || bytes.Count(data, []byte(`"name`)) != 8 {
			t.Errorf("%v\n%s", err, data)
		}
	})
	t.Run("one new directory", func(t *testing.T) {
		for range 5 {
			codes, errs := atOnce(t, dir, "create --name x --output new --from sqlite:app.db", "create --name x --output new --from sqlite:app.db --tables customer")
			for i, code := range codes {
				if code != 0 && (code != 10 || !strings.HasPrefix(errs[i], "irisfix: target conflict: new")) {
					t.Errorf("%d\n%s", code, errs[i])
				}
			}
			if slices.Min(codes) != 0 {
				t.Errorf("none has written: %q", errs)
			}
			must(t, dir, "validate ./new")
			if err := os.RemoveAll(filepath.Join(dir, "new")); err != nil {
				t.Fatal(err)
			}
		}
	})
	t.Run("one place to pull to", func(t *testing.T) {
		for range 5 {
			codes, errs := atOnce(t, dir, "pull "+address+"/acme/one:1 -o out", "pull "+address+"/acme/two:1 -o out", "pull "+address+"/acme/one:1 -o out")
			for i, code := range codes {
				if code != 0 && code != 10 {
					t.Errorf("%d\n%s", code, errs[i])
				}
			}
			must(t, dir, "validate ./out")
		}
	})
	t.Run("one directory that is updated", func(t *testing.T) {
		must(t, dir, "pull "+address+"/acme/one:1 -o changing")
		for range 5 {
			one, two := "pull "+address+"/acme/one:1 -o changing --force", "pull "+address+"/acme/two:1 -o changing --force"
			codes, errs := atOnce(t, dir, one, two, one, two, "create --name three --output changing --from sqlite:app.db --tables orders --force")
			if slices.Max(codes) != 0 {
				t.Errorf("%v %q", codes, errs)
			}
			must(t, dir, "validate ./changing")
		}
	})
	t.Run("one database", func(t *testing.T) {
		codes, errs := atOnce(t, dir, "load ./one --to sqlite:test.db", "load ./one --to sqlite:test.db", "load ./one --to sqlite:test.db", "load ./one --to sqlite:test.db")
		for i, code := range codes {
			if code != 0 && code != 12 {
				t.Errorf("%d\n%s", code, errs[i])
			}
		}
		must(t, dir, "create --name one --output back --from sqlite:test.db")
		for _, file := range []string{"customer.dat", "orders.dat"} {
			want, err1 := os.ReadFile(filepath.Join(dir, "one", file))
			got, err2 := os.ReadFile(filepath.Join(dir, "back", file))
			if err1 != nil || err2 != nil || !bytes.Equal(want, got) {
				t.Errorf("%s: %v, %v", file, err1, err2)
			}
		}
	})
}
