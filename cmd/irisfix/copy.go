package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/irisfix/irisfix/internal/phrase"
	"github.com/irisfix/irisfix/registry"
	"github.com/irisfix/irisfix/workspace"
)

func newCopy(a *app) *cobra.Command {
	var o registry.CopyOptions
	cmd := a.new("copy REFERENCE REFERENCE", "Copy a fixture between registries and OCI layouts",
		`Copies a fixture from one registry to another, digest unchanged. Either side may be an OCI layout,
a directory that oras, skopeo and crane read too, to carry fixtures where no network goes. Between
repositories of one registry the registry is asked to take the files over itself. With --recursive
signatures, SBOMs and whatever else refers to the fixture come along. A copy that was interrupted
goes on with what is missing.`,
		`  irisfix copy ghcr.io/acme/orders:1.0.0 registry.local:5000/orders:1.0.0
  irisfix copy ghcr.io/acme/orders:1.0.0 oci-layout:./usb:1.0.0 --recursive
  irisfix copy oci-layout:./usb:1.0.0 registry.local:5000/orders:1.0.0 --recursive`,
		exactly("REFERENCE", "REFERENCE"), func(cmd *cobra.Command, args []string) error { return a.copy(cmd.Context(), args[0], args[1], o) })
	cmd.Flags().BoolVarP(&o.Recursive, "recursive", "r", false, "take along what refers to the fixture, such as signatures")
	return cmd
}

func (a *app) copy(ctx context.Context, from, to string, o registry.CopyOptions) error {
	w, err := a.workspace()
	if err != nil {
		return err
	}
	source, err := registry.ParseEndpoint(from)
	if err != nil {
		return err
	}
	target, err := registry.ParseEndpoint(to)
	if err != nil {
		return err
	}
	if a.frozen && source.Dir == "" && source.Reference.Digest == "" {
		return &workspace.UnpinnedError{Argument: from}
	}
	r, err := w.Client().Copy(ctx, source, target, o)
	if err != nil {
		return err
	}
	object := struct {
		schema
		From     string `json:"from"`
		To       string `json:"to"`
		Digest   string `json:"digest"`
		Previous string `json:"previous_digest"`
		Sent     int64  `json:"bytes_sent"`
		Reused   int64  `json:"bytes_reused"`

		Referrers int `json:"referrers"`
		Missing   int `json:"referrers_missing"`
	}{schema1, source.String(), target.String(), r.Descriptor.Digest.String(), r.Previous.String(), r.Sent, r.Reused, r.Referrers, r.Missing}
	return a.result(object, func() {
		a.data("copied %s to %s", object.From, object.To)
		a.data("  digest %s", object.Digest)
		if o.Recursive {
			a.data("  with %s", phrase.Count(int64(r.Referrers), "referrer"))
		}
		if r.Missing > 0 {
			a.data("  without %s that the source lists and does not have", phrase.Count(int64(r.Missing), "other"))
		}
		a.data("  %s sent, %s there already", phrase.Bytes(r.Sent), phrase.Bytes(r.Reused))
	})
}
