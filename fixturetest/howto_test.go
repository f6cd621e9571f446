//go:build !windows

package fixturetest_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/irisfix/irisfix/loader/iris/iristest"
)

// block is a block of a page: 1 the file that the line before names, 2 its language, 3 what is in it.
var block = regexp.MustCompile("(?ms)(?:^<!-- file: (\\S+) -->\n)?^```(\\S+)\n(.*?)^```$")

// blocks are those of docs/howto/go.md in a language.
func blocks(t *testing.T, language string) (list [][]string) {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", "docs", "howto", "go.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range block.FindAllStringSubmatch(string(page), -1) {
		if b[2] == language {
			list = append(list, b)
		}
	}
	if len(list) == 0 {
		t.Fatalf("the page has nothing in %s", language)
	}
	return list
}

// project is a module of a reader, who has the modules that we have.
type project struct{ dir string }

func newProject(t *testing.T, files map[string]string) project {
	t.Helper()
	p := project{t.TempDir()}
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	ours, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	files["go.mod"] = strings.Replace(string(ours), "module github.com/irisfix/irisfix", "module example.com/shop", 1) +
		fmt.Sprintf("\nrequire github.com/irisfix/irisfix v0.0.0\n\nreplace github.com/irisfix/irisfix => %q\n\ntool github.com/irisfix/irisfix/cmd/irisfix\n", root)
	files["go.sum"] = string(sums)
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(p.dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

// run runs the go command there, without a network.
func (p project) run(t *testing.T, env []string, args ...string) (out string, err error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = p.dir
	cmd.Env = append(os.Environ(), append([]string{"GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off"}, env...)...)
	text, err := cmd.CombinedOutput()
	return string(text), err
}

// What the page shows is compiled, run, and fails as it says.
func TestThePageAboutGo(t *testing.T) {
	w := newWorld(t)
	server := iristest.New(t)
	lock, err := os.ReadFile(w.lock)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{"irisfix.lock": string(lock)}
	for _, b := range blocks(t, "go") {
		files[b[1]] = b[3]
	}
	p := newProject(t, files)
	env := []string{"IRISFIX_CACHE_DIR=" + w.cache, "IRISFIX_TARGET=" + server.URL()}
	if out, err := p.run(t, nil, "vet", "./..."); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	out, err := p.run(t, append(env, "IRISFIX_OFFLINE=1"), "test", "-run", "Bob", "./...")
	text := blocks(t, "text")[0][3]
	if shown := strings.ReplaceAll(regexp.MustCompile(`\(\d+\.\d+s\)`).ReplaceAllString(out, "(0.00s)"), w.host, "127.0.0.1:5000"); err == nil || !strings.HasPrefix(shown, text) {
		t.Errorf("with an empty cache it printed %v\n%s\nnot\n%s", err, shown, text)
	}
	fetch, test, found := strings.Cut(blocks(t, "sh")[2][3], "\n")
	if !found || fetch != "go tool irisfix pull --frozen" || test != "IRISFIX_FROZEN=1 IRISFIX_OFFLINE=1 go test ./...\n" {
		t.Errorf("the page has other commands for CI now: %s, %s", fetch, test)
	}
	if out, err := p.run(t, env, "tool", "irisfix", "pull", "--frozen"); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	out, err = p.run(t, append(env, "IRISFIX_FROZEN=1", "IRISFIX_OFFLINE=1"), "test", "-v", "./...")
	if err != nil || strings.Count(out, "--- PASS: ") != 4 || !strings.Contains(out, "shop 1.0.0: 7 tables, ") {
		t.Errorf("%v\n%s", err, out)
	}
}

// other registers a driver with the name of ours, as mattn/go-sqlite3 does.
const other = `package shop

import (
	"database/sql"
	"database/sql/driver"
	"errors"
)

func init() { sql.Register("sqlite3", none{}) }

type none struct{}

func (none) Open(string) (driver.Conn, error) { return nil, errors.New("another driver") }
`

func TestAProgramMayHaveAnotherSQLite(t *testing.T) {
	w := newWorld(t)
	lock, err := os.ReadFile(w.lock)
	if err != nil {
		t.Fatal(err)
	}
	p := newProject(t, map[string]string{"irisfix.lock": string(lock), "shop_test.go": blocks(t, "go")[0][3], "other.go": other})
	flag := regexp.MustCompile(`-ldflags='(.*)'`).FindStringSubmatch(blocks(t, "sh")[1][3])
	if flag == nil {
		t.Fatal("the page has no such flag any more")
	}
	doc, err := os.ReadFile("doc.go")
	if err != nil || !strings.Contains(string(doc), flag[0]) {
		t.Errorf("the documentation of the package does not say %s: %v", flag[0], err)
	}
	env := []string{"IRISFIX_CACHE_DIR=" + w.cache}
	if out, err := p.run(t, env, "test", "./..."); err == nil || !strings.Contains(out, "sql: Register called twice for driver sqlite3") {
		t.Errorf("without the flag: %v\n%s", err, out)
	}
	if out, err := p.run(t, env, "test", "-ldflags="+flag[1], "./..."); err != nil {
		t.Errorf("with the flag: %v\n%s", err, out)
	}
}
