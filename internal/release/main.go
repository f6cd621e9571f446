// Command release builds what is published of a version: for each platform an archive, a wheel and an SBOM, and the
// checksums of all. The same commit, version and Go give the same bytes on every machine and in every directory. Run it
// in the root of the repository with make release.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"github.com/irisfix/irisfix/internal/atomicfile"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		stop()
		os.Exit(1)
	}
}

// release is one version on its way out.
type release struct {
	version string // as irisfix version says it: v1.0.0, or what git describe says between releases
	commit  string
	when    time.Time // of all files
	python  string    // an interpreter that has build; empty for no wheels
	out     string    // where it is written; removed before
	work    string    // for what is needed meanwhile
}

// name is what the files of a platform begin with.
func (r *release) name(p platform) string {
	return fmt.Sprintf("irisfix_%s_%s_%s", strings.TrimPrefix(r.version, "v"), p.os, p.arch)
}

func run(ctx context.Context, args []string) (err error) {
	r := &release{out: "dist"}
	flags := flag.NewFlagSet("release", flag.ContinueOnError)
	flags.StringVar(&r.version, "version", "", "version, such as v1.0.0")
	flags.StringVar(&r.python, "python", "", "Python with the packages of requirements.txt; without it no wheels are made")
	if err := flags.Parse(args); err != nil {
		return err
	}
	chosen, err := choose(flags.Args())
	if err != nil {
		return err
	}
	if _, err := pep440(r.version); err != nil {
		return err
	}
	if r.commit, r.when, err = source(ctx, archived); err != nil {
		return err
	}
	if r.work, err = os.MkdirTemp("", "irisfix-release-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(r.work)) }()
	if err := errors.Join(os.RemoveAll(r.out), os.MkdirAll(r.out, 0o755)); err != nil {
		return err
	}
	return r.make(ctx, chosen)
}

// make writes everything; the checksums last, so that a release without them is none.
func (r *release) make(ctx context.Context, chosen []platform) error {
	papers, err := r.papers(ctx)
	if err != nil {
		return err
	}
	var wheel *wheel
	if r.python != "" {
		if wheel, err = buildWheel(ctx, r.python, r.work); err != nil {
			return err
		}
		if err := r.write(wheel.stamp(r.version, nil, r.when)); err != nil {
			return err
		}
	}
	for _, p := range chosen {
		fmt.Println(p)
		if err := r.makeFor(ctx, p, papers, wheel); err != nil {
			return fmt.Errorf("%s: %w", p, err)
		}
	}
	sums, err := checksums(r.out)
	if err != nil {
		return err
	}
	return r.write("checksums.txt", sums, nil)
}

// makeFor writes what is for one platform.
func (r *release) makeFor(ctx context.Context, p platform, papers []file, wheel *wheel) error {
	program, err := r.build(ctx, p)
	if err != nil {
		return err
	}
	licences, err := thirdParty(ctx, p)
	if err != nil {
		return err
	}
	bom, err := r.sbom(ctx, p, program)
	if err != nil {
		return err
	}
	if err := r.write(r.name(p)+".cdx.json", bom, nil); err != nil {
		return err
	}
	data, err := os.ReadFile(program)
	if err != nil {
		return err
	}
	files := append([]file{{p.program(), 0o755, data}, {"THIRD_PARTY.txt", 0o644, licences}}, papers...)
	if err := r.write(p.archive(r.name(p), files, r.when)); err != nil {
		return err
	}
	if wheel == nil {
		return nil
	}
	return r.write(wheel.stamp(r.version, &contents{p, data, licences, bom}, r.when))
}

func (r *release) write(name string, data []byte, err error) error {
	if err != nil {
		return err
	}
	return atomicfile.WriteFile(filepath.Join(r.out, name), data, 0o644)
}
