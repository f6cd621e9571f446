package main

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/irisfix/irisfix/loader/iris/iristest"
)

var readme = flag.Bool("update-readme", false, "write what is printed into README.md")

// TestReadme runs the commands in README.md as a reader would, one after the other, and compares what it shows.
func TestReadme(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the page is for a shell")
	}
	path := filepath.Join("..", "..", "README.md")
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	tour := newTour(t)
	block := regexp.MustCompile("(?s)```console\n(\\$ .*?)```")
	count := 0
	got := block.ReplaceAllStringFunc(string(page), func(old string) string {
		var b strings.Builder
		for line := range strings.Lines(block.FindStringSubmatch(old)[1]) {
			if command, ok := strings.CutPrefix(line, "$ "); ok {
				count++
				b.WriteString(line + tour.run(command))
			}
		}
		return "```console\n" + b.String() + "```"
	})
	if count < 10 {
		t.Errorf("only %d commands", count)
	}
	if *readme {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	seconds := regexp.MustCompile(`\d+\.\d\d s`)
	want := strings.Split(seconds.ReplaceAllString(string(page), "N s"), "\n")
	for i, line := range strings.Split(seconds.ReplaceAllString(got, "N s"), "\n") {
		if i >= len(want) || line != want[i] {
			t.Fatalf("README.md:%d says other than what is printed:\n%s\nwrite it with -update-readme", i+1, line)
		}
	}
}

// tour is a directory in which a reader follows the page, with a registry and a server of IRIS's protocol beside it.
type tour struct {
	t       *testing.T
	dir     string
	address string
	iris    string
	env     []string
}

func newTour(t *testing.T) *tour {
	dir := t.TempDir()
	t.Cleanup(func() { _ = removeAll(filepath.Join(dir, "cache")) })
	from, err := filepath.Abs(filepath.Join("..", "..", "testdata"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(from, filepath.Join(dir, "testdata")); err != nil {
		t.Fatal(err)
	}
	_, address := serve(t, dir, "--addr", "127.0.0.1:0", "--dir", "registry")
	env := append(os.Environ(), "HOME="+dir, "DOCKER_CONFIG="+dir, "IRISFIX_CACHE_DIR="+filepath.Join(dir, "cache"),
		"SOURCE_DATE_EPOCH=1767225600")
	return &tour{t, dir, address, iristest.New(t).Addr(), env}
}

// run returns what a command prints: its result, or what went wrong.
func (r *tour) run(command string) string {
	cmd := exec.Command("sh", "-c", strings.NewReplacer("127.0.0.1:5000", r.address, "127.0.0.1:1972", r.iris).Replace(command))
	cmd.Dir, cmd.Env = r.dir, r.env
	var out, messages strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &messages
	if err := cmd.Run(); err != nil && messages.Len() == 0 {
		r.t.Fatalf("%s%v", command, err)
	} else if err != nil {
		out.WriteString(messages.String())
	}
	return strings.NewReplacer(r.address, "127.0.0.1:5000", r.iris, "127.0.0.1:1972").Replace(out.String())
}
