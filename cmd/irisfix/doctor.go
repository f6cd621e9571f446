package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"oras.land/oras-go/v2/registry/remote/auth"

	"github.com/irisfix/irisfix/internal/atomicfile"
	"github.com/irisfix/irisfix/internal/explain"
	"github.com/irisfix/irisfix/internal/phrase"
	"github.com/irisfix/irisfix/internal/settings"
	"github.com/irisfix/irisfix/registry"
	"github.com/irisfix/irisfix/registry/cache"
	"github.com/irisfix/irisfix/registry/lockfile"
)

func newDoctor(a *app) *cobra.Command {
	return a.new("doctor [REGISTRY | TARGET | FILE]", "Find the usual troubles, and say how to mend them",
		`Checks what irisfix needs: a cache that can be written, a lock file that can be read, registries
that answer and the credentials for them, a clock that is right, a database that can be opened.
Without an argument the registries are those of irisfix.lock and the database is that of
IRISFIX_TARGET, else the InterSystems IRIS that is found here: each of its settings is told with
where it came from. The exit code is that of the first check that failed.

FILE is a database file such as IRIS.DAT, a directory with one, or a database fixture. Whether a
server will mount it is told from its first pages: byte order, block size, encryption, length.`,
		`  irisfix doctor
  irisfix doctor ghcr.io
  irisfix doctor sqlite:test.db
  irisfix doctor IRIS.DAT`,
		upTo(1), func(cmd *cobra.Command, args []string) error {
			d := &doctor{app: a, ctx: cmd.Context()}
			return d.run(args)
		})
}

// doctor checks one thing after another.
type doctor struct {
	*app
	ctx    context.Context
	from   string // where the target was named
	checks []check
}

// check is what was found about one thing. With an advice it is a warning.
type check struct {
	name, detail string
	err          error
	advice       []explain.Step
}

func (d *doctor) run(args []string) error {
	target, file, hosts, err := d.subjects(args)
	if err != nil {
		return err
	}
	d.check("cache", d.cacheWorks)
	d.check("lock file", func() (string, error) { return d.lockFileReads(&hosts) })
	for _, host := range hosts {
		d.check("credentials for "+host, func() (string, error) { return d.credentialsFor(host) })
		d.check("registry "+host, func() (string, error) { return d.registryAnswers(host) })
	}
	kind, _, _ := strings.Cut(target, ":")
	meant := target != ""
	if kind == "iris" || len(args) == 0 && target == "" {
		meant = d.checkServer(target)
	}
	if meant {
		d.check("target", func() (string, error) { return d.targetOpens(target) })
	}
	if dir, ok := strings.CutPrefix(target, "dir:"); ok {
		if path := databaseIn(dir); path != "" {
			d.checkDatabase(path, false)
		}
	}
	if file != "" {
		d.checkDatabase(file, true)
	}
	return d.report()
}

// subjects are the target, the database file and the registries that the command line names.
func (d *doctor) subjects(args []string) (target, file string, hosts []string, err error) {
	target, d.from = d.env("IRISFIX_TARGET"), "IRISFIX_TARGET"
	if len(args) == 0 {
		return target, "", nil, nil
	}
	if kind, _, ok := strings.Cut(args[0], ":"); ok && slices.Contains([]string{"sqlite", "dir", "iris"}, kind) {
		d.from = "the argument"
		return args[0], "", nil, nil
	}
	if namesFile(args[0]) {
		file, err = d.databaseOf(args[0])
		return "", file, nil, err
	}
	host, _, _ := strings.Cut(args[0], "/")
	if _, err := registry.ParseReference(host + "/x"); err != nil {
		return "", "", nil, usageError(settings.Redact(args[0]) + ": neither the host of a registry, nor a target such as sqlite:PATH, nor a file")
	}
	return target, "", []string{host}, nil
}

func (d *doctor) check(name string, fn func() (string, error)) {
	detail, err := fn()
	if context.Cause(d.ctx) != nil {
		return
	}
	d.checks = append(d.checks, check{name: name, detail: detail, err: err})
}

func (d *doctor) cacheWorks() (string, error) {
	dir := d.around.CacheDir(d.cacheDir)
	if dir == "" {
		return "", &cache.PlaceError{}
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return "", err
	}
	probe := filepath.Join(dir, "doctor")
	if err := atomicfile.WriteFile(probe, []byte("can be written\n"), 0o666); err != nil {
		return "", err
	}
	return dir + " can be written", os.Remove(probe)
}

// lockFileReads also adds the registries of the lock file, if none was asked for.
func (d *doctor) lockFileReads(hosts *[]string) (string, error) {
	w, err := d.workspace()
	if err != nil {
		return "", err
	}
	pins, err := w.Pins()
	if err != nil {
		return "", err
	}
	if len(*hosts) == 0 {
		for _, p := range pins {
			if host := p.Reference.Registry; !slices.Contains(*hosts, host) {
				*hosts = append(*hosts, host)
			}
		}
	}
	if len(pins) == 0 {
		return "nothing is pinned, or there is no " + lockfile.Name, nil
	}
	return phrase.Count(int64(len(pins)), "fixture") + " pinned", nil
}

func (d *doctor) credentialsFor(host string) (string, error) {
	c, err := d.around.Credentials()
	if err != nil {
		return "", err
	}
	cred, source, err := c.Find(d.ctx, host)
	if err != nil {
		return "", err
	}
	if cred == auth.EmptyCredential {
		return "none; enough for what everybody may read", nil
	}
	who := cred.Username
	if who == "" {
		who = "a token"
	}
	return who + ", from " + source, nil
}

// maxSkew is how wrong a clock may be before certificates and tokens are refused.
const maxSkew = 2 * time.Minute

func (d *doctor) registryAnswers(host string) (string, error) {
	w, err := d.workspace()
	if err != nil {
		return "", err
	}
	began := time.Now()
	date, err := w.Client().Ping(d.ctx, host)
	if err != nil {
		return "", err
	}
	if skew := time.Since(date); !date.IsZero() && skew.Abs() > maxSkew {
		return "", &explain.ClockError{Host: host, Skew: skew}
	}
	return fmt.Sprintf("answers in %d ms, and the clocks agree", time.Since(began).Milliseconds()), nil
}

func (d *doctor) targetOpens(arg string) (string, error) {
	p, err := d.around.Target(d.from, arg)
	if err != nil {
		return "", err
	}
	if p.Kind == settings.Directory {
		info, err := os.Stat(p.Path)
		if err == nil && !info.IsDir() {
			return "", &fs.PathError{Op: "open", Path: p.Path, Err: syscall.ENOTDIR}
		}
		return p.Text + " can hold a database fixture", nil
	}
	t, closer, err := d.target(d.ctx, p)
	if err != nil {
		return "", err
	}
	defer closer.Close()
	if _, err := os.Stat(p.Path); p.Kind == settings.SQLite && err != nil {
		return p.Text + " does not exist; load makes it", nil
	}
	records, err := t.Records(d.ctx)
	if err != nil {
		return "", err
	}
	where, _ := t.Place()
	return fmt.Sprintf("%s opens, and holds %s of fixtures", where, phrase.Count(int64(len(records)), "table")), nil
}
