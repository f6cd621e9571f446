package main

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/irisfix/irisfix/bundle"
	"github.com/irisfix/irisfix/internal/explain"
)

func newValidate(a *app) *cobra.Command {
	var noChecksums, recalc, files bool
	cmd := a.new("validate FIXTURE | validate --files FILE...", "Check a fixture: manifest, checksums, every row",
		`Checks everything about a fixture and reports all that is wrong, not the first only: the rules
of the manifest, the checksum of every file, the schema, order and values of every table.

With --recalc the checksums and row counts in the manifest are written anew after a deliberate
edit of the files.

With --files the arguments are files, and the fixtures that they are in are checked: what a hook
of git needs. Files in no fixture are passed over.`,
		`  irisfix validate fixtures/orders
  irisfix validate orders
  irisfix validate fixtures/orders --no-checksums
  irisfix validate fixtures/orders --recalc
  irisfix validate --files fixtures/orders/manifest.json fixtures/shop/orders.dat`,
		exactly("FIXTURE"), func(cmd *cobra.Command, args []string) error {
			o := bundle.ValidateOptions{NoChecksums: noChecksums}
			if files && recalc {
				return usageError("--files and --recalc exclude each other")
			}
			if files {
				return a.validateFiles(cmd.Context(), args, o)
			}
			if recalc {
				err := a.recalc(cmd.Context(), args[0])
				if r := bundle.Unread(err); r != nil {
					return a.tell(args[0], r)
				} else if err != nil {
					return err
				}
			}
			return a.validate(cmd.Context(), args[0], o)
		})
	cmd.Flags().BoolVar(&noChecksums, "no-checksums", false, "leave out what reads the files in full")
	cmd.Flags().BoolVar(&recalc, "recalc", false, "write the checksums and row counts of the present files into the manifest first")
	cmd.Flags().BoolVar(&files, "files", false, "take the arguments for files, and check the fixtures that they are in")
	a.fixtureArgument(cmd)
	one := cmd.Args
	cmd.Args = func(c *cobra.Command, args []string) error {
		if files {
			a.at(c)
			return nil
		}
		return one(c, args)
	}
	a.completeFixtures(cmd)
	return cmd
}

// recalc mends the manifest of a directory.
func (a *app) recalc(ctx context.Context, arg string) error {
	w, err := a.workspace()
	if err != nil {
		return err
	}
	at, err := w.Find(arg)
	if err != nil {
		return err
	}
	if at.Dir == "" {
		return usageError("--recalc needs a directory; " + arg + " is not one")
	}
	changed, err := bundle.Recalc(ctx, at.Dir, w.Bundle(at.Dir))
	for _, path := range changed {
		a.meter.note("%s: checksum and row count written", path)
	}
	return err
}

type findingJSON struct {
	Code    int    `json:"code"`
	Class   string `json:"class"`
	Subject string `json:"subject"`
	Message string `json:"message"`
}

type warningJSON struct {
	Subject string `json:"subject"`
	Message string `json:"message"`
}

// validatedJSON is what was found in one fixture.
type validatedJSON struct {
	Path      string        `json:"path,omitempty"` // where there may be several
	Valid     bool          `json:"valid"`
	FixtureID string        `json:"fixture_id"`
	Tables    int           `json:"tables"`
	Errors    []findingJSON `json:"errors"`
	Warnings  []warningJSON `json:"warnings"`

	manifest *bundle.Manifest
}

func (a *app) validate(ctx context.Context, arg string, o bundle.ValidateOptions) error {
	r, err := a.report(ctx, arg, o)
	if err != nil {
		return err
	}
	return a.tell(arg, r)
}

// tell prints a report, and fails with what is wrong.
func (a *app) tell(arg string, r *bundle.Report) error {
	found := a.validated(arg, r)
	for _, w := range r.Warnings {
		a.warn(w.Subject, w.Message)
	}
	object := struct {
		schema
		validatedJSON
	}{schema1, found}
	object.Path = ""
	err := a.result(object, func() { a.printValidated(found) })
	if err == nil && !found.Valid {
		return &invalidFixture{arg, r.Errors}
	}
	return err
}

// validated takes a report apart.
func (a *app) validated(arg string, r *bundle.Report) validatedJSON {
	v := validatedJSON{arg, len(r.Errors) == 0, r.Manifest.FixtureID, len(r.Manifest.Tables), []findingJSON{}, []warningJSON{}, r.Manifest}
	for _, f := range findings(r.Errors, invoked("validate", []string{arg}, a.raw)) {
		v.Errors = append(v.Errors, findingJSON{f.class.Code, f.class.Name, f.subject, f.message})
	}
	for _, w := range r.Warnings {
		v.Warnings = append(v.Warnings, warningJSON{w.Subject, w.Message})
	}
	return v
}

func (a *app) printValidated(v validatedJSON) {
	if v.Valid {
		a.data("%s: valid: %s %s, %s", v.Path, v.FixtureID, v.manifest.Version, contentText(v.manifest))
	}
}

// report validates a directory with all its faults, or a bundle, of which one fault of the manifest ends it.
func (a *app) report(ctx context.Context, arg string, o bundle.ValidateOptions) (*bundle.Report, error) {
	w, err := a.workspace()
	if err != nil {
		return nil, err
	}
	at, err := w.Find(arg)
	if err != nil {
		return nil, err
	}
	if at.Dir != "" {
		return bundle.ValidateDir(ctx, at.Dir, o, w.Bundle(at.Dir))
	}
	f, err := w.Fixture(ctx, arg)
	if r := bundle.Unread(err); r != nil {
		return r, nil
	} else if err != nil {
		return nil, err
	}
	return bundle.Validate(ctx, f.Fixture, o)
}

// invalidFixture is everything that validate found. The gravest decides the class: 9, then 1, then 2.
type invalidFixture struct {
	arg    string
	errors []error
}

func (e *invalidFixture) Error() string   { return errors.Join(e.errors...).Error() }
func (e *invalidFixture) Unwrap() []error { return e.errors }

func (e *invalidFixture) Class() *explain.Class {
	for _, code := range []int{9, 1} {
		for _, err := range e.errors {
			if c := explain.ClassOf(err); c.Code == code {
				return c
			}
		}
	}
	return explain.ClassOf(e.errors[0])
}

func (e *invalidFixture) Explain(in explain.Invocation) explain.Explanation {
	if len(e.errors) == 1 {
		return explain.Error(e.errors[0], in)
	}
	x := explain.Explanation{Subject: e.arg}
	bytes := false
	for _, f := range findings(e.errors, in) {
		x.What = append(x.What, f.subject+": "+f.message)
		bytes = bytes || f.class.Code == 2
	}
	if bytes {
		x.Fix = append(x.Fix, explain.Step{Do: "If the files were edited on purpose, write their checksums into the manifest", Run: "irisfix validate " + in.Arg(0, "DIR") + " --recalc"})
	}
	x.Fix = append(x.Fix, explain.Step{Do: "Take the fixture from git or from the registry again", Run: "irisfix pull FIXTURE --output " + in.Arg(0, "DIR") + " --force"},
		explain.Step{Do: "Or make it anew", Run: "irisfix create --name NAME --output " + in.Arg(0, "DIR") + " --from sqlite:FILE --force"})
	return x
}

// finding is one thing that is wrong.
type finding struct {
	class            *explain.Class
	subject, message string
}

// findings takes apart what validate found.
func findings(errs []error, in explain.Invocation) (list []finding) {
	for _, err := range errs {
		c := explain.ClassOf(err)
		var invalid *bundle.InvalidError
		if errors.As(err, &invalid) {
			for _, p := range invalid.Problems {
				list = append(list, finding{c, p.Subject, p.Reason})
			}
			continue
		}
		x := explain.Error(err, in)
		list = append(list, finding{c, strings.TrimPrefix(x.Subject, in.First()+": "), strings.Join(strings.Fields(strings.Join(x.What, ", ")), " ")})
	}
	return list
}
