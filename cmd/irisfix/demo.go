package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/ncruces/go-sqlite3"
	"github.com/spf13/cobra"

	"github.com/irisfix/irisfix/bundle"
	"github.com/irisfix/irisfix/internal/explain"
	"github.com/irisfix/irisfix/internal/phrase"
	"github.com/irisfix/irisfix/registry/lockfile"
	"github.com/irisfix/irisfix/testdata"
)

func newDemo(a *app) *cobra.Command {
	var dir string
	cmd := a.new("demo", "Run the whole story on this machine",
		`Runs the whole story in a few seconds: makes a fixture of a small database, pushes it to a
registry on this machine, pins it, fetches it as CI would, loads it with the registry gone, and
finds a damaged byte. Each command is printed before it runs, to be repeated by hand.

It works in a directory that is removed afterwards. With --dir everything stays there.`,
		`  irisfix demo
  irisfix demo --dir try`,
		exactly(), func(cmd *cobra.Command, _ []string) error { return a.demo(cmd.Context(), dir) })
	cmd.Flags().StringVar(&dir, "dir", "", "work in this new directory, and leave everything there")
	return cmd
}

// demo is one demonstration. Its commands are real: processes of this program.
type demo struct {
	*app
	ctx   context.Context
	dir   string
	steps []stepJSON
}

// stepJSON is a command in the result of demo.
type stepJSON struct {
	Command string  `json:"command"`
	Code    int     `json:"exit_code"`
	Elapsed float64 `json:"elapsed_seconds"`
}

func (a *app) demo(ctx context.Context, dir string) (err error) {
	d := &demo{app: a, ctx: ctx, dir: dir}
	if dir == "" {
		if d.dir, err = os.MkdirTemp("", "irisfix-demo-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, removeAll(d.dir)) }()
	} else if err := os.Mkdir(dir, 0o777); errors.Is(err, os.ErrExist) {
		return &bundle.OccupiedError{Path: dir, Reason: "the directory exists"}
	} else if err != nil {
		return err
	}
	if d.dir, err = filepath.Abs(d.dir); err != nil {
		return err
	}
	began := time.Now()
	if err := d.story(); err != nil {
		return err
	}
	return a.result(struct {
		schema
		Dir   string     `json:"dir"`
		Steps []stepJSON `json:"steps"`
	}{schema1, dir, d.steps}, func() {
		a.data("")
		a.data("That was all of it, in %.1f s.", time.Since(began).Seconds())
		if dir != "" {
			a.data("Everything is in %s; to use its cache: export IRISFIX_CACHE_DIR=%s", dir, phrase.ShellWord(filepath.Join(d.dir, "cache")))
		}
	})
}

// removeAll removes the cache too, whose files are read-only.
func removeAll(dir string) error {
	_ = filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err == nil && e.IsDir() {
			err = os.Chmod(path, 0o700)
		}
		return err
	})
	return os.RemoveAll(dir)
}

func (d *demo) story() error {
	if err := d.database("app.db", testdata.Shop); err != nil {
		return err
	}
	if err := lockfile.Update(d.ctx, filepath.Join(d.dir, lockfile.Name), func(*lockfile.File) error { return nil }); err != nil {
		return err
	}
	d.say("app.db is a SQLite database: a shop with seven tables. Make a fixture of it:")
	if err := d.run("create", "--name", "shop", "--output", "fixtures/shop", "--from", "sqlite:app.db"); err != nil {
		return err
	}
	d.say("Start a registry; in real life that is ghcr.io or your own:")
	address, stop, err := d.serve()
	if err != nil {
		return err
	}
	defer stop()
	repository := address + "/demo/shop"
	d.say("Push the fixture there, and pin it in irisfix.lock, which goes into git instead of the data:")
	if err := d.run("push", "fixtures/shop", repository+":1.0.0", "--pin", "shop"); err != nil {
		return err
	}
	d.say("Elsewhere, in CI: fetch what is pinned, and nothing else:")
	if err := d.run("pull", "--frozen"); err != nil {
		return err
	}
	stop()
	d.say("The registry is gone now. Load the fixture into a test database, all tables or none:")
	if err := d.run("load", "shop", "--to", "sqlite:test.db", "--offline"); err != nil {
		return err
	}
	if err := d.database("app.db", `UPDATE product SET price = price + 1 WHERE sku = 'P00007'; DELETE FROM order_line WHERE order_id = 7`); err != nil {
		return err
	}
	d.say("In app.db a price was changed and an order was emptied. Bring the fixture up to date, and compare:")
	if err := d.run("create", "--name", "shop", "--output", "fixtures/shop", "--from", "sqlite:app.db", "--version", "1.1.0", "--force"); err != nil {
		return err
	}
	if err := d.run("diff", "shop", "fixtures/shop", "--offline", "--sample", "2"); err != nil {
		return err
	}
	if err := flip(filepath.Join(d.dir, "fixtures", "shop", "product.dat")); err != nil {
		return err
	}
	d.say("One bit of a file flips. Nothing is ever loaded from that:")
	var failed *stepFailed
	if err := d.run("validate", "fixtures/shop"); !errors.As(err, &failed) || failed.code != 2 {
		return errors.Join(errors.New("validate has not seen the damage"), err)
	}
	return nil
}

func (d *demo) say(text string) {
	if !d.json {
		d.data("\n# %s", text)
	}
}

// database runs SQL.
func (d *demo) database(name, sql string) error {
	c, err := sqlite3.Open(filepath.Join(d.dir, name))
	if err != nil {
		return err
	}
	return errors.Join(c.Exec(sql), c.Close())
}

// flip changes one bit in the middle of a file.
func flip(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	data[len(data)/2] ^= 1
	return os.WriteFile(path, data, 0o644)
}

// process prepares a command of this program.
func (d *demo) process(ctx context.Context, args ...string) (*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, args...)
	cmd.Args[0] = os.Args[0]
	cmd.Dir = d.dir
	cmd.Env = append(slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "IRISFIX_") }), "IRISFIX_CACHE_DIR="+filepath.Join(d.dir, "cache"))
	cmd.Cancel = func() error {
		if cmd.Process.Signal(os.Interrupt) != nil {
			return cmd.Process.Kill() // Windows has no signals
		}
		return nil
	}
	cmd.WaitDelay = 10 * time.Second
	return cmd, nil
}

// run runs a command of this program, and shows it.
func (d *demo) run(args ...string) error {
	cmd, err := d.process(d.ctx, args...)
	if err != nil {
		return err
	}
	line := d.show(args, "")
	if !d.json {
		cmd.Stdout, cmd.Stderr = d.out, d.err
	}
	began := time.Now()
	err = cmd.Run()
	if cause := context.Cause(d.ctx); cause != nil {
		return cause
	}
	if cmd.ProcessState == nil {
		return err
	}
	d.steps = append(d.steps, stepJSON{line, cmd.ProcessState.ExitCode(), seconds(time.Since(began))})
	if err != nil {
		return &stepFailed{line, cmd.ProcessState.ExitCode()}
	}
	return nil
}

// stepFailed reports a command that failed, and has said why. Its class becomes that of the demonstration.
type stepFailed struct {
	line string
	code int
}

func (e *stepFailed) Error() string { return fmt.Sprintf("%s: exit code %d", e.line, e.code) }

func (e *stepFailed) Class() *explain.Class { return explain.ByCode(e.code) }

func (e *stepFailed) Explain(explain.Invocation) explain.Explanation {
	return explain.Explanation{Subject: e.line, What: []string{"this step failed, as is said above"}, Fix: []explain.Step{
		{Do: "Mend that, and begin anew; to look into its files", Run: "irisfix demo --dir try"}}}
}

func (d *demo) show(args []string, end string) string {
	line := "irisfix"
	for _, arg := range args {
		line += " " + phrase.ShellWord(arg)
	}
	line += end
	if !d.json {
		d.data("$ %s", line)
	}
	return line
}

// serve starts a registry and returns its address.
func (d *demo) serve() (address string, stop func(), err error) {
	ctx, cancel := context.WithCancel(d.ctx)
	args := []string{"serve", "--addr", "127.0.0.1:0", "--dir", "registry"}
	cmd, err := d.process(ctx, args...)
	if err != nil {
		cancel()
		return "", nil, err
	}
	out, err := cmd.StdoutPipe()
	if err == nil {
		d.steps = append(d.steps, stepJSON{Command: d.show(args, " &")})
		err = cmd.Start()
	}
	if err != nil {
		cancel()
		return "", nil, err
	}
	stop = func() {
		cancel()
		_ = cmd.Wait() // it was told to end
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	line = strings.TrimSpace(line)
	address, found := strings.CutPrefix(line, "listening on http://")
	if err != nil || !found {
		stop()
		return "", nil, errors.Join(fmt.Errorf("irisfix serve: %q", line), err)
	}
	if !d.json {
		d.data("%s", line)
	}
	return address, stop, nil
}
