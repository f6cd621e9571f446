package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/irisfix/irisfix/bundle"
	"github.com/irisfix/irisfix/workspace"
)

func newPin(a *app) *cobra.Command {
	var check bool
	cmd := a.new("pin NAME [REFERENCE] | pin --check [NAME...]", "Pin a name to a fixture in irisfix.lock",
		`Looks up what a reference stands for now and writes its digest under a name into irisfix.lock,
which is committed to git: from then on the name means exactly those bytes. Without a reference
the tag of the present pin is looked up again.

With --check nothing is written: pins whose tag stands for something else now are reported, with
exit code 8. For CI.`,
		`  irisfix pin orders ghcr.io/acme/fixtures/orders:1.0.0
  irisfix pin orders
  irisfix pin --check
  irisfix pin --check orders`,
		cobra.ArbitraryArgs, func(cmd *cobra.Command, args []string) error {
			if check {
				return a.checkPins(cmd.Context(), args)
			}
			if len(args) == 0 {
				return usageError("missing argument NAME")
			}
			if err := upTo(2)(cmd, args); err != nil {
				return err
			}
			reference := ""
			if len(args) == 2 && !bundle.ValidName(args[0]) {
				return notAName(args[0])
			}
			if len(args) == 2 {
				reference = args[1]
			}
			return a.pin(cmd.Context(), args[0], reference)
		})
	cmd.Flags().BoolVar(&check, "check", false, "report pins whose tag has moved, write nothing")
	a.completePins(cmd)
	return cmd
}

func newUnpin(a *app) *cobra.Command {
	cmd := a.new("unpin NAME", "Remove a name from irisfix.lock", `Removes a name from irisfix.lock. Cache and registry stay as they are.`,
		`  irisfix unpin orders`, exactly("NAME"), func(cmd *cobra.Command, args []string) error {
			w, err := a.workspace()
			if err != nil {
				return err
			}
			p, err := w.Unpin(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return a.result(pinsJSON(*p), func() { a.data("unpinned %s", p.Name) })
		})
	a.completePins(cmd)
	return cmd
}

type pinJSON struct {
	Name      string `json:"name"`
	Reference string `json:"reference"`
	Digest    string `json:"digest"`
	Previous  string `json:"previous_digest"`
	Changed   bool   `json:"changed"`
}

type pinListJSON struct {
	schema
	Fixtures []pinJSON `json:"fixtures"`
}

func pinsJSON(list ...workspace.Pinned) pinListJSON {
	o := pinListJSON{schema1, []pinJSON{}}
	for _, p := range list {
		o.Fixtures = append(o.Fixtures, pinJSON{p.Name, p.Reference, p.Digest.String(), p.Previous.String(), p.Changed})
	}
	return o
}

func (a *app) pin(ctx context.Context, name, reference string) error {
	w, err := a.workspace()
	if err != nil {
		return err
	}
	p, err := w.Pin(ctx, name, reference)
	if err != nil {
		return err
	}
	return a.result(pinsJSON(*p), func() { a.printPinned(*p) })
}

func (a *app) printPinned(p workspace.Pinned) {
	if !p.Changed {
		a.data("unchanged %s = %s", p.Name, p.Reference)
		return
	}
	a.data("pinned %s = %s", p.Name, p.Reference)
	if p.Previous != "" {
		a.data("  it was %s", p.Previous)
	}
}

func (a *app) checkPins(ctx context.Context, names []string) error {
	w, err := a.workspace()
	if err != nil {
		return err
	}
	list, err := w.CheckPins(ctx, names...)
	var moved *workspace.MovedError
	if err != nil && !errors.As(err, &moved) {
		return err
	}
	printed := a.result(pinsJSON(list...), func() {
		for _, p := range list {
			if !p.Changed {
				a.data("%s: as pinned", p.Name)
			}
		}
	})
	if err != nil {
		return err
	}
	return printed
}
